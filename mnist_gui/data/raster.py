"""Polylines with a width and round caps, turned into samples of ink.

A segment with round caps, which may be wider at one end than at the other, is convex, so a horizontal line meets it in
one interval, which has a closed form. The union of all intervals of a row is found by counting: +1 where one begins,
-1 where it ends. The cost grows with the number of segments and the rows they touch, not with the area of the pen.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST_RADIUS: Final = 0.75
"""In samples. A disc of this radius holds a sample wherever it lies, so no stroke falls through the grid."""

_SEGMENTS_AT_ONCE: Final = 2048
"""Bounds the memory of a scribble of many thousand segments; a digit has a few hundred at most."""


STRAY: Final = 0.25
"""In samples: a point this near to the way between its neighbours is left out."""


def thinned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A polyline without the points that do not show: a pen that reports often costs no more than one that does not.

    First one point a sample's length of way is kept; then, as long as it changes anything, every other point goes that
    lies within `STRAY` of the straight way between its neighbours. On a curve each pass errs four times as much as the
    one before, so what is left strays by a third more than `STRAY` at most.

    Args:
        points: float64, shape (n, 2), in samples; or (n, 3) with the radius at each point, which then counts as a
            third direction: what is left tapers as the whole did.
    """
    if len(points) > 2:
        steps = np.diff(points, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        if steps.shape[1] == 3:
            lengths = lengths + np.abs(steps[:, 2])
        way = np.floor(np.cumsum(lengths))
        keep = np.ones(len(points), np.bool_)
        keep[1:-1] = np.diff(way, prepend=0.0)[:-1] > 0
        points = points[keep]
    while len(points) > 2:
        before, middle, after = points[:-2:2], points[1:-1:2], points[2::2]
        chord = after - before
        square = np.maximum((chord * chord).sum(axis=1), 1e-12)
        along = np.clip(((middle - before) * chord).sum(axis=1) / square, 0, 1)
        stray = middle - before - along[:, np.newaxis] * chord
        drop = (stray * stray).sum(axis=1) <= STRAY * STRAY
        if not drop.any():
            break
        keep = np.ones(len(points), np.bool_)
        keep[1:-1:2] = ~drop
        points = points[keep]
    return points


def covered(
    points: NDArray[np.float64], ends: NDArray[np.bool_], radii: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """The samples that lie on polylines. Sample (row, column) is taken at y = row + 0.5, x = column + 0.5.

    Args:
        points: shape (n, 2), x right and y down in samples: all polylines, one after the other.
        ends: shape (n,), whether a polyline ends at this point.
        radii: shape (n,), half the width in samples at each point; a segment tapers from one to the next.
        shape: rows and columns of the result; what lies outside is cut.

    Returns:
        Shape `shape`, true where a polyline of at least `LEAST_RADIUS` covers the sample.
    """
    rows, columns = shape
    # One column more: an interval that reaches the right edge ends there.
    count = np.zeros(rows * (columns + 1), np.int32)
    one = np.int32(1)  # of the same type: thirty times as fast as the number 1
    following = np.roll(points, -1, axis=0)
    tapered = np.maximum(radii, LEAST_RADIUS)
    narrowing = np.roll(tapered, -1)
    narrowing[ends] = tapered[ends]
    following[ends] = points[ends]  # the last point of a polyline is a segment of no length: its cap, or a dot
    for start in range(0, len(points), _SEGMENTS_AT_ONCE):
        part = slice(start, start + _SEGMENTS_AT_ONCE)
        row, left, right = _intervals(points[part], following[part], tapered[part], narrowing[part], rows)
        first = np.clip(np.ceil(left - 0.5), 0, columns).astype(np.int64)
        after = np.clip(np.floor(right + 0.5), first, columns).astype(np.int64)
        base = row * (columns + 1)
        np.add.at(count, base + first, one)
        np.subtract.at(count, base + after, one)
    # Each row's beginnings and ends cancel out, so one sum runs through all rows.
    inside = np.cumsum(count, dtype=np.int32).reshape(rows, columns + 1)
    return inside[:, :columns] > 0


def _intervals(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    first_radius: NDArray[np.float64],
    last_radius: NDArray[np.float64],
    rows: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Where rows meet segments: the row, and the left and right end, of each pair that meets.

    A segment with round caps is the hull of two discs. Its interval in a row is the hull of up to four: the row's
    chord of either disc, and the row's crossing of either tangent that joins them. With L between the centres, a
    tangent's normal leans by s = (r1 - r2) / L towards the smaller disc; where one disc lies in the other there is
    none, which s = 1 says by a tangent of no length.
    """
    low = np.minimum(start[:, 1] - first_radius, stop[:, 1] - last_radius)
    high = np.maximum(start[:, 1] + first_radius, stop[:, 1] + last_radius)
    first = np.clip(np.ceil(low - 0.5), 0, rows).astype(np.int64)
    after = np.clip(np.floor(high - 0.5) + 1, first, rows).astype(np.int64)
    numbers = after - first
    segment = np.repeat(np.arange(len(numbers)), numbers)
    row = np.arange(len(segment)) - np.repeat(np.cumsum(numbers) - numbers - first, numbers)

    y = row + 0.5
    step = stop - start
    length = np.hypot(step[:, 0], step[:, 1])
    safe = np.where(length > 0, length, 1)
    along_way = step / safe[:, np.newaxis]
    across_way = np.stack([-along_way[:, 1], along_way[:, 0]], axis=1)
    lean = np.clip((first_radius - last_radius) / safe, -1, 1)
    upright = np.sqrt(1 - lean * lean)
    left = np.full(len(row), np.inf)
    right = np.full(len(row), -np.inf)
    for centre, radius in ((start, first_radius), (stop, last_radius)):
        half = radius[segment] ** 2 - (y - centre[segment, 1]) ** 2
        meets = half >= 0
        half = np.sqrt(np.where(meets, half, 0))
        x = centre[segment, 0]
        left = np.where(meets, np.minimum(left, x - half), left)
        right = np.where(meets, np.maximum(right, x + half), right)
    for side in (1.0, -1.0):
        normal = lean[:, np.newaxis] * along_way + (side * upright)[:, np.newaxis] * across_way
        foot = start + first_radius[:, np.newaxis] * normal
        unit = upright[:, np.newaxis] * along_way - (side * lean)[:, np.newaxis] * across_way
        # Where a tangent is horizontal the discs say all.
        rise = np.where(unit[:, 1] == 0, np.inf, unit[:, 1])
        along = (y - foot[segment, 1]) / rise[segment]
        meets = (along >= 0) & (along <= (length * upright)[segment]) & np.isfinite(rise)[segment]
        x = foot[segment, 0] + along * unit[segment, 0]
        left = np.where(meets, np.minimum(left, x), left)
        right = np.where(meets, np.maximum(right, x), right)
    return row, left, right
