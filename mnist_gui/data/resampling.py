"""A square of samples, averaged down to few pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.sampling import BOX, Box


@dataclass(frozen=True)
class Square:
    """A square in samples, not bound to whole ones; it may reach beyond the raster, where there is paper."""

    top: float
    left: float
    side: float


def square_around(box: Box, least: float = 0.0) -> Square:
    """The box with its shorter side widened evenly on both ends, and both to `least` samples if that is more."""
    side = max(float(box.side), least)
    return Square(box.top - (side - box.height) / 2, box.left - (side - box.width) / 2, side)


def resample(samples: NDArray[np.uint8], square: Square, pixels: int = BOX) -> NDArray[np.float64]:
    """A square of samples averaged down to few pixels: exact area overlap, paper beyond the edges.

    Args:
        samples: uint8, shape (rows, columns).
        square: what of them becomes the picture.
        pixels: of the picture in each direction.

    Returns:
        float64, shape (pixels, pixels): the mean of each pixel, 0 to 255.
    """
    top, rows = _overlaps(square.top, square.side, samples.shape[0], pixels)
    left, columns = _overlaps(square.left, square.side, samples.shape[1], pixels)
    part = samples[top : top + rows.shape[1], left : left + columns.shape[1]]
    return rows @ (part @ columns.T)


def _overlaps(start: float, side: float, size: int, pixels: int) -> tuple[int, NDArray[np.float64]]:
    """How much of each of so many pixels between `start` and `start + side` each sample makes up.

    Returns:
        The first sample that counts, and float64, shape (pixels, samples); a row sums to 1 where no paper beyond the
        edges is met.
    """
    edges = start + side * np.arange(pixels + 1) / pixels
    first = min(max(0, math.floor(start)), size)
    last = max(first, min(size, math.ceil(start + side)))
    passed = np.clip(
        edges[:, np.newaxis] - np.arange(first, last), 0, 1
    )  # how much of each sample lies before an edge
    return first, (passed[1:] - passed[:-1]) * (pixels / side)
