"""What became of a drawing, stage by stage, as pictures and numbers; no widgets."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.ink import Stages, digit_image, paper_square, placed, stages
from mnist_gui.data.procedure import STAGES, Procedure
from mnist_gui.data.resampling import resample
from mnist_gui.data.sampling import Raster, rasterise

FINE: Final = 112
"""Pixels of a picture of the whole paper, or of the ink's box."""


@dataclass(frozen=True, eq=False)
class StagePicture:
    """One stage.

    Attributes:
        pixels: uint8, shape (n, n), 0 paper to 255 ink.
        numbers: one short line.
        frame: top, left and side of a square to outline, in pixels; None for none.
        cross: row and column of a point to mark, in pixels; None for none.
    """

    pixels: NDArray[np.uint8]
    numbers: str
    frame: tuple[float, float, float] | None = None
    cross: tuple[float, float] | None = None


def stage_pictures(drawing: Drawing, procedure: Procedure) -> tuple[Stages, dict[str, StagePicture]] | None:
    """Every stage of a drawing by name: strokes, then those of `STAGES`, then image. None when it is no digit."""
    result = stages(drawing, procedure)
    raw = rasterise(drawing)
    if result is None or raw is None:
        return None
    cleaned = stages(drawing, replace(procedure, width=False)) if result.specks else None
    before_width = raw if cleaned is None else cleaned.raster
    row, column = centre_of_mass(result.image)
    side = result.square.side / result.raster.scale
    paper, square = paper_square(drawing, result.raster), result.square
    unit, frame = "all the paper", None
    if procedure.box:
        unit = f"{side:.0f} of {paper.side / result.raster.scale:.0f} wide"
        shrink = FINE / paper.side
        frame = ((square.top - paper.top) * shrink, (square.left - paper.left) * shrink, square.side * shrink)
    pale = int(np.floor(result.small.max() + 0.5))
    grid = len(result.full)
    return result, {
        "strokes": StagePicture(_on_paper(drawing, raw), _what(drawing)),
        "specks": StagePicture(_on_paper(drawing, before_width), f"{result.specks or 'none'} dropped"),
        "width": StagePicture(
            _on_paper(drawing, result.raster),
            f"{result.pen:.1f} px"
            if f"{result.pen:.1f}" == f"{result.pen_used:.1f}"
            else f"{result.pen:.1f} to {result.pen_used:.1f} px",
        ),
        "box": StagePicture(_on_paper(drawing, result.raster), unit, frame),
        "contrast": StagePicture(result.full, f"darkest {pale} to {int(result.full.max())}"),
        "centring": StagePicture(
            result.image,
            f"mass at {row:.1f}, {column:.1f}",
            (result.offset[0], result.offset[1], grid),
            (row + 0.5, column + 0.5),
        ),
        "image": StagePicture(result.image, f"from row {result.offset[0]}, column {result.offset[1]}"),
    }


def variants(drawing: Drawing, procedure: Procedure, result: Stages) -> dict[str, NDArray[np.uint8] | None]:
    """The 28x28 with each stage switched the other way, by its name; None where that is no digit."""
    found: dict[str, NDArray[np.uint8] | None] = {}
    for name in STAGES:
        other = replace(procedure, **{name: not getattr(procedure, name)})
        if name in ("contrast", "centring"):
            found[name] = placed(result.small, other)[2]
        else:
            found[name] = digit_image(drawing, other)
    return found


def centre_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Row and column, pixel centres at whole numbers; the middle of a blank one."""
    ink = image.astype(np.float64)
    total = ink.sum()
    if not total:
        return SIDE / 2, SIDE / 2
    axis = np.arange(len(ink))
    return float(ink.sum(axis=1) @ axis / total), float(ink.sum(axis=0) @ axis / total)


def _on_paper(drawing: Drawing, raster: Raster) -> NDArray[np.uint8]:
    """Samples where they lie on the paper: uint8, shape (FINE, FINE)."""
    return np.floor(resample(raster.samples, paper_square(drawing, raster), FINE) + 0.5).astype(np.uint8)


def _what(drawing: Drawing) -> str:
    strokes = len(drawing.strokes)
    if drawing.picture is None:
        return "1 stroke" if strokes == 1 else f"{strokes:,} strokes"
    height, width = drawing.picture.shape
    return f"picture {width:,}x{height:,}" + (f" + {strokes:,}" if strokes else "")
