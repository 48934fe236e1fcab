"""What a panel says while it is empty."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QProgressBar, QPushButton

from mnist_gui.gui.theme import ThemeMode
from mnist_gui.gui.widgets.empty_state import Emptiness, EmptyState


@pytest.fixture
def empty(qtbot, theme):
    widget = EmptyState(theme)
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


def test_that_title_sentence_and_action_are_shown_and_the_action_is_told(qtbot, empty):
    empty.set_state(Emptiness("No data set", "This shows digits.", "Open MNIST"))
    assert empty.findChild(QLabel, "empty_title").text() == "No data set"
    assert empty.findChild(QLabel, "empty_sentence").text() == "This shows digits."
    button = empty.findChild(QPushButton)
    assert button.text() == "Open MNIST"
    with qtbot.waitSignal(empty.acted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_without_an_action_there_is_no_button_and_without_a_wait_no_bar(empty):
    empty.set_state(Emptiness("Reading MNIST …"))
    assert not empty.findChild(QPushButton).isVisible()
    assert not empty.findChild(QProgressBar).isVisible()
    empty.set_state(Emptiness("Reading MNIST …", action="Stop", progress=0.25))
    assert empty.findChild(QPushButton).isVisible()
    bar = empty.findChild(QProgressBar)
    assert bar.isVisible()
    assert bar.value() / bar.maximum() == 0.25


def test_that_nothing_moves_while_progress_grows(empty):
    places = set()
    for progress in (0.0, 0.5, 1.0):
        empty.set_state(Emptiness("Reading", "Soon.", "Stop", progress))
        empty.layout().activate()
        places.add(tuple(child.geometry().getRect() for child in empty.findChildren((QLabel, QPushButton))))
    assert len(places) == 1


def test_that_it_follows_theme_and_text_size(empty, theme):
    title, sentence = empty.findChild(QLabel, "empty_title"), empty.findChild(QLabel, "empty_sentence")
    size = title.font().pointSizeF()
    theme.set_mode(ThemeMode.DARK)
    assert sentence.palette().color(sentence.foregroundRole()) == theme.colours.muted
    theme.set_scale(1.5)
    assert title.font().pointSizeF() == pytest.approx(1.5 * size)
    theme.set_mode(ThemeMode.LIGHT)
