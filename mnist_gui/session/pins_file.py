"""Pinned digits in a file: JSON; a drawing is what a line of a stroke file has, an image is its bytes as base64."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE, DatasetError
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.strokes import parse_line, stroke_line

SCHEMA: Final = 1

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
            "image": base64.b64encode(pin.image.tobytes()).decode("ascii"),
            "drawing": None if pin.drawing is None else json.loads(stroke_line(pin.drawing)),
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
        except (DatasetError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
            continue
    return pins, len(content["pins"]) - len(pins)


def _to_pin(number: int, entry: Any) -> Pin:
    label, title, content = entry["label"], entry["title"], entry.get("drawing")
    if not isinstance(title, str) or (label is not None and type(label) is not int):
        raise ValueError("no pin")
    drawing = None if content is None else parse_line(json.dumps(content).encode(), "pin").drawn
    image = np.frombuffer(base64.b64decode(entry["image"], validate=True), np.uint8).reshape(SIDE, SIDE)
    return Pin(number, image.copy(), drawing, label, title[:_LONGEST_TITLE])
