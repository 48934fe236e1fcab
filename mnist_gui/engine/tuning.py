"""What is asked of fine-tuning and what comes of it, as plain arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.model import Model

FEW: Final = 10
"""With fewer digits than this an error in percent says little."""

_WARM_UP: Final = 10
"""Steps in which the learning rate rises."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Digits with their labels.

    Attributes:
        images: uint8, shape (n, 28, 28).
        labels: uint8, shape (n,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Plan:
    """How much is done. Chosen on writers of pendigits-train, whose other digits and MNIST's validation judged.

    Attributes:
        steps: minibatches at most.
        batch: digits in one.
        mine: of these from My digits, the others from the data set that the model knows.
        rate: learning rate of Adam, which `rate_of` lets rise at first and fall to nothing then.
        look_every: steps between two looks at the digits that choose the weights.
        patience: looks without a better one after which it ends.
        looked_at: validation digits in a look.
        learning_seconds: learning ends after so long.
        seconds: everything ends after so long.
        seed: of the minibatches.
    """

    steps: int = 80
    batch: int = 32
    mine: int = 12
    rate: float = 5e-4
    look_every: int = 16
    patience: int = 3
    looked_at: int = 300
    learning_seconds: float = 32.0
    seconds: float = 52.0
    seed: int = 0

    def rate_of(self, step: int) -> float:
        """The learning rate of a step, counted from 1."""
        return self.rate * min(1.0, step / _WARM_UP) * (1 - (step - 1) / self.steps)


@dataclass(frozen=True, eq=False)
class Compared:
    """The same digits read before and after.

    Attributes:
        labels: uint8, shape (n,).
        before: float32, shape (n, 10): probabilities.
        after: the same, of the tuned model.
        total: digits there are; n is fewer where time was up.
    """

    labels: NDArray[np.uint8]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    total: int

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def misread_before(self) -> int:
        """How many of the digits."""
        return int((self.before.argmax(axis=1) != self.labels).sum())

    @property
    def misread_after(self) -> int:
        """How many of the digits."""
        return int((self.after.argmax(axis=1) != self.labels).sum())

    @property
    def newly_misread(self) -> int:
        """How many were read before and are not any more: what was forgotten."""
        return int(((self.before.argmax(axis=1) == self.labels) & (self.after.argmax(axis=1) != self.labels)).sum())


@dataclass(frozen=True, eq=False)
class Tuned:
    """What came of it.

    Attributes:
        before: the model that it began with.
        after: the tuned one.
        left_out: My digits that no weight learnt from.
        learnt_from: My digits that the weights learnt from.
        validation: of the data set that the model knew.
        others_before: float32, shape (k, 10): what the model said of other images that were asked for.
        others_after: the same, of the tuned model.
        steps: made until the weights that were chosen.
        steps_made: in all.
        seconds: in all.
        chosen_by_left_out: whether the left-out digits, too, chose the weights.
    """

    before: Model
    after: Model
    left_out: Compared
    learnt_from: Compared
    validation: Compared
    others_before: NDArray[np.float32]
    others_after: NDArray[np.float32]
    steps: int
    steps_made: int
    seconds: float
    chosen_by_left_out: bool


Weights = Mapping[str, NDArray[np.float32]]
