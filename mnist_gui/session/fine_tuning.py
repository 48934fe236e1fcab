"""Fine-tuning in the background: nothing changes for the session before the tuned model is kept."""

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import SIDE, Dataset, Split
from mnist_gui.engine.collecting import load_library
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.model import Model
from mnist_gui.engine.runs import save_run
from mnist_gui.engine.tuning import Pool, Tuned
from mnist_gui.session.my_digits import MyDigits
from mnist_gui.session.saver import Saver
from mnist_gui.session.session import Session
from mnist_gui.session.states import RunState
from mnist_gui.session.tasks import Tasks


@dataclass(frozen=True, eq=False)
class Watched:
    """A digit that is read before and after, whatever it is.

    Attributes:
        image: uint8, shape (28, 28).
        label: what it is, None where nobody said.
        title: what the window calls it.
    """

    image: NDArray[np.uint8]
    label: int | None
    title: str


class TuningState(StrEnum):
    """What is going on."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"


Tune = Callable[..., Tuned]
"""As `mnist_gui.engine.fine_tuning.fine_tune`."""


def tune_with_pytensor(*arguments: Any, **keywords: Any) -> Tuned:
    """Loads PyTensor if need be; only for background threads."""
    load_library("mnist_gui.engine.fine_tuning")
    from mnist_gui.engine.fine_tuning import fine_tune

    return fine_tune(*arguments, **keywords)


class FineTuning(QObject):
    """Tunes the session's model on My digits. Lives on the GUI thread and owns the thread that computes.

    Attributes:
        state: what is going on.
        what: what is being done, a few words.
        share: of all of it, 0 to 1.
        result: what came of it, while `state` is done.
        watched: the digits that were read before and after besides.

    Signals:
        changed: an attribute is another.
    """

    changed = pyqtSignal()
    _progressed = pyqtSignal(int, str, float)
    _ended = pyqtSignal(int, object, str, str)

    def __init__(self, session: Session, my_digits: MyDigits, tune: Tune = tune_with_pytensor) -> None:
        super().__init__(session)
        self._session, self._my_digits, self._tune = session, my_digits, tune
        self.state = TuningState.IDLE
        self.what, self.share = "", 0.0
        self.result: Tuned | None = None
        self.watched: tuple[Watched, ...] = ()
        self._number = 0
        self._thread: threading.Thread | None = None
        self._tasks = Tasks(self)
        self._saver = Saver(self._tasks, self)
        self._saver.problem.connect(session.problem)
        self._saver.notice.connect(session.notice)
        self._saver.saved.connect(session.saved)
        self._progressed.connect(self._take_progress)
        self._ended.connect(self._take_end)
        session.at_close(self._close)

    @property
    def obstacle(self) -> str:
        """Why it cannot begin now, one sentence; empty when it can."""
        if self._session.model is None:
            return "There is no model to tune yet: train one, or open the bundled one."
        if self._session.run_state is not RunState.IDLE:
            return "A model is in training; stop the run to tune one."
        if not self._my_digits.dataset.sizes[0]:
            return "Fine-tuning learns from My digits; there is none yet. Draw a few and say what they are."
        return ""

    def start(self, watched: Sequence[Watched] = ()) -> bool:
        """Begins, unless there is an obstacle, which is said; a result that was not kept is dropped.

        Args:
            watched: digits to be read before and after besides.

        Returns:
            Whether it has begun.
        """
        if self.state is TuningState.RUNNING:
            return False
        if self.obstacle:
            self._session.notice.emit(self.obstacle)
            return False
        assert self._session.model is not None, "else there was an obstacle"
        self._number += 1
        self.watched, self.result = tuple(watched), None
        self.state, self.what, self.share = TuningState.RUNNING, "preparing", 0.0
        work = partial(self._work, self._number, self._session.model, self._my_digits.dataset, self._my_digits.other)
        self._thread = threading.Thread(target=work, name="fine-tuning", daemon=True)
        self._thread.start()
        self.changed.emit()
        return True

    def cancel(self) -> None:
        """Gives up at once; the thread ends within its step."""
        if self.state is TuningState.RUNNING:
            self._number += 1
            self._reset()

    def keep(self) -> None:
        """Makes the tuned model the session's, and saves it as a run."""
        if self.result is None:
            return
        if self._session.run_state is not RunState.IDLE:
            self._session.notice.emit("A model is in training; stop the run to keep the tuned one.")
            return
        model = self.result.after
        self._reset()
        self._saver.save(partial(save_run, model, self._session.runs))
        self._session.take_model(model, f"tuned: {model.name}")

    def discard(self) -> None:
        """Drops the tuned model; the session's is as it was."""
        if self.state is TuningState.DONE:
            self._reset()

    def _reset(self) -> None:
        self.state, self.result, self.what, self.share = TuningState.IDLE, None, "", 0.0
        self.changed.emit()

    # ---- on the thread
    def _work(self, number: int, model: Model, mine: Dataset, known: Dataset | None) -> None:
        try:
            if known is None or not known.sizes[0] or not known.sizes[1]:
                from mnist_gui.data import library

                known = library.bundled_mnist()
            images = [digit.image for digit in self.watched]
            result = self._tune(
                model,
                Pool(mine.images_of(Split.TRAINING), mine.labels_of(Split.TRAINING)),
                Pool(mine.images_of(Split.VALIDATION), mine.labels_of(Split.VALIDATION)),
                known,
                np.stack(images) if images else np.empty((0, SIDE, SIDE), np.uint8),
                progress=partial(self._progressed.emit, number),
                stopped=lambda: number != self._number,
            )
            self._ended.emit(number, result, "", "")
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
            self._ended.emit(number, None, f"The model could not be tuned: {error}", traceback.format_exc())

    @pyqtSlot(int, str, float)
    def _take_progress(self, number: int, what: str, share: float) -> None:
        if number == self._number:
            self.what, self.share = what, share
            self.changed.emit()

    @pyqtSlot(int, object, str, str)
    def _take_end(self, number: int, result: Tuned | None, sentence: str, details: str) -> None:
        if number != self._number:
            return
        if result is None:
            self._reset()
            self._session.problem.emit(sentence, details)
            return
        self.state, self.result, self.share = TuningState.DONE, result, 1.0
        self.changed.emit()

    def _close(self) -> None:
        self._number += 1
        if self._thread is not None:
            self._thread.join()
        self._tasks.close()
