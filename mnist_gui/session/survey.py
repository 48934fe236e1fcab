"""The whole data set read by the current model in the background: who is misread, and how surely."""

import threading
import traceback

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import CLASSES
from mnist_gui.engine.model import Model
from mnist_gui.session.reader import MakeClassifier, Reader, make_classifier

CHUNK = 100
"""Digits read in one call: few enough that a survey that is stopped ends within a tenth of a second."""


class Survey(QObject):
    """A thread that reads all digits in chunks. A new survey replaces the one that goes on.

    Attributes:
        model: who reads; None before the first survey.
        predictions: what was read so far: probabilities, float32 of shape (n, 10), read-only, rows of NaN for digits
            that were not read yet; None before the first survey, or after it was cancelled.
        count: digits that were read.

    Signals:
        progressed: `count` grew, or is 0 again.
        finished: (model, predictions): who read them; all rows are there.
        failed: (sentence, details): reading has halted.
    """

    progressed = pyqtSignal()
    finished = pyqtSignal(object, object)
    failed = pyqtSignal(str, str)
    _advanced = pyqtSignal(int, object, object)
    _broke = pyqtSignal(int, str, str)

    def __init__(self, make: MakeClassifier = make_classifier, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Model | None = None
        self.predictions: NDArray[np.float32] | None = None
        self.count = 0
        self._rows: NDArray[np.float32] = np.empty((0, CLASSES), np.float32)
        self._reader = Reader(make)
        self._condition = threading.Condition()
        self._closing = False
        self._halted = False
        self._number = 0
        self._images: NDArray[np.uint8] | None = None
        self._left: NDArray[np.int64] = np.empty(0, np.int64)
        self._thread: threading.Thread | None = None
        self._advanced.connect(self._deliver)
        self._broke.connect(self._report)

    @property
    def progress(self) -> float:
        """Of the survey that goes on or was finished last, 0 to 1."""
        return self.count / len(self._rows) if len(self._rows) else 0.0

    @property
    def going_on(self) -> bool:
        """Whether digits are being read."""
        return self._images is not None and not self._halted and self.count < len(self._rows)

    def start(self, model: Model, images: NDArray[np.uint8], first: NDArray[np.int64] | None = None) -> None:
        """Reads `images`, uint8 of shape (n, 28, 28), with `model`.

        Args:
            model: who reads.
            images: what is read.
            first: indices of images that are read before the others, in this order.
        """
        rows = np.full((len(images), CLASSES), np.nan, np.float32)
        with self._condition:
            self._number += 1
            self._images, self._halted = images, False
            self.model, self._rows, self.count = model, rows, 0
            self._left = np.arange(len(images))
            self._put_first(first)
            self._condition.notify()
        self.predictions = rows.view()
        self.predictions.setflags(write=False)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="survey", daemon=True)
            self._thread.start()
        self.progressed.emit()

    def prefer(self, first: NDArray[np.int64]) -> None:
        """Reads these digits before the others that are left, in this order."""
        with self._condition:
            self._put_first(first)

    def halt(self) -> None:
        """Stops reading; what was read stays, and `go_on` continues."""
        with self._condition:
            self._halted = True

    def go_on(self) -> None:
        """Continues after `halt`."""
        with self._condition:
            self._halted = False
            self._condition.notify()

    def cancel(self) -> None:
        """Ends the survey that goes on and forgets what it read; it will not be finished."""
        with self._condition:
            self._number += 1
            self._images = None
        self.model, self.predictions, self.count = None, None, 0

    def close(self) -> None:
        """Ends the thread."""
        with self._condition:
            self._closing = True
            self._number += 1
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _put_first(self, first: NDArray[np.int64] | None) -> None:
        if first is not None and len(first):
            is_left = np.zeros(len(self._rows), bool)
            is_left[self._left] = True
            before = first[is_left[first]]
            is_left[before] = False
            self._left = np.concatenate((before, self._left[is_left[self._left]]))

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(self._has_work)
                if self._closing:
                    return
                number, model, images = self._number, self.model, self._images
                chunk, self._left = np.sort(self._left[:CHUNK]), self._left[CHUNK:]
            assert model is not None, "it comes with the images"
            assert images is not None, "there is work"
            try:
                self._advanced.emit(number, chunk, self._reader.read(model, images[chunk]))
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
                with self._condition:
                    if number == self._number:
                        self._halted, self._left = True, np.concatenate((chunk, self._left))
                self._broke.emit(
                    number, f"The data set could not be read by the model: {error}", traceback.format_exc()
                )

    def _has_work(self) -> bool:
        return self._closing or (self._images is not None and not self._halted and len(self._left) > 0)

    @pyqtSlot(int, object, object)
    def _deliver(self, number: int, chunk: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        if number != self._number:
            return
        self._rows[chunk] = rows
        self.count += len(chunk)
        if self.count == len(self._rows):
            self.finished.emit(self.model, self.predictions)
        else:
            self.progressed.emit()

    @pyqtSlot(int, str, str)
    def _report(self, number: int, sentence: str, details: str) -> None:
        if number == self._number:
            self.failed.emit(sentence, details)
