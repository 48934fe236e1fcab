"""The curves with what belongs to them: read-out, log scale, fit, copies."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QClipboard, QContextMenuEvent, QGuiApplication, QPalette, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mnist_gui.engine.history import RunHistory
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.curves import Curves
from mnist_gui.gui.training.icons import icon
from mnist_gui.gui.training.readings import as_csv
from mnist_gui.gui.widgets.drawn_icons import ICON_SIDE


class CurvesPage(QWidget):
    """A slim row above the plots: on the left what the cursor reads, on the right what can be done with them.

    Signals:
        log_scale_changed: whether the axes of loss and error are logarithmic.
        zoomed: (first and last step in sight, or None): see `Curves`.
    """

    log_scale_changed = pyqtSignal(bool)
    zoomed = pyqtSignal(object)

    def __init__(self, theme: Theme, *, log_scale: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._history = RunHistory()
        self._full_reading = ""
        self._reading = QLabel()
        self._reading.setObjectName("training_reading")
        self._reading.setAccessibleName("Values at the cursor")
        self._reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._reading.setTextFormat(Qt.TextFormat.PlainText)
        self._curves = Curves(theme)
        self._curves.log_scale = log_scale
        self._curves.zoomed.connect(self.zoomed)
        self._corner = QWidget()
        self._corner.setFixedWidth(0)

        self._log_action = QAction("Log scale", self)
        self._log_action.setCheckable(True)
        self._log_action.setChecked(log_scale)
        self._log_action.setToolTip(
            "Logarithmic axes of loss and error: small differences late in a run become visible."
        )
        self._fit_action = QAction("Fit", self)
        self._fit_action.setToolTip("Show the whole run again and follow it (Home).")
        self._fit_action.setEnabled(False)
        self._copy_picture_action = QAction("Copy as picture", self)
        self._copy_numbers_action = QAction("Copy as numbers (CSV)", self)
        self._log_action.toggled.connect(self._set_log_scale)
        self._fit_action.triggered.connect(self._curves.fit)
        self._copy_picture_action.triggered.connect(self.copy_picture)
        self._copy_numbers_action.triggered.connect(self.copy_numbers)
        copies = QMenu("Copy", self)
        copies.addActions([self._copy_picture_action, self._copy_numbers_action])
        self._menu = QMenu(self)
        self._menu.addActions([self._log_action, self._fit_action])
        self._menu.addSeparator()
        self._menu.addActions([self._copy_picture_action, self._copy_numbers_action])

        self._log_button = self._button("training_log_scale", self._log_action)
        self._fit_button = self._button("training_fit", self._fit_action)
        self._copy_button = QPushButton("Copy")
        self._copy_button.setFlat(True)
        self._copy_button.setObjectName("training_copy")
        self._copy_button.setAccessibleName("Copy the curves")
        self._copy_button.setToolTip("Copy the plots as a picture, or their numbers as CSV.")
        self._copy_button.setMenu(copies)

        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        row.addWidget(self._corner)
        row.addWidget(self._reading, 1)
        for button in (self._log_button, self._fit_button, self._copy_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(row)
        layout.addWidget(self._curves, 1)
        self._curves.reading_changed.connect(self._read)
        self._curves.automatic_changed.connect(lambda automatic: self._fit_action.setEnabled(not automatic))
        theme.follow(self._restyle)

    @property
    def log_scale(self) -> bool:
        """Whether the axes of loss and error are logarithmic."""
        return self._curves.log_scale

    @log_scale.setter
    def log_scale(self, logarithmic: bool) -> None:
        self._log_action.setChecked(logarithmic)

    def set_history(self, history: RunHistory) -> None:
        """Shows this run."""
        self._history = history
        self._curves.set_history(history)

    def refresh(self) -> None:
        """Draws what the history has now."""
        self._curves.refresh()

    def leave_corner(self, width: int) -> None:
        """Keeps so many pixels at the left of the first row free."""
        self._corner.setFixedWidth(width + SPACE if width else 0)

    def copy_picture(self) -> None:
        """Puts a picture of the plots on the clipboard, at the resolution of the screen."""
        _clipboard().setPixmap(self._curves.grab())

    def copy_numbers(self) -> None:
        """Puts the numbers of the plots on the clipboard, as CSV."""
        _clipboard().setText(as_csv(self._history))

    def _button(self, name: str, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _set_log_scale(self, logarithmic: bool) -> None:
        self._curves.log_scale = logarithmic
        self.log_scale_changed.emit(logarithmic)

    def _read(self, reading: str) -> None:
        self._full_reading = reading
        metrics = self._reading.fontMetrics()
        self._reading.setText(metrics.elidedText(reading, Qt.TextElideMode.ElideRight, self._reading.width()))

    def _restyle(self) -> None:
        colours = self._theme.colours
        faded = mix(colours.text, colours.window, 0.55)
        self._fit_action.setIcon(icon("fit", colours.text, faded))
        self._copy_button.setIcon(icon("copy", colours.text, faded))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, colours.muted)
        self._reading.setPalette(palette)

    # ---- Qt
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._read(self._full_reading)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        self._menu.popup(event.globalPos())


def _clipboard() -> QClipboard:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    return clipboard
