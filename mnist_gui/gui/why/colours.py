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


def greys(values: Floats, largest: float) -> NDArray[np.uint8]:
    """Numbers from 0 to `largest` as uint8, shape (..., 3); black to white."""
    shades = np.clip(values / max(largest, 1e-12), 0, 1) * 255
    return np.repeat(shades.astype(np.uint8)[..., None], 3, axis=-1)


def signed(values: Floats, largest: float) -> NDArray[np.uint8]:
    """Numbers from -`largest` to `largest` as uint8, shape (..., 3); black where they are 0."""
    return _over(np.zeros((*values.shape, 3), np.float32), values, largest)


def overlaid(image: NDArray[np.uint8], values: Floats, largest: float) -> NDArray[np.uint8]:
    """Numbers laid over a digit.

    Args:
        image: uint8, shape (28, 28), 0 paper to 255 ink.
        values: float32, shape (28, 28).
        largest: what has the full colour.

    Returns:
        uint8, shape (28, 28, 3).
    """
    ghost = np.repeat(image.astype(np.float32)[..., None] * np.float32(_GHOST), 3, axis=-1)
    return _over(ghost, values, largest)


def _over(ground: Floats, values: Floats, largest: float) -> NDArray[np.uint8]:
    shares = np.clip(values / max(largest, 1e-12), -1, 1)[..., None]
    hues = np.where(shares >= 0, _rgb(MORE), _rgb(LESS))
    mixed = ground + (hues - ground) * np.abs(shares)
    result: NDArray[np.uint8] = mixed.astype(np.uint8)
    return result


def _rgb(colour: QColor) -> Floats:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)


def rgb_image(pixels: NDArray[np.uint8]) -> QImage:
    """The picture of an array, uint8 of shape (height, width, 3); the pixels are copied."""
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def larger(values: Floats, zoom: int) -> Floats:
    """Each number of (height, width) as `zoom` by `zoom` numbers."""
    return values.repeat(zoom, axis=0).repeat(zoom, axis=1)
