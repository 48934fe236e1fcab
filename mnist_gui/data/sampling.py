"""A drawing as samples of ink, fine enough that the later 20x20 does not show them.

Coordinates are taken relative to the drawing's own box and rounded to 1/64 unit, so that the same drawing anywhere
gives the same samples.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Drawing
from mnist_gui.data.lines import Lines
from mnist_gui.data.raster import covered, thinned

BOX: Final = 20
"""Side in pixels of the square that a digit is brought to, before it is placed in the 28x28."""

FINENESS: Final = 12
"""Samples a pixel of the 20x20 in each direction; half of it at the least, after much of a drawing was erased."""


@dataclass(frozen=True, eq=False)
class Raster:
    """A drawing as samples of ink.

    Attributes:
        samples: uint8, shape (rows, columns), 0 paper to 255 ink.
        scale: samples a unit of the drawing.
        top: y of the first row's upper edge, in units.
        left: x of the first column's left edge, in units.
    """

    samples: NDArray[np.uint8]
    scale: float
    top: float = 0.0
    left: float = 0.0


@dataclass(frozen=True)
class Box:
    """A rectangle of whole samples: rows `top` to `bottom`, columns `left` to `right`, the last not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def side(self) -> int:
        """The longer of height and width."""
        return max(self.height, self.width)


def rasterise(drawing: Drawing) -> Raster | None:
    """Samples of a drawing, at least eight a pixel of the later 20x20 in each direction.

    Coordinates are taken relative to the drawing's own box and rounded to 1/64 unit, so that the same drawing anywhere
    gives the same samples. A picture is the paper: coordinates are taken relative to its corner, what lies outside is
    cut, and its pixels are repeated at most, never resampled.

    Returns:
        None when nothing adds ink.
    """
    lines = Lines.of(drawing.strokes)
    if drawing.picture is not None:
        return sample_on_picture(lines, drawing.picture)
    if lines is None or lines.erase.all():
        return None
    origin = lines.ink_corners[0]
    return sample(lines.relative_to(origin), drawing.least_side, origin)


def sample(lines: Lines, least_side: float, origin: NDArray[np.float64], fineness: int = FINENESS) -> Raster:
    """Samples of lines on blank paper.

    Args:
        lines: some add ink.
        least_side: in units; a smaller box is sampled as one of this side.
        origin: float64, shape (2,): where the lines' zero lies in the drawing.
        fineness: samples a pixel of the 20x20 in each direction.
    """
    low, high = lines.ink_corners
    raster = _sampled(lines, low, high - low, least_side, origin, fineness)
    if not lines.erases:
        return raster
    box = ink_box(raster.samples)
    if box is not None and max(box.side, least_side * raster.scale) < BOX * fineness / 2:
        # Most of it was erased: sample what is left as finely as a whole drawing.
        # One sample more on each side: ink may reach as far beyond the samples that hold it.
        inner = low + np.array([box.left - 1, box.top - 1]) / raster.scale
        extent = np.array([box.width + 2, box.height + 2]) / raster.scale
        raster = _sampled(lines, inner, extent, least_side, origin, fineness)
    return raster


def ink_box(samples: NDArray[np.uint8]) -> Box | None:
    """The smallest box around all that is not paper, or None when all is."""
    rows = np.flatnonzero(samples.max(axis=1, initial=0))  # several times as fast as asking for any
    if not len(rows):
        return None
    columns = np.flatnonzero(samples[rows[0] : rows[-1] + 1].max(axis=0))
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def _sampled(
    lines: Lines,
    inner: NDArray[np.float64],
    extent: NDArray[np.float64],
    least_side: float,
    origin: NDArray[np.float64],
    fineness: int,
) -> Raster:
    """Lines in order on blank paper; `inner` and `extent` (x, y), in units from `origin`, are the part to sample."""
    scale = BOX * fineness / max(float(extent.max()), least_side)
    columns, rows = (max(1, math.ceil(length * scale - 1e-6)) for length in extent)
    ink = _draw(lines, inner, scale, np.zeros((rows, columns), np.uint8))
    left, top = origin + inner
    return Raster(ink, scale, float(top), float(left))


def sample_on_picture(lines: Lines | None, picture: NDArray[np.uint8]) -> Raster:
    """Strokes in order on a picture, whose pixels are repeated as often as the strokes need; it is all the paper."""
    corners: list[NDArray[np.float64]] = []
    box = ink_box(picture)
    if box is not None:
        corners += [np.array([box.left, box.top], np.float64), np.array([box.right, box.bottom], np.float64)]
    if lines is not None:
        lines = lines.relative_to(np.zeros(2))
        corners += [] if lines.erase.all() else [*lines.ink_corners]
    if not corners:
        return Raster(np.zeros((1, 1), np.uint8), 1.0)
    height, width = picture.shape
    left, top = np.clip(np.floor(np.min(corners, axis=0)), 0, (width - 1, height - 1)).astype(np.int64)
    right, bottom = np.clip(np.ceil(np.max(corners, axis=0)), (left + 1, top + 1), (width, height)).astype(np.int64)
    ink = picture[top:bottom, left:right]
    if lines is None:
        return Raster(ink, 1.0, float(top), float(left))
    times = math.ceil(BOX * FINENESS / 2 / max(ink.shape))
    ink = ink.repeat(times, axis=0).repeat(times, axis=1)
    ink = _draw(lines, np.array([left, top], np.float64), float(times), ink)
    return Raster(ink, float(times), float(top), float(left))


def _draw(lines: Lines, origin: NDArray[np.float64], scale: float, paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`paper` with lines added and erased in their order. Neighbours of one kind are drawn together."""
    rows, columns = paper.shape
    blank = not paper.any()
    ends = np.zeros(len(lines.points), np.bool_)
    ends[lines.starts - 1] = True  # the last point of all is the one before the first
    points, radii = (lines.points - origin) * scale, lines.radii * scale
    points, ends, chosen = thinned(points, ends, radii if lines.tapers else None)
    radii = radii[chosen]
    line = np.searchsorted(lines.starts, chosen, side="right") - 1
    changes = np.flatnonzero(np.diff(lines.erase)) + 1
    for first, after in pairwise([0, *changes, len(lines.erase)]):
        erase = bool(lines.erase[first])
        if blank and erase:
            continue
        part = slice(*np.searchsorted(line, [first, after]))
        ink = covered(points[part], ends[part], radii[part], (rows, columns))
        if blank:
            paper, blank = ink.view(np.uint8) * np.uint8(255), False
        else:
            paper[ink] = 0 if erase else 255
    return paper
