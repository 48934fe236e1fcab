"""Where models come from and go to: the bundled one, files of the user, and the folder of his runs."""

import time
from pathlib import Path

from platformdirs import user_data_path

from mnist_gui.engine import checkpoint
from mnist_gui.engine.model import Model
from mnist_gui.resources import resource_path


def runs_folder() -> Path:
    """The folder in which every run of the window is saved."""
    return user_data_path("mnist-gui") / "runs"


def bundled_model() -> Model | None:
    """The model that travels with the application, or None where it was packed without one.

    Raises:
        CheckpointError: it is damaged.
    """
    try:
        path = resource_path("models", "bundled.safetensors")
    except FileNotFoundError:
        return None
    return checkpoint.load(path)


def save_run(model: Model, folder: Path) -> Path:
    """Saves the model of a run under a name of its own, which tells when it ended and what it is.

    Raises:
        OSError: the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{model.network}"
    path = folder / f"{stem}{checkpoint.SUFFIX}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{checkpoint.SUFFIX}"
        number += 1
    checkpoint.save(model, path)
    return path


def describe(model: Model) -> str:
    """The model in a few words: its name and, where it is known, its error."""
    for key, kind in (("test_error", "test error"), ("validation_error", "validation error")):
        value = model.metadata.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{model.name}, {value:.2f} % {kind}"
    return model.name
