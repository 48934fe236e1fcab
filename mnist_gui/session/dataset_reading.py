"""What the present model says of every digit of the data set, as far as anybody wants to know."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.model import Model
from mnist_gui.session.reader import MakeClassifier
from mnist_gui.session.survey import Survey


class DatasetReading(QObject):
    """Has the digits read one after the other; what was read can be used at once.

    The reading of an earlier model stays until the first digits were read by another one.

    Attributes:
        predictions: probabilities, float32 of shape (n, 10), read-only; a row of NaN is a digit that was not read
            yet. None when none was. The same array may have more rows after `changed`.
        count: how many of its rows there are.
        wanted: whether anybody wants to know.
        stopped: whether the user, or a fault, has stopped it.

    Signals:
        changed: one of the attributes, or `progress`, is different.
        failed: (sentence, details): the model could not be used.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(str, str)

    def __init__(self, make_classifier: MakeClassifier, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.predictions: NDArray[np.float32] | None = None
        self.count = 0
        self.wanted = False
        self.stopped = False
        self._first: NDArray[np.int64] | None = None
        self._survey = Survey(make_classifier, self)
        self._survey.progressed.connect(self._take)
        self._survey.finished.connect(self._take)
        self._survey.failed.connect(self._report)

    @property
    def going_on(self) -> bool:
        """Whether digits are being read."""
        return self._survey.going_on

    def progress(self, model: Model | None) -> float:
        """0 to 1; 1 when `predictions` is of this model and complete."""
        return self._survey.progress if model is not None and self._survey.model is model else 0.0

    def go_on(self, model: Model | None, dataset: Dataset | None) -> None:
        """Reads the data set with the model in the background, if that is wanted and not done."""
        if not self.wanted or model is None or dataset is None:
            return
        if self._survey.model is not model:
            self.stopped = False
            self._survey.start(model, dataset.images, self._first)

    def prefer(self, first: NDArray[np.int64]) -> None:
        """Reads these digits (their indices) before the others, now and at later readings of this data set."""
        self._first = first
        if self.going_on or self.stopped:
            self._survey.prefer(first)

    def stop(self) -> None:
        """Stops reading; what was read can be used, and `resume` continues."""
        if self.going_on:
            self.stopped = True
            self._survey.halt()
            self.changed.emit()

    def resume(self) -> None:
        """Continues where it was stopped."""
        if self.stopped:
            self.stopped = False
            self._survey.go_on()
            self.changed.emit()

    def cancel(self) -> None:
        """Gives up the reading that goes on; what was read stays, as that of an earlier model."""
        self.stopped = False
        self._survey.cancel()

    def forget(self) -> None:
        """Drops what was read: the data set is another one."""
        self.cancel()
        self.predictions, self.count, self._first = None, 0, None

    def close(self) -> None:
        """Ends the thread."""
        self._survey.close()

    @pyqtSlot(str, str)
    def _report(self, sentence: str, details: str) -> None:
        self.stopped = True
        self.changed.emit()
        self.failed.emit(sentence, details)

    @pyqtSlot()
    def _take(self) -> None:
        if self._survey.count:
            self.predictions, self.count = self._survey.predictions, self._survey.count
        self.changed.emit()
