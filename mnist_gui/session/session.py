"""The one owner of what the window shows: data set, model, run and selection."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.history import RunHistory
from mnist_gui.engine.model import Model
from mnist_gui.session.settings import Settings


class RunState(StrEnum):
    """What the run is doing; `IDLE` means that there is none, or that it has ended."""

    IDLE = "idle"
    LOADING = "loading"
    COMPILING = "compiling"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping"


class Asker(StrEnum):
    """Who wants an image read; each asker has one slot, and its newest request wins."""

    CANVAS = "canvas"
    BROWSER = "browser"


class Session(QObject):
    """State and verbs of the application. Lives on the GUI thread and is handed to constructors.

    Attributes:
        settings: what is remembered between starts.

    Signals:
        dataset_changed: `dataset` is another one (or the first).
        loading_changed: `loading` has another text.
        model_changed: `model` is another one, or has newer weights because it is being trained.
        predictions_changed: `predictions` appeared, grew or went stale.
        selection_changed: `selection` is another digit.
        run_changed: `run_state`, or what the run says of itself, is different.
        history_extended: `history` has more in it (at most 30 times a second), or is another one.
        answered: (asker, Prediction or None): the newest image of that asker was read.
        problem: (sentence, details): something failed; the details may be empty.
        notice: a sentence for the status bar.
    """

    dataset_changed = pyqtSignal()
    loading_changed = pyqtSignal()
    model_changed = pyqtSignal()
    predictions_changed = pyqtSignal()
    selection_changed = pyqtSignal()
    run_changed = pyqtSignal()
    history_extended = pyqtSignal()
    answered = pyqtSignal(str, object)
    problem = pyqtSignal(str, str)
    notice = pyqtSignal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings

    # ---- data set
    @property
    def dataset(self) -> Dataset | None: ...
    @property
    def loading(self) -> str: ...  # what is being read ("MNIST"), empty when nothing is
    def open_dataset(self, path: Path | None) -> None: ...  # None: the bundled MNIST; in the background

    # ---- selection (a digit's index in the data set, None when nothing is selected)
    @property
    def selection(self) -> int | None: ...
    def select(self, index: int | None) -> None: ...

    # ---- model
    @property
    def model(self) -> Model | None: ...
    @property
    def model_source(self) -> str: ...  # one line: "bundled LeNet, 0.9 % error", "in training, step 1,204", file name
    def open_model(self, path: Path) -> None: ...
    def open_bundled_model(self) -> None: ...
    def save_model(self, path: Path) -> None: ...

    # ---- reading digits
    def ask(self, asker: Asker, image: NDArray[np.uint8]) -> None: ...  # (28, 28) uint8; answer by `answered`
    @property
    def predictions(self) -> NDArray[np.float32] | None: ...  # (n, 10) for the whole data set, or None
    @property
    def predictions_progress(self) -> float: ...  # 0 to 1; 1 when `predictions` is complete and of this model
    def request_predictions(self) -> None: ...  # read the whole data set with the current model, in the background

    # ---- the run
    @property
    def run_state(self) -> RunState: ...
    @property
    def run_detail(self) -> str: ...  # one line on the phase: device and why, what is compiled
    @property
    def phase_seconds(self) -> float: ...  # since the phase began
    @property
    def history(self) -> RunHistory | None: ...
    def start_training(self, config: TrainingConfig) -> None: ...
    def pause_training(self) -> None: ...
    def resume_training(self) -> None: ...
    def step_training(self) -> None: ...  # one minibatch, then paused; starts a run when there is none
    def stop_training(self) -> None: ...
    def set_live(self, values: Mapping[str, float]) -> None: ...  # live settings of the run that goes on

    def close(self) -> None: ...  # ends threads and children; saves the run's best weights
