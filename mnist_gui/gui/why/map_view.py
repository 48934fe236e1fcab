"""A map of numbers over a digit, with the meaning of its colours below."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.explanation import ValueMap
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.why.colours import LESS, MORE, larger, overlaid, picture

LEAST_ZOOM: Final = 5
LARGEST_ZOOM: Final = 9
_BAR: Final = SPACE
_GAP: Final = SPACE // 4
_STEPS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True)
class Legend:
    """What the colours mean.

    Attributes:
        unit: of the numbers as they are written.
        factor: what they are multiplied by for that.
        least: the smallest number that may have the full colour, so that noise does not glow; before `factor`.
        less: what a negative number says.
        more: what a positive one says.
    """

    unit: str
    factor: float
    least: float
    less: str
    more: str


class MapView(QWidget):
    """A digit with a map over it, a legend, and the number under the pointer.

    Orange and blue are more and less than nothing; the legend goes from the one to the other, with the numbers that
    have the full colours. With the keyboard focus the arrow keys choose the pixel whose number is shown.
    """

    def __init__(self, theme: Theme, legend: Legend, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._legend = legend
        self._zoom = LEAST_ZOOM
        self._map: ValueMap | None = None
        self._values: NDArray[np.float32] = np.zeros((SIDE, SIDE), np.float32)
        self._pixel: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.follow(self._restyle)

    def show_map(self, found: ValueMap | None) -> None:
        """Shows a map, or an empty frame."""
        self._map = found
        if found is not None:
            self._values = larger(found.values, SIDE // len(found.values))
            row, column = np.unravel_index(int(np.abs(self._values).argmax()), self._values.shape)
            largest = self._written(float(self._values[row, column]))
            self.setAccessibleDescription(f"for {found.digit}; strongest {largest} at row {row}, column {column}")
        else:
            self.setAccessibleDescription("no map")
        self.update()

    @property
    def largest(self) -> float:
        """The number that has the full colour."""
        least = self._legend.least
        return max(float(np.abs(self._values).max()), least) if self._map is not None else least

    def set_zoom(self, zoom: int) -> None:
        """Device-independent pixels for a pixel of the digit."""
        if zoom != self._zoom:
            self._zoom = zoom
            self._restyle()

    def numbers(self) -> str:
        """The map as a table; empty without one."""
        if self._map is None:
            return ""
        return "".join("\t".join(f"{value:.5g}" for value in row) + "\n" for row in self._map.values.tolist())

    def _written(self, value: float) -> str:
        return f"{self._number(value)} {self._legend.unit}"

    def _number(self, value: float) -> str:
        value *= self._legend.factor
        return f"{value:+.{1 if abs(value) >= 10 else 2}f}"

    def _side(self) -> int:
        return SIDE * self._zoom

    def _font(self) -> QFont:
        font = QFont(QApplication.font())
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        return font

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self._size(self._side())

    def minimumSizeHint(self) -> QSize:
        return self._size(SIDE * LEAST_ZOOM)

    def _size(self, side: int) -> QSize:
        return QSize(side, side + SPACE + _BAR + _GAP + 3 * QFontMetrics(self._font()).height())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        self._point_at(event.position())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self._map is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        row, column = self._pixel or (SIDE // 2, SIDE // 2)
        if self._pixel is not None:
            row, column = min(max(row + step[0], 0), SIDE - 1), min(max(column + step[1], 0), SIDE - 1)
        self._pixel = (row, column)
        self.setAccessibleDescription(f"{row}, {column}: {self._written(float(self._values[row, column]))}")
        self.update()

    def focusInEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def focusOutEvent(self, _event: QFocusEvent | None) -> None:
        self._pixel = None
        self.update()

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._pixel = None
        self.update()

    def _point_at(self, position: QPointF) -> None:
        cell = self._side() / SIDE
        row, column = int(position.y() // cell), int(position.x() // cell)
        self._pixel = (row, column) if 0 <= row < SIDE and 0 <= column < SIDE else None
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        self._paint(painter)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colours.accent, 2, join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(QRectF(1, 1, self._side() - 2, self._side() - 2))

    def _paint(self, painter: QPainter) -> None:
        colours, side = self._theme.colours, self._side()
        area = QRect(0, 0, side, side)
        if self._map is None:
            painter.fillRect(area, mix(colours.window, colours.text, 0.05))
            return
        painter.drawImage(area, picture(overlaid(self._map.image, self._values, self.largest)))
        bar = QRectF(0, side + SPACE, side, _BAR)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, colour in ((0.0, LESS), (0.5, Qt.GlobalColor.black), (1.0, MORE)):
            gradient.setColorAt(place, colour)
        painter.fillRect(bar, gradient)
        font = self._font()
        line = QFontMetrics(font).height()
        painter.setFont(font)
        painter.setPen(colours.muted)
        ends = QRectF(0, bar.bottom() + _GAP, side, line)
        legend = self._legend
        words = (legend.less, legend.more), (self._number(-self.largest), self._written(self.largest))
        for less, more in words:
            painter.drawText(ends, Qt.AlignmentFlag.AlignLeft, less)
            painter.drawText(ends, Qt.AlignmentFlag.AlignRight, more)
            ends.translate(0, line)
        if self._pixel is not None:
            row, column = self._pixel
            cell = QRectF(column * self._zoom, row * self._zoom, self._zoom, self._zoom)
            painter.setPen(Qt.GlobalColor.white)
            painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setPen(colours.text)
            value = self._written(float(self._values[row, column]))
            painter.drawText(ends, Qt.AlignmentFlag.AlignLeft, f"{row}, {column}: {value}")
