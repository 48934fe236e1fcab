"""What a run remembers between its steps, and how it says so at its end."""

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import Ready, RunFailed, RunFinished, RunStarted, StopReason
from mnist_gui.engine.model import Model
from mnist_gui.engine.reporting import Emit

Weights = dict[str, NDArray[np.float32]]


class RunError(Exception):
    """The run cannot go on; the message is one sentence for the user."""


class Running:
    """A run that goes on.

    Attributes:
        config: its settings.
        dataset: what it learns from.
        emit: is told every event.
        control: is asked between two steps.
        step: steps made.
        steps_per_epoch: minibatches in an epoch.
        settled: whether the functions that it is to go on with have made a step; it is not begun anew after that.
        device: where it computes, or is to compute before its first step; empty before that was chosen.
        compilers: every compiler used so far, each with the first step that its functions made.
        best: the weights with the lowest validation error so far; None before the first validation.
        best_error: that error, percent.
        best_step: the step after which they were read.
        live: the newest value of each setting that was changed while the run went on.
    """

    def __init__(self, config: TrainingConfig, dataset: Dataset, emit: Emit, control: Control) -> None:
        self.config, self.dataset, self.emit, self.control = config, dataset, emit, control
        self._begun = self._preparing = time.monotonic()
        self.step = 0
        self.steps_per_epoch = max(1, dataset.sizes[0] // config.batch_size)
        self.settled = False
        self.device = ""
        self.compilers: list[tuple[int, str]] = []
        self.best: Weights | None = None
        self.best_error: float | None = None
        self.best_step = 0
        self.live: dict[str, Any] = {}

    @property
    def epoch(self) -> int:
        """Epochs that are over."""
        return self.step // self.steps_per_epoch

    @property
    def last_step(self) -> int:
        """The step with which the last epoch is over."""
        return self.config.epochs * self.steps_per_epoch

    def started(self) -> RunStarted:
        """The first event."""
        steps, batch = self.steps_per_epoch, self.config.batch_size
        return RunStarted(self.config, self.config.architecture.parameters, steps, steps * batch)

    def prepare(self, device: str) -> None:
        """Preparations begin now."""
        self.device, self._preparing = device, time.monotonic()

    def ready(self, step: int, device: str, compiler: str, reason: str) -> Ready:
        """The functions of a compiler have made their first step."""
        self.device = device
        self.compilers.append((step, compiler))
        return Ready(self.device, reason, compiler, time.monotonic() - self._preparing, step)

    def model(self, weights: Weights, **facts: Any) -> Model:
        """The network with these weights and what is known of them.

        Raises:
            RunError: they are not finite.
        """
        config = self.config
        metadata = {
            "name": f"{config.architecture.title}, seed {config.seed}",
            "dataset": self.dataset.name,
            "config": config.to_dict(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "device": self.device,
            "compilers": [[step, name] for step, name in self.compilers],
            **facts,
        }
        try:
            return Model(config.network, weights, metadata)
        except ValueError as error:
            raise self.diverged() from error

    def best_model(self, test_error: float | None) -> Model | None:
        """The network with the best weights so far."""
        if self.best is None:
            return None
        return self.model(
            self.best,
            step=self.best_step,
            epoch=self.best_step / self.steps_per_epoch,
            validation_error=self.best_error,
            test_error=test_error,
        )

    def diverged(self) -> RunError:
        """What to say when a number is no longer finite."""
        rate = self.live.get("learning_rate", self.config.learning_rate)
        return RunError(
            f"The numbers were no longer finite after step {self.step:,}: the learning rate {rate:g} is"
            f" probably too large; try {rate / 10:g}."
        )

    # ---- the terminal events
    def finished(self, reason: StopReason, test_error: float | None) -> RunFinished:
        """The run came to its end."""
        return self._end(reason, self.best_model(test_error), test_error)

    def interrupted(self, latest: Weights | None) -> RunFinished:
        """The run was stopped: it has the best weights, or the latest if none were validated."""
        model = self.best_model(None)
        if model is None and self.step and latest is not None:
            model = self.model(latest, step=self.step, epoch=self.step / self.steps_per_epoch)
        return self._end(StopReason.INTERRUPTED, model, None)

    def failed(self, message: str, details: str) -> RunFailed:
        """The run broke."""
        return RunFailed(message, details, self.step, self.best_model(None), self.best_error)

    def _end(self, reason: StopReason, model: Model | None, test_error: float | None) -> RunFinished:
        seconds = time.monotonic() - self._begun
        return RunFinished(reason, self.step, model, self.best_error, test_error, seconds, self.device)
