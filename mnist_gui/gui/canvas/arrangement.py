"""Where the parts of the room go."""

from collections.abc import Callable
from typing import Final, NamedTuple

from PyQt6.QtCore import QRect, QSize

from mnist_gui.gui.theme import SPACE

_WIDEST_ANSWER: Final = 60 * SPACE
_GAP: Final = 2 * SPACE


class Places(NamedTuple):
    """Where the parts go, in device-independent pixels of the room.

    Attributes:
        canvas: or what is shown in its place.
        sight: what the model sees, and the tools.
        answer: the bars.
        actions: the row below them; empty without actions.
    """

    canvas: QRect
    sight: QRect
    answer: QRect
    actions: QRect


def arranged(
    area: QRect,
    sight: QSize,
    answer: QSize,
    row_height: Callable[[int], int],
    *,
    width_at: Callable[[int], int] | None = None,
) -> Places:
    """Canvas, sight and answer in one row; where that is too narrow, the answer goes below the other two.

    Args:
        area: what there is.
        sight: least size of it.
        answer: least size of it.
        row_height: of the actions and the gap above them, at a width.
        width_at: of what stands in the canvas's place and need not be square: the width that it can fill at a height.
            It takes that much, or what the others leave.
    """
    side = min(area.height(), area.width() - sight.width() - answer.width() - 2 * _GAP)
    in_a_row = side >= 0.6 * area.height()
    if not in_a_row:
        below = answer.height() + row_height(min(area.width(), _WIDEST_ANSWER))
        side = min(area.width() - sight.width() - _GAP, area.height() - below - _GAP)
    broad = high = side
    if width_at is not None:
        high = area.height() if in_a_row else side
        left_over = area.width() - sight.width() - _GAP - (answer.width() + _GAP if in_a_row else 0)
        broad = min(left_over, width_at(high))
    canvas = QRect(area.left(), area.top(), broad, high)
    beside = QRect(area.left() + broad + _GAP, area.top(), sight.width(), max(side, sight.height()))
    left, top = area.left(), beside.top() + beside.height() + _GAP
    if in_a_row:
        beside.setBottom(area.bottom())
        left, top = beside.left() + beside.width() + _GAP, area.top()
    width = min(area.right() + 1 - left, _WIDEST_ANSWER)
    row = row_height(width)
    actions = QRect(left, area.bottom() + 1 - row, width, row)
    return Places(canvas, beside, QRect(left, top, width, area.bottom() + 1 - top - row), actions)
