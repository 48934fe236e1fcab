"""The history of a run."""

import json
import math

import numpy as np
import pytest

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Phase,
    PhaseChanged,
    Ready,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    Validated,
)
from mnist_gui.engine.history import SMOOTHING, RunHistory


def started(epochs=10):
    return RunStarted(TrainingConfig(epochs=epochs), parameters=431_080, steps_per_epoch=100, digits_per_epoch=12_800)


def steps(first, losses, seconds=1.0):
    return StepsDone(first, tuple(losses), epoch=(first - 1) // 100 + 1, digits_per_second=5000.0, seconds=seconds)


def test_that_a_new_history_is_empty_and_promises_nothing():
    history = RunHistory()
    assert history.step == 0
    assert len(history.losses) == len(history.smoothed) == len(history.validation_steps) == 0
    assert history.best is None
    assert history.outcome is None
    assert history.eta_seconds is None
    assert history.to_dict()["config"] is None


def test_that_losses_arrive_in_order_beyond_the_first_memory():
    history = RunHistory()
    values = np.random.default_rng(0).random(5000)
    for start in range(0, 5000, 37):
        history.extend([steps(start + 1, values[start : start + 37])])
    assert history.step == 5000
    np.testing.assert_array_equal(history.losses, values)


def test_that_the_smoothed_loss_is_the_weighted_mean_of_all_losses_so_far():
    history = RunHistory()
    values = np.random.default_rng(1).random(300)
    history.extend([steps(1, values)])
    for n in (1, 2, 10, 300):
        weights = SMOOTHING ** np.arange(n)[::-1]
        assert history.smoothed[n - 1] == pytest.approx((weights * values[:n]).sum() / weights.sum())


def test_that_the_first_smoothed_loss_is_the_first_loss():
    history = RunHistory()
    history.extend([steps(1, [2.3])])
    assert history.smoothed[0] == pytest.approx(2.3)


def test_that_a_loss_that_is_not_finite_leaves_the_smoothed_loss_as_it_was():
    history = RunHistory()
    history.extend([steps(1, [math.nan, 2.0, math.inf])])
    assert math.isnan(history.smoothed[0])
    assert history.smoothed[1] == history.smoothed[2] == pytest.approx(2.0)


def test_that_what_is_read_cannot_be_written():
    history = RunHistory()
    history.extend([steps(1, [1.0])])
    with pytest.raises(ValueError, match="read-only"):
        history.losses[0] = 0.0


@pytest.mark.parametrize("first", [1, 4])
def test_that_steps_which_come_twice_or_are_missing_are_refused(first):
    history = RunHistory()
    history.extend([steps(1, [1.0, 1.0])])
    with pytest.raises(ValueError, match=f"the next step is 3, got {first}"):
        history.extend([steps(first, [1.0])])


def test_that_the_best_validation_is_the_one_that_the_run_called_best():
    history = RunHistory()
    looks = [
        Validated(100, 1.0, 0.3, 9.0, True),
        Validated(200, 2.0, 0.2, 5.0, True),
        Validated(300, 3.0, 0.2, 6.0, False),
    ]
    history.extend(looks)
    assert history.best is looks[1]
    assert history.validation_steps.tolist() == [100, 200, 300]
    assert history.validation_errors.tolist() == [9.0, 5.0, 6.0]


def test_that_the_time_left_is_unknown_until_two_seconds_were_measured():
    history = RunHistory()
    history.extend([started(), steps(1, [1.0] * 10, seconds=1.0), steps(11, [1.0] * 10, seconds=2.9)])
    assert history.eta_seconds is None
    history.extend([steps(21, [1.0] * 10, seconds=3.0)])
    assert history.eta_seconds == pytest.approx((1000 - 30) * 0.1)


def test_that_the_time_left_forgets_a_speed_of_long_ago():
    history = RunHistory()
    history.extend([started()])
    for second in range(1, 101):  # one step a second
        history.extend([steps(second, [1.0], seconds=second)])
    for second in range(101, 151):  # ten steps a second
        history.extend([steps(history.step + 1, [1.0] * 10, seconds=second)])
    assert history.eta_seconds == pytest.approx((1000 - 600) / 10)


def test_that_the_time_left_is_known_when_each_step_takes_longer_than_the_window():
    history = RunHistory()
    history.extend([started(), *(steps(n, [1.0], seconds=40.0 * n) for n in (1, 2, 3))])
    assert history.eta_seconds == pytest.approx((1000 - 3) * 40.0)


def test_that_newly_compiled_functions_start_a_new_measurement_of_the_time_left():
    history = RunHistory()
    history.extend([started(), steps(1, [1.0], seconds=1.0), steps(2, [1.0], seconds=9.0)])
    assert history.eta_seconds is not None
    history.extend([Ready("CPU, 2 threads", "no GPU", "Numba", 31.0)])
    assert history.eta_seconds is None


def test_that_nothing_is_left_after_the_end():
    history = RunHistory()
    history.extend([started(), steps(1, [1.0], seconds=1.0), steps(2, [1.0], seconds=9.0)])
    history.extend([RunFinished(StopReason.INTERRUPTED, 2, None, None, None, 10.0, "CPU")])
    assert history.eta_seconds is None


def test_that_a_history_can_be_saved_as_strict_json_and_says_all_that_happened():
    history = RunHistory()
    history.extend(
        [
            started(),
            PhaseChanged(Phase.COMPILING, "LeNet"),
            Ready("CPU, 2 threads", "no GPU", "Numba", 31.0),
            PhaseChanged(Phase.TRAINING),
            steps(1, [2.3, math.inf]),
            HyperparameterChanged(2, "learning_rate", 0.01),
            Validated(2, 1.0, 0.3, 9.25, True),
            RunFailed("The loss is not finite.", "", 2, None, 9.25),
        ]
    )
    assert history.phase is Phase.TRAINING
    saved = json.loads(json.dumps(history.to_dict(), allow_nan=False))
    assert TrainingConfig.from_dict(saved["config"]) == TrainingConfig(epochs=10)
    assert saved["losses"] == [2.3, None]
    assert saved["changes"] == [{"step": 2, "name": "learning_rate", "value": 0.01}]
    assert saved["validations"] == [{"step": 2, "epoch": 1.0, "loss": 0.3, "error": 9.25, "best": True}]
    assert saved["outcome"]["message"] == "The loss is not finite."
    assert saved["device"] == "CPU, 2 threads"


def test_that_each_change_of_compiler_is_kept_with_its_step():
    history = RunHistory()
    history.extend(
        [Ready("CPU, 2 threads", "no GPU", "interpreter", 0.4), Ready("CPU, 2 threads", "", "Numba", 30.0, 81)]
    )
    assert history.compilers == [(1, "interpreter"), (81, "Numba")]
    assert history.compiler == "Numba"
    assert history.to_dict()["compilers"][1] == {"step": 81, "name": "Numba"}
