"""The enlarged digit has sharp pixels, and says which one is pointed at."""

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QImage, QMouseEvent, QPainter
from PyQt6.QtWidgets import QApplication

from mnist_gui.gui.theme import Theme
from mnist_gui.gui.widgets.digit_view import DigitView


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)


@pytest.fixture
def view(qtbot, pixels):
    widget = DigitView(Theme())
    qtbot.addWidget(widget)
    widget.setGeometry(400, 400, 150, 145)  # away from the pointer, which rests at the origin
    widget.show()
    widget.set_image(pixels)
    return widget


def _centre(view, row, column):
    area = view._area()
    cell = area.width() / 28
    return QPointF(area.left() + (column + 0.5) * cell, area.top() + (row + 0.5) * cell).toPoint()


def _move(view, place):
    """Let the pointer move to a place of the view; the offscreen platform has none of its own."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), view.mapToGlobal(QPointF(place)), none, none, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(view, event)


def test_that_every_pixel_of_the_digit_is_a_sharp_square_of_the_same_size(view, pixels):
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    area = view._area()
    side, left, top = int(area.width()), int(area.left()), int(area.top())
    assert side == 140
    rows = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint8).reshape(image.height(), -1)
    shown = rows[top : top + side, left : left + side]
    assert np.array_equal(shown, np.repeat(np.repeat(pixels, 5, 0), 5, 1))


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_that_a_pixel_is_a_whole_number_of_screen_pixels_at_any_scale_factor(view, monkeypatch, ratio):
    monkeypatch.setattr(view, "devicePixelRatioF", lambda: ratio)
    area = view._area()
    cell = area.width() * ratio / 28
    assert cell == pytest.approx(round(cell))
    assert area.left() * ratio == pytest.approx(round(area.left() * ratio))
    assert view.rect().contains(area.toAlignedRect())


def test_that_pointing_at_a_pixel_tells_its_place_and_value(qtbot, view, pixels):
    with qtbot.waitSignal(view.pixel_hovered) as told:
        _move(view, _centre(view, 3, 20))
    assert told.args == [3, 20, int(pixels[3, 20])]


def test_that_leaving_the_digit_is_told_once(qtbot, view):
    _move(view, _centre(view, 3, 20))
    with qtbot.waitSignal(view.left):
        _move(view, view.rect().topLeft())
    with qtbot.assertNotEmitted(view.left):
        view.leaveEvent(None)


def test_that_arrow_keys_move_the_outline_and_stop_at_the_border(qtbot, view, pixels):
    heard = []
    view.pixel_hovered.connect(lambda *pixel: heard.append(pixel))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert heard[-1] == (13, 15, int(pixels[13, 15]))
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_Up)
    assert heard[-1][:2] == (0, 15)


def test_that_another_digit_tells_the_value_under_the_resting_pointer(qtbot, view, pixels):
    _move(view, _centre(view, 3, 20))
    with qtbot.waitSignal(view.pixel_hovered) as told:
        view.set_image(255 - pixels)
    assert told.args == [3, 20, 255 - int(pixels[3, 20])]


def test_that_an_empty_view_says_nothing_of_pixels(qtbot, view):
    view.set_image(None)
    with qtbot.assertNotEmitted(view.pixel_hovered):
        _move(view, _centre(view, 3, 20))
        qtbot.keyClick(view, Qt.Key.Key_Right)


def test_that_the_keyboard_focus_is_shown_around_the_digit(qtbot, view):
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    focused = view.grab().toImage()
    view.clearFocus()
    area = view._area().toRect()
    relaxed = view.grab().toImage()
    assert focused != relaxed
    assert focused.copy(area) == relaxed.copy(area)


def test_that_an_array_of_another_shape_is_refused(view):
    with pytest.raises(ValueError, match=r"\(28, 28\)"):
        view.set_image(np.zeros((27, 28), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        view.set_image(np.zeros((28, 28), np.float32))


def test_that_the_outline_leaves_its_pixel_visible(qtbot, view, pixels):
    _move(view, _centre(view, 3, 20))
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    view.render(painter)
    painter.end()
    assert image.pixelColor(_centre(view, 3, 20)).red() == pixels[3, 20]
