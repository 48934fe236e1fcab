"""The networks as expressions over shared weights.

Softmax regression is one dense layer; the multilayer perceptron puts `hidden` ReLU units before it; LeNet puts two
convolutions with max-pooling before those. They follow the Theano tutorials (`logreg`, `mlp`, `lenet`), with ReLU in
place of tanh (Glorot, Bordes and Bengio, "Deep Sparse Rectifier Neural Networks", 2011) and the first values that
belong to it (see `nn.init`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.config import Network, parameter_shapes
from mnist_gui.engine.nn.init import glorot_uniform, he_uniform
from mnist_gui.engine.nn.layers import conv_pool, dense, flat, relu, scaled

POOL: Final = 2
"""Side of LeNet's pooling windows in pixels."""


@dataclass(frozen=True, eq=False)
class BuiltNetwork:
    """A network in memory. Its weights are shared variables: all functions compiled from it see the same.

    Attributes:
        network: which network.
        parameters: shared float32 variables by name, as `parameter_shapes` lists them.
    """

    network: Network
    parameters: Mapping[str, Any]

    def logits(self, images: Any) -> Any:
        """What the network says of images, before the softmax.

        Args:
            images: uint8 expression, shape (n, 28, 28), 0 paper to 255 ink. Scaling to 0..1 is part of the graph, so a
                data set stays uint8 until a minibatch is taken from it.

        Returns:
            float32 expression, shape (n, 10).
        """
        p = self.parameters
        x = scaled(pt.specify_shape(images, (None, SIDE, SIDE)))
        match self.network:
            case Network.SOFTMAX:
                return dense(flat(x), p["dense1.W"], p["dense1.b"])
            case Network.MLP:
                x = relu(dense(flat(x), p["dense1.W"], p["dense1.b"]))
                return dense(x, p["dense2.W"], p["dense2.b"])
            case Network.LENET:
                x = relu(conv_pool(x[:, :, :, None], p["conv1.W"], p["conv1.b"], POOL))
                x = relu(conv_pool(x, p["conv2.W"], p["conv2.b"], POOL))
                x = relu(dense(flat(x), p["dense1.W"], p["dense1.b"]))
                return dense(x, p["dense2.W"], p["dense2.b"])

    def initialise(self, generator: np.random.Generator) -> None:
        """Gives all weights their first values; biases start at zero.

        Layers before a ReLU start as He et al. say, the last one as Glorot and Bengio. Softmax regression starts at
        zero, as in the Theano tutorial: its loss has one minimum only.
        """
        *hidden, last = [name for name in self.parameters if name.endswith(".W")]
        values = {name: np.zeros(shape, np.float32) for name, shape in self._shapes().items()}
        values |= {name: he_uniform(generator, values[name].shape) for name in hidden}
        if hidden:
            values[last] = glorot_uniform(generator, values[last].shape)
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
            raise ValueError(f"{self.network} has the weights {', '.join(shapes)}, got {', '.join(weights)}")
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


def build(network: Network, hidden: int) -> BuiltNetwork:
    """Makes a network whose weights are all zero; `initialise` or `set_weights` comes next.

    Args:
        network: which network.
        hidden: size of its hidden layer, not used by softmax regression.
    """
    parameters = {
        name: pytensor.shared(np.zeros(shape, np.float32), name=name, shape=shape)
        for name, shape in parameter_shapes(network, hidden).items()
    }
    return BuiltNetwork(network, parameters)
