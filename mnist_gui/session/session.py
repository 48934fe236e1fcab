"""The one owner of what the window shows: data set, model, run and selection."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import Dataset, DatasetError
from mnist_gui.engine import checkpoint
from mnist_gui.engine.checkpoint import CheckpointError
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import RunFailed, RunFinished, WeightsReady
from mnist_gui.engine.history import RunHistory
from mnist_gui.engine.model import Model
from mnist_gui.engine.prediction import Prediction
from mnist_gui.engine.runs import runs_folder, save_run
from mnist_gui.session.dataset_reading import DatasetReading
from mnist_gui.session.model_store import bundled_model, describe
from mnist_gui.session.predictor import Predictor
from mnist_gui.session.reader import MakeClassifier, make_classifier
from mnist_gui.session.run import Run
from mnist_gui.session.runner import Train, load_libraries, train_with_pytensor
from mnist_gui.session.saver import Saver
from mnist_gui.session.settings import Settings
from mnist_gui.session.states import Asker, RunState
from mnist_gui.session.tasks import Tasks

__all__ = ["Asker", "RunState", "Session"]


class Session(QObject):
    """State and verbs of the application. Lives on the GUI thread and is handed to constructors.

    Attributes:
        settings: what is remembered between starts.
        runs: the folder in which runs are saved; what else the user makes is kept beside it.
        reading: how far the digits of the data set were read; it can be stopped and continued.

    Signals:
        dataset_changed: `dataset` is another one (or the first).
        loading_changed: `loading` has another text.
        model_changed: `model` is another one, or has newer weights because it is being trained.
        predictions_changed: `predictions` appeared, grew or went stale.
        selection_changed: `selection` is another digit.
        run_changed: `run_state`, or what the run says of itself, is different.
        history_extended: `history` has more in it (at most 30 times a second), or is another one.
        answered: (asker, Prediction or None): the newest image of an asker of one image was read.
        all_answered: (asker, tuple of Prediction, Model) or (asker, None, None): the newest images were read, by this
            model; None when there is no model, or nothing to read any more.
        saved: (path): a model is safe in this file.
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
    all_answered = pyqtSignal(str, object, object)
    saved = pyqtSignal(object)
    problem = pyqtSignal(str, str)
    notice = pyqtSignal(str)

    def __init__(
        self,
        settings: Settings,
        parent: QObject | None = None,
        *,
        train: Train = train_with_pytensor,
        make_classifier: MakeClassifier = make_classifier,
        runs: Path | None = None,
    ) -> None:
        """Makes a session without data and without a model; starts no thread yet.

        Args:
            settings: what is remembered between starts.
            parent: owner.
            train: the training function; called on a thread of its own.
            make_classifier: builds what reads digits; called on threads of their own.
            runs: folder in which runs are saved; by default the one of the user.
        """
        super().__init__(parent)
        self.settings = settings
        self.runs = runs or runs_folder()
        self._dataset: Dataset | None = None
        self._loading = ""
        self._selection: int | None = None
        self._model: Model | None = None
        self._model_source = ""
        self._before_run: tuple[Model | None, str] = (None, "")
        self._ends: list[Callable[[], None]] = []
        self._tasks = Tasks(self)
        self._saver = Saver(self._tasks, self)
        self._saver.saved.connect(self.saved)
        self._saver.problem.connect(self.problem)
        self._saver.notice.connect(self.notice)
        self._predictor = Predictor(make_classifier, live={Asker.CANVAS}, records={Asker.PINS}, parent=self)
        self._predictor.answered.connect(self.all_answered)
        self._predictor.answered.connect(self._pass_on_first)
        self._predictor.failed.connect(self.problem)
        self.reading = DatasetReading(make_classifier, self)
        self.reading.changed.connect(self.predictions_changed)
        self.reading.failed.connect(self.problem)
        self._run = Run(train, parent=self)
        self._run.changed.connect(self.run_changed)
        self._run.history_extended.connect(self.history_extended)
        self._run.weights.connect(self._take_weights)
        self._run.ended.connect(self._finish_run)

    # ---- data set
    @property
    def dataset(self) -> Dataset | None:
        """The digits; None before the first data set was read."""
        return self._dataset

    @property
    def loading(self) -> str:
        """What is being read ("MNIST"); empty when nothing is."""
        return self._loading

    def open_dataset(self, path: Path | None) -> None:
        """Reads a data set in the background; if that fails the present one stays.

        Args:
            path: a folder or a file; None is the bundled MNIST.
        """
        self._loading = "MNIST" if path is None else path.name
        self.loading_changed.emit()
        self._tasks.ask("dataset", partial(_read_dataset, path), partial(self.take_dataset, path), self._no_dataset)

    def take_dataset(self, path: Path | None, dataset: Dataset, selection: int | None = None) -> None:
        """Shows a data set that is there already, with this digit selected."""
        self._loading = ""
        if path is not None:
            self.settings.add_recent_dataset(path)
            self.settings.save()
        self.reading.forget()
        self._dataset, self._selection = dataset, selection
        self.loading_changed.emit()
        self.selection_changed.emit()
        self.predictions_changed.emit()
        self.dataset_changed.emit()
        for note in dataset.notes:
            self.notice.emit(note)
        self._continue_reading()

    def _no_dataset(self, error: Exception, details: str) -> None:
        self._loading = ""
        self.loading_changed.emit()
        self.problem.emit(str(error), "" if isinstance(error, DatasetError) else details)

    # ---- selection
    @property
    def selection(self) -> int | None:
        """The index of the selected digit in the data set; None when nothing is selected."""
        return self._selection

    def select(self, index: int | None) -> None:
        """Selects a digit.

        Raises:
            IndexError: there is no such digit.
        """
        if index is not None and not 0 <= index < (len(self._dataset) if self._dataset else 0):
            raise IndexError(f"there is no digit {index}")
        if index != self._selection:
            self._selection = index
            self.selection_changed.emit()

    # ---- model
    @property
    def model(self) -> Model | None:
        """What reads the digits; None when there is none yet."""
        return self._model

    @property
    def model_source(self) -> str:
        """Where the model is from, in one line: "in training, step 1,204", or its file and error."""
        return self._model_source

    def open_model(self, path: Path) -> None:
        """Reads a model from a file, in the background."""
        if self._run.going_on:
            self.notice.emit("The model in training is in use; stop the run to open another one.")
            return

        def take(model: Model) -> None:
            self.settings.add_recent_model(path)
            self.settings.save()
            self.take_model(model, f"{path.name}: {describe(model)}")

        self._tasks.ask("model", partial(checkpoint.load, path), take, self._no_model)

    def open_bundled_model(self) -> None:
        """Takes the model that travels with the application, where there is one."""
        if self._run.going_on:
            return

        def take(model: Model | None) -> None:
            if model is not None:
                self.take_model(model, f"bundled {describe(model)}")

        self._tasks.ask("model", bundled_model, take, self._no_model)

    def _no_model(self, error: Exception, details: str) -> None:
        self.problem.emit(str(error), "" if isinstance(error, CheckpointError) else details)

    def save_model(self, path: Path) -> None:
        """Writes the present model to a file, in the background."""
        if self._model is None:
            return
        self.settings.add_recent_model(self._saver.save_as(self._model, path))

    def take_model(self, model: Model | None, source: str) -> None:
        """Reads with this model from now on; `source` says where it is from, in one line."""
        self._model, self._model_source = model, source
        self._predictor.set_model(model)
        self.model_changed.emit()
        if self.reading.predictions is not None:
            self.predictions_changed.emit()
        self._continue_reading()

    # ---- reading digits
    def ask(self, asker: Asker, image: NDArray[np.uint8] | None) -> None:
        """Has an image read; the answer comes by `answered`, again whenever the model changes.

        Args:
            asker: who wants to know.
            image: uint8, shape (28, 28), 0 paper, 255 ink; None when there is nothing to read any more.
        """
        self._predictor.ask(asker, None if image is None else image[None])

    def ask_all(self, asker: Asker, images: NDArray[np.uint8] | None) -> None:
        """Has several images read at once; the answers come by `all_answered`, again whenever the model changes.

        Args:
            asker: who wants to know.
            images: uint8, shape (n, 28, 28); a few dozen at most, since the canvas waits behind them.
        """
        self._predictor.ask(asker, images)

    @pyqtSlot(str, object, object)
    def _pass_on_first(self, asker: str, predictions: tuple[Prediction, ...] | None, _model: Model | None) -> None:
        if asker in (Asker.CANVAS, Asker.BROWSER):
            self.answered.emit(asker, predictions[0] if predictions else None)

    @property
    def predictions(self) -> NDArray[np.float32] | None:
        """Probabilities of every digit of the data set, shape (n, 10), read-only; None when none was read yet.

        A row of NaN was not read yet. They may be of an earlier model, see `predictions_progress`.
        """
        return self.reading.predictions

    @property
    def predictions_progress(self) -> float:
        """0 to 1; 1 when `predictions` is of the present model and complete."""
        return self.reading.progress(self._model)

    def request_predictions(self) -> None:
        """Reads the whole data set with the present model in the background, now and whenever the model changes.

        While a model is being trained its weights change all the time; then the data set is read after the run.
        """
        self.reading.wanted = True
        if self._run.going_on and self.reading.progress(self._model) < 1:
            self.notice.emit("All digits are read when the run has ended.")
        self._continue_reading()

    def _continue_reading(self) -> None:
        if not self._run.going_on:
            self.reading.go_on(self._model, self._dataset)

    # ---- the run
    @property
    def run_state(self) -> RunState:
        """What the run is doing."""
        return self._run.state

    @property
    def run_detail(self) -> str:
        """One line on the phase: the device and why, what is compiled."""
        return self._run.detail

    @property
    def phase_seconds(self) -> float:
        """Since the phase began."""
        return self._run.phase_seconds

    @property
    def device(self) -> str:
        """Where the newest run computed; empty before one has chosen."""
        return self._run.device

    @property
    def device_reason(self) -> str:
        """Why there."""
        return self._run.device_reason

    @property
    def history(self) -> RunHistory | None:
        """What the newest run said; None before the first."""
        return self._run.history

    def start_training(self, config: TrainingConfig) -> None:
        """Starts a run; nothing happens while one goes on."""
        self._start(config, single_step=False)

    def preload(self) -> None:
        """Loads what training needs in the background, so that a run has its first point at once."""
        self._tasks.ask("libraries", load_libraries, lambda _: None, lambda *_: None)

    def step_training(self, config: TrainingConfig) -> None:
        """One minibatch, then paused.

        Args:
            config: of the run that is started when there is none.
        """
        if self._run.going_on:
            self._run.step()
        else:
            self._start(config, single_step=True)

    def _start(self, config: TrainingConfig, *, single_step: bool) -> None:
        if self._dataset is None:
            self.notice.emit("There are no digits to learn from yet.")
        elif not self._run.going_on:
            self.settings.values.training = config.to_dict()
            self._tasks.forget("model")
            self.reading.cancel()
            self._before_run = (self._model, self._model_source)
            self._run.start(config, self._dataset, self.settings.values.threads, single_step=single_step)

    def pause_training(self) -> None:
        """The run waits after the step it is making."""
        self._run.pause()

    def resume_training(self) -> None:
        """A paused run goes on."""
        self._run.resume()

    def stop_training(self) -> None:
        """The run ends after the step it is making; its best weights stay and are saved."""
        self._run.stop()

    def set_live(self, values: Mapping[str, float]) -> None:
        """New values of live settings of the run that goes on."""
        self._run.set_live(values)

    @pyqtSlot(object)
    def _take_weights(self, event: WeightsReady) -> None:
        self.take_model(event.model, f"in training, step {event.step:,}")

    @pyqtSlot(object)
    def _finish_run(self, outcome: RunFinished | RunFailed) -> None:
        if outcome.model is None:
            self.take_model(*self._before_run)
        else:
            self._saver.save(partial(save_run, outcome.model, self.runs))
            self.take_model(outcome.model, f"trained {time.strftime('%H:%M')}: {describe(outcome.model)}")
        if isinstance(outcome, RunFailed):
            if outcome.details:
                self.problem.emit(outcome.message, outcome.details)
            else:
                self.notice.emit(outcome.message)

    def at_close(self, end: Callable[[], None]) -> None:
        """Has `end` called when the session is closed: by those who own threads or files and are not part of it."""
        self._ends.append(end)

    def close(self) -> bool:
        """Ends threads and children, saves the run's best weights and the settings.

        Returns:
            Whether everything ended in time; if not, the process must be ended the hard way.
        """
        ended = self._run.close()
        for end in self._ends:
            end()
        self._tasks.close()
        self.reading.close()
        self._predictor.close()
        self.settings.save()
        return ended


def _read_dataset(path: Path | None) -> Dataset:
    """Reads the bundled MNIST, or a data set from a file or folder; on a thread of its own."""
    from mnist_gui.data import formats, library

    return library.bundled_mnist() if path is None else formats.open_dataset(path)
