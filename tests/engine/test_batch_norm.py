"""Batch normalisation: against its definition, against differences, Numba and JAX against NumPy."""

import functools

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.ops.batch_norm import batch_norm
from mnist_gui.engine.ops.maxpool2d import max_pool2d

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip
from pytensor.gradient import verify_grad  # isort: skip

COMPILERS = [backend.Compiler.NUMBA, backend.Compiler.JAX]
ALONE, WITH_ALL = {"relu": False, "window": 1}, {"relu": True, "window": 2}


@functools.cache
def compiled(compiler, relu, window):
    """x, gamma, beta, gradient of the result -> result, mean, variance and the gradients of the first three."""
    inputs = [pt.tensor4("x", dtype="float32", shape=(None, 5, 4, 11)), pt.fvector("gamma"), pt.fvector("beta")]
    results = batch_norm(*inputs, relu=relu, window=window)
    cotangent = results[0].type("cotangent")
    gradients = pytensor.grad(None, inputs, known_grads={results[0]: cotangent})
    return backend.Backend(compiler, "CPU", "", 1).function([*inputs, cotangent], [*results, *gradients])


def arguments(n, window=1, dtype=np.float32):
    generator = np.random.default_rng(n)
    x = generator.normal(3, 2, size=(n, 5, 4, 11)) * np.arange(1, 12)
    gamma, beta = generator.normal(1, 0.5, 11), generator.normal(size=11)
    gamma[3] = -1  # the smallest of a window becomes the largest
    cotangent = generator.normal(size=(n, 5 // window, 4 // window, 11))
    return [values.astype(dtype) for values in (x, gamma, beta, cotangent)]


def test_that_each_channel_gets_the_mean_and_the_spread_that_its_weights_say():
    x, gamma, beta, _ = arguments(60)
    result, mean, variance, *_ = compiled(backend.Compiler.INTERPRETER, **ALONE)(*arguments(60))
    axes = (0, 1, 2)
    np.testing.assert_allclose(mean, x.mean(axes, dtype=np.float64), rtol=1e-5)
    np.testing.assert_allclose(variance, x.var(axes, dtype=np.float64), rtol=1e-5)
    np.testing.assert_allclose(result.mean(axes, dtype=np.float64), beta, atol=1e-5)
    np.testing.assert_allclose(result.std(axes, dtype=np.float64), np.abs(gamma), rtol=1e-4)


def test_that_relu_and_pooling_in_the_same_pass_give_what_they_give_behind_it():
    plain, *_ = compiled(backend.Compiler.INTERPRETER, **ALONE)(*arguments(10))
    fused, *_ = compiled(backend.Compiler.INTERPRETER, **WITH_ALL)(*arguments(10, 2))
    images = pytensor.shared(plain)
    np.testing.assert_allclose(
        fused, np.maximum(backend.INTERPRETER.function([], max_pool2d(images, 2))(), 0), atol=1e-5
    )


@pytest.mark.parametrize("what", [ALONE, WITH_ALL])
def test_that_gradients_agree_with_differences_in_float64(what):
    x, gamma, beta, _ = (values[..., :4] for values in arguments(2, dtype=np.float64))
    verify_grad(
        lambda *inputs: batch_norm(*inputs, **what)[0],
        [x, gamma, beta],
        rng=np.random.default_rng(1),
        mode=backend._mode(backend.Compiler.INTERPRETER),
    )


@pytest.mark.slow  # Numba takes half a minute; the networks that are compiled by default have it in them
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("what", [ALONE, WITH_ALL])
@pytest.mark.parametrize("n", [1, 60])
def test_that_compiled_code_agrees_with_numpy(compiler, what, n):
    values = arguments(n, what["window"])
    expected = compiled(backend.Compiler.INTERPRETER, **what)(*values)
    for ours, theirs in zip(compiled(compiler, **what)(*values), expected, strict=True):
        assert ours.dtype == np.float32
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())


def test_that_a_channel_that_is_the_same_everywhere_becomes_its_beta():
    x = np.full((4, 5, 4, 11), 7, np.float32)
    _, gamma, beta, cotangent = arguments(4)
    result, _, variance, of_x, *_ = compiled(backend.Compiler.INTERPRETER, **ALONE)(x, gamma, beta, cotangent)
    np.testing.assert_allclose(result, np.broadcast_to(beta, x.shape), atol=1e-2)  # 7 / sqrt(epsilon) is large
    np.testing.assert_array_equal(variance, 0)
    assert np.isfinite(of_x).all()


def test_that_rows_of_numbers_are_normalised_too():
    x = np.random.default_rng(1).normal(2, 3, (50, 4)).astype(np.float32)
    ones, zeros = np.ones(4, np.float32), np.zeros(4, np.float32)
    result, *_ = backend.INTERPRETER.function([], list(batch_norm(*map(pytensor.shared, (x, ones, zeros)))))()
    np.testing.assert_allclose(result, (x - x.mean(0)) / x.std(0), atol=1e-4)


def test_that_what_does_not_fit_is_refused_in_words():
    with pytest.raises(TypeError, match="gamma and beta must be vectors of float32"):
        batch_norm(pt.tensor4(dtype="float32"), pt.dvector(), pt.fvector())
    with pytest.raises(TypeError, match="x must be float with two or four axes"):
        batch_norm(pt.tensor3(dtype="float32"), pt.fvector(), pt.fvector())
    with pytest.raises(ValueError, match="a window must be at least 1 pixel wide, got 0"):
        batch_norm(pt.tensor4(dtype="float32"), pt.fvector(), pt.fvector(), window=0)
