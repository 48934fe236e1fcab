"""A digit that somebody drew and said what it is, and its line in a file."""

import base64
import binascii
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE, DatasetError
from mnist_gui.data.drawing import Drawing, picture_drawing
from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import LabelledStrokes, parse_line, stroke_line

LEFT_OUT_OF: Final = 4
"""Every fourth digit or so is left out of what a model learns from, to judge it by."""

_LONGEST: Final = 200
"""Characters of a text in a file."""


@dataclass(frozen=True, eq=False)
class KeptDigit:
    """A drawing with its label. Two with the same image are the same digit.

    Attributes:
        image: what the model reads: uint8, shape (28, 28), 0 paper, 255 ink, read-only.
        label: what it is, 0 to 9.
        strokes: what the image was made of, as a line of a stroke file; empty where only the image is known.
        time: when it was kept, ISO 8601 in UTC; empty where nobody knows.
        said: what the model had said of it: its name, answer and probability; empty where it said nothing.
        writer: whose hand it is; empty for one's own.
        key: a name made of the image: 16 hexadecimal digits.

    Raises:
        ValueError: the image or the label is none.
    """

    image: NDArray[np.uint8]
    label: int
    strokes: str = ""
    time: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    writer: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.shape != (SIDE, SIDE):
            raise ValueError(f"an image is uint8 of shape (28, 28), got {self.image.dtype} {self.image.shape}")
        if type(self.label) is not int or not 0 <= self.label < CLASSES:
            raise ValueError(f"a label is 0 to 9, got {self.label}")
        if not self.image.any():
            raise ValueError("an image without ink is no digit")
        self.image.setflags(write=False)
        object.__setattr__(self, "key", image_key(self.image))

    @cached_property
    def drawing(self) -> Drawing | None:
        """What the image was made of; None where only the image is known. Read from the line when it is wanted.

        Raises:
            DatasetError: the line is none.
        """
        return parse_line(self.strokes.encode(), "a drawing of My digits").drawing if self.strokes else None

    @property
    def left_out(self) -> bool:
        """Whether no model learns from it: so it stays, whatever comes later, and on every machine."""
        return int(self.key[:8], 16) % LEFT_OUT_OF == 0


def image_key(image: NDArray[np.uint8]) -> str:
    """A name made of an image, uint8 of shape (28, 28): 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(image.tobytes()).hexdigest()[:16]


def kept_line(digit: KeptDigit) -> str:
    """A digit as a line of a stroke file, with its newline. A digit without a drawing is a picture there."""
    line = digit.strokes or stroke_line(picture_drawing(digit.image))
    content = json.loads(line) | {
        "label": digit.label,
        "image": packed(digit.image),
        "drawn": bool(digit.strokes),
        "time": digit.time,
        "said": digit.said,
        "writer": digit.writer,
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def from_strokes(line: bytes, read: LabelledStrokes, where: str) -> KeptDigit:
    """The digit of a line of a stroke file, which may say more than its strokes.

    Args:
        line: the line.
        read: what `strokes.parse_line` has found in it.
        where: names the file and the line in messages.

    Raises:
        DatasetError: it has no label, or is blank.
    """
    if read.label is None:
        raise DatasetError(f"{where}: expected a label 0 to 9, found none.")
    content = json.loads(line)
    drawing = read.drawing
    image = unpacked(content.get("image"))
    if image is None:
        image = digit_image(drawing)
    if image is None or not image.any():
        raise DatasetError(f"{where}: expected a digit, found a drawing without ink or a lone dot.")
    strokes = stroke_line(drawing) if content.get("drawn") is not False else ""
    return KeptDigit(image, read.label, strokes, text(content.get("time")), said(content.get("said")), read.writer)


def packed(image: NDArray[np.uint8]) -> str:
    """The pixels of an image as a text."""
    return base64.b64encode(zlib.compress(image.tobytes())).decode("ascii")


def unpacked(value: object) -> NDArray[np.uint8] | None:
    """The inverse of `packed`; None for anything else."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(value, validate=True), SIDE * SIDE + 1)  # type: ignore[arg-type]
    except (TypeError, ValueError, binascii.Error, zlib.error):
        return None
    return np.frombuffer(data, np.uint8).reshape(SIDE, SIDE) if len(data) == SIDE * SIDE else None


def text(value: object) -> str:
    """A text out of a file, or none."""
    return value[:_LONGEST] if isinstance(value, str) else ""


def said(value: object) -> dict[str, Any]:
    """What a model had said, out of a file: the known entries of the right kind."""
    if not isinstance(value, dict):
        return {}
    kinds: dict[str, type] = {"model": str, "digit": int, "probability": float}
    return {key: value[key] for key, kind in kinds.items() if type(value.get(key)) is kind}
