"""What a run looks like on a terminal, or as plain lines where there is none."""

import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.table import Column
from rich.text import Text

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import (
    PhaseChanged,
    Ready,
    RunFailed,
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
    """A bar with loss, validation error, speed and the time left; one line for each look at the validation digits.

    Without a terminal there is no bar, and a line for each phase instead.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._console = Console(highlight=False)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[facts]}"),
            _Clock(table_column=Column(no_wrap=True)),
            console=self._console,
            transient=True,
            expand=True,
            disable=not self._console.is_terminal,
        )
        self._config = config
        self._steps_per_epoch = 1
        self._loss: float | None = None
        self._error = "-"
        self._task = self._bar.add_task("starting", total=None, facts="", left=None)
        self._bar.start()

    def tell(self, event: TrainingEvent, saved: Path | None) -> None:
        """Shows an event; `saved` is the file that a terminal event's model is in."""
        match event:
            case RunStarted():
                self._steps_per_epoch = event.steps_per_epoch
                self._say(f"{self._config.architecture.title}, {event.parameters:,} parameters")
            case PhaseChanged():
                self._bar.reset(self._task, total=None, description=str(event.phase), facts=event.detail, left=None)
                if not self._console.is_terminal:
                    self._say(f"{event.phase}: {event.detail}")
            case Ready():
                where = f"{event.compiler} on {event.device} ({event.reason})"
                since = f", from step {event.step:,} on" if event.step > 1 else ""
                self._say(f"{where}, ready after {event.seconds:.1f} s{since}")
            case StepsDone():
                self._steps(event)
            case Validated():
                self._error = f"{event.error:.2f} %"
                mark = "  best so far" if event.best else ""
                self._say(
                    f"epoch {event.epoch:5.2f}  validation error {event.error:6.2f} %  loss {event.loss:.4f}{mark}"
                )
            case RunFinished():
                self.close()
                self._summary(event, saved)
            case RunFailed():
                self.close()
                print(event.details, end="", file=sys.stderr)
                if saved is not None:
                    self._say(f"the best weights so far are saved as {saved}")
            case _:
                pass  # nobody pauses a run or changes its settings from here

    def close(self) -> None:
        """Takes the bar away; what was said stays."""
        self._bar.stop()

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)

    def _steps(self, event: StepsDone) -> None:
        for loss in event.losses:
            self._loss = loss if self._loss is None else _SMOOTHING * self._loss + (1 - _SMOOTHING) * loss
        done = event.first + len(event.losses) - 1
        total = self._config.epochs * self._steps_per_epoch
        timed = event.seconds > 0  # the first step, which loads the function, is not
        rate = f"  {event.digits_per_second:,.0f} digits/s" if timed else ""
        self._bar.update(
            self._task,
            description=f"epoch {event.epoch} of {self._config.epochs}",
            total=total,
            completed=done,
            facts=f"loss {self._loss:.4f}  validation {self._error}{rate}",
            left=event.seconds / done * (total - done) if timed else None,
        )

    def _summary(self, event: RunFinished, saved: Path | None) -> None:
        reason = {
            StopReason.COMPLETED: "Done",
            StopReason.EARLY_STOPPED: "Stopped early, as the validation error did not fall any more,",
            StopReason.INTERRUPTED: "Interrupted",
        }[event.reason]
        self._say(f"{reason} after {event.step:,} steps and {event.seconds:.1f} s on {event.device}.")
        if event.validation_error is not None:
            self._say(f"validation error {event.validation_error:6.2f} %")
        if event.test_error is not None:
            self._say(f"test error       {event.test_error:6.2f} %")
        elif event.reason is not StopReason.INTERRUPTED:
            self._say("There is no test error: the data set has no test digits.")
        self._say("There are no weights to save." if saved is None else f"saved as {saved}")


class _Clock(ProgressColumn):
    """The time left, or how long a phase without a known end has taken."""

    def render(self, task: Task) -> Text:
        left: float | None = task.fields["left"]
        seconds = int(task.elapsed or 0 if left is None else left)
        return Text(f"{seconds // 60}:{seconds % 60:02d}{'' if left is None else ' left'}")
