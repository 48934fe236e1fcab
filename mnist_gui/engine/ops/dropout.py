"""Dropout: a share of the inputs is 0, a different one at each step, and the rest is made larger to match.

    y = x / (1 - rate) where a random number is not below the rate, else 0

so the expected value of y is x, and a network that reads digits leaves the layer out (Srivastava et al., "Dropout",
JMLR 15, 2014, in the rescaled form). The random numbers are those of `mnist_gui.engine.threefry`: the gradient draws
the same ones again, which is quicker than to keep them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply

from mnist_gui.engine.ops.shaped_op import ShapedOp
from mnist_gui.engine.threefry import random_words


def dropout(x: Any, rate: float, seed: Any, step: Any, stream: int) -> Any:
    """Zeroes a share of the inputs and divides the rest by 1 - rate.

    Args:
        x: float, any shape.
        rate: the share, 0 to less than 1. (The chance of each input is this rounded to a multiple of 2**-32.)
        seed: uint32 scalar expression: of the run.
        step: uint32 scalar expression: of the run. Other inputs are zeroed at each step.
        stream: which layer, 1 to 2**32 - 1. Two layers of a network need different ones.

    Returns:
        An expression of the type of `x`.

    Raises:
        TypeError: `x` is not float, or seed or step is no uint32 scalar.
        ValueError: rate or stream is out of range.
    """
    return Dropout(rate, stream)(x, seed, step)


class Dropout(ShapedOp):
    """The layer itself, and its gradient with respect to x: (x, seed, step) -> y.

    Random number 0 goes to the first input, 1 to the one in the middle (after the first half, rounded up), 2 to the
    second, and so on: the halves of the inputs get the first and the second words of the generator's blocks.
    """

    __props__ = ("rate", "stream")

    def __init__(self, rate: float, stream: int) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"the rate of dropout must be 0 to less than 1, got {rate}")
        if not 1 <= stream < 2**32:
            raise ValueError(f"the stream of dropout must be 1 to 2**32 - 1, got {stream}")
        self.rate = float(rate)
        self.stream = stream

    @property
    def threshold(self) -> np.uint32:
        """Inputs whose random word is below this are zeroed."""
        return np.uint32(min(round(self.rate * 2**32), 2**32 - 1))

    @property
    def factor(self) -> np.float32:
        """By which the others are multiplied."""
        return np.float32(1 / (1 - self.rate))

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `dropout` for the arguments and what is raised."""
        x, seed, step = map(pt.as_tensor_variable, inputs)
        if x.type.dtype not in ("float32", "float64"):
            raise TypeError(f"what is dropped out must be float32 or float64, got {x.type.dtype}")
        check_place("seed", seed)
        check_place("step", step)
        return Apply(self, [x, seed, step], [x.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        x, seed, step = inputs
        words = random_words(int(seed), self.stream, int(step), (x.size + 1) // 2).reshape(-1)[: x.size]
        kept = (words >= self.threshold).reshape(x.shape)
        output_storage[0][0] = np.asarray(x * (kept * x.dtype.type(self.factor)))

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """The result is shaped like x."""
        return [shapes[0]]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Only x has a gradient."""
        return [[True], [False], [False]]

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradient with respect to x: the same inputs are zeroed in it, the rest is multiplied by the same."""
        x, seed, step = inputs
        if isinstance(cotangents[0].type, DisconnectedType):
            return [x.zeros_like(), disconnected_type(), disconnected_type()]
        return [self(cotangents[0], seed, step), disconnected_type(), disconnected_type()]


def check_place(name: str, variable: Any) -> None:
    """Raises TypeError unless a variable is a uint32 scalar, as the seed and step of random numbers must be."""
    if variable.type.ndim or variable.type.dtype != "uint32":
        raise TypeError(f"the {name} of random numbers must be a uint32 scalar, got {variable.type}")
