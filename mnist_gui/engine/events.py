"""What a training run says while it goes on.

A run is a stream of these: frozen, picklable, without arrays on a device. Each run ends with exactly one of
`RunFinished` and `RunFailed`, whatever happens, and begins with `RunStarted` unless it cannot even begin; where memory
is short for its batches, `RunStarted` comes again with smaller ones, and the run begins anew. Steps count minibatches
from 1; step 0 is before the first. Errors are percent of digits misread, losses are nats per digit.
"""

from dataclasses import dataclass
from enum import StrEnum

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.model import Model


class Phase(StrEnum):
    """What a run is busy with."""

    LOADING = "loading"
    COMPILING = "compiling"
    TRAINING = "training"
    TESTING = "testing"


class StopReason(StrEnum):
    """Why a run that did not fail ended."""

    COMPLETED = "completed"
    EARLY_STOPPED = "early stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run exists.

    Attributes:
        config: its settings.
        parameters: number of weights that training moves.
        steps_per_epoch: minibatches in an epoch.
        digits_per_epoch: training digits seen in an epoch.
    """

    config: TrainingConfig
    parameters: int
    steps_per_epoch: int
    digits_per_epoch: int


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The run is busy with something else now.

    Attributes:
        phase: with what.
        detail: one line for the user, for example which device was chosen and why.
    """

    phase: Phase
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A compiler's functions have made their first step. A run that changes over to another compiler says so again.

    Attributes:
        device: where it computes, for example "CPU, 2 threads".
        reason: why this device was chosen.
        compiler: "interpreter", "Numba" or "JAX".
        seconds: from the start of the preparations to this step.
        step: the first step made by these functions. `train` repeats a run bit for bit when it is told this number.
    """

    device: str
    reason: str
    compiler: str
    seconds: float
    step: int = 1


@dataclass(frozen=True, slots=True)
class StepsDone:
    """Some minibatches were learnt.

    Attributes:
        first: number of the first of these steps.
        losses: the loss of each, in order; the last step is ``first + len(losses) - 1``.
        epoch: the epoch that the last of them belongs to, counted from 1.
        digits_per_second: training speed, without pauses and validation.
        seconds: time spent training since the run started, without pauses.
    """

    first: int
    losses: tuple[float, ...]
    epoch: int
    digits_per_second: float
    seconds: float


@dataclass(frozen=True, slots=True)
class HyperparameterChanged:
    """A live setting has a new value from step `step` on.

    Attributes:
        step: the first step that uses it.
        name: field of `TrainingConfig`.
        value: the new value.
    """

    step: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Validated:
    """The validation digits were read.

    Attributes:
        step: after which step.
        epoch: epochs done, may be fractional.
        loss: mean validation loss, nats per digit.
        error: percent of validation digits misread.
        best: whether no earlier validation of this run was as good.
    """

    step: int
    epoch: float
    loss: float
    error: float
    best: bool


@dataclass(frozen=True, slots=True)
class WeightsReady:
    """A copy of the weights for whoever wants to read digits with them.

    Attributes:
        step: after which step.
        model: the network with these weights.
    """

    step: int
    model: Model


@dataclass(frozen=True, slots=True)
class Paused:
    """The run waits after step `step`."""

    step: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The run goes on after step `step`."""

    step: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended well; terminal.

    Attributes:
        reason: why it ended.
        step: steps made.
        model: the network with the best weights of the run; None if it was stopped before there were any.
        validation_error: of those weights, percent; None if they were never validated.
        test_error: of those weights, percent; None without a test split or when the run was interrupted.
        seconds: from the start of the run to its end.
        device: where it computed.
    """

    reason: StopReason
    step: int
    model: Model | None
    validation_error: float | None
    test_error: float | None
    seconds: float
    device: str


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run broke off; terminal.

    Attributes:
        message: one sentence for the user, with a hint where there is one.
        details: the traceback, or an empty text.
        step: steps made.
        model: the network with the best weights before it broke, if there are any.
        validation_error: of those weights, percent.
    """

    message: str
    details: str
    step: int
    model: Model | None
    validation_error: float | None


TrainingEvent = (
    RunStarted
    | PhaseChanged
    | Ready
    | StepsDone
    | HyperparameterChanged
    | Validated
    | WeightsReady
    | Paused
    | Resumed
    | RunFinished
    | RunFailed
)
