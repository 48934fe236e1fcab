"""A training run on a thread of its own, its events brought to the GUI thread in batches."""

import contextlib
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QObject, QThread, QTimer, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.collecting import load_library
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFailed, RunFinished, StepsDone, TrainingEvent, Validated, WeightsReady

_NICENESS: Final = 10
"""Of the run's thread, 0 to 19. The latest bars follow the pen in two thirds of the time then."""

Emit = Callable[[TrainingEvent], None]
Train = Callable[[TrainingConfig, Dataset, Emit, Control, int], None]
"""Trains until the run is over: settings, digits, who is told, who is asked, number of CPU threads."""


def train_with_pytensor(config: TrainingConfig, dataset: Dataset, emit: Emit, control: Control, threads: int) -> None:
    """Loads PyTensor if need be and trains, from the first moment on; only for background threads."""
    load_library("mnist_gui.engine.trainer")
    from mnist_gui.engine.trainer import train

    train(config, dataset, emit, control, threads=threads, start_at_once=True)


def load_libraries() -> None:
    """Loads what training needs, so that a run need not; takes seconds, so only for background threads."""
    load_library("mnist_gui.engine.trainer")
    from mnist_gui.engine import backend

    backend.load_compilers()


def _give_way() -> None:
    """Has this thread, and those that it will start, let the window and the reading of drawings go first.

    Threads of Linux have a niceness each (setpriority(2)); QThread's priorities change nothing there.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # where more is forbidden, it trains as it is
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class _Worker(QObject):
    """Lives on the run's thread. Puts every event into the queue.

    Signals:
        told: an event came that should not wait for the clock: what the run is doing, not how it is getting on.
        ended: after the terminal event.
    """

    told = pyqtSignal()
    ended = pyqtSignal()

    def __init__(self, train: Callable[[Emit], None], events: "queue.SimpleQueue[TrainingEvent]") -> None:
        super().__init__()
        self._train = train
        self._events = events
        self._terminated = False

    @pyqtSlot()
    def run(self) -> None:
        """Trains until the end."""
        _give_way()
        try:
            self._train(self._take)
            if not self._terminated:
                self._take(RunFailed("The run ended without saying why.", "", 0, None, None))
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
            if not self._terminated:
                self._take(RunFailed(f"The run could not go on: {error}", traceback.format_exc(), 0, None, None))
        finally:
            self.ended.emit()

    def _take(self, event: TrainingEvent) -> None:
        self._terminated = isinstance(event, RunFinished | RunFailed)
        self._events.put(event)
        if not isinstance(event, StepsDone | Validated | WeightsReady):
            self.told.emit()


class TrainingRunner(QObject):
    """Starts a run and hands on what it says. Lives on the GUI thread and owns the run's thread.

    Signals:
        events_ready: (list of TrainingEvent): what the run said since the last time, in order.
        ended: the terminal event was handed on and the thread is gone.
    """

    events_ready = pyqtSignal(list)
    ended = pyqtSignal()

    def __init__(self, train: Train, interval_ms: int, parent: QObject | None = None) -> None:
        """Makes a runner without a run.

        Args:
            train: the training function; called on the run's thread.
            interval_ms: time between two batches of losses, errors and weights, in milliseconds; other events do not
                wait.
            parent: owner.
        """
        super().__init__(parent)
        self._train = train
        self._events: queue.SimpleQueue[TrainingEvent] = queue.SimpleQueue()
        self._control: Control | None = None
        self._worker: _Worker | None = None
        self._thread: QThread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._drain)

    @property
    def running(self) -> bool:
        """Whether there is a run whose thread has not ended."""
        return self._thread is not None

    def start(self, config: TrainingConfig, dataset: Dataset, control: Control, threads: int = 0) -> None:
        """Starts a run.

        Args:
            config: what to do.
            dataset: what to learn from.
            control: by which the run is paused, stopped and changed.
            threads: CPU threads; 0 takes one for each processor.

        Raises:
            RuntimeError: there is a run already.
        """
        if self.running:
            raise RuntimeError("there is a run already")
        self._control = control
        self._thread = QThread()
        self._thread.setObjectName("training")
        self._worker = _Worker(lambda emit: self._train(config, dataset, emit, control, threads), self._events)
        self._worker.moveToThread(self._thread)
        self._thread.started.connect(self._worker.run)
        self._worker.told.connect(self._drain)
        self._worker.ended.connect(self._finish)
        self._timer.start()
        self._thread.start()

    def close(self, timeout_ms: int = 10_000) -> bool:
        """Stops the run and waits for its end; what it said last is handed on.

        Returns:
            Whether the thread ended in time.
        """
        if self._thread is None or self._control is None:
            return True
        self._control.stop()
        self._thread.quit()
        ended = self._thread.wait(timeout_ms)
        if ended:
            self._finish()
        return ended

    @pyqtSlot()
    def _finish(self) -> None:
        if self._thread is None:
            return
        self._thread.quit()
        self._thread.wait()
        self._timer.stop()
        self._drain()
        self._thread = self._worker = self._control = None
        self.ended.emit()

    @pyqtSlot()
    def _drain(self) -> None:
        events: list[TrainingEvent] = []
        while not self._events.empty():
            events.append(self._events.get())
        if events:
            self.events_ready.emit(events)
