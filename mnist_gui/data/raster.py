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

_LEVEL: Final = 1e-9
"""In samples: the rise that a level segment is given, so that it can be divided by."""

_SEGMENTS_AT_ONCE: Final = 2048
"""Bounds the memory of a scribble of many thousand segments; a digit has a few hundred at most."""


STRAY: Final = 0.25
"""In samples: a point this near to the way between its neighbours is left out."""


def thinned(
    points: NDArray[np.float64], ends: NDArray[np.bool_], radii: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]:
    """Polylines without the points that do not show: a pen that reports often costs no more than one that does not.

    First one point a sample's length of way is kept; then, as long as it changes anything, every other point goes that
    lies within `STRAY` of the straight way between its neighbours. On a curve each pass errs four times as much as the
    one before, so what is left strays by a third more than `STRAY` at most.

    Args:
        points: float64, shape (n, 2), in samples: all polylines, one after the other.
        ends: shape (n,), whether a polyline ends at this point.
        radii: shape (n,), half the width in samples at each point, which then counts as a third direction: what is
            left tapers as the whole did. None where no width changes along a polyline.

    Returns:
        The points that are left, shape (m, 2), whether a polyline ends at each, and which of the n each was.
    """
    everything = np.ascontiguousarray(points).view(np.complex128)[:, 0]  # fewer and faster steps than with two columns
    chosen = np.arange(len(points))
    if len(points) > 2:
        starts = np.flatnonzero(ends[:-1]) + 1
        way = np.zeros(len(points))
        steps = np.abs(everything[1:] - everything[:-1])
        if radii is not None:
            steps += np.abs(radii[1:] - radii[:-1])
        np.cumsum(steps, out=way[1:])
        way -= np.repeat(way[[0, *starts]], np.diff([0, *starts, len(points)]))
        way = np.floor(way)
        keep = ends.copy()
        keep[starts] = keep[0] = True
        keep[1:] |= way[1:] > way[:-1]
        chosen = np.flatnonzero(keep)
    while True:
        middle = _every_other(ends[chosen])
        line = everything[chosen]
        before = line[middle - 1]
        chord, there = line[middle + 1] - before, line[middle] - before
        product, square = (there * chord.conj()).real, _square(chord)
        if radii is not None:
            before_radius = radii[chosen[middle - 1]]
            wider, wider_there = radii[chosen[middle + 1]] - before_radius, radii[chosen[middle]] - before_radius
            product, square = product + wider * wider_there, square + wider * wider
        along = np.clip(product / np.maximum(square, 1e-12), 0, 1)
        stray = _square(there - along * chord)
        if radii is not None:
            stray += (wider_there - along * wider) ** 2
        drop = middle[stray <= STRAY * STRAY]
        if not len(drop):
            return points[chosen], ends[chosen], chosen
        keep = np.ones(len(chosen), np.bool_)
        keep[drop] = False
        chosen = chosen[keep]


def _every_other(ends: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Every other point of each polyline, without the first and the last."""
    last = np.flatnonzero(ends)
    number = np.arange(len(ends))
    if len(last) > 1:
        starts = np.concatenate([[0], last[:-1] + 1])
        number -= np.repeat(starts, last - starts + 1)
    return np.flatnonzero((number & 1).view(np.int64).astype(np.bool_) & ~ends)


def _square(z: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Square of the length."""
    return z.real * z.real + z.imag * z.imag


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
    """Where rows meet segments: the row, and the left and right end, of each pair that meets."""
    low = np.minimum(start[:, 1] - first_radius, stop[:, 1] - last_radius)
    high = np.maximum(start[:, 1] + first_radius, stop[:, 1] + last_radius)
    first = np.clip(np.ceil(low - 0.5), 0, rows).astype(np.int64)
    after = np.clip(np.floor(high - 0.5) + 1, first, rows).astype(np.int64)
    numbers = after - first
    segment = np.repeat(np.arange(len(numbers)), numbers)
    row = np.arange(len(segment)) - np.repeat(np.cumsum(numbers) - numbers - first, numbers)
    if (first_radius == last_radius).all():
        return row, *_even(start, stop, first_radius, segment, row + 0.5)
    return row, *_tapered(start, stop, first_radius, last_radius, segment, row + 0.5)


def _even(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    radius: NDArray[np.float64],
    segment: NDArray[np.int64],
    row: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The left and the right end of segments whose width is the same all along, in the rows that they meet.

    Each is what a disc sweeps whose centre moves from `start` to `stop`. How far to the left it reaches in a row is
    convex in the place t of the centre, 0 to 1: the least is where the derivative vanishes, with the centre a fixed
    height above or below the row, or at the end that is nearest to there. Likewise to the right.
    """
    x, y = start.T
    dx, dy = (stop - start).T
    rise = np.where(dy == 0, _LEVEL, dy)
    height = radius * np.copysign(dx, dx * rise) / np.maximum(np.hypot(dx, dy), _LEVEL)
    x, y, dx, dy, square, height, slope = np.stack([x, y, dx, dy, radius * radius, height, 1 / rise])[:, segment]
    below = row - y
    ends = []
    for side in (1.0, -1.0):
        t = np.clip((below - side * height) * slope, 0, 1)
        v = below - t * dy
        ends.append(x + t * dx - side * np.sqrt(np.maximum(square - v * v, 0)))
    return ends[0], ends[1]


def _tapered(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    first_radius: NDArray[np.float64],
    last_radius: NDArray[np.float64],
    segment: NDArray[np.int64],
    row: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The left and the right end of segments that taper, in the rows that they meet.

    A segment with round caps is the hull of two discs. Its interval in a row is the hull of up to four: the row's
    chord of either disc, and the row's crossing of either tangent that joins them. With L between the centres, a
    tangent's normal leans by s = (r1 - r2) / L towards the smaller disc; where one disc lies in the other there is
    none, which s = 1 says by a tangent of no length.
    """
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
        half = radius[segment] ** 2 - (row - centre[segment, 1]) ** 2
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
        along = (row - foot[segment, 1]) / rise[segment]
        meets = (along >= 0) & (along <= (length * upright)[segment]) & np.isfinite(rise)[segment]
        x = foot[segment, 0] + along * unit[segment, 0]
        left = np.where(meets, np.minimum(left, x), left)
        right = np.where(meets, np.maximum(right, x), right)
    return left, right
