"""Softmax cross-entropy and biases: the same numbers from NumPy, Numba and JAX, and gradients that are derivatives."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import verify_grad

from mnist_gui.engine.backend import INTERPRETER, Backend, Compiler
from mnist_gui.engine.ops.add_bias import add_bias
from mnist_gui.engine.ops.cross_entropy import cross_entropy

COMPILERS = [Backend(compiler, "CPU", "test", 1) for compiler in Compiler]
LABELS = np.array([3, 0, 9, 9, 5], np.uint8)


def logits(dtype="float32"):
    values = np.random.default_rng(5).normal(scale=3, size=(5, 10)).astype(dtype)
    values[1] *= 200  # large logits must not overflow
    values[3] = 0.25  # a tie
    return values


def reference(values, labels):
    """Losses in float64, straight from the definition."""
    exact = values.astype(np.float64)
    log_sum = np.logaddexp.reduce(exact, axis=1)
    softmax = np.exp(exact - log_sum[:, None])
    return (log_sum - exact[np.arange(len(labels)), labels]).sum(), softmax - np.eye(10)[labels]


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_loss_misreads_and_gradient_are_those_of_the_definition(backend):
    z, t = pt.matrix("z", dtype="float32"), pt.vector("t", dtype="uint8")
    total, misread = cross_entropy(z, t)
    function = backend.function([z, t], [total, misread, pytensor.grad(total, z)])
    found_total, found_misread, found_gradient = (np.asarray(value) for value in function(logits(), LABELS))
    expected_total, expected_gradient = reference(logits(), LABELS)
    np.testing.assert_allclose(found_total, expected_total, rtol=1e-5)
    np.testing.assert_allclose(found_gradient, expected_gradient, atol=1e-6)
    assert found_total.dtype == found_gradient.dtype == np.float32
    expected_misread = (logits().argmax(axis=1) != LABELS) | np.array([False, False, False, True, False])
    assert found_misread == expected_misread.sum()


def test_that_a_network_that_says_the_same_of_all_classes_reads_nothing():
    z, t = pt.matrix("z", dtype="float32"), pt.vector("t", dtype="uint8")
    _, misread = INTERPRETER.function([z, t], list(cross_entropy(z, t)))(np.zeros((5, 10), np.float32), LABELS)
    assert misread == 5


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_a_digit_whose_logits_are_not_numbers_is_misread(backend):
    z, t = pt.matrix("z", dtype="float32"), pt.vector("t", dtype="uint8")
    values = np.zeros((2, 10), np.float32)
    values[0, 3], values[1] = 1, np.nan
    _, misread = backend.function([z, t], list(cross_entropy(z, t)))(values, LABELS[:2])
    assert misread == 1


def test_that_the_gradient_of_the_loss_is_its_derivative():
    labels = pt.as_tensor_variable(LABELS)
    verify_grad(
        lambda z: cross_entropy(z, labels)[0] * 0.7,
        [np.random.default_rng(1).normal(size=(5, 10))],
        rng=np.random.default_rng(2),
        mode="FAST_COMPILE",
    )


def test_that_labels_that_are_no_integers_are_refused_in_words():
    with pytest.raises(TypeError, match="labels must be a vector of integers"):
        cross_entropy(pt.matrix(), pt.vector("t", dtype="float32"))


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_a_bias_is_added_to_its_channel_and_its_gradient_is_the_sum_over_it(backend):
    x, b = pt.tensor("x", dtype="float32", shape=(None, 2, 2, 3)), pt.vector("b", dtype="float32", shape=(3,))
    weights = np.random.default_rng(3).normal(size=(4, 2, 2, 3)).astype(np.float32)
    y = add_bias(x, b)
    function = backend.function([x, b], [y, *pytensor.grad(pt.sum(y * weights), [x, b])])
    values, biases = weights[::-1].copy(), np.array([1, -2, 0.5], np.float32)
    found, by_x, by_bias = (np.asarray(value) for value in function(values, biases))
    np.testing.assert_array_equal(found, values + biases)
    np.testing.assert_array_equal(by_x, weights)
    np.testing.assert_allclose(by_bias, weights.sum(axis=(0, 1, 2)), rtol=1e-5)
    assert by_bias.dtype == np.float32


def test_that_biases_that_do_not_fit_the_channels_are_refused_in_words():
    with pytest.raises(ValueError, match="3 channels need as many biases, got 4"):
        add_bias(pt.tensor("x", dtype="float32", shape=(None, 3)), pt.tensor("b", dtype="float32", shape=(4,)))
