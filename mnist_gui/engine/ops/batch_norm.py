"""Batch normalisation in training, with the ReLU and the max-pooling that usually follow it, in one pass.

For each channel of ``x`` (n, h, w, c), with mean ``m`` and variance ``v`` over all its pixels in the minibatch::

    z = gamma (x - m) / sqrt(v + epsilon) + beta
    y = max over each window of z, and not below 0 if there is a ReLU

(Ioffe and Szegedy, "Batch Normalization", arXiv:1502.03167, algorithm 1; the gradients are those of its section 3.)
The gradient of y goes to the first largest pixel of its window, and nowhere if the ReLU cut it off. Rows and columns
that do not fill a window take part in mean and variance, but not in y. The normalised image itself is never written:
forwards only y is, backwards it is computed again where it is needed.

A network that reads digits uses running statistics, by which the weights before are scaled; see `networks`.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.engine.ops.maxpool2d import pixels_of_windows
from mnist_gui.engine.ops.shaped_op import ShapedOp

EPSILON: Final = 1e-5
"""Is added to the variance, so that a channel that is the same everywhere divides by no 0 (PyTorch's default)."""


def batch_norm(x: Any, gamma: Any, beta: Any, *, relu: bool = False, window: int = 1) -> tuple[Any, Any, Any]:
    """Normalises the channels of a minibatch.

    Args:
        x: float, shape (n, h, w, c) or (n, c).
        gamma: same dtype, shape (c,), the new standard deviations.
        beta: same dtype, shape (c,), the new means.
        relu: whether what is below 0 becomes 0.
        window: side of a max-pooling window in pixels, at most h and w; 1 for none.

    Returns:
        The result, shape (n, h // window, w // window, c) or (n, c); mean and variance of each channel, shape (c,),
        which have no gradient.

    Raises:
        TypeError: the numbers of axes or the dtypes do not fit.
        ValueError: the window is smaller than 1.
    """
    x = pt.as_tensor_variable(x)
    images = x[:, None, None, :] if x.type.ndim == 2 else x
    y: Any
    y, mean, variance = BatchNorm(relu, window).make_node(images, gamma, beta).outputs
    return (y[:, 0, 0, :] if x.type.ndim == 2 else y), mean, variance


class BatchNorm(ShapedOp):
    """The layer itself: (x, gamma, beta) -> (y, mean, variance)."""

    __props__ = ("relu", "window")

    def __init__(self, relu: bool, window: int) -> None:
        if window < 1:
            raise ValueError(f"a window must be at least 1 pixel wide, got {window}")
        self.relu = relu
        self.window = window

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `batch_norm` for the arguments and what is raised."""
        x, gamma, beta = map(pt.as_tensor_variable, inputs)
        if x.type.ndim != 4 or x.type.dtype not in ("float32", "float64"):
            raise TypeError(f"x must be float with two or four axes, got {x.type}")
        for channels in (gamma, beta):
            if channels.type.ndim != 1 or channels.type.dtype != x.type.dtype:
                raise TypeError(f"gamma and beta must be vectors of {x.type.dtype}, got {channels.type}")
        n, h, w, c = x.type.shape
        oh, ow = (None if side is None else side // self.window for side in (h, w))
        y = TensorType(x.type.dtype, shape=(n, oh, ow, c))()
        return Apply(self, [x, gamma, beta], [y, *(TensorType(x.type.dtype, shape=(c,))() for _ in range(2))])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        x, gamma, beta = inputs
        mean = x.mean(axis=(0, 1, 2), dtype=np.float64)
        variance = np.square(x - mean.astype(x.dtype)).mean(axis=(0, 1, 2), dtype=np.float64)
        scale, shift = scale_and_shift(gamma, beta, mean, variance)
        pixels = pixels_of_windows(x, self.window)
        y = pixels[0] * scale
        for pixel in pixels[1:]:
            np.maximum(y, pixel * scale, out=y)
        y += shift
        if self.relu:
            np.maximum(y, 0, out=y)
        output_storage[0][0] = y
        output_storage[1][0] = mean.astype(x.dtype)
        output_storage[2][0] = variance.astype(x.dtype)

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Shapes of the results from those of the arguments."""
        n, h, w, c = shapes[0]
        return [(n, h // self.window, w // self.window, c), (c,), (c,)]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """The result has gradients; mean and variance are only measured."""
        return [[True, False, False]] * 3

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradients with respect to x, gamma and beta."""
        if isinstance(cotangents[0].type, DisconnectedType):
            return [variable.zeros_like() for variable in inputs]
        _, mean, variance = outputs
        gradients = BatchNormGradient(self.relu, self.window).make_node(*inputs, mean, variance, cotangents[0])
        return list(gradients.outputs)


class BatchNormGradient(ShapedOp):
    """Its gradients: (x, gamma, beta, mean, variance, gradient of y) -> (gradients of x, gamma and beta).

    With ``u = (x - m) / sqrt(v + epsilon)``, g the gradient of z, and N pixels a channel::

        d beta = sum of g,  d gamma = sum of g u,
        d x = gamma / sqrt(v + epsilon) (g - d beta / N - u d gamma / N)
    """

    __props__ = ("relu", "window")

    def __init__(self, relu: bool, window: int) -> None:
        self.relu = relu
        self.window = window

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op."""
        x, gamma, beta, *_ = variables = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, variables, [x.type(), gamma.type(), beta.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        x, gamma, beta, mean, variance, cotangent = inputs
        scale, shift = scale_and_shift(gamma, beta, mean, variance)
        normal = (x - mean) * (1 / np.sqrt(variance + x.dtype.type(EPSILON)))
        if self.window == 1:
            gradient = np.where(x * scale + shift > 0, cotangent, 0) if self.relu else cotangent
        else:
            pixels = np.stack(pixels_of_windows(x, self.window))
            pixels *= scale
            largest = pixels.argmax(axis=0)
            if self.relu:
                cotangent = np.where(pixels.max(axis=0) + shift > 0, cotangent, 0)
            gradient = np.zeros_like(x)
            for number, pixel in enumerate(pixels_of_windows(gradient, self.window)):
                pixel[...] = np.where(largest == number, cotangent, 0)
        of_beta = gradient.sum(axis=(0, 1, 2), dtype=np.float64)
        of_gamma = (gradient * normal).sum(axis=(0, 1, 2), dtype=np.float64)
        count = x.size // x.shape[-1]
        normal *= (of_gamma / count).astype(x.dtype)
        normal += (of_beta / count).astype(x.dtype)
        output_storage[0][0] = scale * (gradient - normal)
        output_storage[1][0] = of_gamma.astype(x.dtype)
        output_storage[2][0] = of_beta.astype(x.dtype)

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Gradients are shaped like their variables."""
        return shapes[:3]


def scale_and_shift(
    gamma: NDArray[Any], beta: NDArray[Any], mean: NDArray[Any], variance: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same as one factor and one summand for each channel, of the dtype of gamma: z = scale x + shift."""
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale.astype(gamma.dtype), (beta - mean * scale).astype(gamma.dtype)
