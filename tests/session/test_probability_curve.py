import numpy as np
import pytest

from mnist_gui.session.probability_curve import DENSE, MOST, ProbabilityCurve


def reading(share, digit=3):
    row = np.full(10, (1 - share) / 9, np.float32)
    row[digit] = share
    return row


def test_that_readings_are_kept_in_the_order_of_their_steps_however_they_come():
    curve = ProbabilityCurve()
    for step in (0, 40, 10, 30, 20):
        curve.add(step, reading(step / 100))
    assert curve.steps.tolist() == [0, 10, 20, 30, 40]
    np.testing.assert_allclose(curve.probabilities[:, 3], [0, 0.1, 0.2, 0.3, 0.4], rtol=1e-6)


def test_that_a_second_reading_of_a_step_replaces_the_first():
    curve = ProbabilityCurve()
    curve.add(7, reading(0.2))
    curve.add(7, reading(0.9))
    assert curve.steps.tolist() == [7]
    assert curve.probabilities[0, 3] == pytest.approx(0.9)


def test_that_the_reading_at_a_step_is_the_last_one_before_it():
    curve = ProbabilityCurve()
    assert curve.at(5) is None
    curve.add(10, reading(0.1))
    curve.add(20, reading(0.2))
    assert curve.at(9.9) is None
    for step, expected in ((10, 10), (19, 10), (20, 20), (1e9, 20)):
        found, probabilities = curve.at(step)
        assert found == expected
        assert probabilities[3] == pytest.approx(expected / 100)


def test_that_memory_is_bounded_and_the_first_readings_are_all_kept():
    curve = ProbabilityCurve()
    for step in range(20_000):
        curve.add(step, reading(0.5))
    assert len(curve) <= MOST
    assert curve.steps[:DENSE].tolist() == list(range(DENSE))
    assert curve.steps[-1] == 19_999
    assert (np.diff(curve.steps) > 0).all()
    assert len(curve._steps) == MOST
    assert curve._probabilities.nbytes + curve._steps.nbytes < 200_000


def test_that_a_single_change_of_mind_survives_thinning():
    curve = ProbabilityCurve(most=64, dense=8)
    for step in range(1000):
        curve.add(step, reading(0.05 if step == 333 else 0.9))
    assert 333 in curve.steps.tolist()
    assert curve.at(333)[1][3] == pytest.approx(0.05)


def test_that_arrays_given_out_cannot_be_written():
    curve = ProbabilityCurve()
    curve.add(1, reading(0.5))
    with pytest.raises(ValueError):
        curve.probabilities[0] = 0
