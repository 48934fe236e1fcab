"""Max-pooling: the largest value of each window, windows side by side.

With images ``x`` (n, h, w, c) and windows of ``s`` by ``s`` pixels::

    y[n, i, j, c] = max over u, v < s of x[n, s*i+u, s*j+v, c]

Rows and columns at the end that do not fill a window are dropped; their gradient is 0.

Where several pixels of a window are largest, the gradient goes to the first of them in reading order. A window that
holds a NaN gives NaN, and its first NaN counts as the largest (as for `numpy.argmax`). All implementations agree in
both.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.engine.ops.shaped_op import ShapedOp


def max_pool2d(images: Any, window: int) -> Any:
    """Keeps the largest value of each window.

    Args:
        images: float, shape (n, h, w, c).
        window: side of a window in pixels, at most h and w.

    Returns:
        An expression of the same dtype and shape (n, h // window, w // window, c).

    Raises:
        TypeError: images do not have four axes, or are not float.
        ValueError: the window is smaller than 1, or larger than h or w, where these are known.
    """
    return MaxPool2D(window)(images)


class MaxPool2D(ShapedOp):
    """The pooling itself: images -> largest values."""

    __props__ = ("window",)

    def __init__(self, window: int) -> None:
        if window < 1:
            raise ValueError(f"a window must be at least 1 pixel wide, got {window}")
        self.window = window

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `max_pool2d` for the argument and what is raised."""
        (images,) = map(pt.as_tensor_variable, inputs)
        if images.type.ndim != 4:
            raise TypeError(f"images must have four axes, got {images.type.ndim}")
        if images.type.dtype not in ("float32", "float64"):
            raise TypeError(f"images must be float32 or float64, got {images.type.dtype}")
        n, h, w, c = images.type.shape
        for side in (h, w):
            if side is not None and side < self.window:
                raise ValueError(f"windows {self.window} pixels wide do not fit images of {h} by {w} pixels")
        oh, ow = (None if side is None else side // self.window for side in (h, w))
        return Apply(self, [images], [TensorType(images.type.dtype, shape=(n, oh, ow, c))()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        output_storage[0][0] = largest_of_windows(pixels_of_windows(inputs[0], self.window))

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Shape of the result from the shape of the images."""
        ((n, h, w, c),) = shapes
        return [(n, h // self.window, w // self.window, c)]

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradient with respect to the images."""
        (images,), (cotangent,) = inputs, cotangents
        if isinstance(cotangent.type, DisconnectedType):
            return [images.zeros_like()]
        return [MaxPool2DGradient(self.window)(images, cotangent)]


class MaxPool2DGradient(ShapedOp):
    """Gradient with respect to the images: (images, gradient of the result) -> gradient of the images.

    Each window's gradient goes to its largest pixel, the first of them in reading order; the rest get 0.
    """

    __props__ = ("window",)

    def __init__(self, window: int) -> None:
        self.window = window

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op.

        Args:
            inputs: what was pooled, float, shape (n, h, w, c); and the gradient with respect to the result, of the
                same dtype, shape (n, h // window, w // window, c).
        """
        images, cotangent = map(pt.as_tensor_variable, inputs)
        return Apply(self, [images, cotangent], [images.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        images, cotangent = inputs
        pixels = pixels_of_windows(images, self.window)
        result = np.zeros(images.shape, images.dtype)
        largest = np.argmax(np.stack(pixels), axis=0)
        for number, pixel in enumerate(pixels_of_windows(result, self.window)):
            pixel[...] = np.where(largest == number, cotangent, 0)
        output_storage[0][0] = result

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """The gradient is shaped like the images."""
        return [shapes[0]]


def pixels_of_windows(images: NDArray[Any], window: int) -> list[NDArray[Any]]:
    """Views (n, h // window, w // window, c): the first pixel of all windows, the second, in reading order."""
    h, w = (side // window * window for side in images.shape[1:3])
    return [images[:, u:h:window, v:w:window] for u in range(window) for v in range(window)]


def largest_of_windows(pixels: list[NDArray[Any]]) -> NDArray[Any]:
    """The largest pixel of each window, an array of its own; NaN where a window holds one.

    Args:
        pixels: as of `pixels_of_windows`.
    """
    result = pixels[0].copy()
    for pixel in pixels[1:]:
        np.maximum(result, pixel, out=result)
    return result
