"""Pen strokes from a file: JSON, one digit a line.

A line is ``{"strokes": [[[x, y], ...], ...], "label": 7}``, x right and y down in any unit; ``label`` may be missing
or null, so may ``writer``, a text; other keys are ignored, blank lines too. The file may be gz.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, DatasetError
from mnist_gui.data.drawing import CANVAS_SIDE, FARTHEST, Drawing, Stroke
from mnist_gui.data.formats.compressed import ByteSource
from mnist_gui.data.sampling import BOX

FILE_WIDTH: Final = 2.85
"""Width in pixels of the 20x20 that strokes without a width are drawn with: the median of MNIST."""

MOST_POINTS: Final = 100_000
"""Points of one digit; real ones have up to a few hundred."""

LINE_BYTES: Final = 8 * 2**20
"""Bytes of one line."""

_PIECE: Final = 2**20
_SUFFIXES: Final = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, eq=False)
class LabelledStrokes:
    """One digit of a file.

    Attributes:
        strokes: float64, each of shape (n, 2) with n >= 1, x right and y down, in the unit of the file.
        label: 0 to 9, or None where the file does not say.
        writer: whose hand it is; empty where the file does not say.
    """

    strokes: tuple[NDArray[np.float64], ...]
    label: int | None
    writer: str = ""


def is_stroke_file(path: Path) -> bool:
    """Whether the name is that of a stroke file."""
    return path.name.lower().endswith(_SUFFIXES)


def read_strokes(path: Path) -> Iterator[LabelledStrokes]:
    """Reads the digits of a stroke file one by one, in the order of the file.

    Raises:
        DatasetError: the file cannot be read, or a line is no digit; the message names the line.
    """
    found = 0
    with ByteSource(path) as source:
        for number, line in enumerate(_lines(source), start=1):
            if line.strip():
                yield _digit(line, f"{path.name}, line {number:,}")
                found += 1
    if not found:
        raise DatasetError(f"{path.name}: expected pen strokes, one digit a line, found no digit.")


def strokes_drawing(strokes: Sequence[NDArray[np.float64]], pen: float = FILE_WIDTH) -> Drawing:
    """Strokes without a width as a drawing that fills a canvas.

    The box of the ink has the width in it: with the longer side L of the points' box, the ink's is L + width, and the
    width is pen/20 of it.

    Args:
        strokes: float64, each of shape (n, 2), x right and y down in any unit.
        pen: width in pixels of the 20x20, more than 0, less than 20.
    """
    width = CANVAS_SIDE * pen / BOX
    low = np.min([points.min(axis=0) for points in strokes], axis=0)
    high = np.max([points.max(axis=0) for points in strokes], axis=0)
    longer = float((high - low).max())
    scale = (CANVAS_SIDE - width) / longer if longer > 0 else 1.0
    margin = (CANVAS_SIDE - (high - low) * scale) / 2
    return Drawing(tuple(Stroke((points - low) * scale + margin, width) for points in strokes))


def _lines(source: ByteSource) -> Iterator[bytes]:
    """The lines of a file, none of which may be longer than `LINE_BYTES`."""
    rest, number = b"", 0
    while piece := source.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        number += len(whole)
        if len(rest) > LINE_BYTES:
            raise DatasetError(
                f"{source.name}, line {number + 1:,}: expected at most {LINE_BYTES:,} bytes on a line, found more."
            )
    yield rest


def _digit(line: bytes, where: str) -> LabelledStrokes:
    """One line of the file."""
    try:
        content = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where}: expected a digit as JSON, found something else ({_short(error)}).") from error
    if not isinstance(content, dict) or "strokes" not in content:
        raise DatasetError(f'{where}: expected an object with the key "strokes", found {_kind(content)}.')
    label = content.get("label")
    if label is not None and (type(label) is not int or not 0 <= label < CLASSES):
        raise DatasetError(f"{where}: expected a label 0 to 9, found {str(label)[:20]}.")
    writer = content.get("writer")
    return LabelledStrokes(_strokes(content["strokes"], where), label, writer if isinstance(writer, str) else "")


def _strokes(value: Any, where: str) -> tuple[NDArray[np.float64], ...]:
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        raise DatasetError(f"{where}: expected strokes as lists of points, found {_kind(value)}.")
    total = sum(map(len, value))
    if total == 0:
        raise DatasetError(f"{where}: expected at least one point, found none.")
    if total > MOST_POINTS:
        raise DatasetError(f"{where}: expected at most {MOST_POINTS:,} points, found {total:,}.")
    for stroke in value:
        for point in stroke:
            if not (isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))):
                raise DatasetError(
                    f"{where}: expected points [x, y] of numbers within a thousand million, found {str(point)[:40]}."
                )
    return tuple(np.array(stroke, np.float64) for stroke in value if stroke)


def _is_coordinate(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= FARTHEST  # false for NaN, too


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _short(error: Exception) -> str:
    return str(error).split(": line")[0][:60]


def _kind(value: Any) -> str:
    names = {dict: "an object without it", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "something else")
