"""What the present model says of every digit of the data set, as far as anybody wants to know."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.model import Model
from mnist_gui.session.reader import MakeClassifier
from mnist_gui.session.survey import Survey


class DatasetReading(QObject):
    """Keeps the newest complete reading while a newer one is made.

    Attributes:
        predictions: probabilities, float32 of shape (n, 10), read-only; None when the data set was not read yet.
        wanted: whether anybody wants to know.

    Signals:
        changed: `predictions` or `progress` is different.
        failed: (sentence, details): the model could not be used.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(str, str)

    def __init__(self, make_classifier: MakeClassifier, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.predictions: NDArray[np.float32] | None = None
        self.wanted = False
        self._by: Model | None = None
        self._survey = Survey(make_classifier, self)
        self._survey.progressed.connect(self.changed)
        self._survey.finished.connect(self._take)
        self._survey.failed.connect(self.failed)

    def progress(self, model: Model | None) -> float:
        """0 to 1; 1 when `predictions` is of this model."""
        if model is not None and self._by is model:
            return 1.0
        return min(self._survey.progress, 0.999)

    def go_on(self, model: Model | None, dataset: Dataset | None) -> None:
        """Reads the data set with the model in the background, if that is wanted and not done."""
        if self.wanted and model is not None and dataset is not None and self._by is not model:
            self._survey.start(model, dataset.images)

    def cancel(self) -> None:
        """Gives up the reading that goes on."""
        self._survey.cancel()

    def forget(self) -> None:
        """Drops what was read: the data set is another one."""
        self._survey.cancel()
        self.predictions, self._by = None, None

    def close(self) -> None:
        """Ends the thread."""
        self._survey.close()

    @pyqtSlot(object, object)
    def _take(self, model: Model, predictions: NDArray[np.float32]) -> None:
        self.predictions, self._by = predictions, model
        self.changed.emit()
