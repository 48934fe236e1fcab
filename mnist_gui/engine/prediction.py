"""What a model says of a digit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES

UNSURE_BELOW: Final = 0.5
"""An answer is unsure when its probability is lower: then no class has the majority."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Ten probabilities.

    Attributes:
        probabilities: float32, shape (10,), each 0 to 1, sum 1.
    """

    probabilities: NDArray[np.float32]

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
    def unsure(self) -> bool:
        """Whether no class has the majority."""
        return self.confidence < UNSURE_BELOW
