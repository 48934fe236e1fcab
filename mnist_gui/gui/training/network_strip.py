"""The layers of a network side by side: how each is written, the shape behind it, its parameters."""

from typing import Final

from PyQt6.QtCore import QEvent, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.network_reading import Piece

_PADDING: Final = 6
_GAP: Final = SPACE // 2


class NetworkStrip(QWidget):
    """Draws the pieces of a line as cells in rows, in the order in which a digit passes them.

    While a line is no network it does not get lower, so that nothing below it jumps with each key.

    Signals:
        pressed: (position): a piece that begins at this position of the line was clicked.
    """

    pressed = pyqtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pieces: tuple[Piece, ...] = ()
        self._cells: list[QRectF] = []
        self._current = -1
        self._settled = True
        self.setObjectName("training_layers")
        self.setAccessibleName("Layers")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.follow(self._arrange)

    def show_pieces(self, pieces: tuple[Piece, ...], *, settled: bool) -> None:
        """Shows another line.

        Args:
            pieces: what stands between its commas.
            settled: whether it is a network; else the strip keeps its height.
        """
        self._pieces, self._settled = pieces, settled
        self.setAccessibleDescription("; ".join(piece.explanation for piece in pieces))
        self._arrange()

    def show_current(self, index: int) -> None:
        """Marks the piece in which the text cursor is; -1 marks none."""
        if index != self._current:
            self._current = index
            self.update()

    def cell_at(self, place: QPoint) -> int:
        """The number of the piece that is drawn at a place; -1 if none is."""
        return next((n for n, cell in enumerate(self._cells) if cell.contains(place.toPointF())), -1)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _arrange(self) -> None:
        """Places the cells in rows and takes the height that they need."""
        normal, small = QFontMetricsF(self.font()), QFontMetricsF(self._small())
        height = normal.height() + 2 * small.height() + _PADDING
        self._cells = []
        x = y = 0.0
        for piece in self._pieces:
            texts = (small.horizontalAdvance(piece.shape), small.horizontalAdvance(piece.parameters))
            wide = min(max(normal.horizontalAdvance(piece.text or "?"), *texts) + 2 * _PADDING, float(self.width()))
            if x and x + wide > self.width():
                x, y = 0.0, y + height + _GAP
            self._cells.append(QRectF(x, y, wide, height))
            x += wide + _GAP
        needed = round(y + height)
        self.setFixedHeight(needed if self._settled else max(needed, self.height()))
        self.update()

    # ---- Qt
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self._arrange()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        index = self.cell_at(event.position().toPoint())
        if index >= 0:
            self.pressed.emit(self._pieces[index].start)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        event.accept()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            index = self.cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self._pieces[index].explanation if index >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, small = self._theme.colours, self._small()
        normal_height, small_height = QFontMetricsF(self.font()).height(), QFontMetricsF(small).height()
        enabled = self.isEnabled()
        for number, (piece, cell) in enumerate(zip(self._pieces, self._cells, strict=True)):
            fill = colours.base if piece.layer is not None or piece.wrong else colours.window
            outline = colours.accent if number == self._current and enabled else colours.line
            pen = QPen(colours.warning if piece.wrong else outline, 1.0)
            pen.setStyle(Qt.PenStyle.DashLine if piece.wrong else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.setBrush(fill)
            painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            inside = cell.adjusted(_PADDING, _PADDING / 2, -_PADDING, 0)
            text = colours.warning if piece.wrong else colours.muted if piece.layer is None else colours.text
            painter.setPen(text if enabled else mix(text, colours.window, 0.4))
            painter.setFont(self.font())
            shown = painter.fontMetrics().elidedText(
                piece.text or "?", Qt.TextElideMode.ElideRight, int(inside.width()) + 1
            )
            painter.drawText(QRectF(inside.left(), inside.top(), inside.width() + 1, normal_height), shown)
            painter.setFont(small)
            painter.setPen(colours.muted)
            top = inside.top() + normal_height
            for line in (piece.shape, piece.parameters):
                painter.drawText(QRectF(inside.left(), top, inside.width() + 1, small_height), line)
                top += small_height
