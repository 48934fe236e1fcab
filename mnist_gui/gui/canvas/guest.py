"""What is shown in the canvas's place, so that the drawing waits unchanged."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget

from mnist_gui.data.drawing import Drawing


@dataclass(frozen=True, eq=False)
class Guest:
    """What is shown in the canvas's place, other than a digit of the data set.

    Attributes:
        widget: shows it; a child of the panel.
        width_at: the width that the widget can fill at a height.
        image: what the model reads of it, uint8, shape (28, 28); None where there is nothing to read.
        drawing: what that was made of.
        title: what it is, in a few words.
        note: more of it, in a sentence or two.
    """

    widget: QWidget
    width_at: Callable[[int], int]
    image: NDArray[np.uint8] | None
    drawing: Drawing | None
    title: str
    note: str
