"""Which strokes of a drawing something round touches on its way: for an eraser that takes whole strokes away."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.raster import covered

_FINENESS: Final = 2.0
"""Samples a unit, where it is looked up what an eraser has left of a stroke."""


def touched(drawing: Drawing, start: tuple[float, float], stop: tuple[float, float], radius: float) -> tuple[int, ...]:
    """The strokes whose ink a disc touches while its centre goes straight from `start` to `stop`.

    What a later stroke has erased of a stroke is no longer there to be touched.

    Args:
        drawing: its picture counts for nothing.
        start: x and y in units.
        stop: x and y in units; may be `start`.
        radius: of the disc, in units, more than 0.

    Returns:
        Places in `drawing.strokes`, ascending; of strokes that add ink only.
    """
    ends = np.array([start, stop], np.float64)
    found = []
    for place, stroke in enumerate(drawing.strokes):
        if stroke.erase or not _meets(stroke, ends, radius):
            continue
        erasing = [later for later in drawing.strokes[place + 1 :] if later.erase]
        if not erasing or _shows(stroke, erasing, ends, radius):
            found.append(place)
    return tuple(found)


def _meets(stroke: Stroke, ends: NDArray[np.float64], radius: float) -> bool:
    """Whether a stroke's ink, erased or not, and the disc's way touch."""
    low, high = ends.min(axis=0) - radius - stroke.width / 2, ends.max(axis=0) + radius + stroke.width / 2
    if (stroke.points.max(axis=0) < low).any() or (stroke.points.min(axis=0) > high).any():
        return False
    points, radii = stroke.points, stroke.radii
    if len(points) == 1:
        return bool(_distance(points, ends[:1], ends[1:])[0][0] <= radius + radii[0])
    first, last = points[:-1], points[1:]
    if _cross(first, last, ends[0], ends[1]).any():
        return True
    away, _ = _distance(points, ends[:1], ends[1:])
    if (away <= radius + radii).any():
        return True
    for end in ends:
        away, along = _distance(end[np.newaxis], first, last)
        if (away <= radius + radii[:-1] + along * (radii[1:] - radii[:-1])).any():
            return True
    return False


def _distance(
    points: NDArray[np.float64], first: NDArray[np.float64], last: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From points to segments, each array of shape (n, 2) or (1, 2): distance, and where on the segment (0 to 1)."""
    step = last - first
    square = np.maximum((step * step).sum(axis=1), 1e-12)
    along = np.clip(((points - first) * step).sum(axis=1) / square, 0, 1)
    away = points - first - along[:, np.newaxis] * step
    return np.hypot(away[:, 0], away[:, 1]), along


def _cross(
    first: NDArray[np.float64], last: NDArray[np.float64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which segments the way from `start` to `stop` crosses: bool, shape (n,)."""

    def side(a: NDArray[np.float64], b: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
        along, away = b - a, p - a
        turn: NDArray[np.float64] = along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0]
        return turn

    apart = side(start, stop, first) * side(start, stop, last) < 0
    return apart & (side(first, last, start) * side(first, last, stop) < 0)


def _shows(stroke: Stroke, erasing: list[Stroke], ends: NDArray[np.float64], radius: float) -> bool:
    """Whether ink of the stroke is left where the disc goes."""
    corner = ends.min(axis=0) - radius
    extent = (ends.max(axis=0) + radius - corner) * _FINENESS
    shape = (math.ceil(extent[1]), math.ceil(extent[0]))

    def samples(points: NDArray[np.float64], radii: NDArray[np.float64]) -> NDArray[np.bool_]:
        last = np.zeros(len(points), np.bool_)
        last[-1] = True
        return covered((points - corner) * _FINENESS, last, radii * _FINENESS, shape)

    left = samples(ends, np.full(2, radius)) & samples(stroke.points, stroke.radii)
    for later in erasing:
        left &= ~samples(later.points, later.radii)
    return bool(left.any())
