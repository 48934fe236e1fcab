"""The whole data set read by the current model in the background: who is misread, and how surely."""

import threading
import traceback

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import CLASSES
from mnist_gui.engine.model import Model
from mnist_gui.session.reader import MakeClassifier, Reader, make_classifier

CHUNK = 250
"""Digits read in one call: small enough that a cancelled survey ends within a few hundredths of a second."""


class Survey(QObject):
    """A thread that reads all digits in chunks. A new survey replaces the one that goes on.

    Attributes:
        progress: of the survey that goes on or was finished last, 0 to 1.

    Signals:
        progressed: `progress` grew.
        finished: (model, predictions): who read them; float32 of shape (n, 10), read-only.
        failed: (sentence, details).
    """

    progressed = pyqtSignal()
    finished = pyqtSignal(object, object)
    failed = pyqtSignal(str, str)
    _advanced = pyqtSignal(int, float, object)
    _broke = pyqtSignal(int, str, str)

    def __init__(self, make: MakeClassifier = make_classifier, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.progress = 0.0
        self._reader = Reader(make)
        self._condition = threading.Condition()
        self._closing = False
        self._number = 0
        self._model: Model | None = None
        self._job: tuple[int, Model, NDArray[np.uint8]] | None = None
        self._thread: threading.Thread | None = None
        self._advanced.connect(self._deliver)
        self._broke.connect(self._report)

    def start(self, model: Model, images: NDArray[np.uint8]) -> None:
        """Reads `images`, uint8 of shape (n, 28, 28), with `model`."""
        with self._condition:
            self._number += 1
            self._job = (self._number, model, images)
            self._condition.notify()
        self.progress = 0.0
        self._model = model
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="survey", daemon=True)
            self._thread.start()
        self.progressed.emit()

    def cancel(self) -> None:
        """Ends the survey that goes on; it will not be finished."""
        with self._condition:
            self._number += 1
            self._job = None
        self.progress = 0.0

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
                (number, model, images), self._job = self._job, None
            try:
                self._read_all(number, model, images)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
                self._broke.emit(
                    number, f"The data set could not be read by the model: {error}", traceback.format_exc()
                )

    def _read_all(self, number: int, model: Model, images: NDArray[np.uint8]) -> None:
        count = len(images)
        predictions = np.empty((count, CLASSES), np.float32)
        for start in range(0, count, CHUNK):
            if number != self._number:
                return
            predictions[start : start + CHUNK] = self._reader.read(model, images[start : start + CHUNK])
            done = min(start + CHUNK, count)
            self._advanced.emit(number, done / count, predictions if done == count else None)

    @pyqtSlot(int, float, object)
    def _deliver(self, number: int, progress: float, predictions: NDArray[np.float32] | None) -> None:
        if number != self._number:
            return
        self.progress = progress
        if predictions is None:
            self.progressed.emit()
        else:
            predictions.setflags(write=False)
            self.finished.emit(self._model, predictions)

    @pyqtSlot(int, str, str)
    def _report(self, number: int, sentence: str, details: str) -> None:
        if number == self._number:
            self.failed.emit(sentence, details)
