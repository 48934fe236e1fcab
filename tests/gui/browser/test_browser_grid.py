"""The grid under mouse and keyboard, and its pixels."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QWheelEvent
from PyQt6.QtWidgets import QApplication, QProxyStyle, QStyle

from mnist_gui.gui.browser.grid import DigitGrid
from mnist_gui.gui.browser.model import DigitModel
from mnist_gui.gui.theme import ThemeMode


@pytest.fixture
def grid(qtbot, theme, mnist):
    model = DigitModel()
    view = DigitGrid(theme, model)
    model.setParent(view)
    view.model_under_test = model
    qtbot.addWidget(view)
    # Away from the pointer, which rests at the origin.
    view.setGeometry(200, 200, 400, 300)
    model.set_dataset(mnist, np.arange(len(mnist)))
    with qtbot.waitExposed(view):
        view.show()
    return view


def _pixels(view):
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits().asstring(image.sizeInBytes()), np.uint32).reshape(image.height(), -1)


def _on_screen(view):
    """What the window shows: pixels that scrolling moved, and the strips that were painted into it."""
    viewport = view.viewport()
    place = viewport.mapTo(view, QPoint(0, 0))
    picture = view.screen().grabWindow(view.winId(), place.x(), place.y(), viewport.width(), viewport.height())
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits().asstring(image.sizeInBytes()), np.uint32).reshape(image.height(), -1)


def _tile(view, digit):
    """The pixels on the screen of a digit, without its caption."""
    rect = view.visualRect(view.model_under_test.index(view.model_under_test.row_of(digit)))
    size = view.tile_size
    return _pixels(view)[rect.bottom() + 1 - size : rect.bottom() + 1, rect.left() : rect.left() + size] & 0xFF


def _wheel(view, notches, pixels=0, modifiers=Qt.KeyboardModifier.NoModifier):
    place = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        place,
        view.viewport().mapToGlobal(place),
        QPoint(0, pixels),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


class _Still(QProxyStyle):
    """A desktop that wants no animations."""

    def styleHint(self, hint, *arguments):
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, *arguments)


def test_that_each_digit_is_shown_pixel_for_pixel(grid, mnist):
    for digit in (0, 7, 25):
        assert np.array_equal(_tile(grid, digit), mnist.images[digit])


def test_that_the_rows_after_scrolling_are_those_of_a_fresh_picture(grid):
    bar = grid.verticalScrollBar()
    for value in (5, 44, 45, 300, 299, bar.maximum() - 3, bar.maximum()):
        bar.setValue(value)
        QApplication.processEvents()
        assert np.array_equal(_on_screen(grid), _pixels(grid))


def test_that_the_last_digit_can_be_reached(qtbot, grid, mnist):
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.selected_digit == 69_999
    assert np.array_equal(_tile(grid, 69_999), mnist.images[69_999])
    assert grid.visualRect(grid.currentIndex()).bottom() < grid.viewport().height()


@pytest.mark.parametrize("key", [Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Home])
def test_that_the_first_key_selects_the_first_digit(qtbot, grid, key):
    qtbot.keyClick(grid, key)
    assert grid.selected_digit == 0


def test_that_a_click_selects_the_digit_under_the_pointer(qtbot, grid):
    place = grid.visualRect(grid.model_under_test.index(13)).center()
    with qtbot.waitSignal(grid.digit_selected) as told:
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [13]


def test_that_every_place_of_a_tile_finds_its_digit(grid):
    for row in (0, 5, 17, 30):
        index = grid.model_under_test.index(row)
        rect = grid.visualRect(index)
        for corner in (rect.topLeft(), rect.bottomRight(), rect.center()):
            assert grid.indexAt(corner) == index


def test_that_arrow_and_page_keys_move_by_one_by_a_row_and_by_a_page(qtbot, grid):
    columns = grid.geometry_now().columns
    grid.select_digit(0)
    for key, expected in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Left, columns),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Left, 0),
    ):
        qtbot.keyClick(grid, key)
        assert grid.selected_digit == expected
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    page = grid.selected_digit
    assert page % columns == 0
    assert page >= 4 * columns
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.selected_digit == 0


def test_that_where_the_selected_digit_is_filtered_out_an_arrow_key_selects_the_first_in_sight(qtbot, grid):
    grid.select_digit(60_007)
    grid.model_under_test.set_order(np.arange(50_000))
    grid.verticalScrollBar().setValue(10_000)
    assert grid.selected_digit is None
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.selected_digit > 1000
    assert grid.selected_digit % grid.geometry_now().columns == 0
    rect = grid.visualRect(grid.currentIndex())
    assert 0 <= rect.top() <= rect.height()


def test_that_the_selected_digit_is_always_scrolled_into_view(qtbot, grid):
    grid.select_digit(0)
    for _ in range(30):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))


def test_that_enter_and_double_click_open_a_digit(qtbot, grid):
    grid.select_digit(4)
    with qtbot.waitSignal(grid.opened) as told:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert told.args == [4]
    place = grid.visualRect(grid.model_under_test.index(9)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(grid.opened) as told:
        qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [9]


def test_that_typing_a_label_goes_to_the_next_digit_with_it(qtbot, grid, mnist):
    grid.select_digit(0)
    for _ in range(3):
        before = grid.selected_digit
        qtbot.keyClicks(grid, "7")
        after = grid.selected_digit
        assert mnist.labels[after] == 7
        assert not (mnist.labels[before + 1 : after] == 7).any()


def test_that_the_selection_stays_with_its_digit_over_filters(qtbot, grid, mnist):
    grid.select_digit(60_007)
    with qtbot.assertNotEmitted(grid.digit_selected):
        grid.model_under_test.set_order(np.flatnonzero(mnist.labels == mnist.labels[60_007]))
        assert grid.selected_digit == 60_007
        assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))
        grid.model_under_test.set_order(np.arange(100))
        assert grid.selected_digit is None
        grid.model_under_test.set_order(np.arange(len(mnist)))
        assert grid.selected_digit == 60_007


def test_that_a_fresh_order_without_a_selection_starts_at_its_top(grid, mnist):
    grid.verticalScrollBar().setValue(10_000)
    grid.model_under_test.set_order(np.arange(0, len(mnist), 2))
    assert grid.verticalScrollBar().value() == 0


@pytest.mark.parametrize("size", [28, 42, 56, 84, 112])
def test_that_the_selected_digit_keeps_its_place_when_tiles_grow(grid, size):
    grid.set_tile_size(35)
    grid.select_digit(500)
    before = grid.visualRect(grid.currentIndex()).top()
    grid.set_tile_size(size)
    assert grid.visualRect(grid.currentIndex()).top() == pytest.approx(before, abs=1)


def test_that_the_row_at_the_top_stays_there_when_the_window_grows_wider(grid):
    grid.verticalScrollBar().setValue(7001)
    first = grid.indexAt(QPoint(30, 25)).row()
    grid.resize(620, 300)
    rect = grid.visualRect(grid.model_under_test.index(first))
    assert -rect.height() <= rect.top() < 60


def test_that_tile_sizes_have_limits(qtbot, grid):
    grid.set_tile_size(5000)
    assert grid.tile_size == 112
    grid.set_tile_size(3)
    assert grid.tile_size == 28
    with qtbot.assertNotEmitted(grid.tile_size_changed):
        grid.set_tile_size(28)


def test_that_the_wheel_glides_three_half_rows_a_notch(qtbot, grid):
    bar = grid.verticalScrollBar()
    _wheel(grid, -1)
    _wheel(grid, -1)
    assert bar.value() < 6 * bar.singleStep()
    qtbot.waitUntil(lambda: bar.value() == 6 * bar.singleStep())


def test_that_the_wheel_jumps_where_the_desktop_wants_no_animations(qtbot, grid):
    bar = grid.verticalScrollBar()
    still = _Still("Fusion")
    bar.setStyle(still)
    _wheel(grid, -1)
    assert bar.value() == 3 * bar.singleStep()


def test_that_a_touch_pad_scrolls_by_its_pixels(grid):
    _wheel(grid, -0.1, pixels=-13)
    assert grid.verticalScrollBar().value() == 13


def test_that_the_wheel_with_ctrl_changes_the_tile_size(qtbot, grid):
    with qtbot.waitSignal(grid.tile_size_changed) as told:
        _wheel(grid, 1, modifiers=Qt.KeyboardModifier.ControlModifier)
    assert told.args == [32]
    assert grid.verticalScrollBar().value() == 0


def test_that_labels_can_be_hidden(grid, mnist):
    tall = grid.geometry_now().cell_height
    grid.set_labels_shown(False)
    assert grid.geometry_now().cell_height == 28 + grid.geometry_now().gap < tall
    assert np.array_equal(_tile(grid, 3), mnist.images[3])


def test_that_selection_and_focus_are_visible(qtbot, grid):
    plain = _pixels(grid)
    grid.select_digit(3)
    grid.clearFocus()
    selected = _pixels(grid)
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    focused = _pixels(grid)
    assert not np.array_equal(plain, selected)
    assert not np.array_equal(selected, focused)


@pytest.mark.parametrize("reason", ["TabFocusReason", "BacktabFocusReason", "ShortcutFocusReason"])
def test_that_the_keyboard_begins_at_the_first_visible_digit_for_one_who_comes_by_key(grid, reason):
    tenth_row = 10 * grid.geometry_now().columns
    grid.verticalScrollBar().setValue(grid.geometry_now().place_of(tenth_row)[1])
    grid.clearFocus()
    grid.setFocus(Qt.FocusReason[reason])
    assert grid.selected_digit == tenth_row


@pytest.mark.parametrize("reason", ["OtherFocusReason", "ActiveWindowFocusReason", "MouseFocusReason"])
def test_that_a_grid_that_gets_the_keyboard_by_other_ways_selects_no_digit(grid, reason):
    grid.clearFocus()
    grid.setFocus(Qt.FocusReason[reason])
    assert grid.hasFocus()
    assert grid.selected_digit is None


def test_that_a_selected_digit_stays_selected_when_the_keyboard_comes(grid):
    grid.select_digit(7)
    grid.clearFocus()
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    assert grid.selected_digit == 7


def test_that_the_grid_follows_the_theme(grid, theme):
    light = _pixels(grid)[0, 0]
    theme.set_mode(ThemeMode.DARK)
    assert _pixels(grid)[0, 0] == theme.colours.base.rgb() != light
    theme.set_mode(ThemeMode.LIGHT)


def test_that_a_larger_font_gives_taller_captions(qtbot, grid, theme):
    before = grid.geometry_now().caption
    theme.set_scale(1.5)
    qtbot.waitUntil(lambda: grid.geometry_now().caption > before)
    assert grid.verticalScrollBar().maximum() + grid.viewport().height() >= grid.geometry_now().height


def test_that_a_screen_reader_hears_the_selected_digit(grid, mnist):
    grid.select_digit(7)
    assert grid.accessibleDescription() == f"digit {mnist.labels[7]}, index 7"
    grid.model_under_test.set_order(np.arange(3))
    assert grid.accessibleDescription() == "no digit selected"


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0])
def test_that_tiles_are_whole_screen_pixels_at_any_scale_factor(grid, monkeypatch, ratio):
    monkeypatch.setattr(grid, "devicePixelRatioF", lambda: ratio)
    grid.updateGeometries()
    geometry = grid.geometry_now()
    assert geometry.side == round(28 * ratio)
    for row in (0, 9, 31):
        assert grid.indexAt(grid.visualRect(grid.model_under_test.index(row)).center()).row() == row


def test_that_an_empty_grid_takes_keys_and_wheel(qtbot, grid):
    grid.model_under_test.set_dataset(None, np.empty(0, np.int64))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_7, Qt.Key.Key_PageDown):
        qtbot.keyClick(grid, key)
    _wheel(grid, -2)
    _pixels(grid)
    assert grid.selected_digit is None
