"""`mnist-gui train`: one run, with a progress bar or as lines of JSON."""

import argparse
import json
import signal
import sys
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from mnist_gui.cli import DONE, INTERRUPTED, CommandError
from mnist_gui.cli.progress import Progress
from mnist_gui.data.dataset import Dataset
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.library import bundled_mnist
from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import SUGGESTED_LEARNING_RATE, TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFailed, RunFinished, TrainingEvent, WeightsReady
from mnist_gui.engine.model import Model


def config_from(options: argparse.Namespace) -> TrainingConfig:
    """The settings that the options ask for.

    Raises:
        ConfigError: a value is outside its limits.
    """
    names = [item.name for item in fields(TrainingConfig)]
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    updates = Updates(given.get("updates", TrainingConfig().updates))
    given.setdefault("learning_rate", SUGGESTED_LEARNING_RATE[updates])
    return TrainingConfig.from_dict(given)


def dataset_from(path: Path | None) -> Dataset:
    """The data set at `path`, or the bundled MNIST.

    Raises:
        DatasetError: there is none that can be used.
    """
    return bundled_mnist() if path is None else open_dataset(path.expanduser())


def train(options: argparse.Namespace) -> int:
    """Trains, saves, and says what came of it."""
    config = config_from(options)
    folder = options.output or platformdirs.user_data_path("mnist_gui") / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot be made: {error.strerror or error}") from error
    dataset = dataset_from(options.data)
    for note in dataset.notes:
        print(note, file=sys.stderr)

    from mnist_gui.engine.trainer import train as run  # heavy: after everything that can fail at once

    control = Control()
    interrupted = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal interrupted
        interrupted = True
        control.stop()

    reporter = _Report(folder, config, as_json=options.json)
    before = signal.signal(signal.SIGINT, stop)
    try:
        run(config, dataset, reporter.tell, control, threads=options.threads)
    finally:
        signal.signal(signal.SIGINT, before)
        reporter.close()
    if reporter.failure:
        raise CommandError(reporter.failure)
    return INTERRUPTED if interrupted else DONE


class _Report:
    """Turns events into lines of JSON, or into a progress bar and a summary; saves the model."""

    def __init__(self, folder: Path, config: TrainingConfig, *, as_json: bool) -> None:
        now = datetime.now().astimezone()
        self._path = folder / f"{config.network}-seed{config.seed}-{now:%Y%m%d-%H%M%S}{checkpoint.SUFFIX}"
        self._progress = None if as_json else Progress(config)
        self.failure = ""

    def tell(self, event: TrainingEvent) -> None:
        """Takes an event of the run."""
        saved = ""
        if isinstance(event, RunFinished | RunFailed):
            if event.model is not None:
                checkpoint.save(event.model, self._path)
                saved = str(self._path)
            if isinstance(event, RunFailed):
                self.failure = f"{event.message}{f' The best weights are in {saved}.' if saved else ''}"
        if self._progress is not None:
            self._progress.tell(event, saved)
        elif not isinstance(event, WeightsReady):  # weights are for files, not for lines of text
            print(json.dumps(_as_json(event, saved), allow_nan=False), flush=True)

    def close(self) -> None:
        """Takes the progress bar away."""
        if self._progress is not None:
            self._progress.close()


def _as_json(event: TrainingEvent, saved: str) -> dict[str, Any]:
    """An event as JSON can hold it; a model becomes the path of its file."""
    values: dict[str, Any] = {"event": type(event).__name__}
    for item in fields(event):
        value = getattr(event, item.name)
        if isinstance(value, Model) or item.name == "model":
            values["checkpoint"] = saved or None
        elif isinstance(value, TrainingConfig):
            values[item.name] = value.to_dict()
        elif isinstance(value, StrEnum):
            values[item.name] = str(value)
        else:
            values[item.name] = value
    return values
