"""`mnist-gui train`: one run, with a progress bar or as lines of JSON."""

import argparse
import signal
import tempfile
from dataclasses import fields
from pathlib import Path

from mnist_gui.cli import DONE, INTERRUPTED, CommandError
from mnist_gui.cli.event_lines import EventLines
from mnist_gui.cli.progress import Progress
from mnist_gui.cli.reading import dataset_from
from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFailed, RunFinished, StopReason, TrainingEvent
from mnist_gui.engine.presets import PRESETS, SUGGESTED_LEARNING_RATE, SUGGESTED_SQUARE_DECAY
from mnist_gui.engine.runs import runs_folder, save_run


def config_from(options: argparse.Namespace) -> TrainingConfig:
    """The settings that the options ask for.

    Raises:
        ConfigError: a value is outside its limits.
    """
    names = [item.name for item in fields(TrainingConfig)]
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.preset:
        return TrainingConfig.from_dict(PRESETS[options.preset].config.to_dict() | given)
    updates = Updates(given.get("updates", TrainingConfig().updates))
    given.setdefault("learning_rate", SUGGESTED_LEARNING_RATE[updates])
    given.setdefault("square_decay", SUGGESTED_SQUARE_DECAY.get(updates, TrainingConfig().square_decay))
    return TrainingConfig.from_dict(given)


def train(options: argparse.Namespace) -> int:
    """Trains, saves, and says what came of it.

    Ctrl+C stops the run between two steps, so that its best weights are saved; pressed again it breaks the step off,
    and they are saved as well.

    Returns:
        The exit code: 130 when the run was interrupted.

    Raises:
        ConfigError: a setting is outside its limits.
        CommandError: the run failed, or its model cannot be saved.
        DatasetError: the data set cannot be used.
    """
    config = config_from(options)
    folder = _writable(options.output.expanduser() if options.output else runs_folder())
    dataset = dataset_from(options.data)

    from mnist_gui.engine.trainer import train as run  # heavy: after everything that can fail at once

    control = Control()
    display = EventLines() if options.json else Progress(config)
    ends: list[RunFinished | RunFailed] = []

    def emit(event: TrainingEvent) -> None:
        saved = None
        if isinstance(event, RunFinished | RunFailed):
            event, saved = _saved(event, folder)
            ends.append(event)
        display.tell(event, saved)

    def stop(_signal: int, _frame: object) -> None:
        control.stop()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        run(config, dataset, emit, control, threads=options.threads)
    finally:
        signal.signal(signal.SIGINT, before)
        display.close()
    end = ends[-1]
    if isinstance(end, RunFailed):
        raise CommandError(end.message)
    return INTERRUPTED if end.reason is StopReason.INTERRUPTED else DONE


def _writable(folder: Path) -> Path:
    """The folder, absolute and made where it is not there: better to know before an hour of training than after it."""
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise CommandError(f"{folder}: no model can be saved there ({error.strerror or error}).") from error


def _saved(end: RunFinished | RunFailed, folder: Path) -> tuple[RunFinished | RunFailed, Path | None]:
    """Saves the model of a run, if it has one; a run whose model cannot be saved has failed."""
    if end.model is None:
        return end, None
    try:
        return end, save_run(end.model, folder)
    except OSError as error:
        message = f"The model cannot be saved in {folder} ({error.strerror or error})."
        return RunFailed(message, "", end.step, None, end.validation_error), None
