import json
import math

import numpy as np
import pytest
from session_fakes import make_model

from mnist_gui.engine import checkpoint
from mnist_gui.engine.calibration import (
    LEAST_DIGITS,
    Calibration,
    calibrate,
    expected_calibration_error,
    fitted_temperature,
    softened,
)


def made_answers(count=4000, sharpness=1.0, seed=3):
    """Labels drawn from the softmax of random scores, and these scores times `sharpness`: 1 is calibrated."""
    generator = np.random.default_rng(seed)
    scores = generator.normal(scale=2.5, size=(count, 10))
    p = softened(scores, 1.0)
    labels = np.array([generator.choice(10, p=row / row.sum()) for row in p.astype(np.float64)], np.uint8)
    return (sharpness * scores).astype(np.float32), labels


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_that_the_temperature_undoes_how_much_too_sure_or_unsure_the_scores_are(sharpness):
    scores, labels = made_answers(sharpness=sharpness)
    assert fitted_temperature(scores, labels) == pytest.approx(sharpness, rel=0.1)


def test_that_the_calibration_error_falls_and_the_answers_stay():
    scores, labels = made_answers(sharpness=3.0)
    found = calibrate(scores, labels, np.zeros(len(labels)))
    assert found.error_before > 10
    assert found.error_after < 3
    np.testing.assert_array_equal(softened(scores, found.temperature).argmax(axis=1), scores.argmax(axis=1))


def test_that_the_calibration_error_is_the_one_by_hand():
    p = np.full((4, 10), 0.2 / 9, np.float32)
    p[:, 3] = 0.8  # 0.8 sure, 3 of 4 right
    assert expected_calibration_error(p, np.array([3, 3, 3, 1])) == pytest.approx(5, abs=1e-4)
    p[2:] = 0.6 / 9
    p[2:, 3] = 0.4  # another bin: 0.4 sure, 1 of 2 right; 0.8 sure, 2 of 2 right
    assert expected_calibration_error(p, np.array([3, 3, 3, 1])) == pytest.approx((20 + 10) / 2, abs=1e-4)


def test_that_a_single_wrong_answer_of_all_confidence_does_not_break_the_fit():
    scores = np.zeros((LEAST_DIGITS, 10), np.float32)
    scores[:, 1] = 500
    labels = np.ones(LEAST_DIGITS, np.uint8)
    assert math.isfinite(fitted_temperature(scores, labels))
    labels[0] = 2
    assert math.isfinite(fitted_temperature(scores, labels))


def test_that_a_model_is_not_made_surer_by_digits_of_which_it_misreads_hardly_any():
    scores, labels = made_answers(sharpness=0.1)
    right = scores.argmax(axis=1) == labels
    few_wrong = np.concatenate([np.flatnonzero(right)[:300], np.flatnonzero(~right)[:2]])
    for places in (few_wrong[:300], few_wrong):
        assert fitted_temperature(scores[places], labels[places]) == pytest.approx(1, rel=1e-4)
    assert fitted_temperature(scores, labels) < 0.2, "with enough of them it is"


def test_that_the_limit_refuses_fewer_than_one_digit_in_two_hundred():
    scores, labels = made_answers(2000)
    strangeness = np.linspace(-20, -1, 2000)
    found = calibrate(scores, labels, strangeness)
    assert (strangeness > found.limit).sum() == 9
    assert found.typical == pytest.approx(-10.5)


def test_that_where_the_detector_does_not_know_the_kind_of_picture_nothing_is_strange():
    scores, labels = made_answers(1000)
    strangeness = np.full(1000, -3.0)
    strangeness[:300] = 2.0  # 30 % of the digits are none to it
    found = calibrate(scores, labels, strangeness)
    assert found.limit is None
    np.testing.assert_array_equal(found.strangeness(np.full((3, 28, 28), 255, np.uint8)), 0)


def test_that_a_handful_of_digits_calibrates_nothing():
    scores, labels = made_answers(LEAST_DIGITS - 1)
    assert calibrate(scores, labels, np.zeros(len(labels))) is None


def test_that_a_calibration_comes_back_from_json_and_from_a_file(tmp_path):
    made = Calibration(1.3, -8.0, -0.5, 10_000, 0.4, 0.2, 0.41)
    assert Calibration.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    path = tmp_path / "model.safetensors"
    checkpoint.save(make_model(name="x").with_calibration(made), path)
    opened = checkpoint.load(path)
    assert opened.calibration == made
    assert opened.name == "x"
    assert opened.with_calibration(None).calibration is None


def test_that_an_old_file_opens_and_doubts_nothing(tmp_path):
    path = tmp_path / "model.safetensors"
    checkpoint.save(make_model(), path)
    assert checkpoint.load(path).calibration is None


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"temperature": "hot"},
        {"temperature": True},
        {"limit": -1.0},
        {"limit": float("inf")},
        [1],
    ],
)
def test_that_measures_which_cannot_be_used_are_not_used(values):
    assert make_model(calibration=values).calibration is None


def test_that_measures_of_later_versions_are_left_out():
    assert make_model(calibration={"temperature": 2.0, "mood": "good"}).calibration == Calibration(2.0)
