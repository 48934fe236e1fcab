"""One pinned digit: its picture, what the model says of it, and how that came about."""

from typing import Final

import numpy as np
from PyQt6.QtCore import QMimeData, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QApplication, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.pin_plot import PinPlot, small_fonts
from mnist_gui.gui.training.pin_texts import meant, spoken, verdict
from mnist_gui.gui.training.step_scale import StepScale
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.session.pins import Pin
from mnist_gui.session.probability_curve import ProbabilityCurve

PIN_MIME: Final = "application/x-mnist-gui-pin"
"""The number of the pin that is being dragged."""

_LEAST_PLOT: Final = 260
"""Where the plot would be narrower beside words and picture, the words go above it."""

_WORDS: Final = "✗ Read as 8, 99.9 % "
"""The words beside the picture are as wide as this."""


class PinCard(QWidget):
    """Painted as one: picture, words, plot. The page sets what it shows and asks it to paint.

    Signals:
        pointed: (step): the cursor is at this step; -1 takes it away.
        menu_wanted: (number, global place): of the pin.
        key_pressed: (number, key): a key that does something with the pin: Delete, Up, Down, or a digit.
        opened: (number): the pin is to be shown in the drawing room.
    """

    pointed = pyqtSignal(float)
    menu_wanted = pyqtSignal(int, object)
    key_pressed = pyqtSignal(int, int)
    opened = pyqtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plot = PinPlot(theme)
        self._pin: Pin | None = None
        self._curve = ProbabilityCurve()
        self._answer: Prediction | None = None
        self._scale = StepScale()
        self._cursor: float | None = None
        self._pressed_at: QPointF | None = None
        self.setObjectName("pin_card")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    @property
    def pin(self) -> Pin | None:
        """What is shown."""
        return self._pin

    def show_pin(self, pin: Pin, curve: ProbabilityCurve, answer: Prediction | None) -> None:
        """Shows a pin, or what is new of it."""
        self._pin, self._curve, self._answer = pin, curve, answer
        self.setAccessibleName(pin.title)
        self.setAccessibleDescription(spoken(pin, answer, len(curve)))
        self.update()

    def set_scale(self, scale: StepScale) -> None:
        """Where steps are."""
        if scale != self._scale:
            self._scale = scale
            self.update()

    def set_cursor(self, step: float | None) -> None:
        """Reads the values at a step; None those of now."""
        if step != self._cursor:
            self._cursor = step
            self.update()

    @property
    def curve(self) -> ProbabilityCurve:
        """What is drawn."""
        return self._curve

    def place_of(self, step: int) -> float:
        """Where a step is, from the left of this widget."""
        box = self.plot_box()
        return box.left() + float(self._scale.places(np.array([step]), box.width())[0])

    def plot_box(self) -> QRectF:
        """Where the lines are, in coordinates of this widget."""
        return self._plot.inside(self._areas()[2], self.font())

    # ---- layout and painting
    def _areas(self) -> tuple[QRectF, QRectF, QRectF]:
        """Where picture, words and plot are."""
        whole = QRectF(self.rect()).adjusted(SPACE / 2, SPACE / 2, -SPACE / 2, -SPACE / 2)
        metrics = QFontMetricsF(self._fonts()[0])
        line = metrics.height()
        side = float(SIDE * max(1, min(int(min(whole.height(), whole.width() / 4.5) // SIDE), 4)))
        picture = QRectF(whole.left(), whole.top(), side, side)
        words = QRectF(picture.right() + SPACE, whole.top(), metrics.horizontalAdvance(_WORDS), whole.height())
        if whole.right() - words.right() >= _LEAST_PLOT * self._theme.scale:
            return picture, words, whole.adjusted(words.right() - whole.left() + SPACE, 0, 0, 0)
        words = QRectF(picture.right() + SPACE, whole.top(), whole.right() - picture.right() - SPACE, line)
        return picture, words, whole.adjusted(side + SPACE / 2, line + 2, 0, 0)

    def _fonts(self) -> tuple[QFont, QFont]:
        bold = QFont(self.font())
        bold.setBold(True)
        return self.font(), bold

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        """Paints the card, here or into a picture."""
        if self._pin is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        picture, words, plot = self._areas()
        painter.drawImage(picture, grey_image(self._pin.image))
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, 2))
            painter.drawRect(picture.adjusted(-1, -1, 1, 1))
        self._draw_words(painter, words)
        self._plot.draw(painter, plot, self.font(), self._curve, self._scale, self._pin.label, self._cursor)
        if not len(self._curve):
            painter.setFont(small_fonts(self.font())[0])
            painter.setPen(colours.muted)
            box = self._plot.inside(plot, self.font())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(flags), "A run draws ten curves here.")

    def _draw_words(self, painter: QPainter, area: QRectF) -> None:
        assert self._pin is not None
        colours, (normal, bold) = self._theme.colours, self._fonts()
        line = QFontMetricsF(normal).height()
        if area.height() < 2 * line:
            text = f"{self._pin.title}: {verdict(self._answer, self._pin.label)}"
            self._draw_line(painter, area, text, normal, strong=True)
            return
        rows = [(self._pin.title, bold, True), (verdict(self._answer, self._pin.label), normal, True)]
        rows.append((meant(self._pin.label), normal, False))
        for row, (text, font, strong) in enumerate(rows):
            place = QRectF(area.left(), area.top() + row * line, area.width(), line)
            if place.bottom() <= area.bottom() + 1:
                self._draw_line(painter, place, text, font, strong=strong)
        painter.setPen(colours.text)

    def _draw_line(self, painter: QPainter, area: QRectF, text: str, font: QFont, *, strong: bool) -> None:
        colours = self._theme.colours
        painter.setFont(font)
        painter.setPen(colours.text if strong else colours.muted)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    # ---- the mouse and the keyboard
    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if (event.position() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
                self._drag()
            return
        box = self.plot_box()
        inside = box.left() - 2 <= event.position().x() <= box.right() + 2
        self._point_at(self._scale.step_at(event.position().x() - box.left(), box.width()) if inside else None)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        self._pressed_at = event.position() if event.button() is Qt.MouseButton.LeftButton else None

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        self._pressed_at = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent | None) -> None:
        if self._pin is not None:
            self.opened.emit(self._pin.number)

    def leaveEvent(self, _event: object) -> None:
        self._point_at(None)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._point_at(None)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        if self._pin is not None:
            by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
            place = self.mapToGlobal(self.rect().center()) if by_key else event.globalPos()
            self.menu_wanted.emit(self._pin.number, place)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and len(self._curve):
            self._step_cursor(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_Escape and self._cursor is not None:
            self._point_at(None)
        elif self._pin is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self._pin.number)
        elif self._pin is not None and self._is_ours(event):
            self.key_pressed.emit(self._pin.number, key)
        else:
            super().keyPressEvent(event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return alt
        return event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) or (event.text().isdigit() and not alt)

    def _step_cursor(self, way: int) -> None:
        """To the next reading."""
        steps = self._curve.steps
        present = steps[-1] if self._cursor is None else self._cursor
        place = int(steps.searchsorted(present, side="right")) - 1 + way
        self._point_at(float(steps[min(max(place, 0), len(steps) - 1)]))

    def _point_at(self, step: float | None) -> None:
        self.pointed.emit(-1.0 if step is None else max(step, 0.0))
        self.update()

    def _drag(self) -> None:
        self._pressed_at = None
        if self._pin is None:
            return
        data, drag = QMimeData(), QDrag(self)
        data.setData(PIN_MIME, str(self._pin.number).encode())
        drag.setMimeData(data)
        drag.setPixmap(self.grab().copy(self._areas()[0].toRect()))
        drag.exec(Qt.DropAction.MoveAction)
