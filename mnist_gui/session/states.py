"""Names for what a run is doing and for who asks."""

from enum import StrEnum


class RunState(StrEnum):
    """What the run is doing; `IDLE` means that there is none, or that it has ended."""

    IDLE = "idle"
    LOADING = "loading"
    COMPILING = "compiling"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping"


class Asker(StrEnum):
    """Who wants images read; each asker has one slot, and its newest request wins."""

    CANVAS = "canvas"
    BROWSER = "browser"
    STAGES = "stages"
    PINS = "pins"
    PHOTO = "photo"
