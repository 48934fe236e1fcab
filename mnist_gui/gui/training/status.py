"""One line on what the run is busy with, or a few on what became of it."""

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QGuiApplication, QPalette
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from mnist_gui.gui.theme import SPACE, Theme


class Status(QWidget):
    """A text; of a run that failed it stands out, and its details can be copied."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._failed = False
        self._details = ""
        self._mark = QLabel("⚠")
        self._mark.setAccessibleName("Failed")
        self._text = QLabel()
        self._text.setObjectName("training_status")
        self._text.setAccessibleName("State of the run")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._copy = QToolButton()
        self._copy.setText("Copy details")
        self._copy.setObjectName("training_copy_details")
        self._copy.setAccessibleName("Copy details")
        self._copy.setToolTip("Copy the message and the traceback, for a report.")
        self._copy.setAutoRaise(True)
        self._copy.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._copy.clicked.connect(self._copy_details)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self._text.installEventFilter(self)
        self.show_text("")
        theme.follow(self._restyle)

    def show_text(self, text: str, *, failed: bool = False, details: str = "") -> None:
        """Shows a text.

        Args:
            text: for the user.
            failed: whether it tells of a failure.
            details: what a report of the failure needs; empty if there is nothing to add.
        """
        if text != self._text.text():
            self._text.setText(text)
            self._text.setToolTip(text)
        self._details = details
        self._mark.setVisible(failed)
        self._copy.setVisible(bool(details))
        self._take_height()
        if failed != self._failed:
            self._failed = failed
            self._restyle()

    def _take_height(self) -> None:
        """As high as the lines are at this width. Left alone, Qt would reserve what the narrowest width needs."""
        self.setFixedHeight(max(self.fontMetrics().height(), self._text.heightForWidth(max(1, self._text.width()))))

    def _copy_details(self) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(f"{self._text.text()}\n\n{self._details}")

    def _restyle(self) -> None:
        colours = self._theme.colours
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, colours.warning if self._failed else colours.text)
        for label in (self._mark, self._text):
            label.setPalette(palette)
        self._take_height()

    # ---- Qt
    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self._text and event is not None and event.type() is QEvent.Type.Resize:
            self._take_height()
        return False
