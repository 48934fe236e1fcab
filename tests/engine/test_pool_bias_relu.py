"""Pooling with biases and ReLU in one pass: the same as the three one by one, gradients too, on all compilers."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.nn.layers import relu
from mnist_gui.engine.ops.maxpool2d import max_pool2d
from mnist_gui.engine.ops.pool_bias_relu import pool_bias_relu

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip
from pytensor.gradient import verify_grad  # isort: skip

COMPILERS = [backend.Compiler.INTERPRETER, backend.Compiler.NUMBA, backend.Compiler.JAX]
SIDES = (7, 4, 11)
"""Rows, columns and channels; the last row of pixels fills no window."""


def compiled(compiler, layer, window=2):
    """images, biases, gradient of the result -> result, gradients of images and biases."""
    images = pt.tensor4("images", dtype="float32", shape=(None, *SIDES))
    biases = pt.vector("biases", dtype="float32")
    result = layer(images, biases, window)
    cotangent = result.type("cotangent")
    gradients = pytensor.grad(None, [images, biases], known_grads={result: cotangent})
    function = backend.Backend(compiler, "CPU", "", 1).function
    return function([images, biases, cotangent], [result, *gradients])


def one_by_one(images, biases, window):
    return relu(max_pool2d(images, window) + biases)


def arguments(n):
    generator = np.random.default_rng(n)
    images = generator.integers(-4, 4, (n, *SIDES)).astype(np.float32)  # many ties
    biases = generator.integers(-2, 2, 11).astype(np.float32)  # and sums that are exactly 0
    return images, biases, generator.integers(1, 9, (n, 3, 2, 11)).astype(np.float32)


@pytest.fixture(scope="module")
def functions():
    return {compiler: compiled(compiler, pool_bias_relu) for compiler in COMPILERS}


@pytest.mark.slow  # compiles for ten seconds; the networks compile the same in `test_compilers.py`
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("n", [1, 40])
def test_that_one_pass_gives_what_three_give(functions, compiler, n):
    expected = compiled(backend.Compiler.INTERPRETER, one_by_one)(*arguments(n))
    for ours, theirs in zip(functions[compiler](*arguments(n)), expected, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("window", [1, 2, 3])
def test_that_the_gradients_agree_with_differences_in_float64(window):
    images = np.random.default_rng(2).permutation(6 * 7 * 2).reshape(1, 6, 7, 2) / 10 - 4.03
    verify_grad(
        lambda x, b: pool_bias_relu(x, b, window),
        [images, np.array([0.5, -0.5])],
        rng=np.random.default_rng(3),
        mode=backend._mode(backend.Compiler.INTERPRETER),
    )


@pytest.mark.parametrize(
    "compiler",
    [backend.Compiler.INTERPRETER, backend.Compiler.JAX, pytest.param(backend.Compiler.NUMBA, marks=pytest.mark.slow)],
)
def test_that_a_nan_is_not_hidden(functions, compiler):
    images, biases, cotangent = arguments(1)
    images[0, 1, 1, 0] = np.nan
    result, gradient, _ = functions[compiler](images, biases, cotangent)
    assert np.isnan(result[0, 0, 0, 0])
    assert gradient[0, 1, 1, 0] == cotangent[0, 0, 0, 0]


def test_that_what_does_not_fit_is_refused_in_words():
    images = pt.tensor4(dtype="float32", shape=(None, 7, 4, 1))
    with pytest.raises(TypeError, match="of one dtype"):
        pool_bias_relu(images, pt.dvector(), 2)
    with pytest.raises(ValueError, match="windows 5 pixels wide do not fit images of 7 by 4 pixels"):
        pool_bias_relu(images, pt.vector(dtype="float32"), 5)
    with pytest.raises(ValueError, match="a window must be at least 1 pixel wide, got 0"):
        pool_bias_relu(images, pt.vector(dtype="float32"), 0)
