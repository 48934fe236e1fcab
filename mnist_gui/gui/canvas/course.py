"""How a drawing came about: which part of it is there at a time, if the pen has moved evenly."""

from bisect import bisect_right
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.raster import thinned

PEN_SPEED: Final = 450.0
"""Units a second: a digit that fills the canvas takes about two seconds."""

AIR_SPEED: Final = 900.0
"""The same for a pen that is up."""

_LONGEST_HOP: Final = 0.3
_DOT: Final = 0.06
"""Seconds."""

MOST_POINTS: Final = 1_000
"""Of a drawing whose growth can be followed; a real digit has up to two hundred."""


class Course:
    """A drawing in time. Files say where a pen was and not when, so its speed is the same everywhere.

    Attributes:
        whole: the drawing when it is done.
        duration: seconds until then.
    """

    def __init__(self, drawing: Drawing, where: str = "This drawing") -> None:
        """Lays out the times.

        Args:
            drawing: in units of the canvas.
            where: names it in messages.

        Raises:
            DatasetError: it has too many points, even without those that do not show.
        """
        self.whole = _bounded(drawing, where)
        self._begins: list[float] = []
        self._ends: list[float] = []
        self._ways: list[NDArray[np.float64]] = []
        now = 0.0
        last = None
        for stroke in self.whole.strokes:
            if last is not None:
                now += min(float(np.hypot(*(stroke.points[0] - last))) / AIR_SPEED, _LONGEST_HOP)
            steps = np.diff(stroke.points, axis=0)
            way = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))]) / PEN_SPEED
            self._begins.append(now)
            self._ways.append(way)
            now += max(float(way[-1]), _DOT)
            self._ends.append(now)
            last = stroke.points[-1]
        self.duration = now

    def drawing_at(self, seconds: float) -> Drawing:
        """What there is after some seconds: strokes that are done, and one as far as the pen has come."""
        if seconds >= self.duration:
            return self.whole
        done = bisect_right(self._ends, seconds)
        strokes = self.whole.strokes[:done]
        if done < len(self._begins) and seconds >= self._begins[done]:
            strokes = (*strokes, self._part(done, seconds - self._begins[done]))
        return replace(self.whole, strokes=strokes)

    def _part(self, number: int, seconds: float) -> Stroke:
        """The first seconds of a stroke."""
        stroke, way = self.whole.strokes[number], self._ways[number]
        passed = int(np.searchsorted(way, seconds, side="right"))
        if passed >= len(way):
            return stroke
        share = (seconds - way[passed - 1]) / (way[passed] - way[passed - 1])
        ends = stroke.points[passed - 1 : passed + 1]
        points = np.concatenate([stroke.points[:passed], [ends[0] + share * (ends[1] - ends[0])]])
        if stroke.widths is None:
            return Stroke(points, stroke.width, stroke.erase)
        before, after = stroke.widths[passed - 1 : passed + 1]
        widths = np.append(stroke.widths[:passed], before + share * (after - before))
        return Stroke(points, float(widths.max()), stroke.erase, widths)


def _bounded(drawing: Drawing, where: str) -> Drawing:
    """The drawing, without the points that do not show where it has very many."""
    if _points(drawing) <= MOST_POINTS:
        return drawing
    drawing = replace(drawing, strokes=tuple(_thinned(stroke) for stroke in drawing.strokes))
    if _points(drawing) > MOST_POINTS:
        raise DatasetError(
            f"{where}: expected at most {MOST_POINTS:,} points that show, to be replayed, found {_points(drawing):,}."
        )
    return drawing


def _points(drawing: Drawing) -> int:
    return sum(len(stroke.points) for stroke in drawing.strokes)


def _thinned(stroke: Stroke) -> Stroke:
    ends = np.zeros(len(stroke.points), np.bool_)
    ends[-1] = True
    _, _, kept = thinned(stroke.points, ends, None if stroke.widths is None else stroke.radii)
    if stroke.widths is None:
        return Stroke(stroke.points[kept], stroke.width, stroke.erase)
    widths = stroke.widths[kept]
    return Stroke(stroke.points[kept], float(widths.max()), stroke.erase, widths)
