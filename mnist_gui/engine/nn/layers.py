"""Layers: functions that take expressions and return expressions.

Images are NHWC, the weights of a convolution HWIO, of a dense layer (in, out).
"""

import math
from typing import Any, Final

import numpy as np
import pytensor.tensor as pt

from mnist_gui.engine.ops.add_bias import add_bias
from mnist_gui.engine.ops.conv2d import conv2d
from mnist_gui.engine.ops.maxpool2d import max_pool2d

LARGEST_PIXEL: Final = 255
"""Value of a pixel full of ink."""


def scaled(images: Any) -> Any:
    """Pixels as the network sees them.

    Args:
        images: uint8, any shape, 0 paper to 255 ink.

    Returns:
        float32, same shape, 0 to 1.
    """
    # Dividing changes the dtype as well. A cast would be a node of its own, which the interpreter runs pixel by pixel.
    return images / np.float32(LARGEST_PIXEL)


def flat(images: Any) -> Any:
    """Images (n, ...) as rows (n, all their pixels).

    Raises:
        TypeError: the number of pixels is not known before the graph runs.
    """
    pixels = images.type.shape[1:]
    if None in pixels:
        raise TypeError(f"the sides of the images must be known, got {images.type}")
    return images.reshape((images.shape[0], math.prod(pixels)))


def dense(x: Any, weights: Any, biases: Any) -> Any:
    """A layer in which each unit sees all inputs: rows (n, in), weights (in, out), biases (out,) -> (n, out)."""
    return add_bias(pt.dot(x, weights), biases)


def conv_pool(images: Any, weights: Any, biases: Any, window: int) -> Any:
    """A convolution without padding, max-pooled, with biases.

    The biases are added after pooling. The largest of a window stays the largest when a constant is added to all, so
    the result is the same, with `window` squared fewer additions. For the same reason a non-linearity that does not
    fall, such as ReLU or tanh, belongs behind this function.

    Args:
        images: float32, shape (n, h, w, c).
        weights: float32, shape (kh, kw, c, o).
        biases: float32, shape (o,).
        window: side of a pooling window in pixels.

    Returns:
        float32 expression, shape (n, (h - kh + 1) / window, (w - kw + 1) / window, o).
    """
    return add_bias(max_pool2d(conv2d(images, weights), window), biases)


def relu(x: Any) -> Any:
    """Rectified linear unit: x where it is positive, else 0.

    `maximum` with a constant is compiled to one vector instruction. Its gradient at 0 is 1.
    """
    return pt.maximum(x, np.float32(0))
