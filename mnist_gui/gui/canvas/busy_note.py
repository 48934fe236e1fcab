"""A line over the room that says what is being waited for."""

from PyQt6.QtCore import QEvent, QObject, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from mnist_gui.gui.theme import SPACE
from mnist_gui.gui.widgets.elided_label import ElidedLabel
from mnist_gui.gui.widgets.naming import named


class BusyNote(QFrame):
    """Lies over the lower edge of its parent while something goes on; the rest of the room can be used.

    Signals:
        cancelled: the user does not want to wait.
    """

    cancelled = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("busy_note")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._text = named(ElidedLabel(), "busy_text")
        cancel = named(QPushButton("Cancel"), "busy_cancel", tip="Stops waiting; nothing is changed.")
        cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE // 2, SPACE // 2)
        layout.addWidget(self._text, 1)
        layout.addWidget(cancel)
        parent.installEventFilter(self)
        self.hide()

    def show_text(self, text: str) -> None:
        """Appears, and says this."""
        self._text.setText(text)
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        room = self.parentWidget()
        if room is not None:
            height = self.sizeHint().height()
            self.setGeometry(SPACE, room.height() - height - SPACE, room.width() - 2 * SPACE, height)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False
