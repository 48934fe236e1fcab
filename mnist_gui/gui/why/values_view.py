"""The numbers of one layer as small pictures: feature maps as tiles, units as cells."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QSize, Qt, pyqtSlot
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.colours import Pixels, greys, picture, pixel, signed

_TILE: Final = 30
"""About the side of a feature map in device-independent pixels."""

_GAP: Final = 3


class ValuesView(QWidget):
    """Tiles beside each other, on as many lines as the width asks for; all on one scale.

    Black is 0. Where no number is negative white is the largest one; else orange is more than 0 and blue is less.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tiles: NDArray[np.float32] = np.zeros((0, 1, 1), np.float32)
        self._zoom, self._gap = 1, _GAP
        self._largest = 0.0
        self._sheet: Pixels | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that its menu can be opened from the keyboard
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._restyle)

    @property
    def largest(self) -> float:
        """The size of the largest number."""
        return self._largest

    def show_values(self, tiles: NDArray[np.float32], tile: int = _TILE, *, signs: bool | None = None) -> None:
        """Shows pictures.

        Args:
            tiles: float32, shape (count, height, width).
            tile: about the side of a tile in device-independent pixels.
            signs: whether negative numbers may come, so that the colours do not change with every digit; by default
                whether there are some.
        """
        changed = tiles.shape != self._tiles.shape
        self._tiles = tiles
        side = max(tiles.shape[1:])
        self._zoom = max(round(tile / side), 1)
        self._gap = 1 if side == 1 else _GAP
        self._largest = float(np.abs(tiles).max(initial=0.0))
        negative = bool((tiles < 0).any()) if signs is None else signs
        self._sheet = (signed if negative else greys)(tiles, self._largest)
        if changed:
            self.updateGeometry()
        self.update()

    def tile_at(self, position: QPointF) -> tuple[int, int, int] | None:
        """The tile, row and column at a place of the widget; None beside the tiles."""
        count, height, width = self._tiles.shape
        pitch_x, pitch_y = self._pitch()
        line, along = int(position.y() // pitch_y), int(position.x() // pitch_x)
        number = line * self._columns() + along
        row = int((position.y() - line * pitch_y) // self._zoom)
        column = int((position.x() - along * pitch_x) // self._zoom)
        inside = 0 <= along < self._columns() and 0 <= number < count and row < height and column < width
        return (number, row, column) if inside else None

    def value_at(self, tile: int, row: int, column: int) -> float:
        """One number."""
        return float(self._tiles[tile, row, column])

    def _pitch(self) -> tuple[int, int]:
        _, height, width = self._tiles.shape
        return width * self._zoom + self._gap, height * self._zoom + self._gap

    def _columns(self, width: int | None = None) -> int:
        return max(((self.width() if width is None else width) + self._gap) // self._pitch()[0], 1)

    # ---- overrides of Qt
    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = -(-len(self._tiles) // self._columns(width))
        return max(lines * self._pitch()[1] - self._gap, 0)

    def sizeHint(self) -> QSize:
        return QSize(50 * SPACE, self.heightForWidth(50 * SPACE))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._pitch()[0], 0)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        place = self.tile_at(event.position())
        self.setToolTip("" if place is None else self._words(*place))

    def leaveEvent(self, _event: QEvent | None) -> None:
        self.setToolTip("")

    def _words(self, tile: int, row: int, column: int) -> str:
        value = self.value_at(tile, row, column)
        if self._tiles.shape[1:] == (1, 1):
            return f"unit {tile}: {value:.3g}"
        return f"map {tile}, row {row}, column {column}: {value:.3g}"

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        if self._sheet is None or not len(self._sheet):
            return
        count, height, width = self._sheet.shape
        columns = self._columns()
        lines, (pitch_x, pitch_y) = -(-count // columns), self._pitch()
        tiles = np.full((lines * columns, pitch_y, pitch_x), pixel(self._theme.colours.window), np.uint32)
        enlarged = self._sheet.repeat(self._zoom, axis=1).repeat(self._zoom, axis=2)
        tiles[:count, : height * self._zoom, : width * self._zoom] = enlarged
        rows = tiles.reshape(lines, columns, pitch_y, pitch_x).swapaxes(1, 2)
        painter = QPainter(self)
        painter.drawImage(0, 0, picture(rows.reshape(lines * pitch_y, columns * pitch_x)))
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colours.accent, 2, join=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    @pyqtSlot()
    def _restyle(self) -> None:
        """A slot, so that the connection goes with the view; one with `updateGeometry`, which is none, would stay."""
        self.updateGeometry()
