"""How the room of training writes numbers and says what became of a run."""

import math
from pathlib import Path

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import Phase, RunFailed, RunFinished, StopReason
from mnist_gui.engine.history import RunHistory
from mnist_gui.session.states import RunState


def duration(seconds: float) -> str:
    """Seconds as "00:31", from an hour on as "1:02:07"."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def loss_text(loss: float) -> str:
    """A loss in nats with three significant digits, without exponents down to 0.0001."""
    if not math.isfinite(loss):
        return "not finite"
    if loss == 0 or abs(loss) >= 1000 or abs(loss) < 0.0001:
        return f"{loss:.3g}"
    return f"{loss:.{max(0, 2 - math.floor(math.log10(abs(loss))))}f}"


def error_text(error: float) -> str:
    """An error as "0.92 %": hundredths are one digit of the ten thousand that it is measured on."""
    return f"{error:.2f} %"


def setting_text(value: float) -> str:
    """The value of a setting without needless zeros, at most four digits."""
    return f"{value:.4g}"


def size_text(config: TrainingConfig) -> str:
    """The network of a run and the number of weights that training moves."""
    return f"{config.architecture.title}: {config.architecture.parameters:,} parameters"


def plan_text(config: TrainingConfig, training_digits: int, cost: float | None = None) -> str:
    """What a run would be, for before it starts: its network, its size, its steps, what compiling it takes.

    Args:
        config: the settings.
        training_digits: digits in the training split; 0 when there is no data set yet.
        cost: seconds that compiling will take, 0 if that is done already; None if it is not known.
    """
    text = size_text(config)
    if training_digits:
        text += f", {max(1, training_digits // config.batch_size):,} steps an epoch"
    if cost is None:
        return text
    return text + (f", compiles once, about {max(1, round(cost)):,} s" if cost else ", already compiled")


def digit_text(dataset: Dataset, index: int, *, selected: bool) -> str:
    """Which digit augmentation is shown on.

    Args:
        dataset: where it is from.
        index: its place there.
        selected: whether somebody chose it.
    """
    which = f"Digit {index:,}, a {dataset.labels[index]}." if selected else "The first digit."
    return which + (" Strengths act at the next step." if selected else " Select another one in Browse.")


def phase_text(
    state: RunState, detail: str, seconds: float, history: RunHistory | None, cost: float | None = None
) -> str:
    """What the run is busy with, in one line; empty when there is none or it has ended.

    Args:
        state: what it is doing.
        detail: one line of the run on its phase.
        seconds: since the phase began.
        history: what it said so far.
        cost: seconds that compiling will take; None or 0 if that is not known.
    """
    why = f" ({history.reason})" if history is not None and history.reason else ""
    match state:
        case RunState.LOADING:
            return f"Loading {detail or 'the digits'}, {duration(seconds)}"
        case RunState.COMPILING:
            return f"Compiling {detail}, {duration(seconds)}"
        case RunState.TRAINING if history is not None and history.phase is Phase.TESTING:
            return f"Testing: {detail}, {duration(seconds)}"
        case RunState.TRAINING if history is not None and history.config is not None and ", compiling" in detail:
            compiling = f"{history.config.architecture.title} compiles, {duration(seconds)}"
            return f"Training on the {history.compiler} while {compiling}" + (
                f" of about {duration(cost)}" if cost else ""
            )
        case RunState.TRAINING:
            return f"Training: {detail}{why}"
        case RunState.PAUSED:
            return f"Paused: {detail}{why}"
        case RunState.STOPPING:
            return "Stopping"
        case RunState.IDLE:
            return ""


def saved_text(path: Path) -> str:
    """Where a run was saved; lines may break within the path, and the home folder is "~"."""
    home = Path.home()
    shown = Path("~", path.relative_to(home)) if path.is_relative_to(home) else path
    return "Saved as " + str(shown).replace("/", "/\u200b")


def outcome_text(history: RunHistory) -> str:
    """What became of a run that ended, in one or two sentences; empty while it goes on."""
    match history.outcome:
        case RunFailed(message=message):
            return message
        case RunFinished() as outcome:
            return " ".join(filter(None, (_ending(outcome, history), _errors(outcome))))
        case None:
            return ""


def _ending(outcome: RunFinished, history: RunHistory) -> str:
    best = ""
    if history.best is not None:
        best = f" The best weights are those of epoch {history.best.epoch:.3g}."
    match outcome.reason:
        case StopReason.COMPLETED:
            return f"Finished after {history.epoch:,} epochs." + best
        case StopReason.EARLY_STOPPED:
            return f"Stopped early in epoch {history.epoch:,}, as the validation error got no better." + best
        case StopReason.INTERRUPTED:
            return f"Stopped at step {outcome.step:,}." + best


def _errors(outcome: RunFinished) -> str:
    if outcome.model is None:
        return "There are no weights to keep yet."
    if outcome.validation_error is None:
        return "The weights were not validated yet."
    text = f"Validation error {error_text(outcome.validation_error)}"
    if outcome.test_error is not None:
        return f"{text}, test error {error_text(outcome.test_error)}."
    if outcome.reason is StopReason.INTERRUPTED:
        return f"{text}; the test error is read only at the end of a run."
    return f"{text}; this data set has no test digits, so there is no test error."
