"""A session without threads, for the panel and its parts."""

from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.browser.panel import BrowserPanel
from mnist_gui.session.session import RunState
from mnist_gui.session.settings import Values


class FakeSession(QObject):
    """The part of `Session` that the browser reads and calls; the test sets what it says."""

    dataset_changed = pyqtSignal()
    loading_changed = pyqtSignal()
    model_changed = pyqtSignal()
    predictions_changed = pyqtSignal()
    selection_changed = pyqtSignal()
    run_changed = pyqtSignal()
    answered = pyqtSignal(str, object)

    def __init__(self):
        super().__init__()
        self.settings = SimpleNamespace(values=Values())
        self.dataset = None
        self.loading = ""
        self.selection = None
        self.model = None
        self.predictions = None
        self.predictions_progress = 0.0
        self.reading = SimpleNamespace(
            count=0, going_on=False, stopped=False, preferred=None,
            prefer=lambda first: setattr(self.reading, "preferred", first.tolist()),
            stop=lambda: self.halt(stopped=True), resume=lambda: self.halt(stopped=False),
        )  # fmt: skip
        self.run_state = RunState.IDLE
        self.calls = []

    def select(self, index):
        if index != self.selection:
            self.selection = index
            self.selection_changed.emit()

    def ask(self, asker, image):
        if image is not None and self.model is not None:
            probabilities = np.full(10, 0.01, np.float32)
            probabilities[image.sum() % 10] = 0.91
            self.answered.emit(str(asker), Prediction(probabilities))

    def request_predictions(self):
        self.calls.append("request_predictions")

    def open_dataset(self, path):
        self.calls.append(f"open_dataset {path}")

    def open_bundled_model(self):
        self.calls.append("open_bundled_model")

    def take_dataset(self, dataset):
        self.dataset, self.selection = dataset, None
        self.dataset_changed.emit()

    def take_model(self, name="LeNet"):
        self.model = SimpleNamespace(name=name)
        self.model_changed.emit()

    def take_predictions(self, predictions):
        self.predictions, self.predictions_progress = predictions, 1.0
        self.reading.count, self.reading.going_on = len(predictions), False
        self.predictions_changed.emit()

    def take_rows(self, predictions, first, last):
        """The model has read some of the digits, and goes on."""
        rows = np.full_like(predictions, np.nan) if self.predictions is None else self.predictions.copy()
        rows[first:last] = predictions[first:last]
        self.predictions, self.reading.count, self.reading.going_on = rows, int((~np.isnan(rows[:, 0])).sum()), True
        self.predictions_progress = self.reading.count / len(rows)
        self.predictions_changed.emit()

    def halt(self, stopped):
        self.reading.stopped, self.reading.going_on = stopped, not stopped
        self.predictions_changed.emit()


@pytest.fixture
def session():
    return FakeSession()


def read_with(dataset, wrong):
    """Probabilities, (n, 10), of a model that misreads just the digits `wrong`, each as the next class."""
    answers = dataset.labels.copy()
    answers[wrong] = (answers[wrong] + 1) % 10
    predictions = np.full((len(dataset), 10), 0.01, np.float32)
    predictions[np.arange(len(dataset)), answers] = 0.91
    return predictions


@pytest.fixture
def misreading():
    return read_with


@pytest.fixture
def panel(qtbot, session, theme):
    widget = BrowserPanel(session, theme)
    qtbot.addWidget(widget)
    widget.setGeometry(200, 200, 560, 560)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.fixture
def browsing(panel, session, tiny_dataset):
    session.take_dataset(tiny_dataset)
    return panel
