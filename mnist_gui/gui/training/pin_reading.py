"""The box beside the cursor: all ten probabilities at one step."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.pin_plot import small_fonts

_COLUMNS: Final = 2
_ROWS: Final = CLASSES // _COLUMNS


class ReadingBox(QWidget):
    """Lies above the cards and lets the mouse through."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = ""
        self._probabilities: NDArray[np.float32] = np.zeros(CLASSES, np.float32)
        self.setObjectName("pin_reading")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def text(self) -> str:
        """What it says: the step, and the ten classes with their values."""
        return f"{self._title}: " + ", ".join(f"{digit} {value}" for digit, value in enumerate(self._values))

    def show_reading(
        self, step: int, steps_per_epoch: int, probabilities: NDArray[np.float32], place: QPoint, within: QRect
    ) -> None:
        """Shows a reading beside a place.

        Args:
            step: where it was made.
            steps_per_epoch: minibatches in an epoch; 0 where unknown.
            probabilities: float32, shape (10,).
            place: of the cursor, in coordinates of the parent, at half the height of the plot.
            within: what can be seen of the parent.
        """
        epoch = f", epoch {step / steps_per_epoch:.2f}" if steps_per_epoch else ""
        self._title, self._probabilities = f"step {step:,}{epoch}", probabilities
        size = self._size()
        right = place.x() + SPACE + size.width() <= within.right()
        x = place.x() + SPACE if right else place.x() - SPACE - size.width()
        y = min(max(place.y() - size.height() // 2, within.top() + 1), max(within.bottom() - size.height(), 0))
        self.setGeometry(QRect(QPoint(x, y), size))
        self.show()
        self.raise_()
        self.update()

    @property
    def _values(self) -> list[str]:
        return [f"{100 * value:.1f} %" for value in self._probabilities.tolist()]

    def _measures(self) -> tuple[QFont, QFont, float, float]:
        """Both fonts, the width of a cell and the height of a line."""
        small, bold = small_fonts(self.font())
        metrics = QFontMetricsF(bold)
        return small, bold, metrics.horizontalAdvance("8  100.0 %") + 2.5 * SPACE, metrics.height()

    def _size(self) -> QSize:
        _, _, cell, line = self._measures()
        return QSize(round(_COLUMNS * cell + SPACE / 2), round((_ROWS + 1) * line + SPACE))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter, colours = QPainter(self), self._theme.colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small, bold, cell, line = self._measures()
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.window)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        left, top, ascent = SPACE * 0.75, SPACE / 2, QFontMetricsF(bold).ascent()
        painter.setFont(small)
        painter.setPen(colours.muted)
        painter.drawText(QPointF(left, top + ascent), self._title)
        answer = int(self._probabilities.argmax())
        for digit, value in enumerate(self._values):
            column, row = divmod(digit, _ROWS)
            x, y = left + column * cell, top + (row + 1) * line
            painter.fillRect(QRectF(x, y + line * 0.2, 3, line * 0.6), colours.classes[digit])
            painter.setFont(bold if digit == answer else small)
            painter.setPen(colours.text if digit == answer else colours.muted)
            painter.drawText(QPointF(x + SPACE, y + ascent), str(digit))
            area = QRectF(x, y, cell - SPACE * 1.5, line)
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
