"""What a panel shows while it has nothing to show: what it is for, what it waits for, and what fills it."""

from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.naming import named


@dataclass(frozen=True)
class Emptiness:
    """Why there is nothing.

    Attributes:
        title: the state in a few words.
        sentence: what the panel is for, or what it waits for.
        action: what the button says; empty for no button.
        progress: 0 to 1 of what is waited for; None for no bar.
    """

    title: str
    sentence: str = ""
    action: str = ""
    progress: float | None = None


class EmptyState(QWidget):
    """A title, a sentence, and one action or one bar, in the middle of the panel.

    Signals:
        acted: the button was pressed.
    """

    acted = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("empty_state")
        self._title = named(QLabel(), "empty_title")
        self._sentence = named(QLabel(), "empty_sentence")
        self._sentence.setWordWrap(True)
        self._bar = named(QProgressBar(), "empty_progress", "Progress")
        self._bar.setTextVisible(False)
        self._bar.setMaximum(1000)
        self._bar.setFixedWidth(30 * SPACE)
        self._button = named(QPushButton(), "empty_action")
        self._button.clicked.connect(self.acted)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE)
        layout.addStretch(2)
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        for widget in (self._bar, self._button):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        theme.follow(self._restyle)

    def set_state(self, state: Emptiness) -> None:
        """Say this."""
        self._title.setText(state.title)
        self._sentence.setText(state.sentence)
        self._button.setText(state.action)
        self._button.setVisible(bool(state.action))
        self._bar.setVisible(state.progress is not None)
        if state.progress is not None:
            self._bar.setValue(round(1000 * state.progress))

    def _restyle(self) -> None:
        # The application's, because widgets are told of another font only later.
        font = QApplication.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self._title.setFont(font)
        palette = self._sentence.palette()
        palette.setColor(self._sentence.foregroundRole(), self._theme.colours.muted)
        self._sentence.setPalette(palette)
