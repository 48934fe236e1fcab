"""Dropout: masks that repeat and change when they should, their gradient, the same from all compilers."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.ops.dropout import dropout

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip

COMPILERS = [backend.Compiler.NUMBA, backend.Compiler.JAX]
RATE = 0.3


def compiled(compiler):
    """x, gradient of the result, seed, step -> result, gradient of x."""
    x, cotangent = pt.tensor4("x", dtype="float32"), pt.tensor4("cotangent", dtype="float32")
    seed, step = pt.scalar("seed", dtype="uint32"), pt.scalar("step", dtype="uint32")
    result = dropout(x, RATE, seed, step, stream=3)
    gradient = pytensor.grad(None, x, known_grads={result: cotangent})
    return backend.Backend(compiler, "CPU", "", 1).function([x, cotangent, seed, step], [result, gradient])


@pytest.fixture(scope="module")
def functions():
    return {compiler: compiled(compiler) for compiler in [backend.Compiler.INTERPRETER, *COMPILERS]}


def interpreted(x, rate=RATE, seed=1, step=0, stream=1):
    """What the NumPy reference makes of an array."""
    arguments = pytensor.shared(x), rate, np.uint32(seed), np.uint32(step), stream
    return backend.INTERPRETER.function([], dropout(*arguments))()


def mask(**how):
    return interpreted(np.ones((50, 40), np.float32), **how) > 0


def test_that_a_share_is_zeroed_and_the_rest_made_larger_to_match():
    x = np.random.default_rng(0).normal(3, 1, (200, 300)).astype(np.float32)
    result = interpreted(x)
    kept = result != 0
    assert abs(kept.mean() - 0.7) < 5 * np.sqrt(0.21 / x.size)
    np.testing.assert_allclose(result[kept], x[kept] / 0.7, rtol=1e-6)
    assert abs(result.mean() - x.mean()) < 0.05


def test_that_every_row_and_every_column_loses_its_share():
    kept = interpreted(np.ones((400, 500), np.float32), rate=0.5) > 0
    assert abs(kept.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(400)
    assert abs(kept.mean(axis=1) - 0.5).max() < 5 * 0.5 / np.sqrt(500)


def test_that_the_same_seed_step_and_stream_zero_the_same_and_others_do_not():
    np.testing.assert_array_equal(mask(seed=5, step=9), mask(seed=5, step=9))
    for other in (mask(seed=5, step=10), mask(seed=6, step=9), mask(seed=5, step=9, stream=2)):
        # 0.7² + 0.3² of the places agree by chance.
        assert abs((other == mask(seed=5, step=9)).mean() - 0.58) < 0.06


def test_that_a_shared_step_gives_another_mask_at_each_call():
    step = pytensor.shared(np.uint32(2**32 - 1))
    result = dropout(pt.ones((30, 30), dtype="float32"), 0.5, np.uint32(1), step, 1)
    function = backend.INTERPRETER.function([], result, [(step, step + np.uint32(1))])
    first, second = function(), function()
    assert (first != second).any()
    assert step.get_value() == 1  # it has gone round
    assert step.get_value().dtype == np.uint32
    np.testing.assert_array_equal(second > 0, mask_of(30, 30, step=0))


def mask_of(*shape, step):
    return interpreted(np.ones(shape, np.float32), rate=0.5, step=step) > 0


def test_that_nothing_changes_at_rate_0():
    x = np.random.default_rng(0).normal(size=(7, 9)).astype(np.float32)
    np.testing.assert_array_equal(interpreted(x, rate=0.0), x)


@pytest.mark.parametrize("compiler", [backend.Compiler.INTERPRETER, *COMPILERS])
def test_that_the_gradient_passes_where_the_input_passed(functions, compiler):
    x, cotangent = (np.random.default_rng(i).uniform(1, 2, (5, 6, 7, 4)).astype(np.float32) for i in range(2))
    result, gradient = functions[compiler](x, cotangent, np.uint32(11), np.uint32(12))
    np.testing.assert_allclose(gradient, cotangent * result / x, rtol=1e-5)
    assert 0 < (np.asarray(gradient) == 0).mean() < 0.5


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 5, 7, 1), (40, 9, 9, 3), (0, 2, 2, 2)])
def test_that_compiled_code_zeroes_what_numpy_zeroes(functions, compiler, shape):
    x, cotangent = (np.random.default_rng(i).normal(size=shape).astype(np.float32) for i in range(2))
    place = np.uint32(2**31 - 1), np.uint32(70_001)
    expected = functions[backend.Compiler.INTERPRETER](x, cotangent, *place)
    for ours, theirs in zip(functions[compiler](x, cotangent, *place), expected, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, theirs)


def test_that_what_cannot_be_dropped_out_is_refused_in_words():
    x, place = pt.matrix(dtype="float32"), pt.scalar(dtype="uint32")
    with pytest.raises(ValueError, match=r"the rate of dropout must be 0 to less than 1, got 1"):
        dropout(x, 1.0, place, place, 1)
    with pytest.raises(ValueError, match=r"the stream of dropout must be 1 to 2\*\*32 - 1, got 0"):
        dropout(x, 0.5, place, place, 0)
    with pytest.raises(TypeError, match="what is dropped out must be float32 or float64, got uint8"):
        dropout(pt.matrix(dtype="uint8"), 0.5, place, place, 1)
    with pytest.raises(TypeError, match="the step of random numbers must be a uint32 scalar"):
        dropout(x, 0.5, place, pt.scalar(dtype="int64"), 1)
