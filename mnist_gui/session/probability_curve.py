"""What a model said of one digit while it learnt: ten probabilities at each of many steps, in bounded memory."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES

MOST: Final = 4096
"""Readings that are kept: 44 bytes each, 180 kB in all, and several for each pixel of a wide screen."""

DENSE: Final = 512
"""The first so many readings are never thinned out: a network decides in its first steps."""


class ProbabilityCurve:
    """Readings in the order of their steps, in arrays that grow by doubling up to `MOST` readings.

    When they are full, every pair of readings after the first `DENSE` becomes the one that is farther from what was
    before, so that a change of mind of a single reading is kept however long the run.
    """

    def __init__(self, most: int = MOST, dense: int = DENSE) -> None:
        """Makes an empty curve.

        Args:
            most: readings that are kept.
            dense: how many of the first ones are kept whatever happens; at most half of `most`.
        """
        self._most, self._dense = most, dense
        self._steps = np.empty(min(64, most), np.int64)
        self._probabilities = np.empty((len(self._steps), CLASSES), np.float32)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def steps(self) -> NDArray[np.int64]:
        """After which steps the digit was read, ascending, shape (n,), read-only and not copied."""
        view = self._steps[: self._length]
        view.setflags(write=False)
        return view

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """What was read, shape (n, 10), read-only and not copied."""
        view = self._probabilities[: self._length]
        view.setflags(write=False)
        return view

    def add(self, step: int, probabilities: NDArray[np.float32]) -> None:
        """Takes in a reading, in whatever order they come; a second one of the same step replaces the first.

        Args:
            step: after which step, 0 before the first.
            probabilities: float32, shape (10,).
        """
        place = int(self.steps.searchsorted(step))
        if place < self._length and self._steps[place] == step:
            self._probabilities[place] = probabilities
            return
        if self._length == self._most:
            self._thin()
            place = int(self.steps.searchsorted(step))
        if self._length == len(self._steps):
            self._grow()
        end = self._length
        if place < end:
            self._steps[place + 1 : end + 1] = self._steps[place:end].copy()
            self._probabilities[place + 1 : end + 1] = self._probabilities[place:end].copy()
        self._steps[place], self._probabilities[place] = step, probabilities
        self._length += 1

    def at(self, step: float) -> tuple[int, NDArray[np.float32]] | None:
        """The last reading made at `step` or before, its step and probabilities; None if there is none."""
        place = int(self.steps.searchsorted(step, side="right")) - 1
        return None if place < 0 else (int(self._steps[place]), self.probabilities[place])

    def _grow(self) -> None:
        length = min(2 * len(self._steps), self._most)
        steps, probabilities = np.empty(length, np.int64), np.empty((length, CLASSES), np.float32)
        steps[: self._length] = self._steps[: self._length]
        probabilities[: self._length] = self._probabilities[: self._length]
        self._steps, self._probabilities = steps, probabilities

    def _thin(self) -> None:
        first = np.arange(self._dense, self._length - 1, 2)
        p, before = self._probabilities, self._probabilities[first - 1]
        farther = np.abs(p[first + 1] - before).max(axis=1) >= np.abs(p[first] - before).max(axis=1)
        kept = np.concatenate((np.arange(self._dense), first + farther))
        if kept[-1] != self._length - 1:
            kept = np.append(kept, self._length - 1)
        self._steps[: len(kept)] = self._steps[kept]
        self._probabilities[: len(kept)] = p[kept]
        self._length = len(kept)
