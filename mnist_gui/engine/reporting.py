"""What a run says between its steps: losses in bundles, its speed, copies of its weights."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from mnist_gui.engine.events import StepsDone, TrainingEvent

Emit = Callable[[TrainingEvent], None]

REPORT_SECONDS: Final = 0.05
"""Steps are reported together, about this far apart: drawing twenty times a second is enough."""

SNAPSHOT_SECONDS: Final = 0.3
"""Weights are copied about this far apart for those who read digits meanwhile."""

FIRST_SNAPSHOT_SECONDS: Final = 0.03
"""At first they are: a network makes up its mind in its first moments, and a window hears of it 30 times a second."""

_SNAPSHOT_GROWTH: Final = 0.1
"""Between the two, the time between copies is this part of the time since the first step."""


class Reporter:
    """Collects losses and times until it is time to tell.

    Attributes:
        seconds: time spent training since the run started, without pauses.
        shown: the step whose weights were shown last; -1 before the first.
    """

    def __init__(self, emit: Emit, batch_size: int, steps_per_epoch: int) -> None:
        self._emit, self._batch_size, self._steps_per_epoch = emit, batch_size, steps_per_epoch
        self.seconds, self.shown = 0.0, -1
        self._begun = self._snapshot = self._told = time.monotonic()
        self._losses: list[float] = []
        self._step = 0
        self._busy, self._timed, self._speed = 0.0, 0, 0.0

    def add(self, losses: Sequence[float], seconds: float, *, timed: bool) -> None:
        """Steps were made.

        Args:
            losses: of each of them, nats per digit.
            seconds: what they took.
            timed: whether that says something about the speed; the first call of a function does not, as it loads or
                compiles it.
        """
        if not self._step:
            self._begun = time.monotonic()
        self._losses += losses
        self._step += len(losses)
        if timed:
            self.seconds += seconds
            self._busy += seconds
            self._timed += len(losses)

    def tell_now_and_then(self) -> None:
        """Tells what there is, if the last time was long enough ago."""
        if time.monotonic() - self._told >= REPORT_SECONDS:
            self.tell()

    def tell(self) -> None:
        """Tells what there is."""
        if self._losses:
            if self._busy:
                latest = self._timed * self._batch_size / self._busy
                # An average over about the last ten reports, so that the number can be read.
                self._speed = latest if not self._speed else 0.9 * self._speed + 0.1 * latest
            first = self._step - len(self._losses) + 1
            epoch = (self._step - 1) // self._steps_per_epoch + 1
            self._emit(StepsDone(first, tuple(self._losses), epoch, self._speed, self.seconds))
            self._losses.clear()
            self._busy, self._timed = 0.0, 0
        self._told = time.monotonic()

    @property
    def snapshot_due(self) -> bool:
        """Whether weights should be shown now."""
        now = time.monotonic()
        apart = _SNAPSHOT_GROWTH * (now - self._begun)
        return now - self._snapshot >= min(max(apart, FIRST_SNAPSHOT_SECONDS), SNAPSHOT_SECONDS)

    def showed_weights(self, step: int) -> None:
        """The weights after step `step` were shown."""
        self._snapshot, self.shown = time.monotonic(), step

    def forget_speed(self) -> None:
        """Functions of another compiler have another speed."""
        self.tell()
        self._speed = 0.0
