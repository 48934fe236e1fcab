import numpy as np
import pytest
from session_fakes import make_model

from mnist_gui.engine import prediction
from mnist_gui.engine.calibration import Calibration
from mnist_gui.engine.prediction import Doubt, Prediction, judged


def answers(*shares):
    rows = np.zeros((len(shares), 10), np.float32)
    for row, share in zip(rows, shares, strict=True):
        row[:] = (1 - share) / 9
        row[4] = share
    return rows


def test_that_probabilities_alone_are_an_answer():
    sure, unsure = map(Prediction, answers(0.9, 0.4))
    assert (sure.digit, sure.unsure, sure.doubt, sure.digit_like) == (4, False, None, True)
    assert (unsure.digit, unsure.unsure, unsure.doubt, unsure.digit_like) == (4, True, Doubt.SPLIT, True)


def test_that_the_reason_of_a_strange_picture_goes_before_that_of_a_split_answer():
    assert Prediction(answers(0.4)[0], 1.5).doubt == Doubt.STRANGE
    assert Prediction(answers(0.99)[0], 1.5, two=True).doubt == Doubt.TWO
    assert Prediction(answers(0.99)[0], 0.9, two=True).doubt == Doubt.TWO
    assert Prediction(answers(0.99)[0], 1.0).doubt is None


def test_that_without_a_calibration_nothing_is_strange():
    noise = np.random.default_rng(1).integers(0, 256, (2, 28, 28), dtype=np.uint8)
    assert [p.strangeness for p in judged(make_model(), noise, answers(0.9, 0.8))] == [0, 0]


def test_that_strangeness_is_counted_from_the_typical_digit_to_the_limit(monkeypatch):
    from mnist_gui.engine import calibration

    monkeypatch.setattr(calibration, "strangeness_of", lambda _images: np.array([-10.0, -5.0, 5.0], np.float32))
    model = make_model().with_calibration(Calibration(1.0, typical=-10.0, limit=0.0))
    found = judged(model, np.zeros((3, 28, 28), np.uint8), answers(0.9, 0.8, 0.7))
    assert [p.strangeness for p in found] == pytest.approx([0, 0.5, 1.5])
    assert [p.doubt for p in found] == [None, None, Doubt.STRANGE]
    assert judged(model, np.zeros((0, 28, 28), np.uint8), answers()) == ()


def test_that_of_a_typical_digit_it_is_not_asked_whether_it_shows_two(monkeypatch):
    asked = []
    monkeypatch.setattr(prediction, "looks_like_two", lambda image: bool(asked.append(image)) or True)
    monkeypatch.setattr(Calibration, "strangeness", lambda _self, images: np.array([0.2, 0.6])[: len(images)])
    model = make_model().with_calibration(Calibration())
    first, second = judged(model, np.zeros((2, 28, 28), np.uint8), answers(0.9, 0.9))
    assert (first.two, second.two, len(asked)) == (False, True, 1)
