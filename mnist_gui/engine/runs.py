"""Where the models of runs are kept: one file a run, under a name that tells when it ended and what it is."""

import time
from pathlib import Path

from platformdirs import user_data_path

from mnist_gui.engine import checkpoint
from mnist_gui.engine.model import Model


def runs_folder() -> Path:
    """The folder in which runs are saved when the user names no other."""
    return user_data_path("mnist-gui") / "runs"


def save_run(model: Model, folder: Path) -> Path:
    """Saves the model of a run under a name that no other run has.

    Raises:
        OSError: the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{model.architecture.short_name}"
    path = folder / f"{stem}{checkpoint.SUFFIX}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{checkpoint.SUFFIX}"
        number += 1
    checkpoint.save(model, path)
    return path
