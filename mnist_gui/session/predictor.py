"""A few digits read in the background, the newest first: what the canvas and the selected digit show."""

import math
import threading
import time
import traceback
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.engine.model import Model
from mnist_gui.engine.prediction import Prediction, judged
from mnist_gui.session.reader import MakeClassifier, Reader, make_classifier
from mnist_gui.session.recording import Recording


class Predictor(QObject):
    """A thread that owns a classifier and one slot for each asker.

    A request overwrites the one that still waits. When another model comes, the newest images of each asker are
    read again, so that bars follow a model that is being trained.

    Who records wants the answers of every model, not of the newest alone, and waits for everybody else: see
    `Recording`.

    Signals:
        answered: (asker, tuple of Prediction, Model), or (asker, None, None): what the model says of each image of
            this asker; None if there is no model, or no image any more.
        failed: (sentence, details): the model could not be used.
    """

    answered = pyqtSignal(str, object, object)
    failed = pyqtSignal(str, str)
    _read = pyqtSignal(str, int, object, object)

    def __init__(
        self,
        make: MakeClassifier = make_classifier,
        live: Collection[str] = (),
        parent: QObject | None = None,
        *,
        records: Collection[str] = (),
    ) -> None:
        """Makes a predictor; its thread starts with the first model.

        Args:
            make: builds a classifier; called in the thread.
            live: askers who take the answer for an older image while a newer one is being read. A stroke that goes
                on asks faster than answers come; would each be dropped as late, the bars would stand still.
            parent: owner.
            records: askers who record; they are answered last, and rest between two answers.
        """
        super().__init__(parent)
        self._reader = Reader(make)
        self._live = frozenset(live)
        self._condition = threading.Condition()
        self._closing = False
        self._model: Model | None = None
        self._waiting: dict[str, int] = {}
        self._recordings = {asker: Recording() for asker in records}
        self._images: dict[str, NDArray[np.uint8]] = {}
        self._newest: dict[str, int] = {}
        self._oldest_valid: dict[str, int] = {}
        self._thread: threading.Thread | None = None
        self._read.connect(self._deliver)

    def set_model(self, model: Model | None) -> None:
        """Another model, or newer weights."""
        with self._condition:
            self._model = model
            for asker in self._images:
                if asker in self._recordings:
                    self._recordings[asker].add(model)
                else:
                    self._request(asker)
            self._condition.notify()
        if model is None:
            for asker in list(self._images):
                self.answered.emit(asker, None, None)
        elif self._thread is None:
            self._thread = threading.Thread(target=self._run, name="predictor", daemon=True)
            self._thread.start()

    def ask(self, asker: str, images: NDArray[np.uint8] | None) -> None:
        """Asks for the probabilities of images, uint8 of shape (n, 28, 28); None takes back what was asked."""
        with self._condition:
            if images is None:
                self._images.pop(asker, None)
                self._waiting.pop(asker, None)
                self._oldest_valid[asker] = self._newest.get(asker, 0) + 1
            else:
                self._images[asker] = images.copy()
                if asker not in self._recordings:
                    self._request(asker)
            if asker in self._recordings:
                self._recordings[asker].ask(self._images.get(asker), self._model)
                self._newest[asker] = self._oldest_valid[asker] = self._recordings[asker].number
                self._condition.notify()
            unanswerable = images is None or self._model is None
        if unanswerable:
            self.answered.emit(asker, None, None)

    def close(self) -> None:
        """Ends the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _request(self, asker: str) -> None:
        self._newest[asker] = self._newest.get(asker, 0) + 1
        if asker not in self._live:
            self._oldest_valid[asker] = self._newest[asker]
        if self._model is not None:
            self._waiting[asker] = self._newest[asker]
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._closing and not self._waiting and (wait := self._recording_is_due()) > 0:
                    self._condition.wait(None if wait == math.inf else wait)
                if self._closing:
                    return
                record = not self._waiting
                if record:
                    asker = min(self._recordings, key=lambda name: self._recordings[name].wait())
                    number = self._recordings[asker].number
                    model, images = self._recordings[asker].next()
                else:
                    asker, number = self._waiting.popitem()
                    images, present = self._images[asker], self._model
                    if present is None:
                        continue
                    model = present
            try:
                classifier = self._reader.prepare(model)
                start = time.thread_time()
                rows = classifier.probabilities(images)
                seconds = time.thread_time() - start
                if not record:
                    predictions = judged(model, images, rows)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
                self.failed.emit(f"The model could not read the digit: {error}", traceback.format_exc())
                if record:
                    with self._condition:
                        self._recordings[asker].drop()
                continue
            if record:
                with self._condition:
                    complete = self._recordings[asker].take(number, model, rows, seconds)
                if complete is None:
                    continue
                predictions = tuple(map(Prediction, complete))
            self._read.emit(asker, number, predictions, model)

    def _recording_is_due(self) -> float:
        """In how many seconds; infinity when there is nothing to record."""
        return min((recording.wait() for recording in self._recordings.values()), default=math.inf)

    @pyqtSlot(str, int, object, object)
    def _deliver(self, asker: str, number: int, predictions: tuple[Prediction, ...], model: Model) -> None:
        if number >= self._oldest_valid.get(asker, 0) and self._model is not None and not self._closing:
            self.answered.emit(asker, predictions, model)
