from itertools import pairwise

import numpy as np
import pytest

from mnist_gui.gui.training.step_scale import StepScale


def names(scale, width=600.0):
    return [name for _, name in scale.ticks(width)]


def test_that_even_steps_lie_evenly():
    scale = StepScale(0, 200)
    np.testing.assert_allclose(scale.places(np.array([0, 50, 200]), 600), [0, 150, 600])


@pytest.mark.parametrize(
    "scale", [StepScale(0, 400, 391), StepScale(50, 400), StepScale(0, 9000, 391, logarithmic=True)]
)
def test_that_a_place_leads_back_to_its_step(scale):
    for step in (60, 123, 399):
        place = float(scale.places(np.array([step]), 500)[0])
        assert scale.step_at(place, 500) == pytest.approx(step)


def test_that_the_first_steps_get_most_of_a_logarithmic_axis():
    scale = StepScale(0, 10_000, 391, logarithmic=True)
    assert scale.places(np.array([100]), 1000)[0] > 490
    assert names(scale, 700) == ["0", "1", "10", "100", "1,000", "10,000"]
    assert scale.unit == "step"


def test_that_epochs_are_named_once_their_length_is_known():
    assert names(StepScale(0, 3910 * 1.015, 391)) == [str(n) for n in range(11)]
    assert StepScale(0, 100, 391).unit == "epoch"
    assert StepScale(0, 100).unit == "step"
    assert names(StepScale(0, 100)) == ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100"]


def test_that_parts_of_an_epoch_are_named_while_there_are_few_whole_ones():
    assert "0.1" in names(StepScale(0, 100, 391))
    assert all("." not in name for name in names(StepScale(0, 4000, 391), 200))


def test_that_parts_of_an_epoch_lie_evenly_and_none_is_left_out():
    ticks = StepScale(0, 103, 390).ticks(652)
    assert [name for _, name in ticks] == [f"{number:.4g}" for number in 0.02 * np.arange(len(ticks))]
    assert len(ticks) == 14
    np.testing.assert_allclose(np.diff([place for place, _ in ticks]), 0.02 * 390 / 103 * 652)


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("right", [100.0, 391.0, 7820.0, 1e6])
@pytest.mark.parametrize("width", [60.0, 300.0, 1500.0])
def test_that_names_do_not_run_into_each_other(right, width, logarithmic):
    places = [place for place, _ in StepScale(0, right, 391, logarithmic).ticks(width)]
    assert all(second - first >= 48 for first, second in pairwise(places))
    assert all(0 <= place <= width + 0.5 for place in places)
