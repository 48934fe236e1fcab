"""What the browser says when it cannot show digits, and beside them: decided in one place, without widgets."""

from enum import Enum, auto

from mnist_gui.gui.browser.filters import Choice
from mnist_gui.gui.widgets.empty_state import Emptiness
from mnist_gui.session.session import RunState, Session


class Remedy(Enum):
    """What the one action of an empty state does."""

    NONE = auto()
    OPEN_MNIST = auto()
    OPEN_MODEL = auto()
    SHOW_ALL = auto()


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
    if choice.needs_predictions and session.predictions is None:
        return _unread(session)
    if choice.misread and session.predictions_progress == 1 and choice == Choice(misread=True, order=choice.order):
        return Emptiness("No digit is misread", f"{_model(session)} reads all of them.", "Show all"), Remedy.SHOW_ALL
    return Emptiness("No digit fits", "No digit of the data set passes all filters.", "Show all"), Remedy.SHOW_ALL


def remark(session: Session) -> str:
    """One line about the digits that are shown; empty when there is nothing to say."""
    if session.dataset is None:
        return ""
    if session.loading:
        return f"Reading {session.loading} …"
    if session.predictions is None or session.predictions_progress == 1:
        return ""
    if session.run_state is not RunState.IDLE:
        return "As read before training"
    return f"Reading again: {_percent(session)}"


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
    title = f"Reading all digits with {_model(session)}: {_percent(session)}"
    return Emptiness(title, "", "Show all", session.predictions_progress), Remedy.SHOW_ALL


def _model(session: Session) -> str:
    return session.model.name if session.model is not None else "the model"


def _percent(session: Session) -> str:
    return f"{100 * session.predictions_progress:.0f} %"
