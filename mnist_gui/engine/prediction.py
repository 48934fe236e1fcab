"""What a model says of a digit, and whether it is to be believed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES
from mnist_gui.engine.likeness import looks_like_two
from mnist_gui.engine.model import Model

UNSURE_BELOW: Final = 0.5
"""An answer is unsure when its probability is lower: then no class has the majority."""


class Doubt(StrEnum):
    """Why an answer is not to be believed."""

    SPLIT = "no class has the majority"
    STRANGE = "unlike any digit"
    TWO = "looks like two digits"


_ASKED_ABOVE: Final = 0.5
"""Strangeness from which on it is asked whether a picture shows two digits; asking takes time."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Ten probabilities, and how far the picture is one of a digit.

    Attributes:
        probabilities: float32, shape (10,), each 0 to 1, sum 1.
        strangeness: how unlike a digit the picture is: 0 is a typical digit, above 1 is none.
        two: whether it shows two things side by side, which no digit does.
    """

    probabilities: NDArray[np.float32]
    strangeness: float = 0.0
    two: bool = False

    def __post_init__(self) -> None:
        if self.probabilities.shape != (CLASSES,):
            raise ValueError(f"probabilities must have shape (10,), got {self.probabilities.shape}")

    @property
    def digit(self) -> int:
        """The most probable class, 0 to 9."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Probability of the most probable class, 0 to 1."""
        return float(self.probabilities.max())

    @property
    def digit_like(self) -> bool:
        """Whether the picture may be one of a digit."""
        return self.strangeness <= 1 and not self.two

    @property
    def doubt(self) -> Doubt | None:
        """Why the answer is not to be believed; None where it is."""
        if not self.digit_like:
            return Doubt.TWO if self.two else Doubt.STRANGE
        return Doubt.SPLIT if self.confidence < UNSURE_BELOW else None

    @property
    def unsure(self) -> bool:
        """Whether the answer is not to be believed: no class has the majority, or it is probably no digit."""
        return self.doubt is not None


def judged(model: Model, images: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> tuple[Prediction, ...]:
    """What a model says of pictures, with the doubt that its calibration allows; nothing is doubted without one.

    Args:
        model: who read them.
        images: uint8, shape (n, 28, 28).
        probabilities: its answers, float32, shape (n, 10).
    """
    calibration = model.calibration
    if calibration is None:
        return tuple(map(Prediction, probabilities))
    strangeness = calibration.strangeness(images)
    return tuple(
        Prediction(row, float(how), two=bool(how > _ASKED_ABOVE) and looks_like_two(image))
        for row, how, image in zip(probabilities, strangeness, images, strict=True)
    )
