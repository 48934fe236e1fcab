"""The layers of a network as pictures, with a stand-in for what looks into it."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF
from PyQt6.QtGui import QColor, QGuiApplication
from PyQt6.QtWidgets import QLabel
from why_tools import look_of

from mnist_gui.gui.why.colours import MORE
from mnist_gui.gui.why.inside import PURPOSE, Inside
from mnist_gui.gui.why.values_view import ValuesView


@pytest.fixture
def inside(session, explainer, theme, qtbot):
    inside = Inside(session, explainer, theme)
    qtbot.addWidget(inside)
    inside.resize(500, 400)
    inside.show()
    return inside


def test_that_parts_that_are_gone_do_not_follow_the_theme_any_more(inside, explainer, theme, qtbot):
    before = theme.receivers(theme.changed)
    explainer.looked.emit(look_of("dense 8, relu, dense 10"))
    assert theme.receivers(theme.changed) > before
    inside.clear()
    qtbot.waitUntil(lambda: theme.receivers(theme.changed) == before)


def titles(inside):
    return [
        label.text()
        for number in range(9)
        if (label := inside.findChild(QLabel, f"why_layer_title_{number}")) is not None and not label.isHidden()
    ]


def test_that_each_layer_is_named_with_its_size_and_scale(inside, explainer):
    explainer.looked.emit(look_of())
    assert titles(inside) == [
        "conv 5x5x3, relu: 3 maps of 24x24, 0 to 1.7e+03",
        "dense 6: 6 units, -5 to 5",
    ]
    assert inside.findChild(QLabel, "why_inside_note").isHidden()


def test_that_another_network_has_other_parts_and_none_leaves_none(inside, explainer, qtbot):
    explainer.looked.emit(look_of("dense 8, relu, dense 7, tanh, dense 6, relu, dense 10"))
    assert len(titles(inside)) == 3
    explainer.looked.emit(look_of("dense 8, relu, dense 10", scale=0.1))
    qtbot.waitUntil(lambda: len(inside.findChildren(ValuesView)) == 1)
    assert titles(inside) == ["dense 8, relu: 8 units, 0 to 0.7"]
    inside.clear()
    qtbot.waitUntil(lambda: not inside.findChildren(ValuesView))
    assert inside.findChild(QLabel, "why_inside_note").text() == PURPOSE


def test_that_a_network_without_hidden_layer_shows_its_templates_and_what_they_make_of_the_digit(inside, explainer):
    explainer.looked.emit(look_of("dense 10"))
    assert [title.split(",")[0] for title in titles(inside)] == [
        "Templates of the classes 0 to 9",
        "Each template times the digit",
    ]
    # 160 pixels of ink of 200 / 255, times -4 to 5
    assert "0: -502.0, 1: -376.5" in inside.findChild(QLabel, "why_inside_note").text()
    view = inside.findChild(ValuesView, "why_layer_0")
    picture = view.grab().toImage()
    last = view.tile_at(QPointF(10, 10))
    assert last == (0, 3, 3)
    assert picture.pixelColor(10, 10).blue() > picture.pixelColor(10, 10).red()


def test_that_a_layer_is_copied_tile_by_tile(inside, explainer):
    explainer.looked.emit(look_of())
    inside.findChild(ValuesView, "why_layer_0").actions()[1].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [len(line.split("\t")) for line in lines] == [576] * 3
    assert lines[1].split("\t")[:3] == ["1", "4", "7"]


@pytest.fixture
def view(theme, qtbot):
    view = ValuesView(theme)
    qtbot.addWidget(view)
    view.resize(100, 100)
    view.show()
    return view


def test_that_tiles_take_as_many_lines_as_the_width_asks_for(view):
    view.show_values(np.ones((5, 10, 10), np.float32))
    assert view.heightForWidth(5 * 33 - 3) == 30
    assert view.heightForWidth(5 * 33 - 4) == 63
    assert view.heightForWidth(1) == 5 * 33 - 3
    assert view.tile_at(QPointF(0, 0)) == (0, 0, 0)
    assert view.tile_at(QPointF(33 + 29, 33 + 15)) == (4, 5, 9)
    assert view.tile_at(QPointF(31, 5)) is None
    assert view.tile_at(QPointF(70, 40)) is None


def test_that_all_tiles_have_one_scale(view):
    tiles = np.zeros((2, 10, 10), np.float32)
    tiles[0], tiles[1] = 1, 4
    view.show_values(tiles)
    picture = view.grab().toImage()
    assert picture.pixelColor(5, 5) == QColor(63, 63, 63)
    assert picture.pixelColor(38, 5) == QColor(255, 255, 255)
    assert view.largest == 4


def test_that_negative_numbers_bring_the_two_colours(view):
    view.show_values(np.array([[[-1]], [[1]], [[0]]], np.float32), 10)
    picture = view.grab().toImage()
    assert picture.pixelColor(5, 5).blue() > 200
    assert picture.pixelColor(16, 5) == MORE
    assert picture.pixelColor(27, 5).lightness() == 0


def test_that_the_number_under_the_pointer_is_in_the_tip(view, qtbot):
    view.show_values(np.arange(200, dtype=np.float32).reshape(2, 10, 10))
    qtbot.mouseMove(view, QPoint(34, 4))
    assert view.toolTip() == "map 1, row 1, column 0: 110"
    qtbot.mouseMove(view, QPoint(95, 95))
    assert view.toolTip() == ""
    view.show_values(np.arange(9, dtype=np.float32)[:, None, None], 10)
    qtbot.mouseMove(view, QPoint(12, 3))
    assert view.toolTip() == "unit 1: 1"


def test_that_nothing_is_drawn_for_nothing(view):
    assert view.heightForWidth(100) == 0
    view.grab()
