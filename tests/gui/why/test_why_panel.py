"""The room that shows why, with a stand-in for the session."""

import numpy as np
import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QLabel

from mnist_gui.data.drawing import Drawing
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.why.panel import WhyPanel
from mnist_gui.session.states import Asker

IMAGE = np.full((28, 28), 9, np.uint8)
SEVEN = Prediction(np.array([0, 0, 0, 0, 0, 0, 0, 0.9, 0, 0.1], np.float32))


class AnsweringSession(QObject):
    """The signals that the panel follows."""

    answered = pyqtSignal(str, object)
    model_changed = pyqtSignal()

    def __init__(self):
        super().__init__()
        self.model = object()


@pytest.fixture
def session():
    return AnsweringSession()


@pytest.fixture
def panel(session, theme, qtbot):
    panel = WhyPanel(session, theme)
    qtbot.addWidget(panel)
    panel.set_watched(True)
    return panel


def text(panel, name):
    return panel.findChild(QLabel, name).text()


def test_that_without_a_digit_the_panel_says_what_it_is_for(panel):
    assert "Draw a digit" in text(panel, "why_note")


def test_that_the_answer_and_its_runner_up_stand_above(panel, session):
    panel.show_subject(IMAGE, Drawing(), None)
    session.answered.emit(Asker.CANVAS, SEVEN)
    session.answered.emit(Asker.BROWSER, None)
    assert text(panel, "why_title") == "7: 90.0 %, before 9: 10.0 %"
    assert "drawing" in text(panel, "why_note")
    panel.show_subject(IMAGE, None, 4)
    assert "label 4" in text(panel, "why_note")


def test_that_without_a_model_nothing_is_read(panel, session):
    panel.show_subject(IMAGE, Drawing(), None)
    session.answered.emit(Asker.CANVAS, SEVEN)
    session.model = None
    session.model_changed.emit()
    assert text(panel, "why_title") == "Nothing read yet"


def test_that_a_panel_that_nobody_sees_catches_up_when_it_is_seen(panel, session):
    panel.set_watched(False)
    panel.show_subject(IMAGE, None, 4)
    session.answered.emit(Asker.CANVAS, SEVEN)
    assert "label 4" not in text(panel, "why_note")
    panel.set_watched(True)
    assert "label 4" in text(panel, "why_note")
    assert text(panel, "why_title").startswith("7")
