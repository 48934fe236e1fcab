"""The networks as wholes."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine import backend
from mnist_gui.engine.architecture import Activation, BatchNormalisation, Convolution, Dense, Pool, parse
from mnist_gui.engine.config import Updates
from mnist_gui.engine.networks import build
from mnist_gui.engine.nn.updates import Rule, make_updates
from mnist_gui.engine.ops.conv2d import Conv2D, Conv2DImagesGradient, Conv2DKernelsGradient
from mnist_gui.engine.ops.cross_entropy import cross_entropy

import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip

NETWORKS = {
    "softmax": "dense 10",
    "mlp": "dense 30, relu, dense 10",
    "lenet": "conv 5x5x20, relu, pool 2, conv 5x5x50, relu, pool 2, dense 30, relu, dense 10",
}
"""The networks of the tutorials, with few hidden units."""


def made(network, seed=1):
    result = build(parse(NETWORKS[network]))
    result.initialise(np.random.default_rng(seed))
    return result


def pictures(n, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (n, SIDE, SIDE), np.uint8)


def logits_of(network, images):
    symbolic = pt.tensor3("images", dtype="uint8")
    return backend.INTERPRETER.function([symbolic], network.logits(symbolic))(images)


def textbook(line, weights, images):
    """What a network reads, in float64 and layer by layer as the line says."""
    x = images[..., None] / 255.0
    for layer in parse(line).layers:
        w = {name.split(".")[1]: weights[name].astype(np.float64) for name in layer.weights}
        match layer.spec:
            case Convolution(height, width, same=same):
                edge = (height // 2, width // 2) if same else (0, 0)
                x = np.pad(x, [(0, 0), (edge[0],) * 2, (edge[1],) * 2, (0, 0)])
                windows = sliding_window_view(x, (height, width), axis=(1, 2))
                x = np.einsum("nyxchw,hwco->nyxo", windows, w["W"]) + w.get("b", 0)
            case Dense():
                x = x.reshape(len(x), -1) @ w["W"] + w.get("b", 0)
            case BatchNormalisation():
                x = (x - w["mean"]) / np.sqrt(w["variance"] + 1e-5) * w["gamma"] + w["beta"]
            case Pool(n):
                high, wide = x.shape[1] // n, x.shape[2] // n
                x = x[:, : high * n, : wide * n].reshape(len(x), high, n, wide, n, -1).max(axis=(2, 4))
            case Activation("relu"):
                x = np.maximum(x, 0)
            case Activation("tanh"):
                x = np.tanh(x)
        assert x.shape[1:] == layer.output_shape
    return x


@pytest.mark.parametrize("network", list(NETWORKS))
def test_that_weights_have_the_names_order_and_shapes_of_a_checkpoint(network):
    expected = parse(NETWORKS[network]).weights
    weights = made(network).get_weights()
    assert {name: value.shape for name, value in weights.items()} == expected
    assert list(weights) == list(expected)
    assert all(value.dtype == np.float32 for value in weights.values())


LINES = [
    *NETWORKS.values(),
    "conv 5x4x3, tanh, pool 3, conv 3x3x2, pool 2, relu, dropout 0.5, dense 10",
    "pool 2, relu, conv 1x3x2, dropout 0.3, relu, tanh, pool 2, pool 5, dense 10",
    "dropout 0.2, dense 7, dense 5, tanh, dropout 0.5, dense 10",
    "relu, pool 28, dense 10",
    "conv 5x5x4, bn, relu, pool 2, conv 3x3x6 same, bn, tanh, pool 3, dense 9, bn, relu, dropout 0.3, dense 10",
    "bn, pool 2, bn, relu, conv 3x3x4 same, relu, bn, bn, pool 7, conv 5x5x3 same, dense 10",
]
"""Layers in usual and in odd orders: however they are put together, the result is that of the line."""


@pytest.mark.parametrize("line", LINES)
def test_that_a_network_computes_what_its_line_says(line):
    generator = np.random.default_rng(8)
    network = build(parse(line))
    network.initialise(generator)
    weights = network.get_weights()
    # Other biases than zero, positive and negative: else they might change places with what must not.
    weights |= {n: generator.normal(size=w.shape).astype(np.float32) for n, w in weights.items() if ".W" not in n}
    weights |= {n: np.abs(w) + np.float32(0.1) for n, w in weights.items() if n.endswith(".variance")}
    network.set_weights(weights)
    logits = logits_of(network, pictures(3))
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, textbook(line, weights, pictures(3)), rtol=1e-4, atol=1e-4)


def test_that_softmax_regression_starts_by_finding_all_classes_equally_probable():
    assert not logits_of(made("softmax"), pictures(2)).any()


@pytest.mark.parametrize("network", ["mlp", "lenet"])
def test_that_first_weights_come_from_the_seed(network):
    one, same, other = (made(network, seed).get_weights() for seed in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
        if name.endswith(".W"):
            assert not np.array_equal(one[name], other[name])
        else:
            assert not one[name].any()


def test_that_weights_that_were_read_do_not_change_when_training_goes_on():
    network = made("mlp")
    kept = network.get_weights()
    network.initialise(np.random.default_rng(99))
    assert not np.array_equal(kept["dense1.W"], network.get_weights()["dense1.W"])


def test_that_weights_that_were_set_do_not_change_the_arrays_they_came_from():
    network, source = made("mlp"), made("mlp", seed=4).get_weights()
    copies = {name: value.copy() for name, value in source.items()}
    network.set_weights(source)
    loss, _ = cross_entropy(network.logits(pytensor.shared(pictures(4))), pytensor.shared(np.uint8([1, 2, 3, 4])))
    rule = Rule(np.float32(1), np.float32(0), np.float32(0), {})
    backend.INTERPRETER.function([], loss, make_updates(Updates.SGD, loss, network.parameters, rule))()
    for name, copy in copies.items():
        np.testing.assert_array_equal(source[name], copy)
        assert not np.array_equal(network.get_weights()[name], copy)


def test_that_weights_of_another_shape_or_name_are_refused_and_nothing_is_changed():
    network = made("mlp")
    before = network.get_weights()
    wrong = dict(before, **{"dense2.b": np.zeros(9, np.float32)})
    with pytest.raises(ValueError, match=r"dense2\.b must have shape \(10,\), got \(9,\)"):
        network.set_weights(wrong)
    with pytest.raises(ValueError, match="got dense1"):
        network.set_weights({"dense1.W": before["dense1.W"]})
    for name, value in network.get_weights().items():
        np.testing.assert_array_equal(value, before[name])


def test_that_images_of_another_size_are_refused():
    with pytest.raises(AssertionError):
        logits_of(made("softmax"), np.zeros((1, 32, 32), np.uint8))


def test_that_no_gradient_is_computed_with_respect_to_the_digits():
    """Each convolution needs its kernels' gradient, but only the second one that of its images."""
    network = made("lenet")
    images, indices = pytensor.shared(pictures(20)), pt.ivector("indices")
    loss, _ = cross_entropy(network.logits(images[indices]), pt.zeros_like(indices))
    rule = Rule(np.float32(1), np.float32(0), np.float32(0), {})
    updates = make_updates(Updates.SGD, loss, network.parameters, rule)
    step = backend.INTERPRETER.function([indices], loss, updates)
    nodes = step.maker.fgraph.toposort()
    shapes = {op: [node.inputs[0].type.shape for node in nodes if isinstance(node.op, op)] for op in
              (Conv2D, Conv2DKernelsGradient, Conv2DImagesGradient)}  # fmt: skip
    assert len(shapes[Conv2D]) == 2
    assert len(shapes[Conv2DKernelsGradient]) == 2
    assert shapes[Conv2DImagesGradient] == [(5, 5, 20, 50)]


@pytest.mark.parametrize("network", list(NETWORKS))
def test_that_digits_stay_bytes_until_a_minibatch_is_gathered(network):
    images, indices = pytensor.shared(pictures(20)), pt.ivector("indices")
    function = backend.INTERPRETER.function([indices], made(network).logits(images[indices]))
    (users,) = [
        [node for node in function.maker.fgraph.toposort() if variable in node.inputs]
        for variable in function.maker.fgraph.inputs
        if variable.type.ndim == 3
    ]
    assert [node.outputs[0].type.dtype for node in users] == ["uint8"]
    assert function(np.array([3, 3, 7], np.int32)).shape == (3, 10)


def test_that_lenet_learns_a_handful_of_digits_by_heart(mnist):
    network = made("lenet")
    chosen = np.arange(40)
    images, labels = pytensor.shared(mnist.images[chosen]), pytensor.shared(mnist.labels[chosen])
    loss = cross_entropy(network.logits(images), labels)[0] / np.float32(len(chosen))
    rule = Rule(np.float32(0.05), np.float32(0.9), np.float32(0), {})
    updates = make_updates(Updates.NESTEROV, loss, network.parameters, rule)
    step = backend.INTERPRETER.function([], loss, updates)
    losses = [float(step()) for _ in range(25)]
    assert losses[0] == pytest.approx(np.log(10), abs=1)
    assert losses[-1] < 0.05
