import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.gui.training.curve_data import (
    NICE,
    error_range,
    log_ticks,
    loss_range,
    nice_above,
    nice_below,
    peak_downsampled,
    step_range,
    thinned,
)


@pytest.mark.parametrize("n", [0, 1, 10, 999, 1000, 1001, 1024, 50_000, 123_457])
def test_that_a_curve_has_at_most_the_points_asked_for_and_keeps_its_peaks(n):
    y = np.random.default_rng(n).normal(size=n)
    x = np.arange(1.0, n + 1)
    for reduced_x, reduced_y in (peak_downsampled(x, y, 1000), thinned(x, y, 1000)):
        assert len(reduced_x) == len(reduced_y) <= 1000
        assert len(reduced_x) >= min(n, 400)
        assert (np.diff(reduced_x) >= 0).all()
    if n:
        _, reduced = peak_downsampled(x, y, 1000)
        assert reduced.max() == y.max()
        assert reduced.min() == y.min()


def test_that_a_single_spike_survives():
    y = np.zeros(50_000)
    y[31_234] = 7.0
    x, reduced = peak_downsampled(np.arange(50_000.0), y)
    assert reduced.max() == 7.0
    assert abs(x[reduced.argmax()] - 31_234) < 128


def test_that_what_was_drawn_stays_where_it_is_when_values_are_appended():
    y = np.random.default_rng(3).random(5000)
    x = np.arange(5000.0)
    old_x, old_y = peak_downsampled(x[:4500], y[:4500])
    new_x, new_y = peak_downsampled(x, y)
    whole = len(old_x) - 2  # the last stretch was not complete
    np.testing.assert_array_equal(old_x[:whole], new_x[:whole])
    np.testing.assert_array_equal(old_y[:whole], new_y[:whole])


def test_that_a_thinned_curve_ends_where_the_curve_ends():
    x = np.arange(12_345.0)
    reduced_x, _ = thinned(x, x, 500)
    assert reduced_x[0] == 0.0
    assert reduced_x[-1] == 12_344.0


@given(st.floats(1e-9, 1e9))
def test_that_round_numbers_enclose_a_value_closely(value):
    above, below = nice_above(value), nice_below(value)
    assert below <= value * (1 + 1e-8)
    assert value * (1 - 1e-8) <= above <= 1.7 * value
    assert below >= value / 1.7
    for number in (above, below):
        mantissa = float(f"{number:.1e}".split("e")[0])
        assert mantissa in NICE


@pytest.mark.parametrize(
    ("step", "total", "end"),
    [(0, 0, 100), (0, 3910, 100), (101, 3910, 150), (3001, 3910, 3910), (60, 80, 80), (700, 0, 700)],
)
def test_that_the_axis_of_steps_grows_in_round_steps_up_to_the_end_of_the_run(step, total, end):
    assert step_range(step, total) == end


def test_that_the_range_of_losses_holds_the_smoothed_ones_and_cuts_a_lone_spike():
    smoothed = np.array([2.0, 1.0, 0.5])
    losses = np.array([2.3, 1000.0, 0.4])
    lower, upper = loss_range(losses, smoothed, logarithmic=False)
    assert (lower, upper) == (0.0, 7.0)
    lower, upper = loss_range(losses, smoothed, logarithmic=True)
    assert 0 < lower <= 0.4
    assert upper == 7.0


@pytest.mark.parametrize("logarithmic", [False, True])
def test_that_losses_and_errors_of_zero_have_a_range(logarithmic):
    for lower, upper in (
        loss_range(np.zeros(3), np.zeros(3), logarithmic),
        error_range(np.zeros(3), logarithmic),
    ):
        assert lower < upper
        assert lower > 0 or not logarithmic


def test_that_no_axis_of_errors_goes_beyond_a_hundred_percent():
    assert error_range(np.array([97.0]), logarithmic=False) == (0.0, 100.0)


@pytest.mark.parametrize(("lower", "upper"), [(0.5, 7.0), (0.01, 5.0), (1e-5, 3.0)])
def test_that_a_logarithmic_axis_names_two_to_eight_values_inside_it(lower, upper):
    named, marked = log_ticks(lower, upper)
    assert 2 <= len(named) <= 8
    assert all(lower * 0.999 <= value <= upper * 1.001 for value in named + marked)
    assert not set(named) & set(marked)
