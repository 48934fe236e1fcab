"""What stands in the place of the curves while there are none."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.texts import duration
from mnist_gui.session.states import RunState

_HINTS: Final = {
    RunState.LOADING: "Reading what the run needs.",
    RunState.COMPILING: "The first time on this computer: about a minute, later a moment. Stop ends it at once.",
    RunState.STOPPING: "The run is being ended.",
}


class CentredPage(QWidget):
    """A heading and a muted text, centred."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heading = QLabel()
        self._text = QLabel()
        self._column = QVBoxLayout()
        self._column.setSpacing(SPACE)
        for label in (self._heading, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            self._column.addWidget(label)
        self.setMinimumHeight(1)  # lines that wrap ask for more room than they need
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.addStretch()
        layout.addLayout(self._column)
        layout.addStretch()

    def _restyle(self) -> None:
        heading = QFont(self.font())
        heading.setPointSizeF(heading.pointSizeF() * 1.3)
        heading.setBold(True)
        heading.setFeature(QFont.Tag("tnum"), 1)
        self._heading.setFont(heading)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.colours.muted)
        self._text.setPalette(palette)


class EmptyPage(CentredPage):
    """Says what will be seen here, what the run would be, and offers to start it.

    Signals:
        started: the button was pressed.
    """

    started = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("training_empty")
        self._heading.setText("Watch a network learn")
        self._start = QPushButton("Start training")
        self._start.setObjectName("training_empty_start")
        self._start.setToolTip("Start a training run with these settings.")
        self._start.clicked.connect(self.started)
        self._column.addWidget(self._start, 0, Qt.AlignmentFlag.AlignCenter)
        theme.follow(self._restyle)

    def show_plan(self, plan: str, *, has_dataset: bool, loading: str, problem: str = "") -> None:
        """Says what would start.

        Args:
            plan: one line on the run.
            has_dataset: whether there is something to learn from.
            loading: what is being read meanwhile; empty when nothing is.
            problem: why no run can start with the settings; empty if one can.
        """
        if not has_dataset:
            plan = f"{loading} is being read." if loading else "A run needs digits to learn from: open a data set."
        elif problem:
            plan = f"⚠ {problem}"
        self._text.setText(
            f"The training loss of each step and the validation error of each epoch will be drawn here.\n{plan}"
        )
        self._start.setEnabled(has_dataset and not problem)


class WaitingPage(CentredPage):
    """Says what is being waited for, and for how long already."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("training_waiting")
        self._elapsed = QLabel()
        self._elapsed.setObjectName("training_waiting_elapsed")
        self._elapsed.setAccessibleName("Time waited")
        self._elapsed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(SPACE // 2)
        self._bar.setFixedWidth(30 * SPACE)
        self._bar.setAccessibleName("Busy")
        self._column.insertWidget(1, self._elapsed)
        self._column.insertWidget(2, self._bar, 0, Qt.AlignmentFlag.AlignCenter)
        theme.follow(self._restyle)

    def show_phase(self, state: RunState, detail: str, seconds: float) -> None:
        """Names the phase.

        Args:
            state: what the run is doing.
            detail: one line of the run on it.
            seconds: since it began.
        """
        what = {RunState.LOADING: "Loading", RunState.COMPILING: "Compiling", RunState.STOPPING: "Stopping"}
        doing = what.get(state, "Starting")
        self._heading.setText(doing if state is RunState.STOPPING else f"{doing} {detail}".strip())
        self._elapsed.setText(duration(seconds))
        self._text.setText(_HINTS.get(state, ""))

    def _restyle(self) -> None:
        super()._restyle()
        self._elapsed.setFont(self._heading.font())
