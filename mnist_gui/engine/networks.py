"""The networks as expressions over shared weights, made from their lines (see `architecture`).

Layers that belong together are taken together: a convolution or dense layer with what follows it up to the next
one. ReLU and tanh never fall, so they may change places with max-pooling; pooling comes first here, as it leaves a
quarter of the pixels or less to add biases to. A network that reads has the factors of batch normalisation in the
weights before it, which costs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.architecture import (
    Activation,
    Architecture,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Layer,
    Pool,
    is_trained,
)
from mnist_gui.engine.nn.init import glorot_uniform, he_uniform
from mnist_gui.engine.nn.layers import activated, flat, scaled
from mnist_gui.engine.ops.add_bias import add_bias
from mnist_gui.engine.ops.batch_norm import EPSILON, batch_norm
from mnist_gui.engine.ops.conv2d import conv2d
from mnist_gui.engine.ops.dropout import dropout
from mnist_gui.engine.ops.maxpool2d import max_pool2d
from mnist_gui.engine.ops.pool_bias_relu import pool_bias_relu

STATISTICS_KEPT: Final = np.float32(0.9)
"""Share of the running statistics of batch normalisation that is kept at each step (PyTorch's default)."""


@dataclass
class Training:
    """What makes a network that learns another one than when it reads.

    Attributes:
        seed: uint32 scalar expression, of the run.
        step: uint32 scalar expression, another one at each step.
        updates: is filled with pairs of a running statistic and its next value.
    """

    seed: Any
    step: Any
    updates: list[tuple[Any, Any]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class BuiltNetwork:
    """A network in memory. Its weights are shared variables: all functions compiled from it see the same.

    Attributes:
        architecture: which network.
        parameters: shared float32 variables by name, as `Architecture.weights` lists them.
    """

    architecture: Architecture
    parameters: Mapping[str, Any]

    @property
    def trained(self) -> dict[str, Any]:
        """The parameters that gradients move: all but the running statistics of batch normalisation."""
        return {name: variable for name, variable in self.parameters.items() if is_trained(name)}

    def logits(self, images: Any, training: Training | None = None) -> Any:
        """What the network says of images, before the softmax.

        Args:
            images: shape (n, 28, 28): uint8, 0 paper to 255 ink, or float32, 0 to 1. Scaling is part of the graph, so
                a data set stays uint8 until a minibatch is taken from it.
            training: given when the network learns: dropout then leaves values out, and batch normalisation uses the
                statistics of the minibatch. Without it the network reads.

        Returns:
            float32 expression, shape (n, 10).
        """
        x = pt.specify_shape(images, (None, SIDE, SIDE))
        x = (scaled(x) if x.type.dtype == "uint8" else x)[:, :, :, None]
        for block in _blocks(self.architecture.layers):
            x = self._through(block, x, training)
        return x

    def _through(self, block: "_Block", x: Any, training: Training | None) -> Any:
        """What a group of layers makes of x."""
        scale, biases = None, None
        if block.norm is not None and training is None:
            scale, biases = self._running(block.norm)
        if block.linear is not None:
            x = self._linear(block.linear, x, scale)
            biases = self.parameters.get(f"{block.linear.name}.b", biases)
        elif scale is not None:
            x = x * scale
        window = 1 if block.pool is None else block.pool.window
        function = None if block.activation is None else block.activation.function
        normalises = block.norm is not None and training is not None
        fused = function == "relu" and (normalises or (biases is not None and x.type.ndim == 4))
        if block.norm is not None and training is not None:
            x = self._normalised(block.norm, x, training, relu=fused, window=window)
        elif fused:
            x = pool_bias_relu(x, biases, window)
        else:
            x = x if window == 1 else max_pool2d(x, window)
            x = x if biases is None else add_bias(x, biases)
        if function is not None and not fused:
            x = activated(x, function)
        if block.dropout is not None and training is not None:
            x = _thinned(block.dropout, x, training)
        return x

    def _linear(self, layer: Layer, x: Any, scale: Any) -> Any:
        """A convolution or a dense layer without biases; `scale` multiplies each output, None leaves it out."""
        weights = self.parameters[f"{layer.name}.W"]
        if scale is not None:
            weights = weights * scale
        match layer.spec:
            case Convolution(height=height, same=same):
                return conv2d(x, weights, (height - 1) // 2 if same else 0)
        return pt.dot(flat(x), weights)

    def _normalised(self, layer: Layer, x: Any, training: Training, *, relu: bool, window: int) -> Any:
        """Batch normalisation by the statistics of the minibatch; the running ones move towards them."""
        p, name = self.parameters, layer.name
        y, *statistics = batch_norm(x, p[f"{name}.gamma"], p[f"{name}.beta"], relu=relu, window=window)
        for what, found in zip(("mean", "variance"), statistics, strict=True):
            running = p[f"{name}.{what}"]
            training.updates.append((running, STATISTICS_KEPT * running + (np.float32(1) - STATISTICS_KEPT) * found))
        return y

    def _running(self, layer: Layer) -> tuple[Any, Any]:
        """Batch normalisation by the running statistics: a factor and a bias for each channel."""
        p, name = self.parameters, layer.name
        scale = p[f"{name}.gamma"] / pt.sqrt(p[f"{name}.variance"] + np.float32(EPSILON))
        return scale, p[f"{name}.beta"] - p[f"{name}.mean"] * scale

    def initialise(self, generator: np.random.Generator) -> None:
        """Gives all weights their first values; biases start at zero.

        Layers before a ReLU start as He et al. say, the others as Glorot and Bengio. Softmax regression starts at
        zero, as in the Theano tutorial: its loss has one minimum only. Batch normalisation starts by changing nothing
        but mean and variance.
        """
        values = {name: np.zeros(shape, np.float32) for name, shape in self._shapes().items()}
        for name, value in values.items():
            if name.endswith((".gamma", ".variance")):
                value[...] = 1
        if len(self.architecture.layers) > 1:
            for block in _blocks(self.architecture.layers):
                if block.linear is not None:
                    name = f"{block.linear.name}.W"
                    rectified = block.activation is not None and block.activation.function == "relu"
                    values[name] = (he_uniform if rectified else glorot_uniform)(generator, values[name].shape)
        self.set_weights(values)

    def set_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Copies arrays into the shared variables.

        Args:
            weights: a float32 array for each name of `parameters`.

        Raises:
            ValueError: a name is missing or unknown, or an array has another shape.
        """
        shapes = self._shapes()
        if set(weights) != set(shapes):
            line = self.architecture.line
            raise ValueError(f"`{line}` has the weights {', '.join(shapes)}, got {', '.join(weights)}")
        for name, value in weights.items():
            if value.shape != shapes[name]:
                raise ValueError(f"{name} must have shape {shapes[name]}, got {value.shape}")
        for name, value in weights.items():
            self.parameters[name].set_value(np.array(value, np.float32), borrow=True)

    def get_weights(self) -> dict[str, NDArray[np.float32]]:
        """Copies of all weights, also of those that live on a GPU, in the order of `parameters`."""
        return {name: np.array(variable.get_value(borrow=True)) for name, variable in self.parameters.items()}

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: variable.type.shape for name, variable in self.parameters.items()}


def build(architecture: Architecture) -> BuiltNetwork:
    """Makes a network whose weights are all zero; `initialise` or `set_weights` comes next."""
    parameters = {
        name: pytensor.shared(np.zeros(shape, np.float32), name=name, shape=shape)
        for name, shape in architecture.weights.items()
    }
    return BuiltNetwork(architecture, parameters)


def _thinned(layer: Layer, x: Any, training: Training) -> Any:
    """Dropout; each layer has random numbers of its own."""
    assert isinstance(layer.spec, Dropout)
    stream = int(layer.name.removeprefix("dropout"))
    return dropout(x, layer.spec.rate, training.seed, training.step, stream)


@dataclass
class _Block:
    """Layers that are computed together; those that are None are not there."""

    linear: Layer | None = None
    norm: Layer | None = None
    activation: Activation | None = None
    pool: Pool | None = None
    dropout: Layer | None = None

    def takes(self, layer: Layer) -> bool:
        """Whether a layer may still join: it changes nothing of what is there already."""
        match layer.spec:
            case Convolution() | Dense():
                return self == _Block()
            case BatchNormalisation():
                return not (self.norm or self.activation or self.pool or self.dropout)
            case Activation():
                return not (self.activation or self.dropout)
            case Pool():
                return not (self.pool or self.dropout)
            case _:
                return self.dropout is None

    def take(self, layer: Layer) -> None:
        """A layer joins."""
        match layer.spec:
            case Convolution() | Dense():
                self.linear = layer
            case BatchNormalisation():
                self.norm = layer
            case Activation() as activation:
                self.activation = activation
            case Pool() as pool:
                self.pool = pool
            case _:
                self.dropout = layer


def _blocks(layers: tuple[Layer, ...]) -> list[_Block]:
    blocks = [_Block()]
    for layer in layers:
        if not blocks[-1].takes(layer):
            blocks.append(_Block())
        blocks[-1].take(layer)
    return blocks
