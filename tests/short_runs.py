"""Short runs: the networks that the tests compile, settings for them, and what such a run says."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import numpy as np

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.config import Device, TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFinished, StepsDone, TrainingEvent
from mnist_gui.engine.trainer import train

Event = TypeVar("Event")

UPDATES: Final = {"softmax": Updates.SGD, "dense 30, tanh, dense 10": Updates.ADAM, "lenet": Updates.NESTEROV}
"""The rule that moves the weights of each network."""


def config_of(network: str, **settings: Any) -> TrainingConfig:
    """Settings of a short run."""
    settings = {"learning_rate": 0.01, "batch_size": 20, "epochs": 2, "patience": 0} | settings
    return TrainingConfig(network=network, updates=UPDATES[network], device=Device.CPU, **settings)


def short_run(
    config: TrainingConfig,
    dataset: Dataset,
    control: Control | None = None,
    on_event: Callable[[TrainingEvent, Control], None] = lambda _event, _control: None,
    **how: Any,
) -> list[TrainingEvent]:
    """All that a run says, however it ends; `on_event` sees each event as it comes."""
    events: list[TrainingEvent] = []
    control = control or Control()

    def emit(event: TrainingEvent) -> None:
        events.append(event)
        on_event(event, control)

    train(config, dataset, emit, control, **how)
    return events


def events_of(
    config: TrainingConfig,
    dataset: Dataset,
    on_event: Callable[[TrainingEvent, Control], None] = lambda _event, _control: None,
    **how: Any,
) -> list[TrainingEvent]:
    """The same of a run that has to end well."""
    events = short_run(config, dataset, on_event=on_event, **how)
    assert isinstance(events[-1], RunFinished), events[-1]
    return events


def only(kind: type[Event], events: Iterable[object]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def losses_of(events: Iterable[object]) -> list[float]:
    """The loss of each step."""
    return [loss for event in only(StepsDone, events) for loss in event.losses]


def part_of(dataset: Dataset, *sizes: int) -> Dataset:
    """The first digits of each split."""
    images = [dataset.images_of(split)[:size] for split, size in zip(Split, sizes, strict=True)]
    labels = [dataset.labels_of(split)[:size] for split, size in zip(Split, sizes, strict=True)]
    return Dataset("part", np.concatenate(images), np.concatenate(labels), sizes)
