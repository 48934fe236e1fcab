"""A drawing as samples without specks, with strokes of a width that MNIST has: what comes before the 20x20."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.data.drawing import CANVAS_SIDE, Drawing
from mnist_gui.data.ink_specks import CELLS, find_specks, lines_without_specks, may_hold_specks, without_specks
from mnist_gui.data.ink_width import DRAWN, FINE, MEASURED, factor_to, measured_width, picture_with_width
from mnist_gui.data.lines import Lines
from mnist_gui.data.procedure import Procedure
from mnist_gui.data.resampling import resample, square_around
from mnist_gui.data.sampling import BOX, Box, Raster, ink_box, sample, sample_on_picture

_DOT: Final = 1.5
"""Ink whose box is not longer than this many stroke widths is a dot: a tap that moved by half a width at most."""

_SPOT: Final = 0.2
"""A spot of a picture that is longer than this part of the picture's side is no dot."""

_ROUND: Final = 0.75
"""A spot whose darker half and the ellipse in its box share this part of their union is round."""

_LEFT: Final = 0.5
"""Of the ink that strokes made thinner should leave: where an eraser has carved, less may be left, and then the digit
is taken as it was carved."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is brought to the 20x20.

    Attributes:
        raster: samples with some ink.
        specks: how many were dropped.
        pen: width of the strokes as they were drawn, in pixels of the 20x20 (of the 28x28 without a box).
        pen_used: their width in the raster.
        small: the 20x20 of its box, float64, where it was made to measure the width.
    """

    raster: Raster
    specks: int
    pen: float
    pen_used: float
    small: NDArray[np.float64] | None = None


def prepared(drawing: Drawing, procedure: Procedure) -> Prepared | None:
    """A drawing sampled, without specks and with strokes of another width where the procedure says so.

    The strokes' way is known, so they are drawn again with another pen; a picture's are thickened or thinned in the
    picture. None when the drawing is blank or a lone dot.
    """
    lines = Lines.of(drawing.strokes)
    if drawing.picture is not None:
        return _picture(lines, drawing.picture, drawing, procedure)
    if lines is None or lines.erase.all():
        return None
    origin = lines.ink_corners[0]
    lines = lines.relative_to(origin)
    if lines.erases:
        return _erased(lines, origin, drawing, procedure)
    low, high = lines.ink_corners
    side = float((high - low).max())
    if _is_drawn_dot(side, lines):
        return None
    specks = 0
    if procedure.specks and may_hold_specks(lines):
        raster = sample(lines, drawing.least_side, origin, CELLS // BOX)
        box = ink_box(raster.samples)
        found = None if box is None else find_specks(raster.samples, box)
        if found is not None and box is not None:
            corner = low + np.array([box.left, box.top]) / raster.scale
            lines, specks = lines_without_specks(lines, corner, raster.scale, found), found.count
            low, high = lines.ink_corners
            side = float((high - low).max())
    pen, used, factor = _pen(lines.pen_width(), side, drawing, procedure)
    return Prepared(sample(lines.with_pen(factor), drawing.least_side, origin), specks, pen, used)


def _erased(lines: Lines, origin: NDArray[np.float64], drawing: Drawing, procedure: Procedure) -> Prepared | None:
    """Of strokes some of which erase. What is left of the ink is known from the samples only."""
    raster = sample(lines, drawing.least_side, origin)
    box = ink_box(raster.samples)
    if box is None or _is_drawn_dot(box.side / raster.scale, lines):
        return None
    specks, raster, box = _without_specks(raster, box, procedure)
    width = lines.pen_width(_seen(lines, origin, raster))
    pen, used, factor = _pen(width, box.side / raster.scale, drawing, procedure)
    if factor == 1:
        return Prepared(raster, specks, pen, pen)
    other = sample(lines.with_pen(factor), drawing.least_side, origin)
    before, after = (np.count_nonzero(one.samples) / one.scale**2 for one in (raster, other))
    other_box = ink_box(other.samples)
    if other_box is None or after < _LEFT * factor * before:
        return Prepared(raster, specks, pen, pen)
    _, other, _ = _without_specks(other, other_box, procedure)
    return Prepared(other, specks, pen, used)


def _picture(
    lines: Lines | None, picture: NDArray[np.uint8], drawing: Drawing, procedure: Procedure
) -> Prepared | None:
    """Of a picture, perhaps with strokes on it, whose strokes' width is measured."""
    raster = sample_on_picture(lines, picture)
    box = ink_box(raster.samples)
    if box is None:
        return None
    if picture.any():
        if box.side <= _SPOT * max(picture.shape) * raster.scale and is_round(raster.samples, box):
            return None
    elif lines is None or _is_drawn_dot(box.side / raster.scale, lines):
        return None
    specks, raster, box = _without_specks(raster, box, procedure)
    square = square_around(box, drawing.least_side * raster.scale)
    small = resample(raster.samples, square)
    in_box = measured_width(small)
    pixel = _pixel(square.side / raster.scale, drawing, procedure)
    pen = in_box * square.side / raster.scale / BOX / pixel
    if not procedure.width or MEASURED[0] <= pen <= MEASURED[1] or not in_box:
        return Prepared(raster, specks, pen, pen, small)
    used = float(np.clip(pen, *DRAWN))
    factor = factor_to(in_box, used, BOX) if procedure.box else used / pen
    fine = resample(raster.samples, square, FINE * BOX)
    changed = picture_with_width(fine, in_box, factor)
    scale = raster.scale * FINE * BOX / square.side
    margin = (len(changed) - len(fine)) / 2
    top, left = (
        corner / raster.scale + start - margin / scale
        for corner, start in ((square.top, raster.top), (square.left, raster.left))
    )
    return Prepared(Raster(changed, scale, top, left), specks, pen, used)


def _pen(width: float, side: float, drawing: Drawing, procedure: Procedure) -> tuple[float, float, float]:
    """The pen in pixels, the one to use instead, and how many times as wide that is.

    Args:
        width: of the strokes, in units.
        side: of the ink's box, in units.
        drawing: whose strokes they are.
        procedure: whether the width is changed, and whether the box or the whole canvas is taken.
    """
    pen = width / _pixel(side, drawing, procedure)
    used = float(np.clip(pen, *DRAWN)) if procedure.width and width < side else pen
    if used == pen:
        return pen, pen, 1.0
    if not procedure.box or side < drawing.least_side:
        return pen, used, used / pen
    return pen, used, factor_to(width, used, side)


def _pixel(side: float, drawing: Drawing, procedure: Procedure) -> float:
    """Units that a pixel of the result measures."""
    if procedure.box:
        return max(side, drawing.least_side) / BOX
    return (CANVAS_SIDE if drawing.picture is None else max(drawing.picture.shape)) / SIDE


def _without_specks(raster: Raster, box: Box, procedure: Procedure) -> tuple[int, Raster, Box]:
    """How many specks were dropped, and the samples and the box that are left."""
    found = find_specks(raster.samples, box) if procedure.specks else None
    if found is None:
        return 0, raster, box
    raster = replace(raster, samples=without_specks(raster.samples, box, found))
    left = ink_box(raster.samples)
    assert left is not None, "specks are never all there is"
    return found.count, raster, left


def _seen(lines: Lines, origin: NDArray[np.float64], raster: Raster) -> NDArray[np.bool_]:
    """Which points of lines lie where there is ink: shape (n,); all of them if none does."""
    corner = np.array([raster.left, raster.top]) - origin
    column, row = np.floor((lines.points - corner) * raster.scale).astype(np.int64).T
    rows, columns = raster.samples.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    seen = inside & (raster.samples[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)] > 0)
    seen &= ~np.repeat(lines.erase, lines.lengths)
    return seen if seen.any() else np.ones_like(seen)


def _is_drawn_dot(side: float, lines: Lines) -> bool:
    """Whether drawn ink, its box's longer side in units, is a lone dot: not much longer than its pen is wide."""
    radii = lines.radii[~np.repeat(lines.erase, lines.lengths)] if lines.erases else lines.radii
    return side <= _DOT * 2 * float(radii.max())


def is_round(samples: NDArray[np.uint8], box: Box) -> bool:
    """Whether a spot of ink is round, as a lone dot in a picture is, whose pen is unknown.

    Args:
        samples: uint8, shape (rows, columns), 0 paper to 255 ink.
        box: of the ink.
    """
    ink = samples[box.top : box.bottom, box.left : box.right]
    dark = ink >= ink.max() / 2
    core = ink_box(dark.view(np.uint8))
    if core is None or core.side > 1.5 * min(core.height, core.width):
        return False
    dark = dark[core.top : core.bottom, core.left : core.right]
    y = (2 * np.arange(core.height) + 1) / core.height - 1
    x = (2 * np.arange(core.width) + 1) / core.width - 1
    ellipse = y[:, np.newaxis] ** 2 + x**2 <= 1
    return bool((dark & ellipse).sum() >= _ROUND * (dark | ellipse).sum())
