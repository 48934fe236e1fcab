"""Augmentation in the graph: the same digits from the interpreter, Numba and JAX."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.augment import augmented
from mnist_gui.engine.warping import NAMES, Strengths, random_warp

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip

COMPILERS = [backend.Compiler.INTERPRETER, backend.Compiler.NUMBA, backend.Compiler.JAX]
STRENGTHS = [
    Strengths(shift=2.0, rotation=15.0, scale=15.0, shear=10.0, elastic=2.0),
    Strengths(shift=14.0, rotation=180.0, scale=90.0, shear=60.0),
    Strengths(elastic=5.0),
]


def variables():
    """Expressions: strengths by name, seed, step."""
    return {name: pt.scalar(name, dtype="float32") for name in NAMES}, *(pt.scalar(dtype="uint32") for _ in range(2))


@pytest.fixture(scope="module")
def functions():
    """images, strengths, seed, step -> changed images; by compiler."""
    images, (strengths, seed, step) = pt.tensor3(dtype="uint8"), variables()
    result = augmented(images, strengths, seed, step)
    inputs = [images, *strengths.values(), seed, step]
    compiled = {c: backend.Backend(c, "CPU", "", 1).function(inputs, result) for c in COMPILERS}

    def run(compiler, images, strengths, seed, step):
        scalars = [np.float32(getattr(strengths, name)) for name in NAMES]
        return np.asarray(compiled[compiler](images, *scalars, np.uint32(seed), np.uint32(step)))

    return run


def pictures(n):
    return np.random.default_rng(n).integers(0, 256, (n, 28, 28), np.uint8)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("strengths", STRENGTHS)
@pytest.mark.parametrize("n", [1, 37])
def test_that_all_compilers_draw_the_same_digits(functions, compiler, strengths, n):
    images = pictures(n)
    result = functions(compiler, images, strengths, 2**31 - 1, 70_001)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 1
    # Sines and exponentials differ in their last bits, so places do by some millionths of a pixel.
    np.testing.assert_allclose(result, random_warp(images, strengths, 2**31 - 1, 70_001), atol=5e-5)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_that_zero_strengths_give_the_plain_digits_bit_for_bit(functions, compiler):
    images = np.arange(256, dtype=np.uint8).repeat(49).reshape(16, 28, 28)
    np.testing.assert_array_equal(functions(compiler, images, Strengths(), 1, 2), images / np.float32(255))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_that_a_strength_that_is_not_a_number_harms_nothing_else(functions, compiler):
    result = functions(compiler, pictures(3), Strengths(shift=np.nan), 1, 2)
    assert not np.asarray(result).any()


def test_that_a_loss_may_pass_through_and_that_the_digits_have_no_gradient():
    images, (strengths, seed, step) = pt.tensor3(dtype="uint8"), variables()
    weight = pytensor.shared(np.float32(2))
    loss = (augmented(images, strengths, seed, step) * weight).sum()
    gradient = pytensor.grad(loss, weight)
    function = backend.INTERPRETER.function([images, *strengths.values(), seed, step], gradient)
    digits = pictures(2)
    scalars = [np.float32(1)] * 5
    expected = random_warp(digits, Strengths(1, 1, 1, 1, 1), 1, 2).sum()
    assert function(digits, *scalars, np.uint32(1), np.uint32(2)) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(pytensor.gradient.DisconnectedInputError):
        pytensor.grad(loss, strengths["shift"])


def test_that_the_shape_is_known_before_anything_is_computed():
    strengths, seed, step = variables()
    result = augmented(pt.tensor3(dtype="uint8", shape=(None, 28, 28)), strengths, seed, step)
    assert result.type.shape == (None, 28, 28)


def test_that_what_is_no_digit_is_refused_in_words():
    strengths, seed, step = variables()
    with pytest.raises(TypeError, match="images must be uint8 with three axes"):
        augmented(pt.tensor3(dtype="float32"), strengths, seed, step)
    with pytest.raises(TypeError, match="images must be 28 by 28 pixels"):
        augmented(pt.tensor3(dtype="uint8", shape=(None, 32, 32)), strengths, seed, step)
    with pytest.raises(TypeError, match="shift must be a float32 scalar"):
        augmented(pt.tensor3(dtype="uint8"), strengths | {"shift": pt.scalar(dtype="float64")}, seed, step)
    with pytest.raises(KeyError, match="rotation"):
        augmented(pt.tensor3(dtype="uint8"), {"shift": strengths["shift"]}, seed, step)
