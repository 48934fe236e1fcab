"""A context menu with which what is shown is copied, as a picture and as numbers."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtBoundSignal
from PyQt6.QtGui import QAction, QGuiApplication
from PyQt6.QtWidgets import QWidget


def add_copy_menu(widget: QWidget, what: str, numbers: Callable[[], str], notice: pyqtBoundSignal) -> None:
    """Gives a widget the menu.

    Args:
        widget: what is copied as it looks.
        what: its name in the menu, as in "Copy the saliency map".
        numbers: makes the text; empty while there is nothing to copy.
        notice: takes a sentence for the status bar.
    """

    def copy_picture() -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and _there(numbers(), what, notice):
            clipboard.setPixmap(widget.grab())

    def copy_numbers() -> None:
        clipboard, text = QGuiApplication.clipboard(), numbers()
        if clipboard is not None and _there(text, what, notice):
            clipboard.setText(text)

    for title, act in ((f"Copy {what}", copy_picture), (f"Copy numbers of {what}", copy_numbers)):
        action = QAction(title, widget)
        action.triggered.connect(lambda _checked, act=act: act())
        widget.addAction(action)
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


def _there(numbers: str, what: str, notice: pyqtBoundSignal) -> bool:
    notice.emit(f"Copied {what}." if numbers else f"There is nothing to copy of {what} yet.")
    return bool(numbers)
