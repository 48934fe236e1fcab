"""Numbers as colours on the black of a digit's paper.

Grey where there are no negative numbers. Else orange is more than nothing and blue is less: the two hues that no
common form of colour blindness confuses (Okabe and Ito, "Color Universal Design", 2008).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QImage

MORE: Final = QColor("#ffa424")
LESS: Final = QColor("#3f95ff")

_GHOST: Final = 0.45
"""Brightness of the digit below an overlay; the digit is seen, and no colour is taken for ink."""

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint32]
"""As Qt's Format_RGB32 has them, which it paints without converting: 0xffRRGGBB."""


def greys(values: Floats, largest: float) -> Pixels:
    """Numbers from 0 to `largest` as pixels, of the same shape; black to white."""
    shades = (np.clip(values / np.float32(max(largest, 1e-12)), 0, 1) * np.float32(255)).astype(np.uint32)
    result: Pixels = shades * np.uint32(0x010101) | np.uint32(0xFF000000)
    return result


def signed(values: Floats, largest: float) -> Pixels:
    """Numbers from -`largest` to `largest` as pixels, of the same shape; black where they are 0."""
    return _over(np.zeros(values.shape, np.float32), values, largest)


def overlaid(image: NDArray[np.uint8], values: Floats, largest: float) -> Pixels:
    """Numbers laid over a digit.

    Args:
        image: uint8, shape (28, 28), 0 paper to 255 ink.
        values: float32, shape (28, 28).
        largest: what has the full colour.

    Returns:
        uint32, shape (28, 28).
    """
    return _over(image.astype(np.float32) * np.float32(_GHOST), values, largest)


def pixel(colour: QColor) -> np.uint32:
    """A colour as a pixel."""
    return np.uint32(0xFF000000 | colour.red() << 16 | colour.green() << 8 | colour.blue())


def _over(ground: Floats, values: Floats, largest: float) -> Pixels:
    shares = np.clip(values / np.float32(max(largest, 1e-12)), -1, 1)
    weights, more = np.abs(shares), shares >= 0
    result = np.full(values.shape, 0xFF000000, np.uint32)
    for shift, high, low in (
        (16, MORE.red(), LESS.red()),
        (8, MORE.green(), LESS.green()),
        (0, MORE.blue(), LESS.blue()),
    ):
        hues = np.where(more, np.float32(high), np.float32(low))
        result |= (ground + (hues - ground) * weights).astype(np.uint32) << np.uint32(shift)
    return result


def picture(pixels: Pixels) -> QImage:
    """The picture of an array, uint32 of shape (height, width); the pixels are copied."""
    height, width = pixels.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def larger(values: Floats, zoom: int) -> Floats:
    """Each number of (height, width) as `zoom` by `zoom` numbers."""
    return values.repeat(zoom, axis=0).repeat(zoom, axis=1)
