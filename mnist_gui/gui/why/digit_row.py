"""Digits of the data set beside each other, the nearest first."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.widgets.images import grey_image

_GAP: Final = SPACE // 2
_MOST: Final = 8
_RING: Final = 2


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A digit of the data set.

    Attributes:
        index: in the data set.
        image: uint8, shape (28, 28).
        label: 0 to 9.
        distance: from the digit that is explained.
    """

    index: int
    image: NDArray[np.uint8]
    label: int
    distance: float


class DigitRow(QWidget):
    """As many digits as there is room for, each with its label and its distance below.

    A click chooses a digit, a double click opens it; with the keyboard focus the arrow keys go from one to the next,
    Space chooses and Enter opens.

    Signals:
        pressed: (index): a digit was clicked, once or for the first time.
        chosen: (index): it was clicked once and no second time.
        opened: (index): it was double-clicked.
    """

    pressed = pyqtSignal(int)
    chosen = pyqtSignal(int)
    opened = pyqtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._neighbours: tuple[Neighbour, ...] = ()
        self._current = 0
        self._clicked: int | None = None
        self._second = QTimer(self)  # a click that may become a double click waits for that
        self._second.setSingleShot(True)
        self._second.timeout.connect(self._choose_clicked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.follow(self._restyle)

    @property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """What is shown, also what there is no room for."""
        return self._neighbours

    def show_neighbours(self, neighbours: tuple[Neighbour, ...]) -> None:
        """Shows digits; none leaves empty places."""
        self._neighbours = neighbours
        self._current = min(self._current, max(len(neighbours) - 1, 0))
        words = ", ".join(f"digit {one.index:,}, label {one.label}, distance {one.distance:.2f}" for one in neighbours)
        self.setAccessibleDescription(words or "no digits")
        self.update()

    def place_of(self, position: int) -> QRect:
        """Where a digit is drawn, without its caption."""
        side = self._side()
        return QRect(_RING + position * (side + _GAP), _RING, side, side)

    def numbers(self) -> str:
        """A table of index, label and distance."""
        return "".join(f"{one.index}\t{one.label}\t{one.distance:.4f}\n" for one in self._neighbours)

    def _side(self) -> int:
        return SIDE * max(round(2 * self._theme.scale), 1)

    def _room(self) -> int:
        """How many digits there is room for."""
        return max(min((self.width() - 2 * _RING + _GAP) // (self._side() + _GAP), _MOST), 1)

    def _shown(self) -> tuple[Neighbour, ...]:
        return self._neighbours[: self._room()]

    def _at(self, position: QPointF) -> int | None:
        """Which digit is at a place of the widget."""
        number = int((position.x() - _RING) // (self._side() + _GAP))
        return number if 0 <= number < len(self._shown()) else None

    def _choose_clicked(self) -> None:
        if self._clicked is not None:
            self.chosen.emit(self._clicked)

    def _fonts(self) -> tuple[QFont, QFont]:
        normal = QFont(QApplication.font())
        normal.setFeature(QFont.Tag("tnum"), 1)
        normal.setPointSizeF(normal.pointSizeF() * 0.85)
        bold = QFont(normal)
        bold.setBold(True)
        return normal, bold

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    # ---- overrides of Qt
    def sizeHint(self) -> QSize:
        return QSize(_MOST * (self._side() + _GAP) - _GAP + 2 * _RING, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(3 * (self._side() + _GAP), self._side() + 2 * _RING + QFontMetrics(self._fonts()[1]).height())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        number = self._at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or number is None:
            return
        self._current = number
        self._clicked = self._neighbours[number].index
        self.update()
        self.pressed.emit(self._clicked)
        self._second.start(QApplication.doubleClickInterval())

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        self._second.stop()
        number = self._at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and number is not None:
            self.opened.emit(self._neighbours[number].index)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        shown, key = self._shown(), event.key()
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        if not shown or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif step is not None:
            self._current = min(max(self._current + step, 0), len(shown) - 1)
            self.update()
        elif key == Qt.Key.Key_Space:
            self.pressed.emit(shown[self._current].index)
            self.chosen.emit(shown[self._current].index)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(shown[self._current].index)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def focusOutEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._at(QPointF(event.pos()))
            if number is not None:
                one = self._neighbours[number]
                QToolTip.showText(
                    event.globalPos(),
                    f"Digit {one.index:,}, label {one.label}, distance {one.distance:.2f}. A click shows it in the"
                    " grid, a double click in Draw.",
                    self,
                )
                return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colours, (normal, bold) = self._theme.colours, self._fonts()
        shown = self._shown()
        for number in range(self._room()):
            place = self.place_of(number)
            if number >= len(shown):
                painter.fillRect(place, mix(colours.window, colours.text, 0.05))
                continue
            one = shown[number]
            painter.drawImage(place, grey_image(one.image))
            caption = QRectF(place.left(), place.bottom() + 1, place.width(), self.height() - place.bottom() - 1)
            painter.setFont(bold)
            painter.setPen(colours.text)
            painter.drawText(caption, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, str(one.label))
            painter.setFont(normal)
            painter.setPen(colours.muted)
            painter.drawText(
                caption, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{one.distance:.2f}"
            )
            if self.hasFocus() and number == self._current:
                painter.setPen(QPen(colours.accent, _RING, join=Qt.PenJoinStyle.MiterJoin))
                half = _RING / 2
                painter.drawRect(QRectF(place).adjusted(-half, -half, half, half))
