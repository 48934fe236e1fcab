"""Fingers on the canvas: one draws, two that tap take back, and a palm beside a pen does nothing."""

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QEventPoint

TAP_S: Final = 0.35
"""Seconds within which both fingers of a tap have come and gone."""

STILL: Final = 12.0
"""Device-independent pixels that a finger of a tap may slip."""

PEN_NEAR_S: Final = 0.7
"""Seconds after the last word from a pen during which a touch is the hand that holds it.

A pen that hovers is heard of a hundred times a second.
"""


class Act(Enum):
    """What a finger asks for."""

    NOTHING = auto()
    PRESS = auto()
    DRAG = auto()
    END = auto()
    """Draws to where it is and lifts."""
    LIFT = auto()
    CANCEL = auto()
    UNDO = auto()


class Fingers:
    """Follows every finger, and says what it means for the drawing.

    The finger that came first draws. Others may rest on the screen, unless two come and go in a moment without moving:
    that is a tap, and what the first of them has drawn is no stroke.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places: dict[int, QPointF] = {}
        self._drawing: int | None = None
        self._began = 0.0
        self._tap = False
        self._pen_seen = float("-inf")

    @property
    def drawing(self) -> bool:
        """Whether a finger draws."""
        return self._drawing is not None

    def see_pen(self) -> None:
        """A pen is near."""
        self._pen_seen = self._clock()

    def follow(self, number: int, state: QEventPoint.State, position: QPointF) -> Act:
        """What is to be done when a finger has come, moved or gone.

        Args:
            number: of the finger, its own as long as it touches.
            state: what it did.
            position: in device-independent pixels.
        """
        match state:
            case QEventPoint.State.Pressed:
                return self._come(number, position)
            case QEventPoint.State.Released:
                return self._go(number, position)
            case QEventPoint.State.Updated:
                return self._move(number, position)
            case _:
                return Act.NOTHING

    def forget(self) -> None:
        """The system has taken the touch away."""
        self._places.clear()
        self._drawing, self._tap = None, False

    def _come(self, number: int, position: QPointF) -> Act:
        now = self._clock()
        first = not self._places
        self._places[number] = position
        if now - self._pen_seen < PEN_NEAR_S:
            return Act.NOTHING
        if first:
            self._drawing, self._began, self._tap = number, now, False
            return Act.PRESS
        self._tap = self._drawing is not None and len(self._places) == 2 and now - self._began < TAP_S
        return Act.NOTHING

    def _move(self, number: int, position: QPointF) -> Act:
        self._watch_tap(number, position)
        return Act.DRAG if number == self._drawing and not self._tap else Act.NOTHING

    def _go(self, number: int, position: QPointF) -> Act:
        self._watch_tap(number, position)
        self._places.pop(number, None)
        if self._tap:
            if self._places:
                return Act.NOTHING  # the other one decides
            self._drawing, self._tap = None, False
            return Act.UNDO if self._clock() - self._began < TAP_S else Act.LIFT
        if number == self._drawing:
            self._drawing = None
            return Act.END
        return Act.NOTHING

    def _watch_tap(self, number: int, position: QPointF) -> None:
        """A finger that moves does not tap."""
        place = self._places.get(number)
        if place is not None and (position - place).manhattanLength() > STILL:
            self._tap = False
