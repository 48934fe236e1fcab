"""What the last hidden layer makes of every training digit: computed in the background, kept for one model."""

import threading
import traceback
from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.collecting import collection_off, load_library
from mnist_gui.engine.explanation import features_width
from mnist_gui.engine.model import Model
from mnist_gui.engine.neighbours import FeatureStore, Neighbours

CHUNK: Final = 125
"""Digits in one call: few enough to give up within a tenth of a second."""


class FeaturesOf(Protocol):
    """What is used of `mnist_gui.engine.explaining.Features`."""

    def of(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features, shape (n, width), of images of shape (n, 28, 28)."""


MakeFeatures = Callable[[Model], FeaturesOf]


def make_features(model: Model) -> FeaturesOf:
    """Loads PyTensor if need be and builds a graph; takes seconds, so only for background threads."""
    load_library("mnist_gui.engine.explaining")
    from mnist_gui.engine.explaining import Features

    return Features(model)


class FeatureSurvey(QObject):
    """A thread that passes all training digits through a network but for its last layer.

    Attributes:
        progress: of the survey that goes on or was finished last, 0 to 1.
        neighbours: what was finished last, ready to be searched; None when there is nothing.
        model: whose features they are, or will be.

    Signals:
        changed: `progress` or `neighbours` is another.
        failed: (sentence, details).
    """

    changed = pyqtSignal()
    failed = pyqtSignal(str, str)
    _advanced = pyqtSignal(int, float, object)
    _broke = pyqtSignal(int, str, str)

    def __init__(self, make: MakeFeatures = make_features, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.progress = 0.0
        self.neighbours: Neighbours | None = None
        self.model: Model | None = None
        self._make = make
        self._condition = threading.Condition()
        self._closing = False
        self._number = 0
        self._job: tuple[int, Model, Dataset] | None = None
        self._thread: threading.Thread | None = None
        self._advanced.connect(self._deliver)
        self._broke.connect(self._report)

    def start(self, model: Model, dataset: Dataset) -> None:
        """Computes the features of the training digits, unless this model's are there or under way."""
        if model is self.model:
            return
        self.forget()
        self.model = model
        with self._condition:
            self._job = (self._number, model, dataset)
            self._condition.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="feature survey", daemon=True)
            self._thread.start()
        self.changed.emit()

    def forget(self) -> None:
        """Drops what there is and gives up what goes on."""
        with self._condition:
            self._number += 1
            self._job = None
        if self.model is not None:
            self.model, self.neighbours, self.progress = None, None, 0.0
            self.changed.emit()

    def close(self) -> None:
        """Ends the thread."""
        with self._condition:
            self._closing = True
            self._number += 1
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closing or self._job is not None)
                if self._closing or self._job is None:
                    return
                (number, model, dataset), self._job = self._job, None
            try:
                self._pass_all(number, model, dataset)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
                self._broke.emit(number, f"The hidden layer could not be computed: {error}", traceback.format_exc())

    def _pass_all(self, number: int, model: Model, dataset: Dataset) -> None:
        images, labels = dataset.images_of(Split.TRAINING), dataset.labels_of(Split.TRAINING)
        with collection_off():
            features = self._make(model)
        store = FeatureStore(len(images), features_width(model.architecture))
        for start in range(0, len(images), CHUNK):
            if number != self._number:
                return
            store.add(features.of(images[start : start + CHUNK]))
            self._advanced.emit(number, min(start + CHUNK, len(images)) / len(images), None)
        self._advanced.emit(number, 1.0, store.finish(labels))

    @pyqtSlot(int, float, object)
    def _deliver(self, number: int, progress: float, neighbours: Neighbours | None) -> None:
        if number == self._number:
            self.progress = progress
            self.neighbours = neighbours
            self.changed.emit()

    @pyqtSlot(int, str, str)
    def _report(self, number: int, sentence: str, details: str) -> None:
        if number == self._number:
            self.failed.emit(sentence, details)
