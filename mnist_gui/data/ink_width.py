"""How wide the strokes of a digit are, and the same digit with strokes of another width.

Widths are in pixels of the 20x20. That of a grey picture is twice its ink over the length of its edges; of the
training digits of MNIST it is 2.25 px in the median, and 1.5 to 3.5 px for 90 of 100.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWN: Final = (2.0, 2.85)
"""Drawn strokes, whose width is known, that are thinner or thicker are brought to these: a network that learnt from
MNIST misreads more and more digits of a thicker pen."""

MEASURED: Final = (0.75, 6.0)
"""Of a picture's strokes only those that are thinner or thicker are brought to `DRAWN`: between these lie
those of 9,995 of 10,000 digits of MNIST, which are to come back as they were."""

_MEASURED: Final = (0.0, 1.24, 1.32, 1.43, 1.71, 2.10, 2.59, 2.94, 3.63, 4.71, 6.26, 7.71)
_TRUE: Final = (0.0, 0.50, 0.75, 1.00, 1.50, 2.00, 2.50, 2.85, 3.50, 4.50, 6.00, 8.00)
"""What is measured in a 20x20, which blurs thin strokes, of digits drawn with a pen of known width."""

FINE: Final = 4
"""Samples a pixel of the 20x20 where the width of a picture's strokes is changed."""


def measured_width(small: NDArray[np.float64]) -> float:
    """The width of the strokes of a grey picture in pixels; 0 when it is blank.

    A stroke of width w and length l has the ink w l and edges of the length 2 l, if it is much longer than wide. The
    length of edges is the sum of the slope over the picture, whatever the edges' softness.

    Args:
        small: float64, shape (20, 20), ink in any unit.
    """
    if not small.any():
        return 0.0
    p = np.pad(small, 1)
    slope_x = p[:-1, 1:] - p[:-1, :-1] + p[1:, 1:] - p[1:, :-1]
    slope_y = p[1:, :-1] - p[:-1, :-1] + p[1:, 1:] - p[:-1, 1:]
    edges = float(np.hypot(slope_x, slope_y).sum()) / 2
    return float(np.interp(2 * float(small.sum()) / edges, _MEASURED, _TRUE))


def factor_to(width: float, target: float, side: float) -> float:
    """How many times as wide strokes must be so that they have a width in the box that grows with them.

    With the ink's box of side L and strokes of width w, those f times as wide have the box L + (f - 1) w.

    Args:
        width: of the strokes, in any unit; less than `side`.
        target: what it is to be, in pixels of the 20x20.
        side: the longer side of the ink's box, in the same unit.
    """
    return target * (side - width) / (width * (20 - target))


def picture_with_width(fine: NDArray[np.float64], width: float, factor: float) -> NDArray[np.uint8]:
    """A grey picture whose strokes are thinner or thicker.

    Thickened strokes grow by the same amount everywhere. Thinned ones shrink towards their middle line, each in
    proportion to its own width there, so that none vanishes.

    Args:
        fine: float64, shape (rows, columns), 0 to 255, `FINE` samples a pixel of the 20x20 that its longer side fills.
        width: of its strokes, in pixels of the 20x20.
        factor: how many times as wide they become.

    Returns:
        uint8, shape (rows, columns) or larger by the same margin on all sides.
    """
    from scipy import ndimage  # late: loading SciPy would delay the window

    grow = (factor - 1) * width / 2 * FINE
    margin = max(1, int(np.ceil(grow)) + 1)
    soft = ndimage.gaussian_filter(np.pad(fine, margin), 1.0)
    ink = soft > np.percentile(soft[soft > soft.max() / 8], 75) / 2
    if grow >= 0:
        beyond = ndimage.distance_transform_edt(~ink) - 0.5
        cover = grow + 0.5 - beyond
    else:
        depth = ndimage.distance_transform_edt(ink)
        middle = ndimage.maximum_filter(depth, size=2 * int(np.ceil(width * FINE / 2)) + 1)
        cover = depth - (1 - factor) * middle + 0.5 * factor
    changed: NDArray[np.uint8] = np.floor(255 * np.clip(cover, 0, 1) + 0.5).astype(np.uint8)
    return changed
