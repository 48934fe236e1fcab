"""Products with the weights of large dense layers under Numba: right for any number of digits and of threads."""

import numpy as np
import pytest

from mnist_gui.engine.backend import Backend, Compiler, choose, thread_limits
from mnist_gui.engine.config import Device
from mnist_gui.engine.ops import numba_dot, numba_lowering  # noqa: F401 - registers the kernels

import pytensor.tensor as pt  # isort: skip
from threadpoolctl import threadpool_info  # isort: skip

INPUTS, OUTPUTS = 520, 100
"""Neither fills its panels."""

NUMBA = Backend(Compiler.NUMBA, "CPU", "test", 1)


def numbers(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module")
def products():
    """The three products of a layer: x, weights, d -> result, gradient of the weights, gradient of x."""
    x, weights, d = (
        pt.tensor(name, dtype="float32", shape=shape)
        for name, shape in {"x": (None, INPUTS), "w": (INPUTS, OUTPUTS), "d": (None, OUTPUTS)}.items()
    )
    return NUMBA.function([x, weights, d], [pt.dot(x, weights), pt.dot(x.T, d), pt.dot(d, weights.T)])


@pytest.mark.parametrize("n", [1, numba_dot.BLOCK, 2 * numba_dot.BLOCK + 5])
def test_that_the_three_products_of_a_layer_are_right(products, n):
    x, weights, d = numbers(n, INPUTS), numbers(INPUTS, OUTPUTS), numbers(n, OUTPUTS)
    for ours, expected in zip(products(x, weights, d), [x @ weights, x.T @ d, d @ weights.T], strict=True):
        np.testing.assert_allclose(ours, expected, atol=5e-4)


def test_that_the_number_of_threads_does_not_change_one_bit_of_a_product(products):
    arguments = numbers(96, INPUTS), numbers(INPUTS, OUTPUTS), numbers(96, OUTPUTS)
    results = []
    for threads in (1, 0):
        with thread_limits(choose(Device.CPU, threads, Compiler.NUMBA)):
            results.append(products(*arguments))
    for one, many in zip(*results, strict=True):
        np.testing.assert_array_equal(one, many)


def test_that_weights_that_lie_otherwise_are_multiplied_rightly(products):
    x, weights, d = numbers(40, INPUTS), np.asfortranarray(numbers(INPUTS, OUTPUTS)), numbers(40, 2 * OUTPUTS)[:, ::2]
    for ours, expected in zip(products(x, weights, d), [x @ weights, x.T @ d, d @ weights.T], strict=True):
        np.testing.assert_allclose(ours, expected, atol=5e-4)


def test_that_small_products_are_left_to_pytensor():
    x, weights = pt.tensor("x", dtype="float32", shape=(None, 500)), pt.tensor("w", dtype="float32", shape=(500, 10))
    node = pt.dot(x, weights).owner
    assert numba_dot._dot(node.op, node)[1] == numba_dot._PYTENSORS(node.op, node=node)[1]
    large = pt.dot(x, pt.tensor("w", dtype="float32", shape=(500, 100))).owner
    assert numba_dot._dot(large.op, large)[1] != numba_dot._PYTENSORS(large.op, node=large)[1]


def test_that_blas_keeps_to_one_thread_beside_those_of_numba():
    with thread_limits(choose(Device.CPU, 2, Compiler.NUMBA)):
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}
