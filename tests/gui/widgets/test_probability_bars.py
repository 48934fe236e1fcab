"""The ten bars say what the model says, in pixels and in words, and never move."""

import numpy as np
import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QColor, QImage

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import Theme, ThemeMode
from mnist_gui.gui.widgets.probability_bars import ProbabilityBars


def _prediction(**values):
    p = np.full(10, (1 - sum(values.values())) / (10 - len(values)), np.float32)
    for name, value in values.items():
        p[int(name[1:])] = value
    return Prediction(p)


@pytest.fixture
def bars(qtbot):
    widget = ProbabilityBars(Theme())
    qtbot.addWidget(widget)
    widget.resize(400, 220)
    widget.show()
    return widget


def _row(image: QImage, digit: int) -> QImage:
    height = image.height() // 10
    return image.copy(QRect(0, digit * height, image.width(), height))


def _pixels_of(image: QImage, colour: QColor) -> int:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint32)
    return int((pixels == colour.rgb()).sum())


def test_that_a_bar_is_as_long_as_its_class_is_probable(bars):
    bars.set_prediction(_prediction(c3=0.8, c5=0.2))
    image = bars.grab().toImage()
    colours = bars._theme.colours.classes
    eight, two = _pixels_of(_row(image, 3), colours[3]), _pixels_of(_row(image, 5), colours[5])
    assert eight / two == pytest.approx(4, rel=0.05)
    assert _pixels_of(_row(image, 7), colours[7]) == 0


def test_that_the_answer_is_emphasised_without_colour(bars):
    bars.set_prediction(_prediction(c3=0.8))
    image = bars.grab().toImage()
    assert _pixels_of(_row(image, 3), bars._theme.colours.text) > 0
    assert _pixels_of(_row(image, 4), bars._theme.colours.text) == 0


@pytest.mark.parametrize(("strangeness", "share"), [(0.0, 0.4), (2.0, 0.99)])
def test_that_an_answer_not_to_be_believed_is_not_emphasised(bars, strangeness, share):
    bars.set_prediction(Prediction(_prediction(c3=share).probabilities, strangeness))
    assert _pixels_of(bars.grab().toImage(), bars._theme.colours.text) == 0


def test_that_the_bars_of_what_is_no_digit_are_faded_and_as_long_as_ever(bars):
    sure = _prediction(c3=0.8)
    bars.set_prediction(sure)
    before = bars.grab().toImage()
    bars.set_prediction(Prediction(sure.probabilities, 2.0))
    after = bars.grab().toImage()
    colour = bars._theme.colours.classes[3]
    assert _pixels_of(_row(before, 3), colour) > 0
    assert _pixels_of(_row(after, 3), colour) == 0
    faded = [after.pixelColor(x, 3 * after.height() // 10 + 10).name() for x in range(after.width())]
    most = max(set(faded), key=faded.count)
    assert most not in (colour.name(), bars._theme.colours.window.name())
    assert faded.count(most) == pytest.approx(_pixels_of(_row(before, 3).copy(0, 10, after.width(), 1), colour), abs=4)


def test_that_a_screen_reader_hears_doubt(bars):
    bars.set_prediction(_prediction(c7=0.4, c1=0.3))
    assert bars.accessibleDescription() == "unsure, perhaps 7, 40.0 %; then 1, 30.0 %"
    bars.set_prediction(Prediction(_prediction(c7=0.9, c1=0.09).probabilities, 3.0))
    assert bars.accessibleDescription() == "not a digit? nearest is 7, 90.0 %; then 1, 9.0 %"
    bars.set_prediction(Prediction(_prediction(c7=0.9, c1=0.09).probabilities, 3.0, two=True))
    assert bars.accessibleDescription() == "two digits? nearest is 7, 90.0 %; then 1, 9.0 %"


def test_that_the_label_has_a_mark_before_it(bars):
    bars.set_prediction(_prediction(c3=0.8))
    before = bars.grab().toImage()
    bars.set_label(5)
    after = bars.grab().toImage()
    assert _row(before, 5) != _row(after, 5)
    assert all(_row(before, digit) == _row(after, digit) for digit in range(10) if digit != 5)


def test_that_the_numbers_can_be_copied(bars):
    bars.set_prediction(_prediction(c7=0.991))
    lines = bars.text().splitlines()
    assert lines[7] == "7\t0.991000"
    assert len(lines) == 10
    bars.set_prediction(None)
    assert bars.text() == ""


def test_that_a_screen_reader_hears_answer_runner_up_and_label(bars):
    bars.set_prediction(_prediction(c7=0.9, c1=0.09))
    bars.set_label(1)
    assert bars.accessibleDescription() == "read as 7, 90.0 %; then 1, 9.0 %; label 1"
    bars.set_message("Draw a digit")
    assert bars.accessibleDescription() == "Draw a digit"


def test_that_the_next_prediction_ends_a_message(bars):
    bars.set_message("Draw a digit")
    waiting = bars.grab().toImage()
    bars.set_prediction(_prediction(c7=0.9))
    assert bars.grab().toImage() != waiting
    assert "read as 7" in bars.accessibleDescription()


def test_that_nothing_moves_when_numbers_grow(bars):
    hints = set()
    for p in (0.5, 0.9, 1.0):
        bars.set_prediction(_prediction(c3=p))
        hints.add((bars.sizeHint().width(), bars.minimumSizeHint().width(), bars.sizeHint().height()))
    bars.set_message("No model")
    hints.add((bars.sizeHint().width(), bars.minimumSizeHint().width(), bars.sizeHint().height()))
    assert len(hints) == 1


def test_that_compact_bars_take_less_room(qtbot, bars):
    compact = ProbabilityBars(Theme(), compact=True)
    qtbot.addWidget(compact)
    assert compact.sizeHint().height() < bars.sizeHint().height()


def test_that_bars_follow_the_theme(bars):
    bars.set_prediction(_prediction(c3=0.8))
    light = bars._theme.colours.classes[3]
    bars._theme.set_mode(ThemeMode.DARK)
    image = bars.grab().toImage()
    assert _pixels_of(image, light) == 0
    assert _pixels_of(image, bars._theme.colours.classes[3]) > 0
