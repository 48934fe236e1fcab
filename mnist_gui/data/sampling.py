"""A drawing as samples of ink, fine enough that the later 20x20 does not show them.

Coordinates are taken relative to the drawing's own box and rounded to 1/64 unit, so that the same drawing anywhere
gives the same samples.
"""

import math
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.raster import covered, thinned

BOX: Final = 20
"""Side in pixels of the square that a digit is brought to, before it is placed in the 28x28."""

FINENESS: Final = 16
"""Samples a pixel of the 20x20 in each direction; half of it at the least, after much of a drawing was erased."""

_STEPS: Final = 64
"""Coordinates are rounded to this many steps a unit."""

_TIE: Final = 2.0**-20
"""Of a step. A coordinate half-way between two steps goes down even after a shift has cost it its last bits."""


@dataclass(frozen=True, eq=False)
class Raster:
    """A drawing as samples of ink.

    Attributes:
        samples: uint8, shape (rows, columns), 0 paper to 255 ink.
        scale: samples a unit of the drawing.
    """

    samples: NDArray[np.uint8]
    scale: float


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
    if drawing.picture is not None:
        return _on_picture(drawing.strokes, drawing.picture)
    adding = [stroke for stroke in drawing.strokes if not stroke.erase]
    if not adding:
        return None
    origin = np.min([(stroke.points - stroke.radii[:, np.newaxis]).min(axis=0) for stroke in adding], axis=0)
    lines = _relative(drawing.strokes, origin)
    extent = np.max([line.ends[1] for line in lines if not line.erase], axis=0)
    raster = _sampled(lines, np.zeros(2), extent, drawing.least_side)
    box = ink_box(raster.samples)
    if box is not None and max(box.side, drawing.least_side * raster.scale) < BOX * FINENESS / 2:
        # Most of it was erased: sample what is left as finely as a whole drawing.
        origin = np.array([box.left, box.top]) / raster.scale
        raster = _sampled(lines, origin, np.array([box.width, box.height]) / raster.scale, drawing.least_side)
    return raster


def ink_box(samples: NDArray[np.uint8]) -> Box | None:
    """The smallest box around all that is not paper, or None when all is."""
    rows = np.flatnonzero(samples.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(samples[rows[0] : rows[-1] + 1].any(axis=0))
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


class _Line(NamedTuple):
    """A stroke whose points are relative to an origin and rounded."""

    points: NDArray[np.float64]
    radii: NDArray[np.float64]
    erase: bool
    tapers: bool

    @property
    def ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The top left and the bottom right corner of its ink: float64, each of shape (2,), x and y."""
        radii = self.radii[:, np.newaxis]
        return (self.points - radii).min(axis=0), (self.points + radii).max(axis=0)

    def thinned(self, origin: NDArray[np.float64], scale: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points and radii in samples, without the points that do not show."""
        points = (self.points - origin) * scale
        if not self.tapers:
            points = thinned(points)
            return points, self.radii[: len(points)] * scale
        both = thinned(np.column_stack([points, self.radii * scale]))
        return both[:, :2], both[:, 2]


def _relative(strokes: tuple[Stroke, ...], origin: NDArray[np.float64]) -> list[_Line]:
    """Strokes with coordinates relative to `origin`, rounded to 1/64 unit."""
    return [
        _Line(
            np.floor((stroke.points - origin) * _STEPS + 0.5 - _TIE) / _STEPS,
            stroke.radii,
            stroke.erase,
            stroke.widths is not None,
        )
        for stroke in strokes
    ]


def _sampled(
    lines: list[_Line], origin: NDArray[np.float64], extent: NDArray[np.float64], least_side: float
) -> Raster:
    """Lines in order on blank paper; `origin` and `extent` (x, y) in units are the part that is sampled."""
    scale = BOX * FINENESS / max(float(extent.max()), least_side)
    columns, rows = (max(1, math.ceil(length * scale - 1e-6)) for length in extent)
    ink = np.zeros((rows, columns), np.uint8)
    _draw(lines, origin, scale, ink)
    return Raster(ink, scale)


def _on_picture(strokes: tuple[Stroke, ...], picture: NDArray[np.uint8]) -> Raster:
    """Strokes in order on a picture, whose pixels are repeated as often as the strokes need; it is all the paper."""
    corners: list[NDArray[np.float64]] = []
    box = ink_box(picture)
    if box is not None:
        corners += [np.array([box.left, box.top], np.float64), np.array([box.right, box.bottom], np.float64)]
    lines = _relative(strokes, np.zeros(2))
    for line in lines:
        if not line.erase:
            corners.extend(line.ends)
    if not corners:
        return Raster(np.zeros((1, 1), np.uint8), 1.0)
    height, width = picture.shape
    left, top = np.clip(np.floor(np.min(corners, axis=0)), 0, (width - 1, height - 1)).astype(np.int64)
    right, bottom = np.clip(np.ceil(np.max(corners, axis=0)), (left + 1, top + 1), (width, height)).astype(np.int64)
    ink = picture[top:bottom, left:right]
    if not lines:
        return Raster(ink, 1.0)
    times = math.ceil(BOX * FINENESS / 2 / max(ink.shape))
    ink = ink.repeat(times, axis=0).repeat(times, axis=1)
    _draw(lines, np.array([left, top], np.float64), float(times), ink)
    return Raster(ink, float(times))


def _draw(lines: list[_Line], origin: NDArray[np.float64], scale: float, ink: NDArray[np.uint8]) -> None:
    """Adds and erases lines in their order, in place. Neighbours of one kind are drawn together."""
    for erase, group in groupby(lines, key=lambda line: line.erase):
        together = list(group)
        parts, radii = zip(*(line.thinned(origin, scale) for line in together), strict=True)
        lengths = [len(part) for part in parts]
        ends = np.zeros(sum(lengths), np.bool_)
        ends[np.cumsum(lengths) - 1] = True
        rows, columns = ink.shape
        ink[covered(np.concatenate(parts), ends, np.concatenate(radii), (rows, columns))] = 0 if erase else 255
