"""Which training digits the digit looks like, to the eye and to the network; and why not another class."""

from typing import Final

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui.data.dataset import CLASSES, Dataset, Split
from mnist_gui.engine.explanation import WIDEST, Look, features_width
from mnist_gui.engine.neighbours import Found, Nearest
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.copying import add_copy_menu
from mnist_gui.gui.why.digit_row import DigitRow, Neighbour
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.explainer import Explainer, FeaturesState, Step
from mnist_gui.session.session import Session

PURPOSE: Final = "The training digits nearest to yours appear here, and the nearest of the class that came second."

_TIPS: Final = {
    Step.PIXELS: "Euclidean distance of the 28x28 pixels: one pixel of paper instead of full ink makes 1.",
    Step.FEATURES: "Euclidean distance of the activations of the last hidden layer. Digits that the network takes for"
    " the same are near each other here.",
}
_TITLES: Final = {Step.PIXELS: "By their pixels", Step.FEATURES: "By the last hidden layer"}


class _Space(QWidget):
    """One way to measure distances: a heading, and two rows of digits."""

    def __init__(self, step: Step, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._title = named(QLabel(_TITLES[step]), f"why_{step}_title", tip=_TIPS[step])
        self.note = named(QLabel(), f"why_{step}_note")
        self.note.setWordWrap(True)
        self.names = [named(QLabel(), f"why_{step}_name_{row}") for row in range(2)]
        self.rows = [
            named(DigitRow(theme), f"why_{step}_row_{row}", f"Nearest {step}, row {row + 1}") for row in range(2)
        ]
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACE)
        layout.setVerticalSpacing(SPACE // 2)
        heading = QHBoxLayout()
        heading.setSpacing(SPACE + SPACE // 2)
        heading.addWidget(self._title)
        heading.addWidget(self.note, 1)
        layout.addLayout(heading, 0, 0, 1, 2)
        for row in range(2):
            layout.addWidget(self.names[row], row + 1, 0)
            layout.addWidget(self.rows[row], row + 1, 1)
            add_copy_menu(self.rows[row], "these digits", self.rows[row].numbers, session.notice)
        layout.setColumnStretch(1, 1)
        theme.follow(self._restyle)

    def show_rows(self, *, shown: bool) -> None:
        """Whether there are digits to show, or only a reason why not."""
        for widget in (*self.names, *self.rows):
            widget.setVisible(shown)

    def _restyle(self) -> None:
        palette = self.note.palette()
        palette.setColor(self.note.foregroundRole(), self._theme.colours.muted)
        self.note.setPalette(palette)
        metrics = self.fontMetrics()
        for name in self.names:
            name.setMinimumWidth(metrics.horizontalAdvance("not 0"))


class Likeness(QWidget):
    """Two ways to measure, two classes each: the answer, and one to compare it with.

    Signals:
        pressed: (index): a digit was clicked, or is about to be double-clicked.
        chosen: (index): it was clicked only once.
        opened: (index): it was double-clicked.
        summarised: a few words for the heading.
    """

    pressed = pyqtSignal(int)
    chosen = pyqtSignal(int)
    opened = pyqtSignal(int)
    summarised = pyqtSignal(str)

    steps: Final = frozenset({Step.PIXELS, Step.FEATURES})

    def __init__(self, session: Session, explainer: Explainer, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._explainer = session, explainer
        self._look: Look | None = None
        self._found: dict[Step, Found] = {}
        self._other = named(
            QComboBox(),
            "why_other",
            "Class to compare with",
            "The class of the second rows: the runner-up, which is the second most probable one, or any other.",
        )
        self._other.addItem("the runner-up", None)
        for digit in range(CLASSES):
            self._other.addItem(f"a {digit}" if digit != 8 else "an 8", digit)
        self._other.currentIndexChanged.connect(self._show)
        self._spaces = {step: _Space(step, theme, session) for step in (Step.PIXELS, Step.FEATURES)}
        chooser = QHBoxLayout()
        chooser.setSpacing(SPACE)
        chooser.addWidget(QLabel("Why not"))
        chooser.addWidget(self._other)
        chooser.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(chooser)
        for space in self._spaces.values():
            layout.addWidget(space)
            for row in space.rows:
                row.pressed.connect(self.pressed)
                row.chosen.connect(self.chosen)
                row.opened.connect(self.opened)
        explainer.looked.connect(self._take_look)
        explainer.resembled.connect(self._take)
        explainer.features_changed.connect(self._show)
        session.dataset_changed.connect(self._forget_found)
        self.clear()

    def clear(self) -> None:
        """There is no digit any more."""
        self._look, self._found = None, {}
        self._show()

    def _forget_found(self) -> None:
        """What was found is of another data set."""
        self._found = {}
        self._show()

    def _take_look(self, look: Look) -> None:
        self._look = look
        self._show()

    def _take(self, step: str, found: Found) -> None:
        self._found[Step(step)] = found
        self._show()

    def _classes(self) -> tuple[int, int]:
        """The answer, and what it is compared with."""
        assert self._look is not None, "there is an answer"
        second, first = (int(digit) for digit in np.argsort(self._look.probabilities, kind="stable")[-2:])
        chosen = self._other.currentData()
        return first, second if chosen is None else int(chosen)

    def _show(self) -> None:
        self._other.setEnabled(self._look is not None)
        for step, space in self._spaces.items():
            reason = self._reason(step)
            space.note.setText(reason or self._remark(step))
            space.show_rows(shown=not reason)
            if not reason:
                self._fill(step, space)

    def _fill(self, step: Step, space: _Space) -> None:
        dataset, found = self._session.dataset, self._found.get(step)
        if self._look is None or found is None or dataset is None:
            for row in range(2):
                space.names[row].setText("")
                space.rows[row].show_neighbours(())
            return
        first, other = self._classes()
        for row, (digit, name) in enumerate(((first, str(first)), (other, f"not {other}"))):
            space.names[row].setText(name)
            space.rows[row].show_neighbours(_neighbours(dataset, found.of_class[digit]))

    def _reason(self, step: Step) -> str:
        """Why there is nothing to show; empty when there is, or will be at once."""
        if self._session.model is None:
            return "There is no model that could read the digit."
        if step is Step.PIXELS:
            return "" if self._session.dataset is not None else "There are no training digits yet."
        match self._explainer.features_state:
            case FeaturesState.NO_LAYER:
                return "This network has no hidden layer: it weighs the pixels themselves."
            case FeaturesState.TOO_WIDE:
                width = features_width(self._session.model.architecture)
                return f"It has {width:,} values a digit; up to {WIDEST:,} are compared, since memory is limited."
            case FeaturesState.RUN:
                return "After the run: the layer changes with each step of training."
            case FeaturesState.NOTHING:
                return "There are no training digits yet."
            case FeaturesState.WAITING:
                return "Every training digit passes through the network once, as soon as there is a digit to compare."
            case FeaturesState.COMPUTING:
                progress = self._explainer.features_progress
                return f"{100 * progress:.0f} % computed: every training digit passes through the network once."
            case _:
                return ""

    def _remark(self, step: Step) -> str:
        """What the nearest of all are."""
        dataset, found = self._session.dataset, self._found.get(step)
        if self._look is None or dataset is None or found is None:
            return PURPOSE if step is Step.PIXELS and self._look is None else ""
        labels = dataset.labels_of(Split.TRAINING)[found.of_all.indices]
        counts = sorted(((int((labels == digit).sum()), -digit) for digit in set(labels.tolist())), reverse=True)
        parts = ", ".join(f"{count} {'is' if count == 1 else 'are'} {-digit}" for count, digit in counts)
        text = f"Of the {len(labels)} nearest of all, {parts}."
        if step is Step.PIXELS:
            self.summarised.emit(f"nearest: {int(labels[0])}")
        return text


def _neighbours(dataset: Dataset, nearest: Nearest) -> tuple[Neighbour, ...]:
    start = dataset.range_of(Split.TRAINING).start
    return tuple(
        Neighbour(
            start + int(index), dataset.images[start + index], int(dataset.labels[start + index]), float(distance)
        )
        for index, distance in zip(nearest.indices, nearest.distances, strict=True)
    )
