"""A fault is shown, not the end: exceptions of every thread arrive in one dialog."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMessageBox, QPushButton, QWidget

from mnist_gui.gui.dialogs.about import versions

_log = logging.getLogger(__name__)


class ErrorDialog(QMessageBox):
    """One fault, and how many more came while it was open."""

    def __init__(self, sentence: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = details
        self._more = 0
        self._leave: QPushButton | None = None
        self.setObjectName("error")
        self.setModal(True)
        self.setWindowTitle("Something went wrong")
        self.setIcon(QMessageBox.Icon.Warning)
        self.setText(sentence)
        self._count()
        going_on = self.addButton("Continue" if details else "Close", QMessageBox.ButtonRole.AcceptRole)
        self.setDefaultButton(going_on)
        self.setEscapeButton(going_on)
        if details:
            self.setDetailedText(details)
            # An action-role button would close a QMessageBox as well, so its own connection is replaced.
            copy = self.addButton("Copy details", QMessageBox.ButtonRole.ActionRole)
            assert copy is not None, "Qt makes the button that it is asked for"
            copy.clicked.disconnect()
            copy.clicked.connect(self.copy)
            self._leave = self.addButton("Save and quit", QMessageBox.ButtonRole.DestructiveRole)

    @property
    def quit_wanted(self) -> bool:
        """Whether the user chose to save and quit."""
        return self._leave is not None and self.clickedButton() is self._leave

    def copy(self) -> None:
        """Puts the fault and the versions on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "a running application has a clipboard"
        table = "\n".join(f"{name}: {text}" for name, text in versions().items())
        clipboard.setText(f"{self.text()}\n\n{self._details}\n\n{table}\n")

    def add(self, details: str) -> None:
        """Counts one more fault and keeps its details, up to a size that a dialog can show."""
        self._more += 1
        if details and len(self._details) < 50_000:
            self._details += f"\n\n{details}"
            self.setDetailedText(self._details)
        self._count()

    def _count(self) -> None:
        more = f" {self._more} more since." if self._more else ""
        end = "The application goes on." if self._details else ""
        self.setInformativeText(f"{end}{more}".strip())


class ErrorBridge(QObject):
    """Brings what nobody caught, from any thread, to one dialog on the GUI thread.

    PyQt ends the process when a slot raises and no hook is installed, and an exception in a QThread arrives at
    sys.excepthook inside that thread: so the hooks only emit.

    Signals:
        quit_wanted: the user chose to save and quit.
    """

    quit_wanted = pyqtSignal()
    _happened = pyqtSignal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window: QWidget | None = None
        self._dialog: ErrorDialog | None = None
        self._happened.connect(self.show)

    def install(self) -> None:
        """Takes over the hooks of the interpreter."""
        sys.excepthook = self._on_exception
        threading.excepthook = lambda fault: self._on_exception(fault.exc_type, fault.exc_value, fault.exc_traceback)
        sys.unraisablehook = lambda fault: self._on_exception(fault.exc_type, fault.exc_value, fault.exc_traceback)

    def uninstall(self) -> None:
        """Gives the interpreter its own hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__

    def set_window(self, window: QWidget) -> None:
        """The window over which the dialog appears."""
        self._window = window

    @pyqtSlot(str, str)
    def show(self, sentence: str, details: str) -> None:
        """Shows a fault, or adds it to the dialog that is open."""
        if self._dialog is not None:
            self._dialog.add(details)
            return
        self._dialog = ErrorDialog(sentence, details, self._window)
        self._dialog.finished.connect(self._forget)
        self._dialog.open()

    def _on_exception(
        self, kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self.quit_wanted.emit()
            return
        details = "".join(traceback.format_exception(kind, fault, trace))
        _log.error("not caught:\n%s", details)
        self._happened.emit(f"{kind.__name__}: {fault}" if str(fault or "") else kind.__name__, details)

    def _forget(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            if dialog.quit_wanted:
                self.quit_wanted.emit()
            dialog.deleteLater()
