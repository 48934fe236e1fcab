"""A session whose run is a script: the test says what happens, nothing is computed."""

from types import SimpleNamespace

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import Phase, PhaseChanged, Ready, RunStarted, StepsDone, Validated
from mnist_gui.engine.history import RunHistory
from mnist_gui.session.settings import Values
from mnist_gui.session.states import RunState


class ScriptedSession(QObject):
    """Has the part of Session that the room of training uses; `calls` are the verbs it was asked for."""

    dataset_changed = pyqtSignal()
    loading_changed = pyqtSignal()
    selection_changed = pyqtSignal()
    run_changed = pyqtSignal()
    history_extended = pyqtSignal()
    saved = pyqtSignal(object)

    def __init__(self, dataset=None, training=None, device="auto"):
        super().__init__()
        self.settings = SimpleNamespace(values=Values(training=training or {}, device=device))
        self.dataset = dataset
        self.loading = ""
        self.selection = None
        self.run_state = RunState.IDLE
        self.run_detail = ""
        self.phase_seconds = 0.0
        self.history = None
        self.calls = []

    def start_training(self, config):
        self.calls.append(("start", config))

    def step_training(self, config=None):
        self.calls.append(("step", config))

    def pause_training(self):
        self.calls.append("pause")

    def resume_training(self):
        self.calls.append("resume")

    def stop_training(self):
        self.calls.append("stop")

    def set_live(self, values):
        self.calls.append(dict(values))

    def enter(self, state, detail="", seconds=0.0):
        """The run does something else now."""
        self.run_state, self.run_detail, self.phase_seconds = state, detail, seconds
        self.run_changed.emit()

    def begin(self, config=None):
        """A new run, without events."""
        self.history = RunHistory()
        self.enter(RunState.LOADING)
        self.history_extended.emit()
        self.say(RunStarted(config or TrainingConfig(epochs=20), 431_080, 391, 50_000))

    def say(self, *events):
        """The run said this."""
        self.history.extend(events)
        self.history_extended.emit()


def typical_events(steps, validations=None):
    """What a run of LeNet says up to a step: noisy falling losses, a validation an epoch of 391 steps."""
    random = np.random.default_rng(0)
    step = np.arange(1, steps + 1)
    losses = (2.2 * np.exp(-step / 150) + 0.35 / (1 + step / 300) + 0.02) * np.exp(random.normal(0, 0.45, steps))
    looks = steps // 391 if validations is None else validations
    yield PhaseChanged(Phase.COMPILING, "LeNet for CPU, 2 threads")
    yield Ready("CPU, 2 threads", "no NVIDIA GPU was found", "Numba", 31.0)
    yield PhaseChanged(Phase.TRAINING, "Numba on CPU, 2 threads")
    best = 100.0
    for first in range(0, steps, 17):
        part = tuple(losses[first : first + 17].tolist())
        last = first + len(part)
        yield StepsDone(first + 1, part, (last - 1) // 391 + 1, 5214.0, last * 128 / 5214)
        for look in range(first // 391 + 1, last // 391 + 1):
            if look <= looks:
                error = round(float(1 + 7 * np.exp(-look / 1.5) + random.normal(0, 0.08)), 2)
                yield Validated(look * 391, float(look), 0.05, error, error < best)
                best = min(best, error)
