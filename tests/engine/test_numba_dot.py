"""Products with the weights of dense layers under Numba: right for any number of digits and of threads."""

import numpy as np
import pytest

from mnist_gui.engine.backend import Backend, Compiler, choose, thread_limits
from mnist_gui.engine.config import Device
from mnist_gui.engine.ops import numba_dot, numba_lowering  # noqa: F401 - registers the kernels

import pytensor.tensor as pt  # isort: skip
from threadpoolctl import threadpool_info  # isort: skip

LARGE, NARROW = (520, 100), (784, 10)
"""Inputs and outputs; they do not fill panels."""

NUMBA = Backend(Compiler.NUMBA, "CPU", "test", 1)


def numbers(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def variables(inputs, outputs):
    shapes = {"x": (None, inputs), "w": (inputs, outputs), "d": (None, outputs)}
    return [pt.tensor(name, dtype="float32", shape=shape) for name, shape in shapes.items()]


@pytest.fixture(scope="module", params=[LARGE, NARROW], ids=["large", "narrow"])
def layer(request):
    """Inputs and outputs of a layer, and its three products: result, gradient of the weights, gradient of x."""
    x, weights, d = variables(*request.param)
    results = [pt.dot(x, weights), pt.dot(x.T, d), pt.dot(d, weights.T)]
    return *request.param, NUMBA.function([x, weights, d], results)


@pytest.mark.parametrize("n", [1, numba_dot.BLOCK, 2 * numba_dot.BLOCK + 5])
def test_that_the_three_products_of_a_layer_are_right(layer, n):
    inputs, outputs, products = layer
    x, weights, d = numbers(n, inputs), numbers(inputs, outputs), numbers(n, outputs)
    for ours, expected in zip(products(x, weights, d), [x @ weights, x.T @ d, d @ weights.T], strict=True):
        np.testing.assert_allclose(ours, expected, atol=5e-4)


def test_that_the_number_of_threads_does_not_change_one_bit_of_a_product(layer):
    inputs, outputs, products = layer
    arguments = numbers(96, inputs), numbers(inputs, outputs), numbers(96, outputs)
    results = []
    for threads in (1, 0):
        with thread_limits(choose(Device.CPU, threads, Compiler.NUMBA)):
            results.append(products(*arguments))
    for one, many in zip(*results, strict=True):
        np.testing.assert_array_equal(one, many)


def test_that_weights_that_lie_otherwise_are_multiplied_rightly(layer):
    inputs, outputs, products = layer
    x, weights, d = numbers(40, inputs), np.asfortranarray(numbers(inputs, outputs)), numbers(40, 2 * outputs)[:, ::2]
    for ours, expected in zip(products(x, weights, d), [x @ weights, x.T @ d, d @ weights.T], strict=True):
        np.testing.assert_allclose(ours, expected, atol=5e-4)


@pytest.mark.parametrize(("sides", "ours"), [(LARGE, (1, 1, 1)), (NARROW, (1, 1, 0)), ((500, 10), (0, 0, 0))])
def test_that_products_are_left_to_pytensor_where_it_is_as_quick(sides, ours):
    x, weights, d = variables(*sides)
    for product, own in zip([pt.dot(x, weights), pt.dot(x.T, d), pt.dot(d, weights.T)], ours, strict=True):
        node = product.owner
        assert (numba_dot._dot(node.op, node)[1] != numba_dot._PYTENSORS(node.op, node=node)[1]) == bool(own)


def test_that_blas_keeps_to_one_thread_beside_those_of_numba():
    with thread_limits(choose(Device.CPU, 2, Compiler.NUMBA)):
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}
