"""A photo with several digits, in the canvas's place: the page, and below it what stands on it."""

from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from mnist_gui.gui.canvas.photo_boxes import PhotoBoxes
from mnist_gui.gui.canvas.photo_page import PhotoPage
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.elided_label import ElidedLabel
from mnist_gui.gui.widgets.naming import named

_GAP: Final = SPACE // 2
_LEAST_WIDTH: Final = 40 * SPACE


class PhotoView(QWidget):
    """The photo with its boxes, the readings as text, and the ways to copy them.

    Attributes:
        boxes: the digits.
        page: the photo.

    Signals:
        copy_wanted: (text, what it is): for the clipboard.
    """

    copy_wanted = pyqtSignal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("photo_view")
        self.boxes = PhotoBoxes(self)
        self.page = PhotoPage(self.boxes, theme, self)
        self._text = named(ElidedLabel(), "photo_text", "Readings")
        copy = named(
            QToolButton(), "photo_copy", "Copy readings", "Copies what was read: as text, or as a table with places."
        )
        copy.setText("Copy")
        copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(copy)
        for title, act in (("As text", self.copy_text), ("As table", self.copy_table)):
            action = menu.addAction(title)
            assert action is not None, "Qt makes the action that it is asked for"
            action.triggered.connect(lambda _checked, act=act: act())
        copy.setMenu(menu)
        self._copy = copy
        self._text.setParent(self)
        copy.setParent(self)
        self.setFocusProxy(self.page)
        self.page.copied.connect(self.copy_text)
        self.boxes.changed.connect(self._show_text)
        self.boxes.changed.connect(self._arrange)
        self.boxes.read.connect(self._show_text)
        theme.follow(self._restyle)

    def copy_text(self) -> None:
        """Wants the readings on the clipboard as they stand on the paper."""
        self.copy_wanted.emit(self.boxes.text, "the readings")

    def copy_table(self) -> None:
        """Wants them as a table."""
        self.copy_wanted.emit(self.boxes.table, "the table of readings")

    def width_at(self, height: int) -> int:
        """The width that the photo fills at a height of this view, and no less than its readings need."""
        rows, columns = self.boxes.shape
        page = max(height - self._copy.sizeHint().height() - _GAP, 1)
        return max(-(-page * columns // rows), _LEAST_WIDTH)

    def _arrange(self) -> None:
        """The photo at the top left, as large as it can be, and what stands on it right below."""
        row = self._copy.sizeHint()
        height, width = self.boxes.shape
        page = max(min(self.height() - row.height() - _GAP, -(-self.width() * height // width)), 1)
        self.page.setGeometry(0, 0, self.width(), page)
        right = self.width() - row.width()
        self._text.setGeometry(0, page + _GAP, max(right - SPACE, 0), row.height())
        self._copy.setGeometry(right, page + _GAP, row.width(), row.height())

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._arrange()

    def _show_text(self) -> None:
        self._text.setText(self.boxes.text.replace("\n", "  /  "))
        self._text.setToolTip(self.boxes.text)

    def _restyle(self) -> None:
        font = self._text.font()
        font.setBold(True)
        self._text.setFont(font)
        self._arrange()
