"""One digit, enlarged so that its pixels can be counted and read."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.gui.theme import Theme
from mnist_gui.gui.widgets.images import grey_image

_RING: Final = 2
"""Width of the frame that shows the keyboard focus, kept free around the digit."""

_STEPS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class DigitView(QWidget):
    """A 28x28 digit, white on black, each pixel the same whole number of screen pixels at any scale factor.

    The pixel under the pointer is outlined; with the keyboard focus, the arrow keys move the outline.

    Signals:
        pixel_hovered: (row, column, value): the outline is at this pixel; rows and columns 0 to 27 from the top left,
            value 0 paper to 255 ink.
        left: there is no outline any more.
    """

    pixel_hovered = pyqtSignal(int, int, int)
    left = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixels: NDArray[np.uint8] | None = None
        self._pixel: tuple[int, int] | None = None
        self.setObjectName("digit_view")
        self.setAccessibleName("Digit, enlarged")
        self.setToolTip("The digit as the model sees it, 28x28 pixels. Point at a pixel to read its value.")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def set_image(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show a digit (uint8, shape (28, 28), 0 paper, 255 ink), or an empty frame.

        Raises:
            ValueError: the array has another dtype or shape.
        """
        if pixels is not None and (pixels.dtype != np.uint8 or pixels.shape != (SIDE, SIDE)):
            raise ValueError(f"a digit is uint8 of shape (28, 28), got {pixels.dtype} {pixels.shape}")
        self._pixels = pixels
        if pixels is None:
            self._point_at(None)
        elif self._pixel is not None:
            self._announce(self._pixel)
        self.update()

    def _area(self) -> QRectF:
        """Where the digit is drawn, in device-independent pixels; a multiple of 28 screen pixels wide."""
        ratio = self.devicePixelRatioF()
        side = int((min(self.width(), self.height()) - 2 * _RING) * ratio)
        side = max(side - side % SIDE, SIDE)
        left, top = (int((extent * ratio - side) / 2) for extent in (self.width(), self.height()))
        return QRectF(left / ratio, top / ratio, side / ratio, side / ratio)

    def _pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Row and column of the digit's pixel at a place of the widget."""
        area = self._area()
        cell = area.width() / SIDE
        row, column = int((position.y() - area.top()) // cell), int((position.x() - area.left()) // cell)
        return (row, column) if 0 <= row < SIDE and 0 <= column < SIDE else None

    def _point_at(self, pixel: tuple[int, int] | None) -> None:
        if pixel == self._pixel:
            return
        self._pixel = pixel
        if pixel is None:
            self.left.emit()
        else:
            self._announce(pixel)
        self.update()

    def _announce(self, pixel: tuple[int, int]) -> None:
        if self._pixels is not None:
            value = int(self._pixels[pixel])
            self.setAccessibleDescription(f"row {pixel[0]}, column {pixel[1]}, value {value}")
            self.pixel_hovered.emit(*pixel, value)

    def sizeHint(self) -> QSize:
        return QSize(5 * SIDE + 2 * _RING, 5 * SIDE + 2 * _RING)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * SIDE + 2 * _RING, 2 * SIDE + 2 * _RING)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if self._pixels is not None:
            self._point_at(self._pixel_at(event.position()))

    def enterEvent(self, event: QEnterEvent | None) -> None:
        assert event is not None
        if self._pixels is not None:
            self._point_at(self._pixel_at(event.position()))

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._point_at(None)

    def focusOutEvent(self, _event: QFocusEvent | None) -> None:
        self._point_at(None)
        self.update()

    def focusInEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self._pixels is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        row, column = self._pixel or (SIDE // 2, SIDE // 2)
        if self._pixel is not None:
            row, column = min(max(row + step[0], 0), SIDE - 1), min(max(column + step[1], 0), SIDE - 1)
        self._point_at((row, column))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        area, colours = self._area(), self._theme.colours
        if self._pixels is None:
            painter.fillRect(area, colours.base)
            painter.setPen(QPen(colours.line, 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
            return
        painter.drawImage(area, grey_image(self._pixels))
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, _RING))
            half = _RING / 2
            painter.drawRect(area.adjusted(-half, -half, half, half))
        if self._pixel is not None:
            cell = area.width() / SIDE
            box = QRectF(area.left() + self._pixel[1] * cell, area.top() + self._pixel[0] * cell, cell, cell)
            # Three rings: one of them differs from whatever ink, paper or theme lies beside it.
            for ring, colour in enumerate((QColor("black"), colours.accent, QColor("white"))):
                outset = ring + 0.5
                painter.setPen(QPen(colour, 1))
                painter.drawRect(box.adjusted(-outset, -outset, outset, outset))
