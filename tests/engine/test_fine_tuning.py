import time
from dataclasses import replace

import numpy as np
import pytest

from mnist_gui.engine.backend import INTERPRETER

# isort: split
from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.calibration import Calibration
from mnist_gui.engine.classifier import Classifier
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.fine_tuning import fine_tune
from mnist_gui.engine.model import Model
from mnist_gui.engine.networks import build
from mnist_gui.engine.tuning import Compared, Plan, Pool

LINE = "conv 5x5x4, bn, relu, pool 2, dense 10"
PLAN = Plan(steps=60, batch=24, mine=10, rate=8e-3, look_every=10, looked_at=40, patience=6)


def pool(hand, count, seed=0):
    """Digits of a made hand: a bar whose row is the label; the second hand draws it three rows lower, and faint."""
    random = np.random.default_rng([seed, hand])
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = random.integers(0, 40, (count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        row = 2 * label + (3 if hand else 0)
        image[row : row + 3, 6:22] = 110 if hand else 250
    return Pool(images, labels)


@pytest.fixture(scope="module")
def known():
    parts = [pool(0, 200, 1), pool(0, 120, 2)]
    return Dataset(
        "Known",
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        (200, 120, 0),
    )


@pytest.fixture(scope="module")
def model(known):
    """It knows the first hand."""
    assert INTERPRETER.threads == 1
    network = build(parse(LINE))
    network.initialise(np.random.default_rng(0))
    start = Model(
        parse(LINE).line, network.get_weights(), {"name": "Start", "test_error": 3.0, "calibration": {"t": 2}}
    )
    plan = Plan(steps=100, rate=1.5e-2, mine=16, look_every=20, looked_at=40, patience=15)
    first = Pool(known.images_of(Split.TRAINING), known.labels_of(Split.TRAINING))
    tuned = fine_tune(start, first, Pool(first.images[:0], first.labels[:0]), known, first.images[:0], plan=plan)
    assert tuned.validation.misread_after <= 2
    return Model(start.network, tuned.after.weights, start.metadata)


@pytest.fixture(scope="module")
def tuned(model, known):
    return fine_tune(model, pool(1, 40), pool(1, 30, 5), known, pool(1, 3, 6).images, plan=PLAN)


def test_that_a_new_hand_is_learnt_and_the_old_one_not_forgotten(tuned):
    assert tuned.left_out.misread_before > 10
    assert tuned.left_out.misread_after < tuned.left_out.misread_before / 2
    assert tuned.learnt_from.misread_after < tuned.learnt_from.misread_before / 2
    assert tuned.validation.misread_after <= tuned.validation.misread_before + 6
    assert tuned.chosen_by_left_out


def test_that_both_models_have_read_the_same_digits(tuned):
    assert len(tuned.validation) == tuned.validation.total == 120
    assert tuned.others_before.shape == tuned.others_after.shape == (3, 10)
    assert tuned.left_out.before.shape == (30, 10)
    np.testing.assert_allclose(tuned.left_out.after.sum(axis=1), 1, rtol=1e-5)


def test_that_the_model_it_began_with_is_as_it_was_and_the_new_one_knows_where_it_is_from(tuned, model):
    assert tuned.before is model
    assert not np.array_equal(tuned.after.weights["conv1.W"], model.weights["conv1.W"])
    assert tuned.after.name == "Start + my digits"
    assert tuned.after.metadata["tuned"]["from"] == "Start"
    assert "calibration" not in tuned.after.metadata
    assert "test_error" not in tuned.after.metadata
    error = 100 * tuned.validation.misread_after / 120
    assert tuned.after.metadata["validation_error"] == pytest.approx(error)


def test_that_running_statistics_stay(tuned, model):
    for name in ("bn1.mean", "bn1.variance"):
        np.testing.assert_array_equal(tuned.after.weights[name], model.weights[name])


def test_that_it_can_be_repeated(model, known, tuned):
    again = fine_tune(model, pool(1, 40), pool(1, 30, 5), known, pool(1, 3, 6).images, plan=PLAN)
    for name, value in again.after.weights.items():
        np.testing.assert_array_equal(value, tuned.after.weights[name])


def test_that_the_learning_rate_rises_for_ten_steps_and_falls_to_nothing():
    plan = Plan(steps=50, rate=0.5)
    rates = np.array([plan.rate_of(step) for step in range(1, 51)])
    assert (np.diff(rates[:10]) > 0).all()
    assert (np.diff(rates[9:]) < 0).all()
    assert rates[0] == pytest.approx(0.05)
    assert rates[9] == pytest.approx(0.5 * 41 / 50)
    assert rates[-1] == pytest.approx(0.5 / 50)


def test_that_weights_that_only_get_worse_are_not_taken(model, known):
    wrong = pool(0, 20, 9)
    wrong = Pool(wrong.images, ((wrong.labels + 1) % 10).astype(np.uint8))
    judged_by = pool(0, 20, 8)
    result = fine_tune(model, wrong, judged_by, known, wrong.images[:0], plan=PLAN)
    assert result.validation.misread_after <= result.validation.misread_before + 1
    assert result.steps_made < PLAN.steps or result.steps == 0


def test_that_few_left_out_digits_do_not_choose(model, known):
    result = fine_tune(model, pool(1, 20), pool(1, 4, 5), known, pool(1, 0).images, plan=Plan(steps=4, looked_at=20))
    assert not result.chosen_by_left_out
    assert len(result.left_out) == 4


def test_that_it_stops_when_asked(model, known):
    seen = []

    def stopped():
        return bool(seen) and seen[-1].startswith("learning, step 3")

    with pytest.raises(Stopped):
        fine_tune(
            model, pool(1, 40), pool(1, 12), known, pool(1, 0).images,
            progress=lambda what, _share: seen.append(what), stopped=stopped, plan=PLAN,
        )  # fmt: skip
    assert seen[-1].startswith("learning, step 3 ")


def test_that_it_ends_when_time_is_up(model, known):
    began = time.monotonic()
    plan = Plan(steps=100_000, learning_seconds=0.3, seconds=0.3, looked_at=20, patience=10_000)
    result = fine_tune(model, pool(1, 40), pool(1, 12), known, pool(1, 0).images, plan=plan)
    assert time.monotonic() - began < 20
    assert result.steps_made < 100_000
    assert 0 < len(result.validation) <= 120


def test_that_nothing_to_learn_from_is_refused(model, known):
    with pytest.raises(ValueError, match="own digits"):
        fine_tune(model, pool(1, 0), pool(1, 4), known, pool(1, 0).images)


def test_that_changes_are_counted():
    sure = np.eye(10, dtype=np.float32)
    compared = Compared(np.array([1, 2, 3], np.uint8), sure[[1, 2, 9]], sure[[1, 9, 3]], 5)
    assert (compared.misread_before, compared.misread_after, compared.newly_misread) == (1, 1, 1)


def test_that_the_tuned_model_is_calibrated_anew_where_enough_digits_judge(model, known):
    many = pool(0, 260, 7)
    more = Dataset(
        "Known",
        np.concatenate([known.images_of(Split.TRAINING), many.images]),
        np.concatenate([known.labels_of(Split.TRAINING), many.labels]),
        (200, 260, 0),
    )
    nobody = pool(1, 0)
    watched = pool(1, 5).images
    result = fine_tune(model, pool(1, 20), nobody, more, watched, plan=replace(PLAN, steps=10))
    assert result.steps == 10
    assert result.after.calibration.count == 260
    np.testing.assert_array_equal(result.others_after, Classifier(result.after).probabilities(watched))


def test_that_without_a_step_all_is_as_it_was(model, known):
    sure = model.with_calibration(Calibration(temperature=2.0))
    watched = pool(1, 5).images
    result = fine_tune(sure, pool(1, 20), pool(1, 0), known, watched, plan=Plan(steps=1, rate=0.0, looked_at=20))
    assert result.steps == 0
    np.testing.assert_array_equal(result.others_after, result.others_before)
    assert result.after.calibration == sure.calibration
