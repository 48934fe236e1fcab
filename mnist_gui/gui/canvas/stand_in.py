"""What is drawn on the canvas in place of the drawing, which waits unchanged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Drawing, picture_drawing


@dataclass(frozen=True, eq=False)
class StandIn:
    """A digit that is not the drawing; as soon as one draws on it, it becomes the drawing.

    Attributes:
        drawing: as it stands on the canvas.
        name: of the change that makes it the drawing, as it stands after "Undo".
        label: 0 to 9, or None where it is not known.
        image: what the model reads, uint8, shape (28, 28), where it bypasses all that is done to drawings.
    """

    drawing: Drawing
    name: str
    label: int | None = None
    image: NDArray[np.uint8] | None = None


def dataset_digit(image: NDArray[np.uint8], index: int, label: int) -> StandIn:
    """A digit of the data set, which the model gets as it is.

    Args:
        image: uint8, shape (28, 28).
        index: its place in the data set.
        label: 0 to 9.
    """
    return StandIn(picture_drawing(image), f"starting from digit {index:,}", label, image)


def replayed_digit(drawing: Drawing | None, place: int, label: int | None) -> StandIn:
    """What there is of a digit of a stroke file.

    Args:
        drawing: so far; None where its line is no digit.
        place: in the file, from 0.
        label: 0 to 9, where the file says it.
    """
    return StandIn(drawing or Drawing(), f"replayed digit {place + 1:,}", label)
