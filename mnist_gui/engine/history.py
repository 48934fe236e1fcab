"""What a run has done so far, in arrays that grow: fed with events, read by curves, read-outs and files."""

import math
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Phase,
    PhaseChanged,
    Ready,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    TrainingEvent,
    Validated,
)

SMOOTHING: Final = 0.95
"""Share of the old average that a new loss leaves: the smoothed loss looks back about 20 steps."""

ETA_WINDOW_SECONDS: Final = 30.0
"""Speed is measured over the newest training time of this length, so that an old, other speed is forgotten."""

ETA_LEAST_SECONDS: Final = 2.0
"""Below this much measured training time an estimate would be a guess."""


class GrowingArray:
    """A float64 array to which values are appended in constant time on average (its memory doubles)."""

    def __init__(self) -> None:
        self._memory = np.empty(1024, np.float64)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def extend(self, values: Iterable[float]) -> None:
        """Append `values`."""
        new = np.fromiter(values, np.float64)
        needed = self._length + len(new)
        if needed > len(self._memory):
            larger = np.empty(max(needed, 2 * len(self._memory)), np.float64)
            larger[: self._length] = self._memory[: self._length]
            self._memory = larger
        self._memory[self._length : needed] = new
        self._length = needed

    @property
    def view(self) -> NDArray[np.float64]:
        """The values so far, shape (n,), read-only and not copied."""
        view = self._memory[: self._length]
        view.setflags(write=False)
        return view


class RunHistory:
    """Everything that a run said, ready to be drawn, read out and saved; without the weights.

    It has one writer, and belongs to the thread that calls `extend`.

    Attributes:
        config: the settings the run began with; None before `RunStarted`, like the numbers below are 0.
        parameters: number of weights that training moves.
        steps_per_epoch: minibatches in an epoch.
        digits_per_epoch: training digits seen in an epoch.
        phase: what the run is busy with; None before it said so.
        device: where it computes; empty before the first `Ready`, like the next two.
        reason: why this device was chosen.
        compiler: what made the functions that are in use now.
        compilers: every compiler used so far, each with the first step that its functions made.
        epoch: the epoch of the newest step, counted from 1; 0 before the first step.
        digits_per_second: training speed, without pauses and validation.
        seconds: time spent training, without pauses.
        validations: every look at the validation digits, in order.
        best: the best of them.
        changes: every change of a live setting, in order.
        outcome: the terminal event; None while the run goes on.
    """

    def __init__(self) -> None:
        self.config: TrainingConfig | None = None
        self.parameters = 0
        self.steps_per_epoch = 0
        self.digits_per_epoch = 0
        self.phase: Phase | None = None
        self.device = ""
        self.reason = ""
        self.compiler = ""
        self.compilers: list[tuple[int, str]] = []
        self.epoch = 0
        self.digits_per_second = 0.0
        self.seconds = 0.0
        self.validations: list[Validated] = []
        self.best: Validated | None = None
        self.changes: list[HyperparameterChanged] = []
        self.outcome: RunFinished | RunFailed | None = None
        self._losses = GrowingArray()
        self._smoothed = GrowingArray()
        self._validation_steps = GrowingArray()
        self._validation_errors = GrowingArray()
        self._average = 0.0
        self._weight = 0.0
        self._marks: deque[tuple[int, float]] = deque()

    def extend(self, events: Iterable[TrainingEvent]) -> None:
        """Take in what the run said, in the order in which it said it.

        Raises:
            ValueError: steps are missing or come twice.
        """
        for event in events:
            match event:
                case RunStarted():
                    self.config = event.config
                    self.parameters = event.parameters
                    self.steps_per_epoch = event.steps_per_epoch
                    self.digits_per_epoch = event.digits_per_epoch
                case PhaseChanged():
                    self.phase = event.phase
                case Ready():
                    self.device, self.reason, self.compiler = event.device, event.reason, event.compiler
                    self.compilers.append((event.step, event.compiler))
                    self._marks.clear()  # functions of another compiler have another speed
                case StepsDone():
                    self._add_steps(event)
                case Validated():
                    self.validations.append(event)
                    self._validation_steps.extend((event.step,))
                    self._validation_errors.extend((event.error,))
                    if event.best:
                        self.best = event
                case HyperparameterChanged():
                    self.changes.append(event)
                case RunFinished() | RunFailed():
                    self.outcome = event

    @property
    def step(self) -> int:
        """The newest step; 0 before the first. Step s has its loss at index s - 1."""
        return len(self._losses)

    @property
    def losses(self) -> NDArray[np.float64]:
        """Training loss of each step, nats per digit, shape (step,), read-only; the last may not be finite."""
        return self._losses.view

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """Exponentially smoothed training loss of each step, nats per digit, shape (step,), read-only.

        Corrected for the start from zero as in Kingma and Ba, "Adam" (2015), section 3: the average divided by the
        sum of its weights, so that the first values are not drawn towards 0. Losses that are not finite leave it
        as it was.
        """
        return self._smoothed.view

    @property
    def validation_steps(self) -> NDArray[np.float64]:
        """The steps after which the validation digits were read, shape (v,), read-only."""
        return self._validation_steps.view

    @property
    def validation_errors(self) -> NDArray[np.float64]:
        """Percent of validation digits misread at these steps, shape (v,), read-only."""
        return self._validation_errors.view

    @property
    def total_steps(self) -> int:
        """Steps that the run makes at most; early stopping may make fewer. 0 when not known yet."""
        return self.config.epochs * self.steps_per_epoch if self.config else 0

    @property
    def eta_seconds(self) -> float | None:
        """Training time left until the last epoch is done, at the speed of the newest half minute.

        None before there are two seconds to measure, and after the end. It knows the epochs, not early stopping,
        and counts no pauses.
        """
        if self.outcome is not None or not self.total_steps or len(self._marks) < 2:
            return None
        (first_step, first_seconds), (last_step, last_seconds) = self._marks[0], self._marks[-1]
        if last_seconds - first_seconds < ETA_LEAST_SECONDS or last_step == first_step:
            return None
        seconds_a_step = (last_seconds - first_seconds) / (last_step - first_step)
        return max(0.0, (self.total_steps - self.step) * seconds_a_step)

    def to_dict(self) -> dict[str, Any]:
        """The history as JSON can hold it: numbers that are not finite are null, losses have seven digits."""
        return {
            "config": self.config.to_dict() if self.config else None,
            "parameters": self.parameters,
            "steps_per_epoch": self.steps_per_epoch,
            "digits_per_epoch": self.digits_per_epoch,
            "device": self.device,
            "device_reason": self.reason,
            "compiler": self.compiler,
            "compilers": [{"step": step, "name": name} for step, name in self.compilers],
            "seconds": self.seconds,
            "losses": [_json_number(loss) for loss in self._losses.view.tolist()],
            "validations": [
                {"step": v.step, "epoch": v.epoch, "loss": _json_number(v.loss), "error": v.error, "best": v.best}
                for v in self.validations
            ],
            "changes": [{"step": c.step, "name": c.name, "value": c.value} for c in self.changes],
            "outcome": _outcome_as_dict(self.outcome),
        }

    def _add_steps(self, event: StepsDone) -> None:
        if event.first != self.step + 1:
            raise ValueError(f"the next step is {self.step + 1}, got {event.first}")
        self._losses.extend(event.losses)
        self._smoothed.extend([self._smooth(loss) for loss in event.losses])
        self.epoch = event.epoch
        self.digits_per_second = event.digits_per_second
        self.seconds = event.seconds
        self._marks.append((self.step, event.seconds))
        while len(self._marks) > 2 and self._marks[-1][1] - self._marks[0][1] > ETA_WINDOW_SECONDS:
            self._marks.popleft()

    def _smooth(self, loss: float) -> float:
        if math.isfinite(loss):
            self._average = SMOOTHING * self._average + (1 - SMOOTHING) * loss
            self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)
        return self._average / self._weight if self._weight else math.nan


def _json_number(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None


def _outcome_as_dict(outcome: RunFinished | RunFailed | None) -> dict[str, Any] | None:
    match outcome:
        case RunFinished():
            return {
                "event": "RunFinished",
                "reason": str(outcome.reason),
                "step": outcome.step,
                "validation_error": outcome.validation_error,
                "test_error": outcome.test_error,
                "seconds": outcome.seconds,
            }
        case RunFailed():
            return {
                "event": "RunFailed",
                "message": outcome.message,
                "step": outcome.step,
                "validation_error": outcome.validation_error,
            }
        case None:
            return None
