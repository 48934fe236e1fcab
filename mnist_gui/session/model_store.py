"""The bundled model, and a model in words."""

from mnist_gui.engine import checkpoint
from mnist_gui.engine.model import Model
from mnist_gui.resources import resource_path


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


def describe(model: Model) -> str:
    """The model in a few words: its name and, where it is known, its error."""
    for key, kind in (("test_error", "test error"), ("validation_error", "validation error")):
        value = model.metadata.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{model.name}, {value:.2f} % {kind}"
    return model.name
