"""The strip with the selected digit."""

import numpy as np
import pytest
from PyQt6.QtWidgets import QLabel

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.browser.detail import DigitDetail


@pytest.fixture
def detail(qtbot, theme):
    widget = DigitDetail(theme)
    qtbot.addWidget(widget)
    widget.resize(560, 150)
    widget.show()
    return widget


def _fact(detail, name):
    return detail.findChild(QLabel, f"fact_{name}").text()


def _sure_of(digit, confidence=0.991):
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    return Prediction(probabilities)


def test_that_a_digit_is_told_by_index_split_and_label(detail, mnist):
    detail.set_digit(mnist, 50_123)
    assert (_fact(detail, "index"), _fact(detail, "split")) == ("50,123", "validation")
    assert _fact(detail, "label") == str(mnist.labels[50_123])


def test_that_right_and_wrong_are_said_in_words(detail, mnist):
    detail.set_digit(mnist, 0)
    detail.set_prediction(_sure_of(5))
    assert _fact(detail, "read_as") == "5   99.1 %   ✓ right"
    detail.set_prediction(_sure_of(3))
    assert _fact(detail, "read_as") == "3   99.1 %   ✗ wrong"
    assert detail.bars.accessibleDescription().endswith("label 5")


def test_that_another_digit_is_not_shown_with_the_answer_for_the_last(detail, mnist):
    detail.set_digit(mnist, 0)
    detail.set_prediction(_sure_of(5))
    detail.set_digit(mnist, 1)
    assert _fact(detail, "read_as") == "–"
    assert detail.bars.text() == ""


def test_that_the_pixel_under_the_pointer_is_told_and_forgotten(detail, mnist):
    detail.set_digit(mnist, 0)
    detail.view.pixel_hovered.emit(5, 12, 18)
    assert _fact(detail, "pixel") == "row 5, column 12: 18"
    detail.view.left.emit()
    assert _fact(detail, "pixel") == "–"


def test_that_nothing_moves_when_the_facts_change(detail, mnist):
    places = set()
    for state in range(3):
        detail.set_digit(mnist if state else None, 69_999 if state else None)
        if state == 2:
            detail.set_prediction(_sure_of(3))
            detail.view.pixel_hovered.emit(27, 27, 255)
        detail.layout().activate()
        places.add((detail.bars.geometry().getRect(), detail.view.geometry().getRect(), detail.sizeHint().width()))
    assert len(places) == 1


def test_that_a_short_strip_is_shorter(detail):
    tall = detail.sizeHint().height()
    detail.set_short(True)
    assert detail.sizeHint().height() < tall


def test_that_without_a_selection_the_strip_says_what_it_is_for(detail, mnist):
    detail.set_digit(mnist, None)
    assert "Select a digit" in detail.bars.accessibleDescription()
    detail.set_digit(None, None)
    assert "Select" not in detail.bars.accessibleDescription()
