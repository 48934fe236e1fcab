"""The training loop: one flat function that learns, looks, and says what happened."""

import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine import backend as backends
from mnist_gui.engine.backend import Compiler, DeviceError
from mnist_gui.engine.collecting import collection_off
from mnist_gui.engine.compiling import CompileChild, CompileError
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Paused,
    Phase,
    PhaseChanged,
    Ready,
    Resumed,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    TrainingEvent,
    Validated,
    WeightsReady,
)
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.model import Model
from mnist_gui.engine.schedules import factors

Emit = Callable[[TrainingEvent], None]

REPORT_SECONDS: Final = 0.05
"""Steps are reported together, about this far apart: drawing twenty times a second is enough."""

SNAPSHOT_SECONDS: Final = 0.3
"""Weights are copied about this far apart for those who read digits meanwhile."""

JUDGED_AT_ONCE: Final = 500
"""Digits of a split read in one call, so that a request to stop is heard between two calls."""


class _StopRequest(Exception):
    """The run was asked to stop while it was not between two steps."""


class RunError(Exception):
    """The run cannot go on; the message is one sentence for the user."""


def train(
    config: TrainingConfig,
    dataset: Dataset,
    emit: Emit,
    control: Control,
    *,
    threads: int = 0,
    compiler: Compiler | None = None,
) -> None:
    """Trains a network, in the calling thread, until the run is over.

    Args:
        config: what to do.
        dataset: what to learn from. Only its training split moves weights, only its validation split chooses, and
            its test split is read once, at the end, with the best weights.
        emit: is told every event, in this thread; the last one is `RunFinished` or `RunFailed`, whatever happens.
        control: is asked between two steps: pause, step, stop, new values of live settings.
        threads: CPU threads; 0 takes one for each processor.
        compiler: overrules the usual choice for the device.
    """
    run = _Run(config, dataset, emit, control)
    terminal: TrainingEvent | None = None
    try:
        emit(run.started())
        terminal = _train(run, threads, compiler)
    except (RunError, DeviceError) as error:
        terminal = run.failed(str(error), "")
    except CompileError as error:
        terminal = run.failed(str(error), error.details)
    except MemoryError:
        terminal = run.failed("There is not enough memory; a smaller batch or network needs less.", "")
    except Exception as error:  # noqa: BLE001 - the boundary: whatever broke, the run ends with an event
        terminal = run.failed(f"{type(error).__name__}: {error}", traceback.format_exc())
    finally:
        emit(terminal or run.failed("The run was broken off.", ""))


class _Run:
    """What a run remembers between its steps."""

    def __init__(self, config: TrainingConfig, dataset: Dataset, emit: Emit, control: Control) -> None:
        self.config, self.dataset, self.emit, self.control = config, dataset, emit, control
        self.begun = time.monotonic()
        self.step = 0
        self.steps_per_epoch = max(1, dataset.sizes[0] // config.batch_size)
        self.device = ""
        self.best: dict[str, NDArray[np.float32]] | None = None
        self.best_error: float | None = None
        self.best_step = 0
        self.learning_rate = config.learning_rate

    def started(self) -> RunStarted:
        """The first event."""
        config = self.config
        return RunStarted(
            config,
            config.architecture.parameters,
            self.steps_per_epoch,
            self.steps_per_epoch * config.batch_size,
        )

    def failed(self, message: str, details: str) -> RunFailed:
        """The terminal event of a run that broke."""
        return RunFailed(message, details, self.step, self.best_model(None), self.best_error)

    def model(self, weights: dict[str, NDArray[np.float32]], **facts: Any) -> Model:
        """The network with these weights and what is known of them."""
        config = self.config
        metadata = {
            "name": f"{config.architecture.title}, seed {config.seed}",
            "dataset": self.dataset.name,
            "config": config.to_dict(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "device": self.device,
            **facts,
        }
        try:
            return Model(config.network, weights, metadata)
        except ValueError as error:
            raise self.diverged() from error

    def diverged(self) -> RunError:
        """What to say when a number is no longer finite."""
        return RunError(
            f"The numbers were no longer finite after step {self.step:,}: the learning rate {self.learning_rate:g} is"
            f" probably too large; try {self.learning_rate / 10:g}."
        )

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


def _train(run: _Run, threads: int, compiler: Compiler | None) -> TrainingEvent:
    """Everything between the first event and the last."""
    config, dataset, emit, control = run.config, run.dataset, run.emit, run.control
    images, labels = dataset.images_of(Split.TRAINING), dataset.labels_of(Split.TRAINING)
    if config.batch_size > len(labels):
        raise RunError(f"The batch size {config.batch_size:,} is larger than the {len(labels):,} training digits.")
    if not dataset.sizes[1]:
        raise RunError(f"{dataset.name} has no validation digits to judge the training by.")

    # ---- functions
    emit(PhaseChanged(Phase.LOADING, f"{dataset.name} and the libraries"))
    backend = backends.choose(config.device, threads, compiler)
    run.device = backend.device
    with ExitStack() as stack:
        # A run that diverges is noticed by its numbers; NumPy need not warn of them as well.
        stack.enter_context(np.errstate(over="ignore", invalid="ignore"))
        stack.enter_context(backends.thread_limits(backend, convolutional=config.architecture.is_convolutional))
        began_compiling = time.monotonic()
        emit(PhaseChanged(Phase.COMPILING, f"{config.architecture.title} for {backend.device}"))
        child = None
        if backend.compiler is Compiler.NUMBA:
            child = stack.enter_context(CompileChild(config, backend.threads))
        with collection_off():
            functions = TrainingFunctions(backend, config, images, labels)
        if child is not None and not child.wait(lambda: control.stopped):
            return _interrupted(run, functions)

        # ---- loop
        shuffler = np.random.default_rng([config.seed, 1])
        order = np.empty(0, np.int32)
        losses: list[float] = []
        busy, timed = 0.0, 0  # seconds and number of the steps not yet reported
        training_seconds = speed = 0.0  # pauses left out; digits a second
        reported = snapshot = time.monotonic()

        def report() -> None:
            nonlocal busy, timed, speed, reported
            if losses:
                if busy:  # the first step says nothing: it loaded or compiled the function
                    latest = timed * config.batch_size / busy
                    # An average over about the last ten reports, so that the number can be read.
                    speed = latest if not speed else 0.9 * speed + 0.1 * latest
                first = run.step - len(losses) + 1
                epoch = (run.step - 1) // run.steps_per_epoch + 1
                emit(StepsDone(first, tuple(losses), epoch, speed, training_seconds))
                losses.clear()
                busy, timed = 0.0, 0
            reported = time.monotonic()

        def show_weights() -> None:
            nonlocal snapshot
            emit(WeightsReady(run.step, run.model(functions.reader.get_weights(), step=run.step)))
            snapshot = time.monotonic()

        def on_pause() -> None:
            report()
            show_weights()
            emit(Paused(run.step))

        reason = StopReason.COMPLETED
        last_step = config.epochs * run.steps_per_epoch
        rate_factors = factors(config, run.steps_per_epoch, np.arange(last_step))
        validate_every = config.validate_every or run.steps_per_epoch
        while run.step < last_step:
            if not control.wait_for_turn(on_pause, lambda: emit(Resumed(run.step))):
                report()
                return _interrupted(run, functions)
            for name, value in control.take_live().items():
                functions.hyperparameters[name].set_value(np.float32(value))
                if name == "learning_rate":
                    run.learning_rate = value
                emit(HyperparameterChanged(run.step + 1, name, value))

            position = run.step % run.steps_per_epoch
            if position == 0:
                order = shuffler.permutation(len(labels)).astype(np.int32)
            batch = order[position * config.batch_size : (position + 1) * config.batch_size]
            began = time.monotonic()
            loss = functions.step(batch, rate_factors[run.step])
            now = time.monotonic()
            run.step += 1
            if run.step == 1:  # the first call loaded or compiled the function
                emit(Ready(backend.device, backend.reason, str(backend.compiler), now - began_compiling))
                emit(PhaseChanged(Phase.TRAINING, f"{backend.compiler} on {backend.device}"))
                began = now
            else:
                timed += 1
            if not np.isfinite(loss):
                report()
                raise run.diverged()
            losses.append(loss)
            busy += now - began
            training_seconds += now - began
            if now - snapshot >= SNAPSHOT_SECONDS:
                show_weights()
            if now - reported >= REPORT_SECONDS:
                report()

            # ---- a look at the validation digits
            if run.step % validate_every and run.step != last_step:
                continue
            report()
            began = time.monotonic()
            try:
                validated = _validate(run, functions)
            except _StopRequest:
                return _interrupted(run, functions)
            training_seconds += time.monotonic() - began
            emit(validated)
            if config.patience and run.step - run.best_step >= config.patience * run.steps_per_epoch:
                reason = StopReason.EARLY_STOPPED
                break

        # ---- the end
        assert run.best is not None, "a run that was not interrupted validates after its last step"
        test_error = None
        if dataset.has_test:
            emit(PhaseChanged(Phase.TESTING, "reading the test digits once, with the best weights"))
            functions.reader.set_weights(run.best)
            try:
                _, test_error = _read_split(functions, dataset, Split.TEST, control)
            except _StopRequest:
                return _interrupted(run, functions)
        model = run.best_model(test_error)
        seconds = time.monotonic() - run.begun
        return RunFinished(reason, run.step, model, run.best_error, test_error, seconds, run.device)


def _validate(run: _Run, functions: TrainingFunctions) -> Validated:
    """Reads the validation digits, and keeps the weights if they are the best so far."""
    loss, error = _read_split(functions, run.dataset, Split.VALIDATION, run.control)
    if not np.isfinite(loss):
        raise run.diverged()
    best = run.best_error is None or error < run.best_error
    if best:
        run.best, run.best_error, run.best_step = functions.reader.get_weights(), error, run.step
    return Validated(run.step, run.step / run.steps_per_epoch, loss, error, best)


def _read_split(functions: TrainingFunctions, dataset: Dataset, split: Split, control: Control) -> tuple[float, float]:
    """Mean loss in nats per digit and percent misread of a split."""
    functions.set_pool(dataset.images_of(split), dataset.labels_of(split))
    count = len(dataset.labels_of(split))
    loss, wrong = 0.0, 0
    for start in range(0, count, JUDGED_AT_ONCE):
        if control.stopped:
            raise _StopRequest
        chunk_loss, chunk_wrong = functions.judge(np.arange(start, min(start + JUDGED_AT_ONCE, count), dtype=np.int32))
        loss += chunk_loss
        wrong += chunk_wrong
    return loss / count, 100.0 * wrong / count


def _interrupted(run: _Run, functions: TrainingFunctions) -> RunFinished:
    """The terminal event of a run that was stopped: the best weights, or the latest if none were validated."""
    model = run.best_model(None)
    if model is None and run.step:
        model = run.model(functions.reader.get_weights(), step=run.step, epoch=run.step / run.steps_per_epoch)
    seconds = time.monotonic() - run.begun
    return RunFinished(StopReason.INTERRUPTED, run.step, model, run.best_error, None, seconds, run.device)
