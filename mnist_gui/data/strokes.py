"""Pen strokes from a file: JSON, one digit a line.

A line is ``{"strokes": [[[x, y], ...], ...], "label": 7}``, x right and y down in any unit; ``label`` may be missing
or null, so may ``writer``, a text; other keys are ignored, blank lines too. The file may be gz.

A drawing of the canvas has more to say, so that it comes back exactly: ``widths``, for each stroke its width or a list
with the width at each point, in the unit of the points; ``erase``, for each stroke whether it takes ink away;
``least_side`` of the drawing; and ``picture``, what lies below the strokes, as ``{"rows": 280, "columns": 280,
"ink": "..."}``, the pixels (0 paper to 255 ink) row by row, packed by zlib, in base64.
"""

import base64
import binascii
import json
import zlib
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

_MOST_COMMAS: Final = 4 * MOST_POINTS
"""A point has two, and a third where its width is said."""

LINE_BYTES: Final = 8 * 2**20
"""Bytes of one line."""

PICTURE_SIDE: Final = 2048
"""Pixels of a side of a picture below strokes."""

_PIECE: Final = 2**20
_SUFFIXES: Final = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, eq=False)
class LabelledStrokes:
    """One digit of a file.

    Attributes:
        strokes: float64, each of shape (n, 2) with n >= 1, x right and y down, in the unit of the file.
        label: 0 to 9, or None where the file does not say.
        writer: whose hand it is; empty where the file does not say.
        drawn: the drawing as it was on a canvas, where the file says that much.
    """

    strokes: tuple[NDArray[np.float64], ...]
    label: int | None
    writer: str = ""
    drawn: Drawing | None = None

    @property
    def drawing(self) -> Drawing:
        """As it was drawn, or, where the file has no widths, filling a canvas; see `strokes_drawing`."""
        return strokes_drawing(self.strokes) if self.drawn is None else self.drawn


def is_stroke_file(path: Path) -> bool:
    """Whether the name is that of a stroke file."""
    return path.name.lower().endswith(_SUFFIXES)


def read_strokes(path: Path) -> Iterator[LabelledStrokes]:
    """Reads the digits of a stroke file one by one, in the order of the file.

    Raises:
        DatasetError: the file cannot be read, or a line is no digit; the message names the line.
    """
    for number, line in stroke_lines(path):
        yield parse_line(line, f"{path.name}, line {number:,}")


def stroke_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The number, from 1, and the bytes of each line of a stroke file that is not blank; `parse_line` reads one.

    Raises:
        DatasetError: the file cannot be read, has no such line, or one is too long.
    """
    found = False
    with ByteSource(path) as source:
        for number, line in enumerate(_lines(source), start=1):
            if line.strip():
                found = True
                yield number, line
    if not found:
        raise DatasetError(f"{path.name}: expected pen strokes, one digit a line, found no digit.")


def stroke_line(drawing: Drawing, label: int | None = None, **more: Any) -> str:
    """A drawing as a line of a stroke file, with its newline; read again it is the same to the last bit.

    Args:
        drawing: at least one stroke, or a picture.
        label: 0 to 9, where it is known.
        more: other keys, such as the writer, with values that JSON has.
    """
    content: dict[str, Any] = {"strokes": [stroke.points.tolist() for stroke in drawing.strokes], "label": label}
    content["widths"] = [
        stroke.width if stroke.widths is None else stroke.widths.tolist() for stroke in drawing.strokes
    ]
    content["erase"] = [stroke.erase for stroke in drawing.strokes]
    content["least_side"] = drawing.least_side
    if drawing.picture is not None:
        rows, columns = drawing.picture.shape
        ink = base64.b64encode(zlib.compress(drawing.picture.tobytes())).decode("ascii")
        content["picture"] = {"rows": rows, "columns": columns, "ink": ink}
    return json.dumps({**content, **more}, separators=(",", ":")) + "\n"


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


def parse_line(line: bytes, where: str) -> LabelledStrokes:
    """One line of a stroke file.

    Args:
        line: not blank.
        where: names the file and the line in messages.

    Raises:
        DatasetError: the line is no digit.
    """
    if line.count(b",") > _MOST_COMMAS:  # before it is parsed, which would hold everything up for as long as it takes
        raise DatasetError(f"{where}: expected at most {MOST_POINTS:,} points, found more.")
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
    writer = writer if isinstance(writer, str) else ""
    picture = _picture(content["picture"], where) if "picture" in content else None
    strokes = _strokes(content["strokes"], where, may_be_none=picture is not None)
    if picture is None and "widths" not in content:
        return LabelledStrokes(tuple(points for points in strokes if len(points)), label, writer)
    drawn = _drawn(content, strokes, picture, where)
    return LabelledStrokes(tuple(stroke.points for stroke in drawn.strokes if not stroke.erase), label, writer, drawn)


def _drawn(
    content: dict[str, Any],
    strokes: tuple[NDArray[np.float64], ...],
    picture: NDArray[np.uint8] | None,
    where: str,
) -> Drawing:
    """A drawing of the canvas."""
    widths = content.get("widths", [])
    erase = content.get("erase", [False] * len(strokes))
    least = content.get("least_side", 0)
    if not isinstance(widths, list) or len(widths) != len(strokes):
        raise DatasetError(f"{where}: expected a width for each of {len(strokes)} strokes.")
    if not isinstance(erase, list) or len(erase) != len(strokes) or not all(type(value) is bool for value in erase):
        raise DatasetError(f'{where}: expected true or false for each of {len(strokes)} strokes under "erase".')
    if not (_is_coordinate(least) and least >= 0):
        raise DatasetError(f"{where}: expected a least side of 0 or more, found {str(least)[:20]}.")
    made: list[Stroke] = []
    for points, width, takes_away in zip(strokes, widths, erase, strict=True):
        several = isinstance(width, list)
        values = width if several else [width]
        if not values or not all(_is_coordinate(value) and value > 0 for value in values):
            raise DatasetError(f"{where}: expected widths of more than 0, found {str(width)[:40]}.")
        if several and len(values) != len(points):
            raise DatasetError(f"{where}: expected {len(points):,} widths of a stroke, found {len(values):,}.")
        if len(points):
            each = np.array(values, np.float64) if several else None
            made.append(Stroke(points, float(max(values)), takes_away, each))
    if picture is None and all(stroke.erase for stroke in made):
        raise DatasetError(f"{where}: expected a stroke that adds ink, found none.")
    return Drawing(tuple(made), picture, float(least))


def _picture(value: Any, where: str) -> NDArray[np.uint8]:
    """What lies below the strokes: uint8, shape (rows, columns)."""
    rows, columns = (value.get(key) if isinstance(value, dict) else None for key in ("rows", "columns"))
    for side in (rows, columns):
        if type(side) is not int or not 1 <= side <= PICTURE_SIDE:
            raise DatasetError(f"{where}: expected a picture of 1 to {PICTURE_SIDE:,} rows and columns.")
    assert isinstance(rows, int), "the loop has seen to it"
    assert isinstance(columns, int), "the loop has seen to it"
    size = rows * columns
    try:
        # One byte more than it may have, to see whether it has.
        ink = zlib.decompressobj().decompress(base64.b64decode(value["ink"], validate=True), size + 1)
    except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as error:
        raise DatasetError(f"{where}: expected the pixels of a picture, found something else.") from error
    if len(ink) != size:
        raise DatasetError(f"{where}: expected a picture of {size:,} pixels, found another number.")
    return np.frombuffer(ink, np.uint8).reshape(rows, columns)


def _strokes(value: Any, where: str, *, may_be_none: bool) -> tuple[NDArray[np.float64], ...]:
    """The points of each stroke, float64, shape (n, 2); n may be 0."""
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        raise DatasetError(f"{where}: expected strokes as lists of points, found {_kind(value)}.")
    total = sum(map(len, value))
    if total == 0 and not may_be_none:
        raise DatasetError(f"{where}: expected at least one point, found none.")
    if total > MOST_POINTS:
        raise DatasetError(f"{where}: expected at most {MOST_POINTS:,} points, found {total:,}.")
    for stroke in value:
        for point in stroke:
            if not (isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))):
                raise DatasetError(
                    f"{where}: expected points [x, y] of numbers within a thousand million, found {str(point)[:40]}."
                )
    return tuple(np.array(stroke, np.float64).reshape(-1, 2) for stroke in value)


def _is_coordinate(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= FARTHEST  # false for NaN, too


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _short(error: Exception) -> str:
    return str(error).split(": line")[0][:60]


def _kind(value: Any) -> str:
    names = {dict: "an object without it", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "something else")
