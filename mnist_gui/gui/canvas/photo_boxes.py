"""The digits of a photo that is open: their boxes, as found and as corrected, and what the model reads in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.data.drawing import LEAST_SIDE, Drawing
from mnist_gui.data.fitting import fitted
from mnist_gui.data.found_digits import MOST_DIGITS, FoundDigit, ink_inside
from mnist_gui.data.ink import digit_image
from mnist_gui.data.reading_order import Place, reading_order, text_of
from mnist_gui.data.sampling import Box
from mnist_gui.engine.prediction import Prediction

UNREAD: Final = "·"
"""Stands for a digit that nobody has read yet, and for a box without one."""

_LEAST_SIDE: Final = 4
"""Pixels of the photo: smaller boxes are clicks."""


@dataclass(frozen=True, eq=False)
class PhotoDigit:
    """One box.

    Attributes:
        box: as it was found or drawn, in pixels of the photo.
        digit: the ink in it.
        drawing: the same as it is when it is taken to the canvas.
        image: what a model reads of that, uint8, shape (28, 28); None where it is no more than a dot.
    """

    box: Box
    digit: FoundDigit
    drawing: Drawing
    image: NDArray[np.uint8] | None


def photo_digits(digits: Sequence[FoundDigit]) -> tuple[PhotoDigit, ...]:
    """Digits as a model reads them; a millisecond each, so many of them are a matter for a thread."""
    drawings = [Drawing(picture=fitted(digit.ink), least_side=LEAST_SIDE) for digit in digits]
    return tuple(
        PhotoDigit(digit.box, digit, drawing, digit_image(drawing))
        for digit, drawing in zip(digits, drawings, strict=True)
    )


class PhotoBoxes(QObject):
    """The boxes in the order of reading, one of them chosen; each correction can be undone.

    Attributes:
        digits: in the order of reading.
        places: where each comes on its line.
        predictions: of each; None where there is no answer yet.
        chosen: which one, from 0; None where there is none.

    Signals:
        changed: there are other boxes.
        read: there are newer answers.
        chosen_changed: another one is chosen.
    """

    changed = pyqtSignal()
    read = pyqtSignal()
    chosen_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ink: NDArray[np.uint8] = np.zeros((1, 1), np.uint8)
        self._undone: list[tuple[PhotoDigit, ...]] = []
        self._done: list[tuple[PhotoDigit, ...]] = []
        self.digits: tuple[PhotoDigit, ...] = ()
        self.places: list[Place] = []
        self.predictions: list[Prediction | None] = []
        self.chosen: int | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the photo in pixels."""
        height, width = self._ink.shape
        return height, width

    @property
    def images(self) -> NDArray[np.uint8] | None:
        """What a model is to read: uint8, shape (n, 28, 28), of the boxes that hold more than a dot."""
        images = [digit.image for digit in self.digits if digit.image is not None]
        return np.stack(images) if images else None

    @property
    def text(self) -> str:
        """The readings as they stand on the paper: digits, spaces, lines."""
        readings = [UNREAD if p is None else str(p.digit) for p in self.predictions]
        return text_of(self.places, readings)

    @property
    def table(self) -> str:
        """The readings as a table for a spreadsheet: one line a digit, columns parted by tabs."""
        lines = ["number\tline\tleft\ttop\twidth\theight\treading\tprobability\tunsure\n"]
        for place, digit, prediction in zip(self.places, self.digits, self.predictions, strict=True):
            box = digit.box
            answer = (
                "\t\t"
                if prediction is None
                else f"{prediction.digit}\t{prediction.confidence:.6f}\t{'yes' if prediction.unsure else 'no'}"
            )
            lines.append(
                f"{place.number + 1}\t{place.line + 1}\t{box.left}\t{box.top}\t{box.width}\t{box.height}\t{answer}\n"
            )
        return "".join(lines)

    def take(self, ink: NDArray[np.uint8], digits: tuple[PhotoDigit, ...]) -> None:
        """Another photo: its ink, uint8 of shape (height, width), and the digits that were found."""
        self._ink = ink
        self._done, self._undone = [], []
        self._show(digits, None)

    def set_answers(self, answers: Sequence[Prediction] | None) -> None:
        """What the model says of each of `images`; None where there is no model."""
        given = iter(answers or ())
        self.predictions = [None if digit.image is None else next(given, None) for digit in self.digits]
        self.read.emit()

    # ---- choosing
    def choose(self, number: int | None) -> None:
        """Chooses a box."""
        if number != self.chosen and (number is None or 0 <= number < len(self.digits)):
            self.chosen = number
            self.chosen_changed.emit()

    def choose_next(self, step: int) -> None:
        """Chooses the next box in the order of reading, or the one before."""
        if self.digits:
            first = 0 if step > 0 else len(self.digits) - 1
            number = first if self.chosen is None else self.chosen + step
            self.choose(min(max(number, 0), len(self.digits) - 1))

    def choose_line(self, step: int) -> None:
        """Chooses the nearest box of the next line, or of the one before."""
        if self.chosen is None:
            self.choose_next(step)
            return
        line = self.places[self.chosen].line + step
        middle = _middle(self.digits[self.chosen].box)
        there = [n for n, place in enumerate(self.places) if place.line == line]
        if there:
            self.choose(min(there, key=lambda n: abs(_middle(self.digits[n].box) - middle)))

    # ---- correcting
    def add(self, box: Box) -> bool:
        """Adds a box round ink; False where there is none, or no more are read."""
        added = self._read(box)
        if added is None or len(self.digits) >= MOST_DIGITS:
            return False
        self._change((*self.digits, added), added)
        return True

    def move(self, number: int, box: Box) -> bool:
        """Gives a box another place or size; False where there is no ink then."""
        moved = self._read(box)
        if moved is None:
            return False
        self._change((*self.digits[:number], moved, *self.digits[number + 1 :]), moved)
        return True

    def split(self, number: int) -> bool:
        """Makes two boxes of one, at the column with the least ink of its middle half; False if it is too narrow."""
        box = self.digits[number].box
        quarter = box.width // 4
        if quarter < _LEAST_SIDE // 2 or len(self.digits) >= MOST_DIGITS:
            return False
        ink = self._ink[box.top : box.bottom, box.left + quarter : box.right - quarter].sum(axis=0, dtype=np.int64)
        thinnest = np.flatnonzero(ink == ink.min())
        cut = box.left + quarter + int(thinnest[len(thinnest) // 2])
        halves = [self._read(replace(box, right=cut)), self._read(replace(box, left=cut))]
        parts = tuple(half for half in halves if half is not None)
        if len(parts) < 2:
            return False
        self._change((*self.digits[:number], *parts, *self.digits[number + 1 :]), parts[0])
        return True

    def join(self, number: int) -> bool:
        """Makes one box of two, this and the next of its line; False where there is none."""
        if number + 1 >= len(self.digits) or self.places[number].line != self.places[number + 1].line:
            return False
        a, b = self.digits[number].box, self.digits[number + 1].box
        both = self._read(Box(min(a.top, b.top), min(a.left, b.left), max(a.bottom, b.bottom), max(a.right, b.right)))
        if both is None:
            return False
        self._change((*self.digits[:number], both, *self.digits[number + 2 :]), both)
        return True

    def remove(self, number: int) -> None:
        """Takes a box away."""
        rest = (*self.digits[:number], *self.digits[number + 1 :])
        self._change(rest, rest[min(number, len(rest) - 1)] if rest else None)

    def undo(self) -> None:
        """Takes back the last correction."""
        self._step(self._done, self._undone)

    def redo(self) -> None:
        """Makes the correction again that was taken back."""
        self._step(self._undone, self._done)

    def _read(self, box: Box) -> PhotoDigit | None:
        height, width = self._ink.shape
        box = Box(max(box.top, 0), max(box.left, 0), min(box.bottom, height), min(box.right, width))
        if min(box.height, box.width) < _LEAST_SIDE:
            return None
        digit = ink_inside(self._ink, box)
        if digit is None:
            return None
        return replace(photo_digits([digit])[0], box=box)

    def _change(self, digits: tuple[PhotoDigit, ...], chosen: PhotoDigit | None) -> None:
        self._done.append(self.digits)
        self._undone = []
        self._show(digits, chosen)

    def _step(self, back: list[tuple[PhotoDigit, ...]], forth: list[tuple[PhotoDigit, ...]]) -> None:
        if back:
            forth.append(self.digits)
            self._show(back.pop(), None)

    def _show(self, digits: tuple[PhotoDigit, ...], chosen: PhotoDigit | None) -> None:
        """Puts boxes into the order of reading; what is known of those that stay is kept."""
        known = {id(digit): prediction for digit, prediction in zip(self.digits, self.predictions, strict=True)}
        order = reading_order([digit.box for digit in digits])
        self.digits = tuple(digits[place.number] for place in order)
        self.places = [place._replace(number=number) for number, place in enumerate(order)]
        self.predictions = [known.get(id(digit)) for digit in self.digits]
        self.chosen = next((n for n, digit in enumerate(self.digits) if digit is chosen), 0 if self.digits else None)
        self.changed.emit()
        self.chosen_changed.emit()


def _middle(box: Box) -> float:
    return (box.left + box.right) / 2
