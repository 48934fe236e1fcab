"""What a run looks like on a terminal, or as plain lines where there is none."""

from typing import Final

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import (
    HyperparameterChanged,
    PhaseChanged,
    Ready,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    TrainingEvent,
    Validated,
)

_SMOOTHING: Final = 0.98
"""Weight of the past in the loss that is shown: an average over about the last 50 steps."""


class Progress:
    """A bar with loss, validation error, speed and the time left; one line for each look at the validation digits."""

    def __init__(self, config: TrainingConfig) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[facts]}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._config = config
        self._steps_per_epoch = 1
        self._loss: float | None = None
        self._error = "–"
        self._task: TaskID = self._bar.add_task("starting", total=None, facts="")
        self._bar.start()

    def tell(self, event: TrainingEvent, saved: str) -> None:
        """Shows an event; `saved` is the path of the model that a terminal event left, or empty."""
        match event:
            case RunStarted():
                self._steps_per_epoch = event.steps_per_epoch
                self._say(f"{self._config.network_title}, {event.parameters:,} parameters")
            case PhaseChanged():
                self._bar.update(self._task, description=f"{event.phase}", facts=event.detail)
            case Ready():
                self._say(f"{event.compiler} on {event.device} ({event.reason}), ready after {event.seconds:.1f} s")
            case StepsDone():
                self._steps(event)
            case Validated():
                self._error = f"{event.error:.2f} %"
                mark = "  best so far" if event.best else ""
                self._say(
                    f"epoch {event.epoch:5.2f}  validation error {event.error:6.2f} %  loss {event.loss:.4f}{mark}"
                )
            case HyperparameterChanged():
                self._say(f"step {event.step:,}: {event.name} = {event.value:g}")
            case RunFinished():
                self.close()
                self._summary(event, saved)
            case _:
                pass

    def close(self) -> None:
        """Takes the bar away; what was said stays."""
        self._bar.stop()

    def _say(self, line: str) -> None:
        self._bar.console.print(line, markup=False, soft_wrap=True)

    def _steps(self, event: StepsDone) -> None:
        for loss in event.losses:
            self._loss = loss if self._loss is None else _SMOOTHING * self._loss + (1 - _SMOOTHING) * loss
        done = event.first + len(event.losses) - 1
        total = self._config.epochs * self._steps_per_epoch
        left = event.seconds / done * (total - done)
        self._bar.update(
            self._task,
            description=f"epoch {event.epoch} of {self._config.epochs}",
            total=total,
            completed=done,
            facts=f"loss {self._loss:.4f}  validation {self._error}  {event.digits_per_second:,.0f} digits/s"
            f"  {int(left) // 60}:{int(left) % 60:02d} left",
        )

    def _summary(self, event: RunFinished, saved: str) -> None:
        reason = {
            StopReason.COMPLETED: "Done",
            StopReason.EARLY_STOPPED: "Stopped early: no better validation error came",
            StopReason.INTERRUPTED: "Interrupted",
        }[event.reason]
        self._say(f"{reason} after {event.step:,} steps and {event.seconds:.1f} s on {event.device}.")
        if event.validation_error is not None:
            self._say(f"validation error {event.validation_error:6.2f} %")
        if event.test_error is not None:
            self._say(f"test error       {event.test_error:6.2f} %")
        elif event.reason is not StopReason.INTERRUPTED:
            self._say("There is no test error: the data set has no test digits.")
        if saved:
            self._say(f"saved as {saved}")
