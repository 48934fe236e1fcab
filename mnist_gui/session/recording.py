"""Reading the same images with one model after the other, as far as there is time beside everything else."""

import math
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.model import Model

AT_ONCE: Final = 8
"""Images read in one call: between two calls those who wait for an answer have their turn (7 ms of the flagship)."""

REST: Final = 20.0
"""After each reading nothing is recorded for this many times as long: of two processors it takes 2.5 % at most."""

MOST_MODELS: Final = 16
MOST_BYTES: Final = 24 * 2**20
"""As many models wait at most: a run shows its first weights faster than a graph is built to read with them."""


class Recording:
    """The images of one asker, the models that are still to read them, and how far one of them has come.

    The newest model reads first. Those before it, which came in a hurry, have their turn when there is time.
    It has no lock of its own.

    Attributes:
        number: of the images; another one each time that they are replaced.
    """

    def __init__(self) -> None:
        self.number = 0
        self._images: NDArray[np.uint8] | None = None
        self._waiting: list[Model] = []
        self._present: Model | None = None
        self._read: list[NDArray[np.float32]] = []
        self._took = 0.0
        self._ready_at = 0.0

    def ask(self, images: NDArray[np.uint8] | None, model: Model | None) -> None:
        """Other images, uint8 of shape (n, 28, 28) with n > 0, or none; the model of now reads them without delay."""
        self.number += 1
        if self._present is not None:  # has not read these
            self._waiting.append(self._present)
        self._images = images
        self._begin_again()
        self._ready_at = 0.0
        if images is None:
            self._waiting.clear()
        elif model is not None and model not in self._waiting:
            self.add(model)

    def add(self, model: Model | None) -> None:
        """Another model, or newer weights; None when there is none any more. Step 0 begins another run."""
        if model is None or model.metadata.get("step") == 0:
            self._waiting.clear()
            self._begin_again()
        if model is None or self._images is None:
            return
        size = sum(array.nbytes for array in model.weights.values())
        most = max(1, min(MOST_MODELS, MOST_BYTES // max(1, size)))
        del self._waiting[most - 1 :]
        self._waiting.append(model)

    def wait(self) -> float:
        """Seconds until there is something to do: 0 for at once, infinity for nothing."""
        if self._images is None or (self._present is None and not self._waiting):
            return math.inf
        return max(0.0, self._ready_at - time.monotonic())

    def next(self) -> tuple[Model, NDArray[np.uint8]]:
        """What to read next: a model and some of the images, uint8 of shape (at most `AT_ONCE`, 28, 28)."""
        assert self._images is not None, "there is something to do"
        if self._present is None:
            self._present = self._waiting.pop()
        done = AT_ONCE * len(self._read)
        return self._present, self._images[done : done + AT_ONCE]

    def take(
        self, number: int, model: Model, probabilities: NDArray[np.float32], seconds: float
    ) -> NDArray[np.float32] | None:
        """What was read of `next`; nothing happens when that is of no use any more.

        Args:
            number: of the images that were read.
            model: who read them.
            probabilities: float32, shape (m, 10).
            seconds: of processor time that it took.

        Returns:
            The probabilities of all images, shape (n, 10), when these were the last ones; then another model is due.
        """
        if self._images is None or number != self.number or model is not self._present:
            return None
        self._read.append(probabilities)
        self._took += seconds
        if AT_ONCE * len(self._read) < len(self._images):
            return None
        complete = np.concatenate(self._read)
        self._ready_at = time.monotonic() + REST * self._took
        self._begin_again()
        return complete

    def drop(self) -> None:
        """The model whose turn it is cannot read."""
        self._begin_again()

    def _begin_again(self) -> None:
        self._present, self._read, self._took = None, [], 0.0
