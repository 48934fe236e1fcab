"""Max-pooling, the biases and ReLU, one behind another in one pass over the images.

With images ``x`` (n, h, w, c), biases ``b`` (c,) and windows of ``s`` by ``s`` pixels::

    y[n, i, j, c] = max(0, b[c] + max over u, v < s of x[n, s*i+u, s*j+v, c])

which is what max-pooling gives after biases and ReLU, too, as neither falls. Nothing is written between the three, and
the gradient finds the largest pixel of a window again instead of remembering it.
Windows, ties and NaN are as in `maxpool2d`; the gradient of ReLU at 0 is 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.engine.ops.maxpool2d import largest_of_windows, pixels_of_windows
from mnist_gui.engine.ops.shaped_op import ShapedOp


def pool_bias_relu(images: Any, biases: Any, window: int) -> Any:
    """Keeps the largest value of each window, adds a bias to each channel, and makes 0 of what is negative then.

    Args:
        images: float, shape (n, h, w, c).
        biases: same dtype, shape (c,).
        window: side of a window in pixels, at most h and w; with 1 nothing is pooled.

    Returns:
        An expression of the same dtype and shape (n, h // window, w // window, c).

    Raises:
        TypeError: the numbers of axes or the dtypes do not fit.
        ValueError: the window is smaller than 1, or larger than h or w, where these are known.
    """
    return PoolBiasReLU(window)(images, biases)


class PoolBiasReLU(ShapedOp):
    """The three steps: (images, biases) -> result."""

    __props__ = ("window",)

    def __init__(self, window: int) -> None:
        if window < 1:
            raise ValueError(f"a window must be at least 1 pixel wide, got {window}")
        self.window = window

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `pool_bias_relu` for the arguments and what is raised."""
        images, biases = map(pt.as_tensor_variable, inputs)
        if images.type.ndim != 4 or biases.type.ndim != 1 or images.type.dtype != biases.type.dtype:
            raise TypeError(f"images (n, h, w, c) and biases (c,) of one dtype, got {images.type} and {biases.type}")
        n, h, w, c = images.type.shape
        for side in (h, w):
            if side is not None and side < self.window:
                raise ValueError(f"windows {self.window} pixels wide do not fit images of {h} by {w} pixels")
        oh, ow = (None if side is None else side // self.window for side in (h, w))
        return Apply(self, [images, biases], [TensorType(images.type.dtype, shape=(n, oh, ow, c))()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        images, biases = inputs
        result = largest_of_windows(pixels_of_windows(images, self.window))
        result += biases
        np.maximum(result, 0, out=result)
        output_storage[0][0] = result

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Shape of the result from the shape of the images."""
        n, h, w, c = shapes[0]
        return [(n, h // self.window, w // self.window, c)]

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradients with respect to images and biases."""
        (cotangent,) = cotangents
        if isinstance(cotangent.type, DisconnectedType):
            return [variable.zeros_like() for variable in inputs]
        return PoolBiasReLUGradient(self.window).make_node(*inputs, cotangent).outputs


class PoolBiasReLUGradient(ShapedOp):
    """The gradients: (images, biases, gradient of the result) -> those of images and biases."""

    __props__ = ("window",)

    def __init__(self, window: int) -> None:
        self.window = window

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op."""
        images, biases, cotangent = map(pt.as_tensor_variable, inputs)
        return Apply(self, [images, biases, cotangent], [images.type(), biases.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        images, biases, cotangent = inputs
        pixels = pixels_of_windows(images, self.window)
        largest = largest_of_windows(pixels)
        # Written so that a NaN lets the gradient through, as it does in the compiled kernels.
        slopes = cotangent * ~(largest + biases < 0)
        result = np.zeros(images.shape, images.dtype)
        searching = np.ones(largest.shape, bool)
        for pixel, place in zip(pixels, pixels_of_windows(result, self.window), strict=True):
            found = searching & ((pixel == largest) | (pixel != pixel))
            np.multiply(slopes, found, out=place)
            searching &= ~found
        output_storage[0][0] = result
        output_storage[1][0] = slopes.reshape(-1, len(biases)).sum(axis=0)

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Each gradient is shaped like its argument."""
        return shapes[:2]
