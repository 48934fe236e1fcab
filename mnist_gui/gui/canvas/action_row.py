"""The row below the bars: what can be done with the digit that was read."""

from PyQt6.QtCore import QRect, QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QAbstractButton, QWidget

from mnist_gui.gui.theme import SPACE

_GAP = SPACE // 2


class ActionRow(QWidget):
    """Buttons beside each other, on as many lines as the width asks for; nothing at all without buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[QAbstractButton] = []
        self.setObjectName("canvas_actions")

    def add(self, button: QAbstractButton) -> None:
        """Puts a button at the end of the row, which owns it from now on."""
        button.setParent(self)
        button.ensurePolished()  # its least width comes with the style
        self._buttons.append(button)
        button.show()
        self.updateGeometry()
        self._arrange()

    def height_at(self, width: int) -> int:
        """Height in device-independent pixels of the row where it is `width` wide."""
        places = self._places(width)
        return max((place.bottom() + 1 for place in places), default=0)

    def _places(self, width: int) -> list[QRect]:
        """Where each button goes, in their order."""
        places: list[QRect] = []
        left = top = 0
        for button in self._buttons:
            size = button.sizeHint().expandedTo(button.minimumSize())
            if left and left + size.width() > width:
                left, top = 0, top + places[-1].height() + _GAP
            places.append(QRect(left, top, size.width(), size.height()))
            left += size.width() + _GAP
        return places

    def minimumSizeHint(self) -> QSize:
        widest = max((button.sizeHint().width() for button in self._buttons), default=0)
        return QSize(widest, self.height_at(widest) if widest else 0)

    def sizeHint(self) -> QSize:
        width = sum(button.sizeHint().width() + _GAP for button in self._buttons)
        return QSize(width, self.height_at(width))

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._arrange()

    def _arrange(self) -> None:
        for button, place in zip(self._buttons, self._places(self.width()), strict=True):
            button.setGeometry(place)
