"""A drawing as samples of ink, fine enough that the later 20x20 does not show them.

Coordinates are taken relative to the drawing's own box and rounded to 1/64 unit, so that the same drawing anywhere
gives the same samples.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

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
    lines = _Lines.of(drawing.strokes)
    if drawing.picture is not None:
        return _on_picture(lines, drawing.picture)
    if lines is None or lines.erase.all():
        return None
    origin = lines.ink_corners()[0]
    lines = lines.relative_to(origin)
    raster = _sampled(lines, np.zeros(2), lines.ink_corners()[1], drawing.least_side, origin)
    if not lines.erase.any():
        return raster
    box = ink_box(raster.samples)
    if box is not None and max(box.side, drawing.least_side * raster.scale) < BOX * FINENESS / 2:
        # Most of it was erased: sample what is left as finely as a whole drawing.
        inner = np.array([box.left, box.top]) / raster.scale
        extent = np.array([box.width, box.height]) / raster.scale
        raster = _sampled(lines, inner, extent, drawing.least_side, origin)
    return raster


def ink_box(samples: NDArray[np.uint8]) -> Box | None:
    """The smallest box around all that is not paper, or None when all is."""
    rows = np.flatnonzero(samples.max(axis=1, initial=0))  # several times as fast as asking for any
    if not len(rows):
        return None
    columns = np.flatnonzero(samples[rows[0] : rows[-1] + 1].max(axis=0))
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def on_steps(points: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates relative to `origin`, rounded to 1/64 unit.

    Args:
        points: float64, shape (n, 2), in units.
        origin: float64, shape (2,), in units.
    """
    return np.floor((points - origin) * _STEPS + 0.5 - _TIE) / _STEPS


@dataclass(frozen=True, eq=False)
class _Lines:
    """Strokes as few arrays: a scribble of hundreds costs hardly more than a digit.

    Attributes:
        points: float64, shape (n, 2), all strokes one after the other.
        radii: float64, shape (n,), in units.
        starts: shape (k,), the first point of each.
        erase: bool, shape (k,).
        tapers: whether a width changes along a stroke.
    """

    points: NDArray[np.float64]
    radii: NDArray[np.float64]
    starts: NDArray[np.intp]
    erase: NDArray[np.bool_]
    tapers: bool

    @classmethod
    def of(cls, strokes: tuple[Stroke, ...]) -> "_Lines | None":
        """None when there are none."""
        if not strokes:
            return None
        lengths = np.array([len(stroke.points) for stroke in strokes])
        return cls(
            np.concatenate([stroke.points for stroke in strokes]),
            np.concatenate([stroke.radii for stroke in strokes]),
            np.cumsum(lengths) - lengths,
            np.array([stroke.erase for stroke in strokes]),
            any(stroke.widths is not None for stroke in strokes),
        )

    def relative_to(self, origin: NDArray[np.float64]) -> "_Lines":
        """With coordinates relative to `origin`, rounded to 1/64 unit."""
        return replace(self, points=on_steps(self.points, origin))

    def ink_corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the largest x and y that what adds ink reaches, in units; some must add."""
        points, radii = self.points, self.radii[:, np.newaxis]
        if self.erase.any():
            adds = ~np.repeat(self.erase, np.diff(self.starts, append=len(points)))
            points, radii = points[adds], radii[adds]
        return (points - radii).min(axis=0), (points + radii).max(axis=0)


def _sampled(
    lines: _Lines,
    inner: NDArray[np.float64],
    extent: NDArray[np.float64],
    least_side: float,
    origin: NDArray[np.float64],
) -> Raster:
    """Lines in order on blank paper; `inner` and `extent` (x, y), in units from `origin`, are the part to sample."""
    scale = BOX * FINENESS / max(float(extent.max()), least_side)
    columns, rows = (max(1, math.ceil(length * scale - 1e-6)) for length in extent)
    ink = _draw(lines, inner, scale, np.zeros((rows, columns), np.uint8))
    left, top = origin + inner
    return Raster(ink, scale, float(top), float(left))


def _on_picture(lines: _Lines | None, picture: NDArray[np.uint8]) -> Raster:
    """Strokes in order on a picture, whose pixels are repeated as often as the strokes need; it is all the paper."""
    corners: list[NDArray[np.float64]] = []
    box = ink_box(picture)
    if box is not None:
        corners += [np.array([box.left, box.top], np.float64), np.array([box.right, box.bottom], np.float64)]
    if lines is not None:
        lines = lines.relative_to(np.zeros(2))
        corners += [] if lines.erase.all() else [*lines.ink_corners()]
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


def _draw(lines: _Lines, origin: NDArray[np.float64], scale: float, paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
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
