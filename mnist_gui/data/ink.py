"""From strokes to the 28x28 that a model reads, as MNIST was made.

The procedure is the published reconstruction of MNIST (facebookresearch/qmnist, ``making_qmnist/xnist.lsh``; Yadav and
Bottou 2019, arXiv 1905.10498): the ink's box, widened to a square, averaged down to 20x20, brought to full contrast,
and placed so that its centre of mass is the middle of the 28x28. Each stage is a function of its own.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.procedure import DEFAULT, Procedure
from mnist_gui.data.sampling import BOX, Box, Raster, ink_box, rasterise

_DOT: Final = 1.5
"""Ink whose box is not longer than this many stroke widths is a dot: a tap that moved by half a width at most."""

_SPOT: Final = 0.2
"""A spot of a picture that is longer than this part of the picture's side is no dot."""

_ROUND: Final = 0.75
"""A spot whose darker half and the ellipse in its box share this part of their union is round."""


_MIDDLE: Final = ((SIDE - BOX) // 2, (SIDE - BOX) // 2)
"""Row and column at which the 20x20 lies in the middle of the 28x28."""


@dataclass(frozen=True)
class Square:
    """A square in samples, not bound to whole ones; it may reach beyond the raster, where there is paper."""

    top: float
    left: float
    side: float


@dataclass(frozen=True, eq=False)
class Stages:
    """What became of a drawing, stage by stage.

    Attributes:
        raster: the samples.
        box: the ink's box in the raster.
        square: the square that was taken from the raster.
        small: float64, shape (20, 20): mean ink of each pixel, 0 to 255.
        full: uint8, shape (20, 20): the same at full contrast.
        offset: row and column of `image` at which the top left pixel of `full` was placed.
        image: uint8, shape (28, 28): what the model reads.
    """

    raster: Raster
    box: Box
    square: Square
    small: NDArray[np.float64]
    full: NDArray[np.uint8]
    offset: tuple[int, int]
    image: NDArray[np.uint8]


def digit_image(drawing: Drawing, procedure: Procedure = DEFAULT) -> NDArray[np.uint8] | None:
    """What a model reads of a drawing: uint8, shape (28, 28), or None when it is blank or a lone dot."""
    result = stages(drawing, procedure)
    return None if result is None else result.image


def stages(drawing: Drawing, procedure: Procedure = DEFAULT) -> Stages | None:
    """Every stage from a drawing to its 28x28, or None when it is blank or a lone dot.

    Args:
        drawing: strokes, perhaps above a picture.
        procedure: which stages are used.
    """
    raster = rasterise(drawing)
    box = None if raster is None else ink_box(raster.samples)
    if raster is None or box is None or is_dot(drawing, raster, box):
        return None
    square = square_around(box, drawing.least_side * raster.scale)
    small = resample(raster.samples, square)
    full = full_contrast(small) if procedure.contrast else rounded(small)
    offset = placement(full) if procedure.centring and full.any() else _MIDDLE
    return Stages(raster, box, square, small, full, offset, place(full, offset))


def is_dot(drawing: Drawing, raster: Raster, box: Box) -> bool:
    """Whether the ink is a lone dot, which is no digit.

    A drawn dot is not much longer than its pen is wide. The pen of a picture is unknown: there a dot is a spot that is
    small beside the picture, and round.
    """
    if drawing.picture is None or not drawing.picture.any():
        return box.side <= _DOT * max(drawing.widest * raster.scale, 1)
    if box.side > _SPOT * max(drawing.picture.shape) * raster.scale:
        return False
    ink = raster.samples[box.top : box.bottom, box.left : box.right]
    dark = ink >= ink.max() / 2
    core = ink_box(dark.view(np.uint8))
    if core is None or core.side > 1.5 * min(core.height, core.width):
        return False
    dark = dark[core.top : core.bottom, core.left : core.right]
    y = (2 * np.arange(core.height) + 1) / core.height - 1
    x = (2 * np.arange(core.width) + 1) / core.width - 1
    ellipse = y[:, np.newaxis] ** 2 + x**2 <= 1
    return bool((dark & ellipse).sum() >= _ROUND * (dark | ellipse).sum())


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


def full_contrast(small: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Scaled so that the darkest ink is 255 and paper stays 0, rounded; `small` must not be blank."""
    return rounded(small * 255 / small.max())


def rounded(small: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Whole numbers, 0 to 255; halves go up."""
    return np.floor(small + 0.5).astype(np.uint8)


def placement(full: NDArray[np.uint8]) -> tuple[int, int]:
    """Row and column of the 28x28 at which the top left pixel of the 20x20 goes.

    With the centre of mass b, pixel centres at i + 0.5, each is int(15 - b), as in xnist.lsh: it reproduces where the
    digits of MNIST lie, with centres of mass between 13.5 and 14.5 (pixel centres at i).
    """
    ink = full.astype(np.float64)
    centres = np.arange(BOX) + 0.5
    total = ink.sum()
    return int(15 - ink.sum(axis=1) @ centres / total), int(15 - ink.sum(axis=0) @ centres / total)


def place(full: NDArray[np.uint8], offset: tuple[int, int]) -> NDArray[np.uint8]:
    """The 20x20 on the paper of a 28x28; what falls outside is cut."""
    paper = np.zeros((SIDE + 2 * BOX, SIDE + 2 * BOX), np.uint8)
    row, column = offset[0] + BOX, offset[1] + BOX
    paper[row : row + BOX, column : column + BOX] = full
    return paper[BOX : BOX + SIDE, BOX : BOX + SIDE].copy()


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
