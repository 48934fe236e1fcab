"""The outline of strokes whose width changes along them."""

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Stroke


def sleeves(stroke: Stroke) -> NDArray[np.float64]:
    """What joins the discs around neighbouring points: with these discs it is the stroke's ink.

    The corners are where the outer tangents of two discs touch them: with L between the centres their normals lean by
    (r1 - r2) / L towards the smaller disc.

    Returns:
        float64, shape (m, 4, 2): four corners (x, y) in units, all turning the same way; m is at most n - 1, since a
        disc within another needs no joining.
    """
    points, radii = stroke.points, stroke.radii
    step = np.diff(points, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    shrinking = radii[:-1] - radii[1:]
    apart = length > np.abs(shrinking)
    first, last = points[:-1][apart], points[1:][apart]
    before, after = radii[:-1][apart, np.newaxis], radii[1:][apart, np.newaxis]
    unit = step[apart] / length[apart, np.newaxis]
    lean = (shrinking[apart] / length[apart])[:, np.newaxis]
    across = np.sqrt(1 - lean * lean) * np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    left, right = lean * unit - across, lean * unit + across
    corners = [first + before * left, last + after * left, last + after * right, first + before * right]
    return np.stack(corners, axis=1)
