"""Events of a run as lines of JSON, for other programs."""

import json
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import TrainingEvent, WeightsReady


class EventLines:
    """Prints each event as one line on standard output; has the methods of `Progress`."""

    def tell(self, event: TrainingEvent, saved: Path | None) -> None:
        """Prints an event; weights are for files, not for lines of text, so `WeightsReady` is left out."""
        if not isinstance(event, WeightsReady):
            print(json.dumps(as_json(event, saved), allow_nan=False), flush=True)

    def close(self) -> None:
        """Nothing is left to be done: every line was flushed."""


def as_json(event: TrainingEvent, saved: Path | None) -> dict[str, Any]:
    """An event as JSON can hold it: its fields, and the name of its class as `event`.

    Args:
        event: any but `WeightsReady`.
        saved: the file that holds the event's model, which stands in its place as `checkpoint`.
    """
    values: dict[str, Any] = {"event": type(event).__name__}
    for item in fields(event):
        value = getattr(event, item.name)
        if item.name == "model":
            values["checkpoint"] = None if saved is None else str(saved)
        elif isinstance(value, TrainingConfig):
            values[item.name] = value.to_dict()
        elif isinstance(value, StrEnum):
            values[item.name] = str(value)
        else:
            values[item.name] = value
    return values
