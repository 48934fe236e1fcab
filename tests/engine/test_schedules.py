"""The schedules: against formulas of their own, and against PyTorch's schedulers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mnist_gui.engine.config import Schedule, TrainingConfig
from mnist_gui.engine.schedules import FIRST_FACTOR, LAST_FACTOR, factors

# What PyTorch 2.13.0 gives for a learning rate of 1:
#
#   def rates(make, steps):
#       rule = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
#       schedule, found = make(rule), []
#       for step in range(steps):
#           found.append(rule.param_groups[0]["lr"])
#           rule.step()
#           if step < steps - 1:
#               schedule.step()
#       return [round(rate, 7) for rate in found]
#
#   # OneCycleLR has its peak at step pct_start * total_steps - 1; here the last step is 10 and the warm-up 0.3 of it.
#   rates(lambda r: OneCycleLR(r, 1.0, total_steps=11, pct_start=4 / 11, div_factor=25, final_div_factor=1e5 / 25), 11)
#   rates(lambda r: CosineAnnealingLR(r, T_max=11, eta_min=1e-5), 12)
#   rates(lambda r: StepLR(r, 4, gamma=0.3), 12)
#   rates(lambda r: ExponentialLR(r, gamma=0.3 ** (1 / 4)), 12)
PYTORCH = {
    Schedule.ONE_CYCLE: [
        0.04, 0.28, 0.76, 1.0, 0.9504849, 0.8117468, 0.6112644, 0.3887456, 0.1882632, 0.0495251, 1e-05,
    ],
    Schedule.COSINE: [
        1.0, 0.9797467, 0.9206276, 0.8274321, 0.7077104, 0.5711617, 0.4288483, 0.2922996, 0.1725779, 0.0793824,
        0.0202633, 1e-05,
    ],
    Schedule.STEP: [1.0, 1.0, 1.0, 1.0, 0.3, 0.3, 0.3, 0.3, 0.09, 0.09, 0.09, 0.09],
    Schedule.EXPONENTIAL: [
        1.0, 0.7400828, 0.5477226, 0.40536, 0.3, 0.2220248, 0.1643168, 0.121608, 0.09, 0.0666075, 0.049295, 0.0364824,
    ],
}  # fmt: skip


def run_of(schedule, epochs=6, **settings):
    return TrainingConfig(schedule=schedule, epochs=epochs, **settings)


def all_factors(config, steps_per_epoch):
    return factors(config, steps_per_epoch, np.arange(config.epochs * steps_per_epoch))


@pytest.mark.parametrize("schedule", list(PYTORCH))
def test_that_a_schedule_is_the_one_of_pytorch(schedule):
    expected = PYTORCH[schedule]
    config = run_of(schedule, epochs=len(expected), drop=0.3, drop_every=4, warm_up=0.3)
    np.testing.assert_allclose(all_factors(config, 1), expected, atol=2e-7)


def independent(config, steps_per_epoch, step):
    """The factor at one step, in the words of the window."""
    share = step / (config.epochs * steps_per_epoch - 1)
    epoch = step / steps_per_epoch
    match config.schedule:
        case Schedule.CONSTANT:
            return 1.0
        case Schedule.STEP:
            return math.prod([config.drop] * int(epoch / config.drop_every))
        case Schedule.EXPONENTIAL:
            return math.exp(math.log(config.drop) * epoch / config.drop_every)
        case Schedule.COSINE:
            return LAST_FACTOR + (1 - LAST_FACTOR) * math.cos(math.pi * share / 2) ** 2
        case Schedule.ONE_CYCLE if share < config.warm_up:
            return FIRST_FACTOR + (1 - FIRST_FACTOR) * math.sin(math.pi * share / config.warm_up / 2) ** 2
        case Schedule.ONE_CYCLE:
            over = (share - config.warm_up) / (1 - config.warm_up)
            return LAST_FACTOR + (1 - LAST_FACTOR) * math.cos(math.pi * over / 2) ** 2


@pytest.mark.parametrize("warm_up", [0.0, 0.25, 0.9])
@pytest.mark.parametrize("schedule", list(Schedule))
def test_that_each_step_of_a_run_has_the_factor_of_the_formula(schedule, warm_up):
    config = run_of(schedule, warm_up=warm_up, drop=0.2, drop_every=2)
    found = all_factors(config, 17)
    expected = [independent(config, 17, step) for step in range(6 * 17)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    assert found.dtype == np.float32
    assert (found > 0).all()
    assert (found <= 1).all()


@pytest.mark.parametrize("schedule", list(Schedule))
def test_that_steps_may_be_asked_for_in_parts_and_in_any_order(schedule):
    config = run_of(schedule)
    whole = all_factors(config, 10)
    chosen = np.array([[59, 0, 31], [30, 29, 4]])
    np.testing.assert_array_equal(factors(config, 10, chosen), whole[chosen])


@pytest.mark.parametrize("warm_up", [0.0, 0.9])
@pytest.mark.parametrize("schedule", list(Schedule))
def test_that_a_run_of_one_step_has_a_factor(schedule, warm_up):
    (found,) = all_factors(run_of(schedule, epochs=1, warm_up=warm_up), 1)
    assert 0 < found <= 1


def test_that_falling_schedules_end_at_practically_nothing_and_one_cycle_starts_low():
    for schedule in (Schedule.COSINE, Schedule.ONE_CYCLE):
        assert all_factors(run_of(schedule), 10)[-1] == np.float32(LAST_FACTOR)
    assert all_factors(run_of(Schedule.ONE_CYCLE), 10)[0] == np.float32(FIRST_FACTOR)
    assert all_factors(run_of(Schedule.ONE_CYCLE, warm_up=0.0), 10)[0] == 1


def test_that_an_exponential_schedule_meets_the_steps_of_the_step_schedule_as_they_begin():
    step = run_of(Schedule.STEP, drop=0.5, drop_every=2)
    found = all_factors(step, 5), all_factors(replace(step, schedule=Schedule.EXPONENTIAL), 5)
    np.testing.assert_allclose(found[0][::10], found[1][::10], rtol=1e-6)
    assert (found[0] >= found[1] * (1 - 1e-6)).all()
