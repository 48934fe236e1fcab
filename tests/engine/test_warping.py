"""Digits moved and bent, on NumPy: geometry that is known exactly, strengths that mean what they say."""

import subprocess
import sys

import numpy as np
import pytest

from mnist_gui.engine import warping
from mnist_gui.engine.warping import Strengths, bend, matrices, preview, random_warp, warp

IDENTITY = np.float32([[1, 0, 0], [0, 1, 0]])


def pictures(n=3):
    return np.random.default_rng(n).integers(0, 256, (n, 28, 28), np.uint8)


def plain(images):
    return images / np.float32(255)


def moved(images, matrix, field=None):
    return warp(images, np.broadcast_to(np.float32(matrix), (len(images), 2, 3)), field)


def numbers_of(n=4000, seed=1):
    """For `matrices`: uniform numbers in ±1."""
    return np.random.default_rng(seed).uniform(-1, 1, (n, 6)).astype(np.float32)


def test_that_no_movement_changes_no_bit():
    images = pictures()
    result = moved(images, IDENTITY)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, plain(images))


def test_that_a_pixel_to_the_right_and_two_down_is_exact_and_paper_comes_in():
    images = pictures()
    result = moved(images, [[1, 0, -1], [0, 1, -2]])
    np.testing.assert_array_equal(result[:, 2:, 1:], plain(images)[:, :-2, :-1])
    assert not result[:, :2].any()
    assert not result[:, :, 0].any()


@pytest.mark.parametrize(
    ("turns", "matrix"), [(1, [[0, -1], [1, 0]]), (2, [[-1, 0], [0, -1]]), (3, [[0, 1], [-1, 0]])]
)
def test_that_quarter_turns_are_exact(turns, matrix):
    images = pictures()
    result = moved(images, np.hstack([matrix, [[0], [0]]]))
    np.testing.assert_array_equal(result, np.rot90(plain(images), turns, axes=(1, 2)))


def test_that_half_a_pixel_gives_the_mean_of_neighbours():
    images = pictures()
    result = moved(images, [[1, 0, 0.5], [0, 1, 0]])
    expected = (plain(images)[:, :, :-1] + plain(images)[:, :, 1:]) / 2
    np.testing.assert_allclose(result[:, :, :-1], expected, rtol=1e-6)
    np.testing.assert_allclose(result[:, :, -1], plain(images)[:, :, -1] / 2, rtol=1e-6)


def test_that_each_digit_has_its_own_matrix_and_field():
    images = pictures(2)
    ways = np.float32([[[1, 0, 1], [0, 1, 0]], [[1, 0, 0], [0, 1, 0]]])
    field = np.zeros((2, 2, 28, 28), np.float32)
    field[1, 1, 5:10] = 1
    result = warp(images, ways, field)
    np.testing.assert_array_equal(result[0, :, :-1], plain(images)[0, :, 1:])
    np.testing.assert_array_equal(result[1, 5:10], plain(images)[1, 6:11])
    np.testing.assert_array_equal(result[1, 10:], plain(images)[1, 10:])


@pytest.mark.parametrize("far", [29.0, 1e9, np.inf, np.nan])
def test_that_places_outside_are_paper_however_far(far):
    assert not moved(pictures(), [[1, 0, far], [0, 1, -far]]).any()


def test_that_shifts_go_evenly_up_to_their_strength():
    ways = matrices(numbers_of(), Strengths(shift=3.0))
    np.testing.assert_array_equal(ways[:, :, :2], np.broadcast_to(np.eye(2), (4000, 2, 2)))
    for shifts in ways[:, :, 2].T:
        assert 2.95 < shifts.max() <= 3
        assert -3 <= shifts.min() < -2.95
        assert abs(shifts.std() - 3 / np.sqrt(3)) < 0.05


def test_that_digits_turn_up_to_the_strength_about_their_middle():
    ways = matrices(numbers_of(), Strengths(rotation=20.0))
    np.testing.assert_allclose(np.linalg.det(ways[:, :, :2]), 1, rtol=1e-5)
    angles = np.degrees(np.arctan2(ways[:, 0, 1], ways[:, 0, 0]))
    assert 19.8 < abs(angles).max() <= 20.001
    assert abs(angles.std() - 20 / np.sqrt(3)) < 0.3
    assert not ways[:, :, 2].any()


def test_that_width_and_height_grow_and_shrink_by_the_strength_each_on_its_own():
    ways = matrices(numbers_of(), Strengths(scale=50.0))
    wide, high = ways[:, 0, 0], ways[:, 1, 1]
    for factors in (wide, high):
        assert 1.49 < factors.max() < 1.5001
        assert 1 / 1.5001 < factors.min() < 1 / 1.49
        assert abs((factors > 1).mean() - 0.5) < 0.04
    assert abs(np.corrcoef(wide, high)[0, 1]) < 0.08


def test_that_upright_strokes_lean_up_to_the_strength():
    ways = matrices(numbers_of(), Strengths(shear=30.0))
    assert 29.7 < abs(np.degrees(np.arctan(ways[:, 0, 1]))).max() < 30.001
    np.testing.assert_array_equal(ways[:, 1], np.broadcast_to(np.float32([0, 1, 0]), (4000, 3)))


def test_that_positive_numbers_move_as_documented():
    upright = np.zeros((1, 28, 28), np.uint8)
    upright[:, 4:24, 13:15] = 255
    rows, columns = np.indices((28, 28)) - 13.5

    def moments(which, strengths):
        numbers = np.zeros((1, 6), np.float32)
        numbers[0, which] = 1
        ink = warp(upright, matrices(numbers, strengths))[0]
        return (ink * columns).sum() / ink.sum(), (ink * rows).sum() / ink.sum(), (ink * rows * columns).sum()

    assert moments(0, Strengths(shift=2))[:2] == pytest.approx((2, 0), abs=1e-5)
    assert moments(1, Strengths(shift=2))[:2] == pytest.approx((0, 2), abs=1e-5)
    assert moments(2, Strengths(rotation=20))[2] < -100  # clockwise: the upper end goes to the right
    assert moments(5, Strengths(shear=20))[2] < -100  # leaning to the right


def test_that_a_shift_is_that_of_the_changed_digit():
    numbers = np.float32([[1, 0, 1, 1, 1, 0]])
    (way,) = matrices(numbers, Strengths(shift=4, rotation=90, scale=100))
    np.testing.assert_allclose(way[:, :2] @ [4, 0] + way[:, 2], 0, atol=1e-5)  # its middle has moved by 4


def test_that_the_bending_is_smooth_and_as_strong_as_it_says():
    numbers = np.random.default_rng(0).uniform(-1, 1, (3000, 2, 7, 7)).astype(np.float32)
    field = bend(numbers)
    assert field.shape == (3000, 2, 28, 28)
    assert np.sqrt((field**2).sum(axis=1).mean()) == pytest.approx(1, abs=0.02)
    assert np.sqrt((field**2).sum(axis=1).mean(axis=0)) == pytest.approx(1, abs=0.08)  # everywhere in the picture
    # The slope of noise smoothed by a Gaussian is its strength / (sqrt(2) * 3.9 pixels) in the mean.
    slope = np.sqrt((np.diff(field[:, 0], axis=2) ** 2).mean() / (field[:, 0] ** 2).mean())
    assert slope == pytest.approx(1 / (np.sqrt(2) * 3.9), rel=0.1)
    apart = (field[:, 0, 14, 4] * field[:, 0, 14, 24]).mean() / (field[:, 0] ** 2).mean()
    assert abs(apart) < 0.1


def test_that_zero_strengths_give_the_plain_digits_bit_for_bit():
    images = pictures(20)
    np.testing.assert_array_equal(random_warp(images, Strengths(), 1, 2), plain(images))


@pytest.mark.parametrize("name", warping.NAMES)
def test_that_each_strength_alone_changes_digits_anew_at_each_step_and_the_same_for_the_same(name):
    images = np.repeat(pictures(1), 20, axis=0)
    strengths = Strengths(**{name: 5.0})
    result = random_warp(images, strengths, 3, 4)
    assert len(np.unique(result.reshape(20, -1), axis=0)) == 20
    np.testing.assert_array_equal(random_warp(images, strengths, 3, 4), result)
    assert (random_warp(images, strengths, 3, 5) != result).any(axis=(1, 2)).all()
    assert (random_warp(images, strengths, 4, 4) != result).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(random_warp(images[:7], strengths, 3, 4), result[:7])


def test_that_the_preview_shows_forms_of_the_digit_and_the_digit_itself_at_no_strength():
    (image,) = pictures(1)
    shown = preview(image, {"shift": 2.0, "elastic": 1.0}, seed=1, count=12)
    assert shown.shape == (12, 28, 28)
    assert shown.dtype == np.uint8
    assert len(np.unique(shown.reshape(12, -1), axis=0)) == 12
    strengths = Strengths(shift=2.0, elastic=1.0)
    expected = random_warp(np.repeat(image[None], 12, axis=0), strengths, 1, 0) * 255
    np.testing.assert_allclose(shown, expected, atol=0.51)
    np.testing.assert_array_equal(preview(image, {}, seed=1, count=2), [image, image])


def test_that_the_preview_refuses_a_strength_that_does_not_exist():
    with pytest.raises(TypeError, match="twist"):
        preview(pictures(1)[0], {"twist": 1.0}, seed=1, count=1)


def test_that_the_preview_needs_no_compiler():
    code = "import mnist_gui.engine.warping, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert {"pytensor", "numba", "jax", "scipy"}.isdisjoint(done.stdout.split())
