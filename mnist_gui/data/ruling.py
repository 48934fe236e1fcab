"""Printed lines of paper, ruled or checked, told from ink and taken away."""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

T = TypeVar("T", bound=np.generic)

_FINE: Final = 1024
"""Pixels of the longer side at which lines are followed."""

_COARSE: Final = 512
"""Pixels of the longer side at which their direction is found."""

_TILTS: Final = np.tan(np.radians(np.arange(-7.0, 7.25, 0.5)))
"""Rise per column of the directions in which lines are looked for."""

_ABOUT: Final = np.tan(np.radians(np.array([-1.0, -0.5, 0.0, 0.5, 1.0])))
"""Tilts beside the most frequent one: lines of a page that is not seen from straight above fan out."""

_SPANNING: Final = 0.4
"""Of the picture's width: a row in which this much is not paper may be a line; no row of writing is so full."""

_LENGTH: Final = 0.45
"""Of the picture's width: the least length of a line, where there are several."""

_LONE: Final = 0.75
"""Of the picture's width: the least length of a single one; a digit that fills the picture has no such stroke."""

_FILLED: Final = 0.9
"""Of that length: what must not be paper."""

_BARE: Final = 0.4
"""Of that length: what must be thin. Strokes that cross a line are thicker."""

_THIN: Final = 1 / 100
"""Of the picture's longer side: the greatest thickness of a line."""

_DARKER: Final = 1.5
"""Times as far from the paper as the line: ink that crosses it."""

_NEIGHBOURHOOD: Final = 1 / 16
"""Of the longer side: how far around a line's darkness is averaged."""


def without_lines(away: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same picture without long straight lines, level or upright to some degrees.

    Where ink crosses a line it stays: it is darker there than the line is elsewhere, or thicker. A stroke that lies on
    a line, and is as faint, goes with it.

    Args:
        away: float32, shape (height, width): how far from the paper each pixel is, 0 where it is paper.
    """
    factor = max(1, round(max(away.shape) / _FINE))
    mask = _any(away > 0, factor)
    level, upright = _lines(mask), _lines(mask.T).T
    if not (level.any() or upright.any()):
        return away
    crossing = _thicker(mask & ~upright, level) | _thicker((mask & ~level).T, upright.T).T
    lines = ndimage.binary_dilation(level, _COLUMN) | ndimage.binary_dilation(upright, _COLUMN.T)
    usual = _usual(away, level | upright, factor)
    faint = away < _DARKER * _repeated(usual, factor, away.shape)
    return np.where(_repeated(lines & ~crossing, factor, away.shape) & faint, np.float32(0), away)


_COLUMN: Final = np.ones((3, 1), np.bool_)


def _any(mask: NDArray[np.bool_], factor: int) -> NDArray[np.bool_]:
    """Whether anything is set in each square of `factor` pixels."""
    rows: NDArray[np.bool_] = np.asarray(_squares(mask, factor).any(axis=1))
    result: NDArray[np.bool_] = np.asarray(rows.reshape(len(rows), -1, factor).any(axis=2))
    return result


def _squares(values: NDArray[T], factor: int) -> NDArray[T]:
    """Rows in groups of `factor`, shape (groups, factor, columns), columns a multiple of it; beyond the edge is 0."""
    padded = np.pad(values, [(0, -size % factor) for size in values.shape])
    return padded.reshape(-1, factor, padded.shape[1])


def _lines(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of nearly level lines."""
    factor = max(1, round(max(mask.shape) / _COARSE))
    coarse = _any(mask, factor)
    thick = np.ones((max(3, round(max(coarse.shape) * _THIN)) + 1, 1), np.bool_)
    thin = coarse & ~ndimage.binary_opening(coarse, thick)
    tilt = _tilt(thin)
    if tilt is None:
        return np.zeros_like(mask)
    height, width = coarse.shape
    length = round(width * _LENGTH)
    rows, columns = np.arange(height)[:, np.newaxis], np.arange(width)
    found = np.zeros_like(coarse)
    for rise in tilt + _ABOUT:
        drift = np.round(rise * columns).astype(np.intp)
        turned = (rows + drift) % height, columns
        bare = _fullness(thin[turned], length)
        full = (_fullness(coarse[turned], length) >= _FILLED) & (bare >= _BARE)
        reached = ndimage.maximum_filter1d(full.view(np.uint8), length, axis=1, mode="constant").view(np.bool_)
        found |= reached[(rows - drift) % height, columns]
    found &= ndimage.binary_dilation(thin, _COLUMN)
    spots, count = ndimage.label(found, structure=np.ones((3, 3)))
    lengths = [place[1].stop - place[1].start for place in ndimage.find_objects(spots)]
    if count == 0 or (count == 1 and lengths[0] < _LONE * width):
        return np.zeros_like(mask)
    return _repeated(found & coarse, factor, mask.shape) & mask


def _fullness(mask: NDArray[np.bool_], length: int) -> NDArray[np.float32]:
    """Which part of so many columns around each pixel is set, in its row or the next on either side.

    A line between two directions leaves its row within its length.
    """
    level = ndimage.binary_dilation(mask, _COLUMN).astype(np.float32)
    share: NDArray[np.float32] = ndimage.uniform_filter1d(level, length, axis=1, mode="constant")
    return share


def _tilt(mask: NDArray[np.bool_]) -> float | None:
    """Rise per column of the level lines there are; None if there are none."""
    height, width = mask.shape
    y, x = np.nonzero(mask)
    reach = round(width * float(_TILTS[-1])) + 1
    best, fullest, chosen = 0.0, 0, None
    for rise in _TILTS:
        profile = np.bincount(np.round(y - rise * x).astype(np.intp) + reach, minlength=height + 2 * reach)
        energy = float(np.dot(profile, profile))
        if energy > best:
            best, chosen, fullest = energy, float(rise), int((profile[:-1] + profile[1:]).max())
    return chosen if fullest >= _SPANNING * width else None


def _thicker(mask: NDArray[np.bool_], lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What reaches across a line by more than its thickness."""
    if not lines.any():
        return np.zeros_like(mask)
    runs, count = ndimage.label(lines, structure=np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]]))
    thickness = float(np.median(np.bincount(runs.ravel(), minlength=count + 1)[1:]))
    crossing: NDArray[np.bool_] = ndimage.binary_opening(mask, np.ones((round(2 * thickness) + 2, 1), np.bool_))
    return crossing


def _usual(away: NDArray[np.float32], lines: NDArray[np.bool_], factor: int) -> NDArray[np.float32]:
    """How far from the paper lines are, averaged along those nearby; float32, the shape of `lines`."""
    darkest = _squares(away, factor).max(axis=1).reshape(lines.shape[0], lines.shape[1], factor).max(axis=2)
    size = round(max(lines.shape) * _NEIGHBOURHOOD)
    count = ndimage.uniform_filter(lines.astype(np.float32), size)
    total = ndimage.uniform_filter(np.where(lines, darkest, np.float32(0)), size)
    usual: NDArray[np.float32] = total / np.maximum(count, np.float32(0.5 / size**2))
    return usual


def _repeated(values: NDArray[T], factor: int, shape: tuple[int, ...]) -> NDArray[T]:
    """Each value for a square of `factor` pixels, cut to a shape."""
    return values.repeat(factor, axis=0).repeat(factor, axis=1)[: shape[0], : shape[1]]
