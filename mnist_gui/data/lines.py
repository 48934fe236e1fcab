"""Strokes as few arrays, relative to their own box: what is sampled, after specks were dropped and widths changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Stroke

_STEPS: Final = 64
"""Coordinates are rounded to this many steps a unit."""

_TIE: Final = 2.0**-20
"""Of a step. A coordinate half-way between two steps goes down even after a shift has cost it its last bits."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Strokes in order; a scribble of hundreds costs hardly more than a digit.

    Attributes:
        points: float64, shape (n, 2), all strokes one after the other, x right and y down in units.
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
    def of(cls, strokes: Sequence[Stroke]) -> "Lines | None":
        """None when there are none."""
        if not strokes:
            return None
        lengths = np.array([len(stroke.points) for stroke in strokes])
        tapers = any(stroke.widths is not None for stroke in strokes)
        if tapers:
            radii = np.concatenate([stroke.radii for stroke in strokes])
        else:
            radii = np.repeat([stroke.width / 2 for stroke in strokes], lengths)
        return cls(
            np.concatenate([stroke.points for stroke in strokes]),
            radii,
            np.cumsum(lengths) - lengths,
            np.array([stroke.erase for stroke in strokes]),
            tapers,
        )

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """Number of points of each stroke, shape (k,)."""
        lengths: NDArray[np.intp] = np.append(self.starts[1:], len(self.points)) - self.starts
        return lengths

    @cached_property
    def erases(self) -> bool:
        """Whether some stroke erases."""
        return bool(self.erase.any())

    def relative_to(self, origin: NDArray[np.float64]) -> "Lines":
        """With coordinates relative to `origin`, float64 of shape (2,), rounded to 1/64 unit."""
        return replace(self, points=np.floor((self.points - origin) * _STEPS + 0.5 - _TIE) / _STEPS)

    @cached_property
    def ink_corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the largest x and y that what adds ink reaches, in units; some must add."""
        points, radii = self.points, self.radii[:, np.newaxis]
        if self.erases:
            adds = ~np.repeat(self.erase, self.lengths)
            points, radii = points[adds], radii[adds]
        return (points - radii).min(axis=0), (points + radii).max(axis=0)

    def areas(self) -> NDArray[np.float64]:
        """Ink of each stroke in square units, shape (k,), as if none met another or itself."""
        return np.add.reduceat(2 * self.radii * self._ways, self.starts)

    def pen_width(self, counting: NDArray[np.bool_] | None = None) -> float:
        """The mean width of what adds ink, in units, longer strokes counting for more; some must add.

        Args:
            counting: shape (n,), which points count; by default all.
        """
        ways = self._ways
        if self.erases:
            ways = np.where(np.repeat(self.erase, self.lengths), 0, ways)
        if counting is not None:
            ways = np.where(counting, ways, 0)
        return 2 * float(ways @ self.radii) / float(ways.sum())

    def with_pen(self, factor: float) -> "Lines":
        """The same strokes, those that add ink `factor` times as wide.

        An eraser keeps its width where ink gets thinner. Where ink gets thicker it is widened by as much, so that it
        still takes away what it took away.
        """
        if factor == 1:
            return self
        radii = self.radii * factor
        if self.erases:
            grown = max(0.0, (factor - 1) * self.pen_width() / 2)
            radii = np.where(np.repeat(self.erase, self.lengths), self.radii + grown, radii)
        return replace(self, radii=radii)

    def without(self, gone: NDArray[np.bool_]) -> "Lines":
        """Without some strokes: `gone`, shape (k,), says which."""
        lengths = self.lengths
        points, kept = ~np.repeat(gone, lengths), lengths[~gone]
        return replace(
            self,
            points=self.points[points],
            radii=self.radii[points],
            starts=np.cumsum(kept) - kept,
            erase=self.erase[~gone],
        )

    @cached_property
    def _ways(self) -> NDArray[np.float64]:
        """Length of the way to each point in units, shape (n,); to the first of a stroke that of its caps."""
        step = np.zeros_like(self.points)
        step[1:] = self.points[1:] - self.points[:-1]
        way: NDArray[np.float64] = np.sqrt((step * step).sum(axis=1))
        way[self.starts] = 2 * self.radii[self.starts]
        return way
