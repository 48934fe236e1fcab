"""Pinned digits in a file: JSON, with arrays as base64 so that strokes come back to the last bit."""

import base64
import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.data.drawing import Drawing, Stroke

SCHEMA: Final = 1

_DTYPES: Final = ("uint8", "float64")
_MOST_BYTES: Final = 64 * 2**20
"""No array of a drawing is larger."""

_LONGEST_TITLE: Final = 200


@dataclass(frozen=True, eq=False)
class Pin:
    """A digit that is kept in sight.

    Attributes:
        number: its name in the program, from 1.
        image: what the model reads: uint8, shape (28, 28), 0 paper, 255 ink, read-only.
        drawing: what it was made of; None for a digit of a data set.
        label: the digit that was meant, 0 to 9; None where nobody said.
        title: what the window calls it.
    """

    number: int
    image: NDArray[np.uint8]
    drawing: Drawing | None
    label: int | None
    title: str

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.shape != (SIDE, SIDE):
            raise ValueError(f"an image is uint8 of shape (28, 28), got {self.image.dtype} {self.image.shape}")
        if self.label is not None and not 0 <= self.label < CLASSES:
            raise ValueError(f"a label is 0 to 9, got {self.label}")
        self.image.setflags(write=False)


def dump_pins(pins: tuple[Pin, ...]) -> bytes:
    """The content of a file with these pins."""
    entries = [
        {
            "title": pin.title,
            "label": pin.label,
            "image": _from_array(pin.image),
            "drawing": None if pin.drawing is None else _from_drawing(pin.drawing),
        }
        for pin in pins
    ]
    return json.dumps({"schema": SCHEMA, "pins": entries}, indent=1, ensure_ascii=False).encode() + b"\n"


def read_pins(path: Path) -> tuple[list[Pin], int]:
    """The pins in a file, and how many entries of it are damaged.

    Raises:
        OSError: the file cannot be read; `FileNotFoundError` if there is none.
        ValueError: it is no file of pins.
    """
    try:
        content = json.loads(path.read_bytes())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(content, dict) or not isinstance(content.get("pins"), list):
        raise ValueError("no list of pins")
    pins: list[Pin] = []
    for entry in content["pins"]:
        try:
            pins.append(_to_pin(len(pins) + 1, entry))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            continue
    return pins, len(content["pins"]) - len(pins)


def _to_pin(number: int, entry: Any) -> Pin:
    label, title, drawing = entry["label"], entry["title"], entry.get("drawing")
    if not isinstance(title, str) or (label is not None and type(label) is not int):
        raise ValueError("no pin")
    whole = None if drawing is None else _to_drawing(drawing)
    return Pin(number, _to_array(entry["image"]), whole, label, title[:_LONGEST_TITLE])


def _from_drawing(drawing: Drawing) -> dict[str, Any]:
    content = {field.name: _plain(getattr(drawing, field.name)) for field in dataclasses.fields(drawing)}
    content["strokes"] = [
        {field.name: _plain(getattr(stroke, field.name)) for field in dataclasses.fields(stroke)}
        for stroke in drawing.strokes
    ]
    return content


def _to_drawing(content: dict[str, Any]) -> Drawing:
    strokes = tuple(Stroke(**{name: _value(value) for name, value in stroke.items()}) for stroke in content["strokes"])
    rest = {name: _value(value) for name, value in content.items() if name != "strokes"}
    return Drawing(strokes=strokes, **rest)


def _plain(value: Any) -> Any:
    return _from_array(value) if isinstance(value, np.ndarray) else value


def _value(content: Any) -> Any:
    if isinstance(content, float) and not math.isfinite(content):
        raise ValueError("a number that is not finite")
    return _to_array(content) if isinstance(content, dict) else content


def _from_array(array: NDArray[Any]) -> dict[str, Any]:
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": data}


def _to_array(content: Any) -> NDArray[Any]:
    data = base64.b64decode(content["data"], validate=True)
    if content["dtype"] not in _DTYPES or len(data) > _MOST_BYTES:
        raise ValueError("no array of a drawing")
    return np.frombuffer(data, content["dtype"]).reshape(content["shape"]).copy()
