"""The buttons that start, pause, step and stop a run."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.icons import icon
from mnist_gui.gui.widgets.drawn_icons import ICON_SIDE
from mnist_gui.session.states import RunState

_GOING = frozenset({RunState.TRAINING, RunState.PAUSED})
_STOPPABLE = frozenset({RunState.LOADING, RunState.COMPILING, RunState.TRAINING, RunState.PAUSED})
_TIPS = {
    "start": "Start a training run with these settings.",
    "pause": "Pause the run after this step, or let it go on. Nothing is lost.",
    "step": "Learn from one minibatch, then pause.",
    "stop": "End the run at once. Its best weights are kept.",
}


class Transport(QWidget):
    """Start, Pause or Resume, Step, Stop; each can be pressed when it means something.

    Signals:
        started: Start was pressed.
        paused_or_resumed: Pause or Resume was pressed.
        stepped: Step was pressed.
        stopped: Stop was pressed.
    """

    started = pyqtSignal()
    paused_or_resumed = pyqtSignal()
    stepped = pyqtSignal()
    stopped = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = RunState.IDLE
        self._compact = False
        self._titles = {"start": "Start", "pause": "Pause", "step": "Step", "stop": "Stop"}
        self._buttons = {name: QPushButton() for name in self._titles}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        signals = (self.started, self.paused_or_resumed, self.stepped, self.stopped)
        for (name, button), signal in zip(self._buttons.items(), signals, strict=True):
            button.setObjectName(f"training_{name}")
            button.setToolTip(_TIPS[name])
            button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
            button.clicked.connect(signal)
            layout.addWidget(button)
        self.show_state(RunState.IDLE, has_dataset=False)
        theme.follow(self._restyle)

    def show_state(self, state: RunState, *, has_dataset: bool, problem: str = "") -> None:
        """Offers what can be done now.

        Args:
            state: what the run is doing.
            has_dataset: whether there is something to learn from.
            problem: why no run can start with the settings, in one sentence; empty if one can.
        """
        resumes = state is RunState.PAUSED
        changed = resumes != (self._state is RunState.PAUSED)
        self._state = state
        idle = state is RunState.IDLE and has_dataset and not problem
        self._titles["pause"] = "Resume" if resumes else "Pause"
        for name, enabled in {
            "start": idle,
            "pause": state in _GOING,
            "step": idle or state in _GOING,
            "stop": state in _STOPPABLE,
        }.items():
            self._buttons[name].setEnabled(enabled)
            self._buttons[name].setAccessibleName(self._titles[name])
        for name in ("start", "step"):
            needed = problem if state is RunState.IDLE else ""
            self._buttons[name].setToolTip(f"{_TIPS[name]} Not possible now: {needed}" if needed else _TIPS[name])
        self._write()
        if changed:
            self._restyle()

    def set_compact(self, compact: bool) -> None:
        """Whether only Start keeps its text, for narrow windows."""
        if compact != self._compact:
            self._compact = compact
            self._write()
            self._restyle()

    def _write(self) -> None:
        for name, button in self._buttons.items():
            button.setText("" if self._compact and name != "start" else self._titles[name])

    def _restyle(self) -> None:
        colours = self._theme.colours
        faded = mix(colours.text, colours.window, 0.55)
        for name, button in self._buttons.items():
            shape = "start" if name == "pause" and self._state is RunState.PAUSED else name
            button.setIcon(icon(shape, colours.on_accent if name == "start" else colours.text, faded))
            longest = max(("Pause", "Resume") if name == "pause" else (self._titles[name],), key=len)
            text = button.fontMetrics().horizontalAdvance(longest) + SPACE if button.text() else 0
            button.setFixedWidth(ICON_SIDE + text + 2 * SPACE)
        palette = QPalette(self.palette())
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            palette.setColor(group, QPalette.ColorRole.Button, colours.accent)
            palette.setColor(group, QPalette.ColorRole.ButtonText, colours.on_accent)
        self._buttons["start"].setPalette(palette)
        self.setFocusProxy(self._buttons["start"])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
