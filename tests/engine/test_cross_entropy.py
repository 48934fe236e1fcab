"""Softmax cross-entropy and biases: the same numbers from NumPy, Numba and JAX, and gradients that are derivatives."""

from functools import cache

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


def reference(values, labels, smoothing=0.0):
    """Losses and their gradient in float64, straight from the definition."""
    exact = values.astype(np.float64)
    log_softmax = exact - np.logaddexp.reduce(exact, axis=1)[:, None]
    wanted = (1 - smoothing) * np.eye(10)[labels] + smoothing / 10
    return -(wanted * log_softmax).sum(), np.exp(log_softmax) - wanted


@cache
def compiled(backend, *, smoothed):
    """(logits, labels, smoothing or nothing) -> loss, number misread, gradient."""
    z, t = pt.matrix("z", dtype="float32"), pt.vector("t", dtype="uint8")
    smoothing = [pt.scalar("smoothing", dtype="float32")] if smoothed else []
    total, misread = cross_entropy(z, t, *smoothing)
    return backend.function([z, t, *smoothing], [total, misread, pytensor.grad(total, z)])


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_loss_misreads_and_gradient_are_those_of_the_definition(backend):
    found = compiled(backend, smoothed=False)(logits(), LABELS)
    found_total, found_misread, found_gradient = (np.asarray(value) for value in found)
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
def test_that_smoothed_labels_give_the_loss_and_gradient_of_the_definition(backend):
    """One function for all strengths, compiled once: the strength is a scalar of the graph."""
    function = compiled(backend, smoothed=True)
    _, plain_misread, _ = function(logits(), LABELS, np.float32(0))
    for smoothing in (0, 0.1, 0.5, 1):
        total, misread, gradient = (np.asarray(v) for v in function(logits(), LABELS, np.float32(smoothing)))
        expected_total, expected_gradient = reference(logits(), LABELS, smoothing)
        np.testing.assert_allclose(total, expected_total, rtol=1e-5)
        np.testing.assert_allclose(gradient, expected_gradient, atol=1e-6)
        assert total.dtype == gradient.dtype == np.float32
        assert misread == plain_misread


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_a_class_that_is_impossible_costs_nothing_without_smoothing(backend):
    """A logit of minus infinity: 0 times infinity must not get into the loss; with smoothing it is infinite."""
    function = compiled(backend, smoothed=True)
    values = np.zeros((2, 10), np.float32)
    values[:, 4] = -np.inf
    values[:, 7] = 1
    labels = np.array([7, 0], np.uint8)
    total, misread, gradient = (np.asarray(value) for value in function(values, labels, np.float32(0)))
    np.testing.assert_allclose(total, 2 * np.log(8 + np.e) - 1, rtol=1e-5)
    assert misread == 1
    assert np.isfinite(gradient).all()
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(np.asarray(function(values, labels, np.float32(0.1))[0]))


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_logits_that_are_not_numbers_give_a_loss_that_is_none(backend):
    """So a run that diverges is noticed, smoothed labels or not."""
    function = compiled(backend, smoothed=True)
    values = np.zeros((2, 10), np.float32)
    values[1, 2] = np.nan
    for smoothing in (0, 0.1):
        total, _, gradient = (np.asarray(value) for value in function(values, LABELS[:2], np.float32(smoothing)))
        assert np.isnan(total)
        assert np.isfinite(gradient[0]).all()
        assert np.isnan(gradient[1]).all()


@pytest.mark.parametrize("backend", COMPILERS, ids=lambda backend: backend.compiler.name)
def test_that_a_digit_whose_logits_are_not_numbers_is_misread(backend):
    z, t = pt.matrix("z", dtype="float32"), pt.vector("t", dtype="uint8")
    values = np.zeros((2, 10), np.float32)
    values[0, 3], values[1] = 1, np.nan
    _, misread = backend.function([z, t], list(cross_entropy(z, t)))(values, LABELS[:2])
    assert misread == 1


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_that_the_gradient_of_the_loss_is_its_derivative(smoothing):
    labels = pt.as_tensor_variable(LABELS)
    verify_grad(
        lambda z: cross_entropy(z, labels, smoothing)[0] * 0.7,
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
