"""Digits changed at random, as an operation of the graph; `mnist_gui.engine.warping` says what it computes.

One operation for all of it: put together from PyTensor's own, each network with augmentation would compile for half a
minute longer.
"""

from collections.abc import Sequence
from typing import Any

import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.ops.dropout import check_place
from mnist_gui.engine.ops.shaped_op import ShapedOp
from mnist_gui.engine.warping import NAMES, Strengths, random_warp


class RandomWarp(ShapedOp):
    """(images, strengths in the order of `warping.NAMES`, seed, step) -> changed images, 0 to 1.

    Images are data: nothing has a gradient.
    """

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `augment.augmented` for the arguments and what is raised."""
        images, *strengths, seed, step = map(pt.as_tensor_variable, inputs)
        if images.type.ndim != 3 or images.type.dtype != "uint8":
            raise TypeError(f"images must be uint8 with three axes, got {images.type}")
        if any(side not in (None, SIDE) for side in images.type.shape[1:]):
            raise TypeError(f"images must be {SIDE} by {SIDE} pixels, got {images.type}")
        for name, strength in zip(NAMES, strengths, strict=True):
            if strength.type.ndim or strength.type.dtype != "float32":
                raise TypeError(f"{name} must be a float32 scalar, got {strength.type}")
        check_place("seed", seed)
        check_place("step", step)
        result = TensorType("float32", shape=(images.type.shape[0], SIDE, SIDE))()
        return Apply(self, [images, *strengths, seed, step], [result])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        images, *strengths, seed, step = inputs
        output_storage[0][0] = random_warp(images, Strengths(*map(float, strengths)), int(seed), int(step))

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """The result is shaped like the images."""
        return [shapes[0]]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """Nothing has a gradient."""
        return [[False]] * len(node.inputs)

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Nothing has a gradient."""
        return [disconnected_type() for _ in inputs]
