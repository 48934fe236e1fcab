"""Digits that were found in a picture, or pointed out in it by hand."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.sampling import Box, ink_box

LEAST_PAGE: Final = 57
"""Pixels. A picture whose longer side is less holds one digit, whatever spots it consists of: 28x28, or twice that."""

MOST_DIGITS: Final = 200
"""Of one picture. The others are counted, but not returned: a page of more is no note of numbers."""

_WIDE: Final = 1.35
"""Times its height: of the digits of MNIST one in a hundred is wider; most of what is wider is two that touch."""


@dataclass(frozen=True, eq=False)
class FoundDigit:
    """One digit of a picture.

    Attributes:
        box: where it is, in pixels of the picture.
        ink: uint8, shape (height, width) of the box: its own ink, without that of neighbours that reach into the box.
        line: number of its line from the top, from 0.
        space: whether there is a gap before it as wide as a space.
    """

    box: Box
    ink: NDArray[np.uint8]
    line: int = 0
    space: bool = False

    @property
    def touching(self) -> bool:
        """Whether it is so wide that it may be two that touch."""
        return self.box.width > _WIDE * self.box.height


@dataclass(frozen=True, eq=False)
class Page:
    """What was found in a picture.

    Attributes:
        digits: in the order of reading, at most `MOST_DIGITS`.
        count: how many there are.
    """

    digits: tuple[FoundDigit, ...]
    count: int


def ink_inside(ink: NDArray[np.uint8], box: Box) -> FoundDigit | None:
    """What lies in a box that somebody has drawn: its box is drawn tight round the ink; None where there is none."""
    tight = ink_box(ink[box.top : box.bottom, box.left : box.right])
    if tight is None:
        return None
    tight = Box(tight.top + box.top, tight.left + box.left, tight.bottom + box.top, tight.right + box.left)
    return FoundDigit(tight, ink[tight.top : tight.bottom, tight.left : tight.right].copy())
