"""Max-pooling: NumPy against the definition, gradients against differences, Numba and JAX against NumPy."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.ops.maxpool2d import max_pool2d

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip
from pytensor.gradient import verify_grad  # isort: skip

COMPILERS = [backend.Compiler.NUMBA, backend.Compiler.JAX]


def compiled(compiler):
    """images, gradient of the result -> result, gradient of the images."""
    images, cotangent = pt.tensor4("images", dtype="float32"), pt.tensor4("cotangent", dtype="float32")
    result = max_pool2d(images, 2)
    gradient = pytensor.grad(None, images, known_grads={result: cotangent})
    return backend.Backend(compiler, "CPU", "", 1).function([images, cotangent], [result, gradient])


@pytest.fixture(scope="module")
def functions():
    return {compiler: compiled(compiler) for compiler in [backend.Compiler.INTERPRETER, *COMPILERS]}


NUMBA = pytest.param(backend.Compiler.NUMBA, marks=pytest.mark.slow)
ALL = [backend.Compiler.INTERPRETER, backend.Compiler.JAX, NUMBA]
"""Numba takes ten seconds for these kernels; those of the usual networks are compiled in `test_compilers.py`."""


def few_values(*shape):
    """Numbers with many ties."""
    return np.random.default_rng(shape).integers(0, 3, shape).astype(np.float32)


@pytest.mark.parametrize("window", [1, 2, 3])
def test_that_each_window_gives_its_largest_value(window):
    images = np.random.default_rng(1).normal(size=(2, 6, 12, 3)).astype(np.float32)
    result = backend.INTERPRETER.function([], max_pool2d(pytensor.shared(images), window))()
    assert result.dtype == np.float32
    assert result.shape == (2, 6 // window, 12 // window, 3)
    for i in range(6 // window):
        for j in range(12 // window):
            part = images[:, window * i : window * (i + 1), window * j : window * (j + 1)]
            np.testing.assert_array_equal(result[:, i, j], part.max(axis=(1, 2)))


@pytest.mark.parametrize("window", [2, 3])
def test_that_the_gradient_agrees_with_differences_in_float64(window):
    images = np.random.default_rng(2).permutation(6 * 6 * 2).reshape(1, 6, 6, 2) / 10  # no two values near each other
    verify_grad(
        lambda x: max_pool2d(x, window),
        [images],
        rng=np.random.default_rng(3),
        mode=backend._mode(backend.Compiler.INTERPRETER),
    )


@pytest.mark.parametrize("compiler", ALL)
def test_that_of_equal_pixels_the_first_in_reading_order_gets_the_gradient(functions, compiler):
    images = np.float32([[1, 2, 0, 0], [2, 2, 0, 0]]).reshape(1, 2, 4, 1)
    cotangent = np.float32([7, 9]).reshape(1, 1, 2, 1)
    _, gradient = functions[compiler](images, cotangent)
    np.testing.assert_array_equal(gradient.reshape(2, 4), [[0, 7, 9, 0], [0, 0, 0, 0]])


@pytest.mark.slow  # compiles for ten seconds; the networks compile the same in `test_compilers.py`
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("n", [1, 5, 40])
def test_that_compiled_code_gives_exactly_what_numpy_gives(functions, compiler, n):
    images, cotangent = few_values(n, 6, 4, 7), few_values(n, 3, 2, 7) + 1
    reference = functions[backend.Compiler.INTERPRETER](images, cotangent)
    for ours, expected in zip(functions[compiler](images, cotangent), reference, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("compiler", ALL)
def test_that_a_window_with_a_nan_gives_nan_and_its_first_nan_gets_the_gradient(functions, compiler):
    nan = np.nan
    images = np.float32([[1, nan, nan, 5], [nan, 0, 6, 7]]).reshape(1, 2, 4, 1)
    cotangent = np.float32([3, 4]).reshape(1, 1, 2, 1)
    result, gradient = functions[compiler](images, cotangent)
    assert np.isnan(result).all()
    np.testing.assert_array_equal(gradient.reshape(2, 4), [[0, 3, 4, 0], [0, 0, 0, 0]])


def test_that_the_shape_is_known_before_anything_is_computed():
    images = pt.tensor4(dtype="float32", shape=(None, 8, 6, 3))
    result = max_pool2d(images, 2)
    assert result.type.shape == (None, 4, 3, 3)
    function = backend.INTERPRETER.function([images], result.shape)
    assert list(function(few_values(2, 8, 6, 3))) == [2, 4, 3, 3]
    assert "MaxPool2D" not in {type(node.op).__name__ for node in function.maker.fgraph.toposort()}


def test_that_what_cannot_be_pooled_is_refused_in_words():
    with pytest.raises(TypeError, match="images must have four axes, got 3"):
        max_pool2d(pt.tensor3(dtype="float32"), 2)
    with pytest.raises(TypeError, match="images must be float32 or float64, got uint8"):
        max_pool2d(pt.tensor4(dtype="uint8"), 2)
    with pytest.raises(ValueError, match="a window must be at least 1 pixel wide, got 0"):
        max_pool2d(pt.tensor4(dtype="float32"), 0)
    with pytest.raises(ValueError, match="windows 5 pixels wide do not fit images of 7 by 4 pixels"):
        max_pool2d(pt.tensor4(dtype="float32", shape=(None, 7, 4, 1)), 5)


@pytest.mark.parametrize("compiler", ALL)
def test_that_what_does_not_fill_a_window_is_dropped_and_gets_no_gradient(functions, compiler):
    images = np.float32([[1, 2, 9], [3, 0, 9], [9, 9, 9]]).reshape(1, 3, 3, 1)
    result, gradient = functions[compiler](images, np.float32([[[[5]]]]))
    assert result.item() == 3
    np.testing.assert_array_equal(gradient.reshape(3, 3), [[0, 0, 0], [5, 0, 0], [0, 0, 0]])
