"""The run of the window: what it is doing, what it has done, and what may be asked of it."""

import time
from collections.abc import Mapping

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import (
    Paused,
    Phase,
    PhaseChanged,
    Ready,
    Resumed,
    RunFailed,
    RunFinished,
    RunStarted,
    TrainingEvent,
    WeightsReady,
)
from mnist_gui.engine.history import RunHistory
from mnist_gui.session.pace import pace
from mnist_gui.session.runner import Train, TrainingRunner, train_with_pytensor
from mnist_gui.session.states import RunState

_STATES = {
    Phase.LOADING: RunState.LOADING,
    Phase.COMPILING: RunState.COMPILING,
    Phase.TRAINING: RunState.TRAINING,
    Phase.TESTING: RunState.TRAINING,
}

NEWS_MS = 33
SLOW_NEWS_MS = 200
"""Time between two looks at how a run is getting on, as a rule and where there are few processors. What it is doing
does not wait."""

MOST_WEIGHTS = 8
"""Weights that are handed on at once, after the window was kept from them."""


class Run(QObject):
    """At most one run goes on at a time; the newest one stays to be looked at.

    Attributes:
        state: what it is doing.
        detail: one line on the phase.
        history: what it said; None before the first run.
        device: where it computes; empty before it was chosen.
        device_reason: why there.

    Signals:
        changed: one of the attributes is different.
        history_extended: `history` has more in it, or is another one.
        weights: (WeightsReady): newer weights; of many that came together only the last ones.
        ended: (RunFinished or RunFailed): the run is over, its last events are in `history`.
    """

    changed = pyqtSignal()
    history_extended = pyqtSignal()
    weights = pyqtSignal(object)
    ended = pyqtSignal(object)

    def __init__(self, train: Train = train_with_pytensor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = RunState.IDLE
        self.detail = ""
        self.history: RunHistory | None = None
        self.device = ""
        self.device_reason = ""
        self._control = Control()
        self._phase_began = self._phase_ended = 0.0
        self._outcome: RunFinished | RunFailed | None = None
        self._runner = TrainingRunner(train, pace(NEWS_MS, SLOW_NEWS_MS), self)
        self._runner.events_ready.connect(self._take)
        self._runner.ended.connect(self._end)

    @property
    def going_on(self) -> bool:
        """Whether there is a run that has not ended."""
        return self.state is not RunState.IDLE

    @property
    def phase_seconds(self) -> float:
        """Since the phase began; stands still when the run has ended."""
        end = time.monotonic() if self.going_on else self._phase_ended
        return end - self._phase_began

    def start(self, config: TrainingConfig, dataset: Dataset, threads: int, *, single_step: bool = False) -> None:
        """Starts a run; nothing happens while another goes on.

        Args:
            config: what to do.
            dataset: what to learn from.
            threads: CPU threads; 0 takes one for each processor.
            single_step: make one minibatch and pause.
        """
        if self.going_on:
            return
        self._control = Control(paused=single_step, steps=1 if single_step else 0)
        self._outcome = None
        self.history = RunHistory()
        self._enter(RunState.LOADING, "")
        self._runner.start(config, dataset, self._control, threads)
        self.history_extended.emit()

    def pause(self) -> None:
        """The run waits after the step it is making."""
        self._control.pause()

    def resume(self) -> None:
        """A paused run goes on."""
        self._control.resume()

    def step(self) -> None:
        """One minibatch, then paused."""
        self._control.step()

    def stop(self) -> None:
        """The run ends after the step it is making."""
        if self.going_on:
            self._control.stop()
            self._enter(RunState.STOPPING, self.detail)

    def set_live(self, values: Mapping[str, float]) -> None:
        """New values of live settings, from the next step on."""
        for name, value in values.items():
            self._control.set_live(name, value)

    def close(self) -> bool:
        """Stops the run and waits for its end.

        Returns:
            Whether it ended in time.
        """
        return self._runner.close()

    def _enter(self, state: RunState, detail: str) -> None:
        self._phase_began = time.monotonic()
        self._wait_or_go_on(state, detail)

    def _wait_or_go_on(self, state: RunState, detail: str) -> None:
        """Within a phase: what compiles meanwhile does so in a pause as well."""
        self.state, self.detail = state, detail
        self.changed.emit()

    @pyqtSlot(list)
    def _take(self, events: list[TrainingEvent]) -> None:
        assert self.history is not None, "events come from a run that was started"
        begins = [index for index, event in enumerate(events) if isinstance(event, RunStarted)]
        if begins[1:] or (begins and self.history.config is not None):  # anew, with smaller batches
            self.history, events = RunHistory(), events[begins[-1] :]
        self.history.extend(events)
        weights: list[WeightsReady] = []
        for event in events:
            match event:
                case WeightsReady():
                    weights.append(event)
                case RunFinished() | RunFailed():
                    self._outcome = event
                case Ready():
                    self.device, self.device_reason = event.device, event.reason
                    self.changed.emit()
                case PhaseChanged() if self.state is not RunState.STOPPING:
                    self._enter(_STATES[event.phase], event.detail)
                case Paused() if self.state is not RunState.STOPPING:
                    self._wait_or_go_on(RunState.PAUSED, self.detail)
                case Resumed() if self.state is not RunState.STOPPING:
                    self._wait_or_go_on(RunState.TRAINING, self.detail)
        for event in weights[-MOST_WEIGHTS:]:
            self.weights.emit(event)
        self.history_extended.emit()

    @pyqtSlot()
    def _end(self) -> None:
        assert self._outcome is not None, "the runner hands on a terminal event before it says that it has ended"
        self.state, self.detail = RunState.IDLE, ""
        self._phase_ended = time.monotonic()
        self.ended.emit(self._outcome)
        self.changed.emit()
