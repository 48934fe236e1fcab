"""Specks: ink so little and so far from the rest that it is no part of the digit."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.lines import Lines
from mnist_gui.data.sampling import Box

LEAST: Final = 0.01
"""Connected ink that makes up less than this of all may be a speck."""

FAR: Final = 0.1
"""Of the longer side of the other ink's box: what is farther than this from it is far."""

CELLS: Final = 80
"""Along the longer side of the box: in cells of this size connected ink is looked for."""


@dataclass(frozen=True, eq=False)
class Specks:
    """Where specks are.

    Attributes:
        count: how many, 1 or more.
        cells: bool, shape (rows, columns): which cells of the box hold specks, and nothing else.
        times: samples that a cell measures in each direction.
    """

    count: int
    cells: NDArray[np.bool_]
    times: int


def may_hold_specks(lines: Lines) -> bool:
    """Whether some stroke has so little ink that it could be a speck; takes far less time than `find_specks`."""
    if len(lines.starts) < 2:
        return False
    areas = lines.areas()
    return bool(areas.min() < LEAST * areas.sum())


def find_specks(samples: NDArray[np.uint8], box: Box) -> Specks | None:
    """The specks among samples of ink; None when there are none.

    Args:
        samples: uint8, shape (rows, columns), 0 paper to 255 ink.
        box: of the ink.
    """
    from scipy import ndimage  # late: loading SciPy would delay the window

    times = math.ceil(box.side / CELLS)
    part = samples[box.top : box.bottom, box.left : box.right]
    rows, columns = (np.arange(0, length, times) for length in part.shape)
    ink = np.add.reduceat(np.add.reduceat(part, rows, axis=0, dtype=np.uint32), columns, axis=1)
    labels, count = ndimage.label(ink, np.ones((3, 3), np.int64))
    if count < 2:
        return None
    amounts = np.bincount(labels.ravel(), ink.ravel())
    small = amounts < LEAST * amounts.sum()
    small[0] = False
    rest = (labels > 0) & ~small[labels]
    if not small.any() or not rest.any():
        return None
    side = max(int(np.ptp(np.flatnonzero(rest.any(axis=axis)))) + 1 for axis in (0, 1))
    away = ndimage.minimum(ndimage.distance_transform_edt(~rest), labels, np.arange(count + 1))
    specks = small & (away > FAR * side)
    return Specks(int(specks.sum()), specks[labels], times) if specks.any() else None


def without_specks(samples: NDArray[np.uint8], box: Box, specks: Specks) -> NDArray[np.uint8]:
    """Samples with paper where specks were, in which `find_specks` found them."""
    gone = specks.cells.repeat(specks.times, axis=0).repeat(specks.times, axis=1)[: box.height, : box.width]
    cleaned = samples.copy()
    cleaned[box.top : box.bottom, box.left : box.right][gone] = 0
    return cleaned


def lines_without_specks(lines: Lines, corner: NDArray[np.float64], scale: float, specks: Specks) -> Lines:
    """The strokes that are no specks.

    Args:
        lines: none of them erases.
        corner: float64, shape (2,): x and y in units of the upper left corner of the box that holds the specks.
        scale: samples a unit.
        specks: found in the samples of the lines.
    """
    column, row = ((lines.points[lines.starts] - corner) * scale // specks.times).astype(np.int64).T
    rows, columns = specks.cells.shape
    return lines.without(specks.cells[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)])
