"""Pins in the real window: from the canvas and the grid to the page beside the curves, and back."""

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QPoint, QSize, Qt
from PyQt6.QtWidgets import QAbstractButton
from session_fakes import FakeClassifier, scripted_train

from mnist_gui.app import open_window
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.menus import Menus
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def open_filled(tmp_path, theme, tiny_dataset, monkeypatch, qtbot):
    """Opens the window on made digits; every time with the same folder of the user."""
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    opened = []

    def make():
        settings = Settings(tmp_path / "settings.json")
        session = Session(settings, train=scripted_train, make_classifier=FakeClassifier, runs=tmp_path / "runs")
        window = open_window(session, theme)
        opened.append((session, window))
        window.resize(QSize(1366, 768))
        with qtbot.waitSignals([window.painted, window.training.curves_ready]):
            window.show()
        with qtbot.waitSignal(session.dataset_changed):
            session.open_dataset(None)
        return session, window

    yield make
    for session, window in opened:
        window.close()
        assert session.close()
        sip.delete(window)


def draw(qtbot, window, *points):
    canvas, before = window.canvas.findChild(DrawingCanvas), window.canvas.image
    places = [QPoint(round(x * canvas.width() / 100), round(y * canvas.height() / 100)) for x, y in points]
    qtbot.mousePress(canvas, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas, place)
    qtbot.mouseRelease(canvas, LEFT, pos=places[-1])
    qtbot.waitUntil(lambda: window.canvas.image is not None and not np.array_equal(window.canvas.image, before))
    qtbot.wait(50)  # until the last part of the stroke is read as well


def titles(window):
    return [pin.title for pin in window.pinning.pins.pins]


def test_that_a_drawing_is_pinned_by_its_key_and_its_button_and_comes_back_at_the_next_start(open_filled, qtbot):
    session, window = open_filled()
    notices = []
    session.notice.connect(notices.append)
    window.pinning.pin_shown()
    assert "Nothing to pin" in notices[-1]
    draw(qtbot, window, (25, 20), (70, 22), (45, 85))
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert titles(window) == ["Drawing 1"]
    assert window.pinning.page.isVisible()
    button = window.findChild(QAbstractButton, "canvas_pin")
    button.click()
    assert titles(window) == ["Drawing 1"]
    assert "already" in notices[-1]
    draw(qtbot, window, (30, 50), (60, 50))
    button.click()
    assert titles(window) == ["Drawing 1", "Drawing 2"]
    assert window.findChild(QAbstractButton, "training_show_pins").text() == "Pins 2"
    window.close()
    assert session.close()
    _, again = open_filled()
    assert titles(again) == ["Drawing 1", "Drawing 2"]
    assert len(again.pinning.pins.pins[1].drawing.strokes) == 2


def test_that_a_pin_goes_back_to_the_canvas_with_its_strokes(open_filled, qtbot):
    _, window = open_filled()
    draw(qtbot, window, (25, 20), (70, 22), (45, 85))
    window.pinning.pin_shown()
    pin = window.pinning.pins.pins[0]
    window.canvas.clear()
    qtbot.waitUntil(lambda: window.canvas.image is None)
    window.pinning.page.opened.emit(pin)
    qtbot.waitUntil(lambda: window.canvas.image is not None)
    np.testing.assert_array_equal(window.canvas.image, pin.image)
    assert len(window.canvas.drawing.strokes) == 1
    window.canvas.undo_stack.undo()
    assert not window.canvas.drawing.strokes


def test_that_a_digit_of_the_grid_is_pinned_and_shown_again_as_that_digit(open_filled):
    session, window = open_filled()
    actions = window.findChild(Menus).actions
    assert not actions["pin_digit"].isEnabled()
    session.select(33)
    actions["pin_digit"].trigger()
    assert titles(window) == ["Digit 33"]
    assert window.pinning.pins.pins[0].label == 3
    window.canvas.show_digit(34)
    window.pinning.pin_shown()
    assert titles(window) == ["Digit 33", "Digit 34"]
    window.pinning.page.opened.emit(window.pinning.pins.pins[0])
    assert window.canvas.drawing is None
    assert window.canvas.label == 3


def test_that_a_digit_of_another_data_set_is_shown_as_a_picture(open_filled):
    _, window = open_filled()
    image = np.zeros((28, 28), np.uint8)
    image[6:20, 12:15] = 255
    pin = window.pinning.pins.pin(image, None, 1, "from elsewhere")
    window.pinning.page.opened.emit(pin)
    assert window.canvas.drawing.picture is not None


def test_that_a_run_draws_the_curves_of_what_is_pinned(open_filled, qtbot):
    session, window = open_filled()
    session.select(33)
    window.browser.pin_selected()
    number = window.pinning.pins.pins[0].number
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: len(window.pinning.pins.curve(number)) > 3, timeout=10_000)
    session.stop_training()
    qtbot.waitUntil(lambda: session.history.outcome is not None, timeout=10_000)
    assert window.pinning.page.isVisible()
    window.training.pages.turn_to(0)
    assert not window.pinning.page.isVisible()
    assert window.training.pages.currentWidget().isVisible()
    assert window.training.pages.currentWidget().objectName() != "pins_page"


def test_that_the_page_leaves_room_for_the_buttons_that_choose_it(open_filled):
    _, window = open_filled()
    window.training.pages.turn_to(1)
    window.pinning.pins.pin_difficult()
    corner = window.findChild(QAbstractButton, "training_show_pins")
    right = corner.mapTo(window, corner.rect().topRight()).x()
    words = window.pinning.page._words
    assert words.mapTo(window, words.rect().topLeft()).x() > right
