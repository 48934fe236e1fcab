"""What the curves say at one step, in words and as numbers to copy."""

import csv
import io
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from mnist_gui.engine.config import LIVE_SETTINGS
from mnist_gui.engine.events import HyperparameterChanged
from mnist_gui.engine.history import RunHistory
from mnist_gui.gui.training.fields import title_of
from mnist_gui.gui.training.texts import error_text, loss_text, setting_text

_TITLES: Final = {
    name: title_of(name) if title_of(name)[1].isdigit() else title_of(name).lower() for name in LIVE_SETTINGS
}


def change_text(change: HyperparameterChanged) -> str:
    """A change of a live setting, for example "learning rate 0.01"."""
    return f"{_TITLES[change.name]} {setting_text(change.value)}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the curves say at one step.

    Attributes:
        place: the step, its epoch, and the last change of a setting before it.
        loss: raw and smoothed training loss.
        error: the last validation error before it; empty if there was none.
    """

    place: str
    loss: str
    error: str


def reading_at(history: RunHistory, step: int) -> Reading:
    """What the curves say at step `step`, counted from 1."""
    place = f"step {step:,}"
    if history.steps_per_epoch:
        place += f", epoch {step / history.steps_per_epoch:.2f}"
    changes = [change for change in history.changes if change.step <= step]
    if changes:
        place += f", {change_text(changes[-1])}"
    loss = f"{loss_text(float(history.losses[step - 1]))}, smoothed {loss_text(float(history.smoothed[step - 1]))}"
    looks = int(history.validation_steps.searchsorted(step, side="right"))
    return Reading(place, loss, error_text(float(history.validation_errors[looks - 1])) if looks else "")


def as_csv(history: RunHistory) -> str:
    """All numbers of the curves: one line a step, the validations in the lines of their steps.

    Columns: step, epoch, loss and smoothed loss in nats per digit, validation loss in nats per digit, validation
    error in percent, and the live settings in force.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["step", "epoch", "loss", "smoothed_loss", "validation_loss", "validation_error_percent", *LIVE_SETTINGS]
    )
    live = {name: getattr(history.config, name, "") for name in LIVE_SETTINGS}
    looks = {look.step: look for look in history.validations}
    changes = sorted(history.changes, key=lambda change: change.step)
    losses, smoothed = history.losses.tolist(), history.smoothed.tolist()
    taken = 0
    for step, (loss, average) in enumerate(zip(losses, smoothed, strict=True), start=1):
        due = bisect_left(changes, step + 1, lo=taken, key=lambda change: change.step)
        live.update({change.name: change.value for change in changes[taken:due]})
        taken = due
        look = looks.get(step)
        writer.writerow(
            [
                step,
                f"{step / history.steps_per_epoch:.6g}" if history.steps_per_epoch else "",
                f"{loss:.7g}",
                f"{average:.7g}",
                f"{look.loss:.7g}" if look else "",
                f"{look.error:.7g}" if look else "",
                *live.values(),
            ]
        )
    return text.getvalue()
