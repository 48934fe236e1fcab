"""Boxes of digits in the order in which one reads them, on lines that may be a little askew."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.sampling import Box

_SAME_LINE: Final = 0.6
"""Of the height: digits of one line lie within this of each other, after the page was turned upright."""

_NEIGHBOUR: Final = 4.0
"""Of the height: the next digit of a line begins within this."""

_STEEPEST: Final = 0.25
"""Rise per column of a line that is still read from left to right."""

_SPACE: Final = 0.8
"""Of the height: a narrower gap is no space."""

_WIDER: Final = 1.8
"""Times the line's usual gap: a narrower gap is no space."""


class Place(NamedTuple):
    """Where a box comes in the order of reading.

    Attributes:
        number: of the box, as it was given.
        line: from the top, from 0.
        space: whether there is a gap before it that parts numbers.
    """

    number: int
    line: int
    space: bool


def reading_order(boxes: Sequence[Box]) -> list[Place]:
    """Lines from top to bottom, each from left to right."""
    if not boxes:
        return []
    heights = np.array([box.height for box in boxes], np.float64)
    x = np.array([box.left + box.right for box in boxes]) / 2
    y = np.array([box.top + box.bottom for box in boxes]) / 2
    height = float(np.median(heights))
    upright = y - _slope(x, y, height) * x
    lines: list[list[int]] = []
    levels: list[float] = []
    for number in np.argsort(x, kind="stable").tolist():
        near = [abs(upright[number] - level) for level in levels]
        best = int(np.argmin(near)) if near else -1
        if best < 0 or near[best] > _SAME_LINE * max(height, heights[number]):
            lines.append([number])
            levels.append(float(upright[number]))
        else:
            lines[best].append(number)
            levels[best] += (float(upright[number]) - levels[best]) / 2
    order = np.argsort([upright[line].mean() for line in lines], kind="stable")
    return [
        Place(member, number, space)
        for number, line in enumerate(order.tolist())
        for member, space in zip(lines[line], _spaces([boxes[member] for member in lines[line]]), strict=True)
    ]


def text_of(places: Sequence[Place], readings: Sequence[str]) -> str:
    """What stands on the page: the readings in the order of reading, with spaces, one line below the other.

    Args:
        places: of all boxes.
        readings: of each box, by its number.
    """
    text = ""
    line = 0
    for place in places:
        text += "\n" if place.line != line else " " if place.space else ""
        text += readings[place.number]
        line = place.line
    return text


def _slope(x: NDArray[np.float64], y: NDArray[np.float64], height: float) -> float:
    """Rise per column from each box to the next at its right, in the middle of all."""
    slopes = []
    for i in range(len(x)):
        ahead, rise = x - x[i], y - y[i]
        next_ones = (
            (ahead > height / 4) & (ahead < _NEIGHBOUR * height) & (np.abs(rise) < _STEEPEST * ahead + height / 4)
        )
        if next_ones.any():
            nearest = int(np.argmin(np.where(next_ones, ahead, np.inf)))
            slopes.append(rise[nearest] / ahead[nearest])
    return float(np.clip(np.median(slopes), -_STEEPEST, _STEEPEST)) if len(slopes) > 2 else 0.0


def _spaces(line: Sequence[Box]) -> list[bool]:
    """Whether there is a space before each box of a line."""
    gaps = np.array([second.left - first.right for first, second in pairwise(line)], np.float64)
    if not len(gaps):
        return [False]
    usual = float(np.median(gaps)) if len(gaps) > 1 else 0.0
    limit = max(_SPACE * float(np.median([box.height for box in line])), _WIDER * usual)
    return [False, *(gaps > limit).tolist()]
