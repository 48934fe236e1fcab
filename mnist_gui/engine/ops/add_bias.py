"""Adds a bias to each channel; the gradient is a sum over everything else.

With ``x`` (..., c) and biases ``b`` (c,): ``y = x + b``, and ``d/db`` is the sum of the gradient over all axes but the
last. PyTensor can say the same with broadcasting, but Numba takes about ten seconds to compile its sums over some of
the axes, for every layer of a network anew in each process that has no cache; this takes half a second.
"""

from collections.abc import Sequence
from typing import Any

import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.engine.ops.shaped_op import ShapedOp


def add_bias(x: Any, biases: Any) -> Any:
    """Adds a bias to each channel.

    Args:
        x: float, shape (..., c), two axes or more.
        biases: same dtype, shape (c,).

    Returns:
        An expression of the same dtype and shape as `x`.

    Raises:
        TypeError: the numbers of axes or the dtypes do not fit.
        ValueError: the numbers of channels are known and differ.
    """
    return AddBias()(x, biases)


class AddBias(ShapedOp):
    """The addition itself: (x, biases) -> x + biases."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `add_bias` for the arguments and what is raised."""
        x, biases = map(pt.as_tensor_variable, inputs)
        if x.type.ndim < 2 or biases.type.ndim != 1 or x.type.dtype != biases.type.dtype:
            raise TypeError(f"a bias is added to each channel of (..., c), got {x.type} and {biases.type}")
        if None not in (x.type.shape[-1], biases.type.shape[0]) and x.type.shape[-1] != biases.type.shape[0]:
            raise ValueError(f"{x.type.shape[-1]} channels need as many biases, got {biases.type.shape[0]}")
        return Apply(self, [x, biases], [x.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        x, biases = inputs
        output_storage[0][0] = x + biases

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """The result is shaped like x."""
        return [shapes[0]]

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradients with respect to x and the biases."""
        x, biases = inputs
        (cotangent,) = cotangents
        if isinstance(cotangent.type, DisconnectedType):
            return [x.zeros_like(), biases.zeros_like()]
        return [cotangent, SumOverChannels()(cotangent)]


class SumOverChannels(ShapedOp):
    """Gradient with respect to the biases: (..., c) -> (c,), the sum over all axes but the last."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op."""
        (x,) = map(pt.as_tensor_variable, inputs)
        return Apply(self, [x], [TensorType(x.type.dtype, shape=x.type.shape[-1:])()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        (x,) = inputs
        output_storage[0][0] = x.reshape(-1, x.shape[-1]).sum(axis=0)

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """One number a channel."""
        return [shapes[0][-1:]]
