"""The training loop: one flat function that learns, looks, and says what happened."""

import time
import traceback
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import numpy as np

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine import backend as backends
from mnist_gui.engine.backend import Compiler, DeviceError
from mnist_gui.engine.calibrating import AFTER_A_RUN, calibrated
from mnist_gui.engine.calibration import LEAST_DIGITS
from mnist_gui.engine.changeover import Changeover
from mnist_gui.engine.collecting import collection_off
from mnist_gui.engine.compiling import CompileChild, CompileError
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control, Stopped
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Paused,
    Phase,
    PhaseChanged,
    Resumed,
    RunFinished,
    StopReason,
    TrainingEvent,
    Validated,
    WeightsReady,
)
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.launching import LaunchSize, launch_sizes
from mnist_gui.engine.memory import lacks_memory
from mnist_gui.engine.reporting import Emit, Reporter
from mnist_gui.engine.running import RunError, Running, Weights
from mnist_gui.engine.schedules import factors
from mnist_gui.engine.variants import with_variants

HALVINGS: Final = 2
"""How often the batch is halved where there is not enough memory for it, before the run gives up."""


def train(
    config: TrainingConfig,
    dataset: Dataset,
    emit: Emit,
    control: Control,
    *,
    threads: int = 0,
    compiler: Compiler | None = None,
    start_at_once: bool = False,
    change_at: int | None = None,
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
        start_at_once: while functions are compiled, begin on the interpreter, and change over when that is done.
            The last digits of the losses then depend on when that is.
        change_at: change over at this step and no other: what `Ready` says of a run repeats it bit for bit.
    """
    run = Running(config, dataset, emit, control)
    terminal: TrainingEvent | None = None
    if start_at_once and change_at is None:
        change_at = 0
    try:
        run = Running(config, with_variants(dataset, config.variants, config.seed), emit, control)
        for halved in range(HALVINGS + 1):
            emit(run.started())
            if halved:
                detail = f"batches of {run.config.batch_size:,} digits, as there is not enough memory for more"
                emit(PhaseChanged(Phase.LOADING, detail))
            try:
                terminal = _train(run, threads, compiler, change_at)
                break
            except Exception as error:
                if run.settled or halved == HALVINGS or run.config.batch_size == 1 or not lacks_memory(error):
                    raise
            smaller = replace(run.config, batch_size=run.config.batch_size // 2, **run.live)
            run = Running(smaller, run.dataset, emit, control)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever broke, the run ends with an event
        terminal = run.failed(*_message_and_details(error, run.config.batch_size))
    finally:
        emit(terminal or run.failed("The run was broken off.", ""))


def _message_and_details(error: Exception, batch_size: int) -> tuple[str, str]:
    """What to tell of an error that ends a run: a sentence, and what whoever mends it wants to know."""
    if lacks_memory(error):
        return f"There is not enough memory for batches of {batch_size:,}; a smaller batch or network needs less.", ""
    if isinstance(error, CompileError):
        return str(error), error.details
    if isinstance(error, RunError | DeviceError):
        return str(error), ""
    return f"{type(error).__name__}: {error}", traceback.format_exc()


def _train(run: Running, threads: int, compiler: Compiler | None, change_at: int | None) -> TrainingEvent:
    """Everything between the first event and the last."""
    config, dataset, emit, control = run.config, run.dataset, run.emit, run.control
    images, labels = dataset.images_of(Split.TRAINING), dataset.labels_of(Split.TRAINING)
    if config.batch_size > len(labels):
        raise RunError(f"The batch size {config.batch_size:,} is larger than the {len(labels):,} training digits.")
    if not dataset.sizes[1]:
        raise RunError(f"{dataset.name} has no validation digits to judge the training by.")

    functions: TrainingFunctions | None = None
    emit(PhaseChanged(Phase.LOADING, f"{dataset.name} and the libraries"))
    backend = backends.choose(config.device, threads, compiler)
    try:
        with ExitStack() as stack:
            # A run that diverges is noticed by its numbers; NumPy need not warn of them as well.
            stack.enter_context(np.errstate(over="ignore", invalid="ignore"))
            run.prepare(backend.device)
            emit(PhaseChanged(Phase.COMPILING, f"{config.architecture.title} for {backend.device}"))
            child = None
            if backend.compiler is not Compiler.INTERPRETER:
                try:
                    child = stack.enter_context(CompileChild(config, backend, dataset.sizes))
                except CompileError as error:
                    if change_at != 0:
                        raise
                    backend = replace(backends.INTERPRETER, reason=str(error))
            first = backend
            if child is not None and change_at not in (None, 1):
                reason = f"while functions for {backend.device} are compiled; {backend.reason}"
                first = replace(backends.INTERPRETER, reason=reason)  # one thread: the child needs the others
            limits = stack.enter_context(ExitStack())
            limits.enter_context(backends.thread_limits(first))
            with collection_off():
                functions = TrainingFunctions(first, config, images, labels, lambda: control.stopped)
            changeover = None
            if child is not None and first is not backend:
                changeover = Changeover(functions, backend, child, control, limits, change_at or None)
            elif child is not None and not child.wait(lambda: control.stopped):
                raise Stopped

            reason = _learn(run, functions, child, changeover)
            test_error = None
            assert run.best is not None, "a run that was not interrupted validates after its last step"
            functions.read_with(run.best)
            if dataset.has_test:
                emit(PhaseChanged(Phase.TESTING, "reading the test digits once, with the best weights"))
                _, test_error = _read_split(functions, dataset, Split.TEST)
            return _calibrated(run, functions, run.finished(reason, test_error))
    except Stopped:
        return run.interrupted(functions.reader.get_weights() if functions is not None else None)


def _calibrated(run: Running, functions: TrainingFunctions, end: RunFinished) -> RunFinished:
    """The end of a run, its model with how far it can be believed.

    Without that where the run is stopped meanwhile, or there is no memory for it.
    """
    dataset = run.dataset
    if end.model is None or dataset.sizes[1] < LEAST_DIGITS:
        return end
    run.emit(PhaseChanged(Phase.TESTING, "measuring on validation digits how sure the answers are"))
    try:
        functions.set_pool(dataset.images_of(Split.VALIDATION), dataset.labels_of(Split.VALIDATION))
        logits = np.concatenate([judged.logits for judged in functions.read(min(dataset.sizes[1], AFTER_A_RUN))])
        model = calibrated(end.model, dataset, most=AFTER_A_RUN, check=run.control.check, logits=logits)
        return replace(end, model=model)
    except Stopped:
        return end
    except Exception as error:
        if not lacks_memory(error):
            raise
        return end


def _learn(
    run: Running, functions: TrainingFunctions, child: CompileChild | None, changeover: Changeover | None
) -> StopReason:
    """All steps.

    Args:
        run: what is remembered.
        functions: what makes the steps.
        child: what compiles, if anything does.
        changeover: to the functions that it compiles, if the run begins with others.

    Raises:
        Stopped: the run was asked to stop.
    """
    config, emit, control = run.config, run.emit, run.control
    shuffler = np.random.default_rng([config.seed, 1])
    order = np.empty(0, np.int32)
    rate_factors = np.empty(0, np.float32)
    begun = -1
    validate_every = config.validate_every or run.steps_per_epoch
    reporter = Reporter(emit, config.batch_size, run.steps_per_epoch)
    new_functions = True
    first_weights: Weights | None = functions.reader.get_weights()

    def new_launches() -> LaunchSize:
        sizes = launch_sizes(functions.backend.compiler, config, run.dataset.sizes[0])
        return LaunchSize(sizes, lambda size: child is None or child.has(size))

    launches = new_launches()

    def show_weights() -> None:
        if reporter.shown != run.step:
            emit(WeightsReady(run.step, run.model(functions.reader.get_weights(), step=run.step)))
            reporter.showed_weights(run.step)

    def on_pause() -> None:
        reporter.tell()
        show_weights()
        emit(Paused(run.step))

    try:
        while run.step < run.last_step:
            if not control.wait_for_turn(on_pause, lambda: emit(Resumed(run.step))):
                raise Stopped
            for name, value in control.take_live().items():
                functions.set_hyperparameter(name, value)
                run.live[name] = value
                emit(HyperparameterChanged(run.step + 1, name, value))

            # ---- quicker functions, if they are there
            if changeover is not None:
                try:
                    with collection_off():
                        changed = changeover.is_due(run.step + 1)
                except CompileError as error:
                    if lacks_memory(error):
                        raise
                    without = f"{functions.backend.compiler}, without {changeover.backend.compiler}"
                    emit(PhaseChanged(Phase.TRAINING, f"{without}: {error}"))
                    changed, changeover = False, None
                if changed:
                    reporter.forget_speed()
                    launches = new_launches()
                    new_functions, changeover = True, None

            # ---- a step, or a launch of several, none of them across a border of epochs or a look at other digits
            position = run.step % run.steps_per_epoch
            if begun != run.epoch:  # (a launch that lacked memory is tried again)
                begun = run.epoch
                order = shuffler.permutation(run.dataset.sizes[0]).astype(np.int32)
                rate_factors = factors(config, run.steps_per_epoch, run.step + np.arange(run.steps_per_epoch))
            limit = min(run.steps_per_epoch - position, validate_every - run.step % validate_every)
            count = launches.choose(1 if control.single_steps else limit)
            batches = order[position * config.batch_size : (position + count) * config.batch_size]
            began = time.monotonic()
            try:
                losses = functions.learn(batches.reshape(count, -1), rate_factors[position : position + count])
            except Exception as error:
                if run.step and lacks_memory(error) and launches.shrink():
                    continue
                raise
            seconds, run.settled = time.monotonic() - began, changeover is None
            left = run.last_step - run.step - count
            finite = losses if np.isfinite(losses).all() else losses[: int(np.isfinite(losses).argmin())]
            reporter.add(finite, seconds, timed=launches.took(count, seconds, left) and not new_functions)
            if new_functions:
                backend, new_functions = functions.backend, False
                emit(run.ready(run.step + 1, backend.device, str(backend.compiler), backend.reason))
                reporter.tell()  # the first point is waited for
                detail = f"{backend.compiler} on {backend.device}"
                if changeover is not None and not changeover.is_replay:
                    detail = f"{backend.compiler}, compiling for {changeover.backend.device}"
                emit(PhaseChanged(Phase.TRAINING, detail))
            if first_weights is not None:  # not earlier: who reads with them builds a graph, and the point comes first
                emit(WeightsReady(0, run.model(first_weights, step=0)))
                first_weights = None
            if len(finite) < count:
                run.step += len(finite) + 1
                raise run.diverged()
            run.step += count
            if reporter.snapshot_due:
                show_weights()
            reporter.tell_now_and_then()

            # ---- a look at the validation digits
            if run.step % validate_every and run.step != run.last_step:
                continue
            reporter.tell()
            began = time.monotonic()
            emit(_validate(run, functions))
            reporter.seconds += time.monotonic() - began
            if config.patience and run.step - run.best_step >= config.patience * run.steps_per_epoch:
                show_weights()
                return StopReason.EARLY_STOPPED
        show_weights()
        return StopReason.COMPLETED
    finally:
        reporter.tell()


def _validate(run: Running, functions: TrainingFunctions) -> Validated:
    """Reads the validation digits, and keeps the weights if they are the best so far."""
    loss, error = _read_split(functions, run.dataset, Split.VALIDATION)
    if not np.isfinite(loss):
        raise run.diverged()
    best = run.best_error is None or error < run.best_error
    if best:
        weights = functions.reader.get_weights()
        # A loss may be finite without them: a scale that batch normalisation made of an infinite variance is 0.
        if not all(np.isfinite(values).all() for values in weights.values()):
            raise run.diverged()
        run.best, run.best_error, run.best_step = weights, error, run.step
    return Validated(run.step, run.step / run.steps_per_epoch, loss, error, best)


def _read_split(functions: TrainingFunctions, dataset: Dataset, split: Split) -> tuple[float, float]:
    """Mean loss in nats per digit and percent misread of a split.

    Raises:
        Stopped: the run was asked to stop.
    """
    with collection_off():
        functions.set_pool(dataset.images_of(split), dataset.labels_of(split))
    count = len(dataset.labels_of(split))
    loss, wrong = 0.0, 0
    for judged in functions.read(count):
        loss += judged.loss
        wrong += judged.wrong
    return loss / count, 100.0 * wrong / count
