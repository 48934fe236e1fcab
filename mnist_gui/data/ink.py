"""From strokes to the 28x28 that a model reads, as MNIST was made.

The procedure is the published reconstruction of MNIST (facebookresearch/qmnist, ``making_qmnist/xnist.lsh``; Yadav and
Bottou 2019, arXiv 1905.10498): the ink's box, widened to a square, averaged down to 20x20, brought to full contrast,
and placed so that its centre of mass is the middle of the 28x28. Each stage is a function of its own.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.data.drawing import CANVAS_SIDE, Drawing
from mnist_gui.data.ink_preparation import prepared
from mnist_gui.data.procedure import DEFAULT, Procedure
from mnist_gui.data.resampling import Square, resample, square_around
from mnist_gui.data.sampling import BOX, Box, Raster, ink_box


@dataclass(frozen=True, eq=False)
class Stages:
    """What became of a drawing, stage by stage.

    Attributes:
        specks: how many were dropped.
        pen: width of the strokes as they were drawn, in pixels of the 20x20 (of the 28x28 without a box).
        pen_used: their width after it was changed.
        raster: the samples, without specks and with strokes of that width.
        box: the ink's box in the raster.
        square: the square that was taken from the raster.
        small: float64, shape (20, 20), or (28, 28) without a box: mean ink of each pixel, 0 to 255.
        full: uint8, of the same shape: the same at full contrast.
        offset: row and column of `image` at which the top left pixel of `full` was placed.
        image: uint8, shape (28, 28): what the model reads.
    """

    specks: int
    pen: float
    pen_used: float
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
    ink = prepared(drawing, procedure)
    box = None if ink is None else ink_box(ink.raster.samples)
    if ink is None or box is None:
        return None
    raster = ink.raster
    if procedure.box:
        square, pixels = square_around(box, drawing.least_side * raster.scale), BOX
    else:
        square, pixels = paper_square(drawing, raster), SIDE
    small = ink.small if procedure.box and ink.small is not None else resample(raster.samples, square, pixels)
    if not small.any():
        return None
    full, offset, image = placed(small, procedure)
    return Stages(ink.specks, ink.pen, ink.pen_used, raster, box, square, small, full, offset, image)


def placed(
    small: NDArray[np.float64], procedure: Procedure
) -> tuple[NDArray[np.uint8], tuple[int, int], NDArray[np.uint8]]:
    """The last stages: contrast, and the place in the 28x28.

    Args:
        small: float64, shape (20, 20) or (28, 28), 0 to 255, not blank.
        procedure: whether contrast and centring are used.

    Returns:
        `full`, `offset` and `image` as in `Stages`.
    """
    full = full_contrast(small) if procedure.contrast else rounded(small)
    middle = (SIDE - len(small)) // 2
    offset = placement(full) if procedure.centring and full.any() else (middle, middle)
    return full, offset, place(full, offset)


def paper_square(drawing: Drawing, raster: Raster) -> Square:
    """All the paper: the canvas, or the picture, widened to a square."""
    height, width = (CANVAS_SIDE, CANVAS_SIDE) if drawing.picture is None else drawing.picture.shape
    side = max(height, width)
    return Square(
        (-(side - height) / 2 - raster.top) * raster.scale,
        (-(side - width) / 2 - raster.left) * raster.scale,
        side * raster.scale,
    )


def full_contrast(small: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Scaled so that the darkest ink is 255 and paper stays 0, rounded; `small` must not be blank."""
    return rounded(small * 255 / small.max())


def rounded(small: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Whole numbers, 0 to 255; halves go up."""
    return np.floor(small + 0.5).astype(np.uint8)


def placement(full: NDArray[np.uint8]) -> tuple[int, int]:
    """Row and column of the 28x28 at which the top left pixel of a square of 20x20 or 28x28 goes.

    With the centre of mass b, pixel centres at i + 0.5, each is 15 - b rounded down, as in xnist.lsh: it reproduces
    where the digits of MNIST lie, with centres of mass between 13.5 and 14.5 (pixel centres at i).
    """
    ink = full.astype(np.float64)
    centres = np.arange(len(full)) + 0.5
    total = ink.sum()
    return math.floor(15 - ink.sum(axis=1) @ centres / total), math.floor(15 - ink.sum(axis=0) @ centres / total)


def place(full: NDArray[np.uint8], offset: tuple[int, int]) -> NDArray[np.uint8]:
    """A small square on the paper of a 28x28; what falls outside is cut."""
    paper = np.zeros((3 * SIDE, 3 * SIDE), np.uint8)
    row, column = offset[0] + SIDE, offset[1] + SIDE
    paper[row : row + len(full), column : column + len(full)] = full
    return paper[SIDE : 2 * SIDE, SIDE : 2 * SIDE].copy()
