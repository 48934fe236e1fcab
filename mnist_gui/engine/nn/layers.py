"""Layers: functions that take expressions and return expressions.

Images are NHWC, the weights of a convolution HWIO, of a dense layer (in, out).
"""

import math
from typing import Any, Final

import numpy as np
import pytensor.tensor as pt

LARGEST_PIXEL: Final = 255
"""Value of a pixel full of ink."""


def scaled(images: Any) -> Any:
    """Pixels as the network sees them.

    They are scaled as rows, which Numba's loops go through in half the time that images of several axes take.

    Args:
        images: uint8, shape (n, ...), all axes but the first known; 0 paper to 255 ink.

    Returns:
        float32, same shape, 0 to 1.
    """
    # Dividing changes the dtype as well. A cast would be a node of its own, which the interpreter runs pixel by pixel.
    return unflat(flat(images) / np.float32(LARGEST_PIXEL), images.type.shape[1:])


def flat(images: Any) -> Any:
    """Images (n, ...) as rows (n, all their pixels).

    Raises:
        TypeError: the number of pixels is not known before the graph runs.
    """
    pixels = images.type.shape[1:]
    if None in pixels:
        raise TypeError(f"the sides of the images must be known, got {images.type}")
    return images.reshape((images.shape[0], math.prod(pixels)))


def unflat(rows: Any, sides: tuple[int, ...]) -> Any:
    """Rows (n, pixels) as images (n, *sides)."""
    return rows.reshape((rows.shape[0], *sides))


def taken(images: Any, indices: Any) -> Any:
    """Some images of many.

    They are taken as rows: what Numba is given for images of several axes takes three times as long.

    Args:
        images: any dtype, shape (n, ...), all axes but the first known.
        indices: integers, shape (m,).

    Returns:
        The images with these numbers, shape (m, ...).
    """
    return unflat(flat(images)[indices], images.type.shape[1:])


def activated(x: Any, function: str) -> Any:
    """A non-linearity by its name in the language of networks.

    Args:
        x: float32 expression, any shape.
        function: "relu" or "tanh".
    """
    return relu(x) if function == "relu" else pt.tanh(x)


def relu(x: Any) -> Any:
    """Rectified linear unit: x where it is positive, else 0.

    `maximum` with a constant is compiled to one vector instruction. Its gradient at 0 is 1.
    """
    return pt.maximum(x, np.float32(0))
