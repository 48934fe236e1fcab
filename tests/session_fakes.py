"""Stand-ins for the heavy half of the engine: a scripted trainer and a classifier that needs no graph."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import (
    Paused,
    Phase,
    PhaseChanged,
    Ready,
    Resumed,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    TrainingEvent,
    Validated,
    WeightsReady,
)
from mnist_gui.engine.model import Model
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings


def make_model(value: float = 0.0, **metadata: object) -> Model:
    """Softmax regression with the same number everywhere."""
    shapes = parse("softmax").weights
    return Model("softmax", {n: np.full(s, value, np.float32) for n, s in shapes.items()}, metadata)


class FakeClassifier:
    """Reads the label that is written in the top left pixel; knows which thread built it."""

    built_in: list[str] = []  # noqa: RUF012 - one list for all, cleared by tests that look at it

    def __init__(self, model: Model) -> None:
        self.model = model
        self.built_in.append(threading.current_thread().name)

    def set_model(self, model: Model) -> None:
        self.model = model

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probability of the answer: 0.9 with zero weights, less with others."""
        certain = 0.9 - float(self.model.weights["dense1.b"][0])
        answers = np.full((len(images), 10), (1 - certain) / 9, np.float32)
        answers[np.arange(len(images)), images[:, 0, 0]] = certain
        return answers


def digit(answer: int) -> np.ndarray:
    """An image that `FakeClassifier` reads as `answer`."""
    image = np.zeros((28, 28), np.uint8)
    image[0, 0] = answer
    return image


def scripted_train(
    config: TrainingConfig, dataset: Dataset, emit: Callable[[TrainingEvent], None], control: Control, threads: int
) -> None:
    """Behaves as the trainer does, but makes steps that learn nothing; each epoch has ten."""
    emit(RunStarted(config, 7850, 10, 200))
    emit(PhaseChanged(Phase.LOADING, "made digits"))
    emit(PhaseChanged(Phase.COMPILING, "nothing"))
    emit(Ready("CPU, 1 thread", "it is scripted", "none", 0.0))
    emit(PhaseChanged(Phase.TRAINING, "scripted"))
    step, reason = 0, StopReason.COMPLETED
    while step < 10 * config.epochs:
        if not control.wait_for_turn(lambda step=step: emit(Paused(step)), lambda step=step: emit(Resumed(step))):
            reason = StopReason.INTERRUPTED
            break
        step += 1
        emit(StepsDone(step, (1.0 / step,), (step - 1) // 10 + 1, 1000.0, step * 0.01))
        emit(WeightsReady(step, make_model(step * 1e-6, name="Softmax", step=step)))
        if step % 10 == 0:
            emit(Validated(step, step / 10, 0.5, 9.0, best=True))
    model = make_model(0.01, name="Softmax", validation_error=9.0) if step else None
    emit(RunFinished(reason, step, model, 9.0 if step >= 10 else None, None, 0.1, "CPU, 1 thread"))


def listening_session(folder: Path) -> Session:
    """A session whose heavy half is made of stand-ins; its lists `notices` and `problems` have what it said."""
    session = Session(
        Settings(folder / "settings.json"),
        train=scripted_train,
        make_classifier=FakeClassifier,
        runs=folder / "runs",
    )
    session.notices, session.problems = [], []
    session.notice.connect(session.notices.append)
    session.problem.connect(lambda sentence, _details: session.problems.append(sentence))
    return session
