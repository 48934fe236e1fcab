"""A digit of a picture brought to the size of the canvas."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import CANVAS_SIDE
from mnist_gui.data.found_digits import LEAST_PAGE
from mnist_gui.data.sampling import ink_box

_SIDE: Final = round(CANVAS_SIDE)
_BOX: Final = 200
"""Of 280, as 20 of 28: a whole number of pixels for each of the 20x20 that a model reads, so that nothing is lost."""


def fitted(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of one digit as large as the canvas.

    Pixels of a picture as small as the digits of MNIST are repeated, and all of it is kept. Of a larger one the
    digit's box is brought to 200 pixels, by exact area overlap, in the middle.

    Args:
        ink: uint8, shape (height, width), 0 paper to 255 ink.

    Returns:
        uint8, shape (280, 280).

    Raises:
        ValueError: there is no ink.
    """
    box = ink_box(ink)
    if box is None:
        raise ValueError("a picture without ink holds no digit")
    if max(ink.shape) < LEAST_PAGE:
        times = _SIDE // max(ink.shape)
        return _centred(ink.repeat(times, axis=0).repeat(times, axis=1))
    rows, columns = (_overlaps(length, box.side) for length in (box.height, box.width))
    part = ink[box.top : box.bottom, box.left : box.right].astype(np.float64)
    return _centred(np.floor(rows @ part @ columns.T + 0.5).astype(np.uint8))


def _centred(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    canvas = np.zeros((_SIDE, _SIDE), np.uint8)
    top, left = ((_SIDE - length) // 2 for length in part.shape)
    canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
    return canvas


def _overlaps(length: int, side: int) -> NDArray[np.float64]:
    """How much of each pixel of a picture that is `_BOX` on its longer side each of `length` old ones makes up.

    Returns:
        float64, shape (new pixels, `length`).
    """
    count = math.ceil(_BOX * length / side - 1e-9)
    edges = (np.arange(count + 1) - (count - _BOX * length / side) / 2) * side / _BOX
    old = np.arange(length)
    low = np.maximum(edges[:-1, np.newaxis], old)
    high = np.minimum(edges[1:, np.newaxis], old + 1)
    shares: NDArray[np.float64] = np.maximum(high - low, 0) * _BOX / side
    return shares
