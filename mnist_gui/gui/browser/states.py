"""What the browser says when it cannot show digits, and beside them: decided in one place, without widgets."""

from enum import Enum, auto

import numpy as np

from mnist_gui.data.queries import select
from mnist_gui.gui.browser.filters import Choice
from mnist_gui.gui.widgets.empty_state import Emptiness
from mnist_gui.session.session import RunState, Session


class Remedy(Enum):
    """What the one action of an empty state does."""

    NONE = auto()
    OPEN_MNIST = auto()
    OPEN_MODEL = auto()
    SHOW_ALL = auto()
    DRAW = auto()


def emptiness(session: Session, choice: Choice, shown: int) -> tuple[Emptiness, Remedy] | None:
    """Why there is no digit to show, and what helps; None when there are digits.

    Args:
        session: what is loaded.
        choice: what the user wants to see.
        shown: number of digits that fit.
    """
    if session.dataset is None:
        if session.loading:
            return Emptiness(f"Reading {session.loading} …", "The digits will be here in a moment."), Remedy.NONE
        return (
            Emptiness("No data set", "Browse shows every digit that a model learns from.", "Open MNIST"),
            Remedy.OPEN_MNIST,
        )
    if shown:
        return None
    if not len(session.dataset):
        sentence = "What you draw and say what it is, joins them: to look at, to judge a model by, to learn from."
        return Emptiness(f"{session.dataset.name} is empty", sentence, "Draw a digit"), Remedy.DRAW
    if choice.needs_predictions and session.predictions is None:
        return _unread(session)
    if choice.misread and session.run_state is RunState.IDLE and (left := unread(session, choice)):
        return _none_yet(session, left), Remedy.SHOW_ALL
    if choice.misread and session.predictions_progress == 1 and choice == Choice(misread=True, order=choice.order):
        return Emptiness("No digit is misread", f"{_model(session)} reads all of them.", "Show all"), Remedy.SHOW_ALL
    return Emptiness("No digit fits", "No digit of the data set passes all filters.", "Show all"), Remedy.SHOW_ALL


def unread(session: Session, choice: Choice) -> tuple[int, int] | None:
    """How many of the digits that are chosen were read, and of how many; None when all of them were.

    Misread digits and orders are not looked at: which digits these are is known when they are read.
    """
    dataset, predictions = session.dataset, session.predictions
    if dataset is None or session.predictions_progress == 1:
        return None
    indices = select(dataset, splits=choice.splits, labels=choice.labels)
    read = 0 if predictions is None else int(np.count_nonzero(~np.isnan(predictions[indices, 0])))
    return None if read == len(indices) else (read, len(indices))


def remark(session: Session, choice: Choice) -> str:
    """One line about the digits that are shown; empty when there is nothing to say.

    Args:
        session: what is loaded.
        choice: what the user wants to see.
    """
    if session.dataset is None:
        return ""
    if session.loading:
        return f"Reading {session.loading} …"
    if session.predictions is None or session.predictions_progress == 1:
        return ""
    if session.run_state is not RunState.IDLE:
        return "As read before training"
    if not choice.needs_predictions and not session.reading.stopped:
        return ""
    if session.predictions_progress == 0:
        return "As read by an earlier model"
    left = unread(session, choice) or (session.reading.count, len(session.dataset))
    return f"{left[0]:,} of {left[1]:,} read"


def _unread(session: Session) -> tuple[Emptiness, Remedy]:
    """The digits must be read first."""
    if session.model is None:
        return (
            Emptiness(
                "No model yet",
                "Which digits are misread depends on a model. Train one, or open the one that comes with MNIST GUI.",
                "Open the bundled model",
            ),
            Remedy.OPEN_MODEL,
        )
    if session.run_state is not RunState.IDLE:
        return (
            Emptiness(
                "A model is in training",
                "Its weights change with every step. All digits are read when the run has ended.",
                "Show all",
            ),
            Remedy.SHOW_ALL,
        )
    if session.reading.stopped:
        return Emptiness("Reading was stopped", "No digit was read yet.", "Show all"), Remedy.SHOW_ALL
    title = f"Reading the digits with {_model(session)}"
    return Emptiness(title, "The first ones come in a moment.", "Show all", 0.0), Remedy.SHOW_ALL


def _none_yet(session: Session, left: tuple[int, int]) -> Emptiness:
    """Of those that were read none is misread."""
    title = f"{left[0]:,} of {left[1]:,} digits read, none misread"
    if session.reading.stopped:
        return Emptiness(title, "Reading was stopped.", "Show all", left[0] / left[1])
    return Emptiness(title, f"{_model(session)} reads the others now.", "Show all", left[0] / left[1])


def _model(session: Session) -> str:
    return session.model.name if session.model is not None else "the model"
