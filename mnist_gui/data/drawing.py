"""What a person draws: strokes with a width, perhaps over a picture, before anything is made of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

CANVAS_SIDE: Final = 280.0
"""Side of a canvas in the units of its strokes, whatever its size on a screen."""

LEAST_SIDE: Final = 10.0
"""In units of the canvas: smaller ink is not enlarged any further."""

FARTHEST: Final = 1e9
"""Coordinates beyond this are refused: nobody drew them."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """A polyline with round caps.

    Attributes:
        points: float64, shape (n, 2) with n >= 1: x right, y down, in units; one point is a dot.
        width: in units, more than 0; where `widths` says more, the widest of them.
        erase: whether it takes away what lies below, instead of adding ink.
        widths: float64, shape (n,), in units, each more than 0: the width at each point, from which it tapers to the
            next, as a pen's pressure had it; None where the width is the same everywhere.

    Raises:
        ValueError: a number is not finite or absurdly large, or a shape is another.
    """

    points: NDArray[np.float64]
    width: float
    erase: bool = False
    widths: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.points.dtype != np.float64 or self.points.ndim != 2 or self.points.shape[1:] != (2,):
            raise ValueError(
                f"a stroke's points must be float64 of shape (n, 2), got {self.points.dtype} {self.points.shape}"
            )
        if not len(self.points):
            raise ValueError("a stroke has at least one point")
        if not np.abs(self.points).max() <= FARTHEST:  # false for NaN, too
            raise ValueError("a stroke's coordinates must be finite and within a thousand million")
        if not 0 < self.width <= FARTHEST:
            raise ValueError(f"a stroke's width must be more than 0, got {self.width}")
        self.points.setflags(write=False)
        if self.widths is not None:
            if self.widths.dtype != np.float64 or self.widths.shape != (len(self.points),):
                raise ValueError(
                    f"a stroke of {len(self.points)} points has as many widths (float64),"
                    f" got {self.widths.dtype} {self.widths.shape}"
                )
            if not (self.widths > 0).all() or self.widths.max() != self.width:
                raise ValueError("a stroke's widths are more than 0, and its width is the widest of them")
            self.widths.setflags(write=False)

    @property
    def radii(self) -> NDArray[np.float64]:
        """Half the width at each point, in units: float64, shape (n,)."""
        return np.full(len(self.points), self.width / 2) if self.widths is None else self.widths / 2


@dataclass(frozen=True, eq=False)
class Drawing:
    """At most one grey picture, and above it strokes in the order in which they were made.

    Attributes:
        strokes: the later ones above the earlier ones.
        picture: uint8, shape (height, width), 0 paper to 255 ink; one pixel a unit, its top left corner at (0, 0).
        least_side: in units; a smaller box is widened to it. 0 for drawings without a scale.
    """

    strokes: tuple[Stroke, ...] = ()
    picture: NDArray[np.uint8] | None = None
    least_side: float = 0.0

    def __post_init__(self) -> None:
        if self.picture is not None and (self.picture.dtype != np.uint8 or self.picture.ndim != 2):
            raise ValueError(f"a picture must be uint8 with two axes, got {self.picture.dtype} {self.picture.shape}")

    @cached_property
    def widest(self) -> float:
        """Width of the widest stroke that adds ink, in units; 0 when none does."""
        return max((stroke.width for stroke in self.strokes if not stroke.erase), default=0.0)


def picture_drawing(image: NDArray[np.uint8], times: int = 10) -> Drawing:
    """An image put on the canvas as a picture, each pixel repeated `times` in both directions.

    Args:
        image: uint8, shape (28, 28).
        times: 10 fills a canvas of 280x280.
    """
    return Drawing(picture=image.repeat(times, axis=0).repeat(times, axis=1), least_side=LEAST_SIDE)
