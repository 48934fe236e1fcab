"""The maps over the digit, with a stand-in for what makes them."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor, QGuiApplication
from PyQt6.QtWidgets import QComboBox, QLabel
from why_tools import IMAGE, look_of, map_of

from mnist_gui.engine.explanation import Cover
from mnist_gui.gui.why.colours import LESS, MORE, greys, overlaid, picture, signed
from mnist_gui.gui.why.looking import PURPOSE, Looking
from mnist_gui.gui.why.map_view import MapView
from mnist_gui.session.explainer import Step


@pytest.fixture
def looking(session, explainer, theme, qtbot):
    looking = Looking(session, explainer, theme)
    qtbot.addWidget(looking)
    looking.resize(560, 420)
    looking.show()
    return looking


def view(looking, step):
    return looking.findChild(MapView, f"why_{step}")


def test_that_the_maps_are_for_the_answer_or_for_the_class_that_was_chosen(looking, explainer):
    explainer.looked.emit(look_of(answer=7))
    note = looking.findChild(QLabel, "why_maps_note")
    assert note.text() == "For 7, which has 90.0 %."
    looking.findChild(QComboBox, "why_maps_digit").setCurrentIndex(10)
    assert explainer.choices[-1] == (9, Cover.PAPER)
    explainer.looked.emit(look_of(answer=7, second=9))
    assert note.text() == "For 9, which has 10.0 %."
    looking.findChild(QComboBox, "why_maps_cover").setCurrentIndex(1)
    assert explainer.choices[-1] == (9, Cover.GREY)
    looking.clear()
    assert note.text() == PURPOSE


def test_that_each_map_goes_to_its_place(looking, explainer):
    explainer.mapped.emit(Step.SALIENCY, map_of())
    explainer.mapped.emit(Step.OCCLUSION, map_of(side=14))
    assert "strongest +0.50 logits at row 0, column 1" in view(looking, Step.SALIENCY).accessibleDescription()
    assert "strongest +50.0 points at row 0, column 2" in view(looking, Step.OCCLUSION).accessibleDescription()
    assert view(looking, Step.OCCLUSION).largest == 0.5


def test_that_a_map_without_differences_does_not_glow(looking, explainer):
    faint = map_of(side=14)
    explainer.mapped.emit(Step.OCCLUSION, type(faint)(IMAGE, 7, faint.values * np.float32(0.01), 0.9))
    assert view(looking, Step.OCCLUSION).largest == 0.1


def test_that_more_and_less_have_their_colours_on_the_screen(looking, explainer):
    explainer.mapped.emit(Step.OCCLUSION, map_of(side=14))
    shown = view(looking, Step.OCCLUSION)
    cell = shown.width() / 14
    picture = shown.grab().toImage()
    more = picture.pixelColor(QPoint(round(1.5 * cell), round(0.5 * cell)))
    less = picture.pixelColor(QPoint(round(4.5 * cell), round(3.5 * cell)))
    assert more == MORE
    assert less.blue() > 100 > less.red()
    assert picture.pixelColor(QPoint(round(13.5 * cell), round(13.5 * cell))).lightness() == 0


def test_that_the_number_under_the_pointer_is_written(looking, explainer, qtbot):
    explainer.mapped.emit(Step.SALIENCY, map_of())
    shown = view(looking, Step.SALIENCY)
    before = shown.grab().toImage()
    qtbot.mouseMove(shown, QPoint(12, 2))
    assert shown.grab().toImage() != before
    qtbot.mouseMove(shown, QPoint(shown.width() - 1, shown.height() - 1))
    assert shown.grab().toImage() == before


def test_that_the_keyboard_reaches_every_number(looking, explainer, qtbot):
    explainer.mapped.emit(Step.SALIENCY, map_of())
    shown = view(looking, Step.SALIENCY)
    for key, times in ((Qt.Key.Key_Up, 13), (Qt.Key.Key_Left, 10), (Qt.Key.Key_Down, 2)):
        for _ in range(times):
            qtbot.keyClick(shown, key)
    assert shown.accessibleDescription() == "4, 4: +0.00 logits"
    qtbot.keyClick(shown, Qt.Key.Key_Up)
    assert shown.accessibleDescription() == "3, 4: -0.25 logits"


def test_that_the_maps_shrink_with_the_room(looking, explainer):
    wide = view(looking, Step.SALIENCY).sizeHint().width()
    looking.resize(430, 400)
    assert view(looking, Step.SALIENCY).sizeHint().width() < wide
    assert looking.minimumSizeHint().width() <= 320


def test_that_a_map_is_copied_as_numbers_and_as_picture(looking, session, explainer):
    shown = view(looking, Step.SALIENCY)
    picture, numbers = shown.actions()
    numbers.trigger()
    assert "nothing to copy" in session.notices[-1]
    explainer.mapped.emit(Step.SALIENCY, map_of())
    numbers.trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 28
    assert lines[3].split("\t")[4] == "-0.25"
    picture.trigger()
    assert QGuiApplication.clipboard().image().width() == shown.width()
    assert session.notices[-1] == "Copied the saliency map."


def test_that_colours_say_sign_and_size():
    values = np.array([[-2, -1, 0, 1, 2, 9]], np.float32)
    less, half_less, nothing, half, more, beyond = (QColor(int(pixel)) for pixel in signed(values, 2)[0])
    assert (less, more, beyond, nothing) == (LESS, MORE, MORE, QColor("black"))
    assert 0 < half.red() < more.red()
    assert 0 < half_less.blue() < less.blue()
    assert [QColor(int(pixel)).red() for pixel in greys(values, 2)[0]] == [0, 0, 0, 127, 255, 255]
    assert QColor(int(greys(values * 0, 0).max())) == QColor("black")
    ghost = QColor(int(overlaid(IMAGE, np.zeros((28, 28), np.float32), 1)[10, 12]))
    assert ghost == QColor(90, 90, 90)
    drawn = picture(signed(values, 2))
    assert [drawn.pixelColor(column, 0) for column in (0, 2, 4)] == [LESS, QColor("black"), MORE]
