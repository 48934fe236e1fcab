"""The answer beside the canvas: sure, unsure, and not a digit."""

import numpy as np
import pytest
from PyQt6.QtWidgets import QLabel

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.answer import Answer
from mnist_gui.gui.widgets.probability_bars import ProbabilityBars


@pytest.fixture
def answer(theme, qtbot):
    widget = Answer(theme)
    qtbot.addWidget(widget)
    widget.resize(220, 260)
    widget.show()
    return widget


def prediction(strangeness=0.0, *, two=False, **shares):
    given = {int(name[1:]): share for name, share in shares.items()}
    p = np.full(10, (1 - sum(given.values())) / (10 - len(given)), np.float32)
    for digit, share in given.items():
        p[digit] = share
    return Prediction(p, strangeness, two)


def lines(answer):
    return tuple(answer.findChild(QLabel, name).text().strip() for name in ("canvas_verdict", "canvas_reason"))


@pytest.mark.parametrize(
    ("shown", "label", "expected"),
    [
        (prediction(p3=0.9), None, ("Read as 3", "")),
        (prediction(p3=0.9), 3, ("Read as 3, right", "")),
        (prediction(p3=0.9), 5, ("Read as 3, label 5", "")),
        (prediction(p3=0.45, p5=0.4), None, ("Unsure: 3 or 5?", "No class has the majority.")),
        (prediction(1.01, p3=0.99), None, ("Not a digit?", "Unlike any digit it has learned.")),
        (prediction(1.01, p3=0.4), 3, ("Not a digit?", "Unlike any digit it has learned.")),
        (prediction(9.0, two=True, p3=0.9), None, ("Not a digit?", "Looks like two digits: one at a time.")),
    ],
)
def test_that_it_says_what_was_read_and_why_it_is_not_sure(answer, shown, label, expected):
    answer.show_prediction(shown, label)
    assert lines(answer) == expected


def test_that_nothing_moves_between_sure_unsure_and_nothing(answer):
    places = set()
    for show in (
        lambda: answer.show_nothing("Draw"),
        lambda: answer.show_prediction(prediction(p3=0.9), 3),
        lambda: answer.show_prediction(prediction(p3=0.45, p5=0.4), None),
        lambda: answer.show_prediction(prediction(5.0, two=True, p3=0.9), None),
    ):
        show()
        answer.layout().activate()
        children = (*answer.findChildren(QLabel), answer.findChild(ProbabilityBars))
        places.add(tuple(child.geometry().getRect() for child in children))
        places.add(("least", answer.minimumSizeHint().width(), answer.minimumSizeHint().height()))
    assert len(places) == 2


def test_that_what_is_no_digit_can_still_be_copied_as_numbers(answer):
    answer.show_prediction(prediction(5.0, p3=0.9), None)
    assert "3\t0.900000" in answer.text
