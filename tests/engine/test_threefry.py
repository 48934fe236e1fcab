"""The generator: its authors' known answers, the same bits from NumPy, Numba and JAX, numbers that look random."""

import numpy as np
import pytest
from scipy import stats

import mnist_gui.engine.backend  # noqa: F401
from mnist_gui.engine.threefry import random_words, threefry2x32, uniform

import jax.numpy as jnp  # isort: skip
from pytensor.link.numba.dispatch.basic import numba_njit  # isort: skip

from mnist_gui.engine.ops import jax_random, numba_threefry  # isort: skip

PI = ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3))
"""Key and counter: digits of pi."""

KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    (*PI, (0xC4923A9C, 0x483DF7A0)),
]
"""Key, counter, result of threefry2x32 with 20 rounds: Random123, tests/kat_vectors."""


def words(*numbers):
    return [np.array([number], np.uint32) for number in numbers]


@numba_njit(final_function=True)
def numba_words(seed, stream, step, blocks):
    result = np.empty((2, blocks), np.uint32)
    for i in range(blocks):
        result[0, i], result[1, i] = numba_threefry.threefry2x32(seed, stream, i, step)
    return result


@pytest.mark.parametrize(("key", "counter", "answer"), KNOWN_ANSWERS)
def test_that_the_known_answers_of_the_authors_come_out(key, counter, answer):
    assert [int(word[0]) for word in threefry2x32(words(*key), words(*counter))] == list(answer)


@pytest.mark.parametrize(("seed", "stream", "step"), [(0, 0, 0), (2**31 - 1, 3, 70_000), (2**32 - 1, 1, 2**32 - 1)])
def test_that_numba_and_jax_draw_the_bits_that_numpy_draws(seed, stream, step):
    expected = random_words(seed, stream, step, 20_000)  # more than one piece
    assert expected.shape == (2, 20_000)
    assert expected.dtype == np.uint32
    seed, step = np.uint32(seed), np.uint32(step)
    np.testing.assert_array_equal(numba_words(seed, stream, step, 20_000), expected)
    of_jax = jax_random.random_words(jnp.asarray(seed), stream, jnp.asarray(step), 20_000)
    np.testing.assert_array_equal(np.array(of_jax), expected)


def test_that_a_place_has_its_number_however_many_are_drawn():
    few, many = random_words(1, 2, 3, 10), random_words(1, 2, 3, 40_000)
    np.testing.assert_array_equal(few, many[:, :10])
    one = threefry2x32(words(1, 2), words(39_999, 3))
    assert [int(word[0]) for word in one] == list(many[:, -1])


def test_that_numbers_are_uniform_from_0_to_less_than_1():
    numbers = uniform(random_words(7, 1, 2, 100_000).reshape(-1))
    assert numbers.dtype == np.float32
    assert stats.kstest(numbers, "uniform").pvalue > 1e-3
    assert uniform(np.array([0, 2**32 - 1], np.uint32)).tolist() == [0, 1 - 2**-24]


def test_that_every_bit_is_set_in_half_of_the_words():
    bits = np.unpackbits(random_words(3, 1, 4, 50_000).view(np.uint8).reshape(-1, 4), axis=1)
    np.testing.assert_allclose(bits.mean(axis=0), 0.5, atol=5 * 0.5 / np.sqrt(100_000))


def test_that_neighbouring_seeds_streams_steps_and_places_have_nothing_to_do_with_each_other():
    base = uniform(random_words(5, 6, 7, 20_001))
    others = [random_words(6, 6, 7, 20_001), random_words(5, 7, 7, 20_001), random_words(5, 6, 8, 20_001)]
    pairs = [(base, uniform(other)) for other in others]
    pairs += [(base[:, 1:], base[:, :-1]), (base[0], base[1])]
    for one, other in pairs:
        assert abs(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1]) < 5 / np.sqrt(20_000)
