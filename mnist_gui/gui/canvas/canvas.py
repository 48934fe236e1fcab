"""The paper that one draws on, with a mouse, a pen, a finger or keys."""

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QEnterEvent,
    QEventPoint,
    QFocusEvent,
    QHideEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.data.drawing import CANVAS_SIDE, Drawing
from mnist_gui.gui.canvas.document import CanvasDocument
from mnist_gui.gui.canvas.fingers import Act, Fingers
from mnist_gui.gui.canvas.hand import Hand
from mnist_gui.gui.canvas.key_pen import KeyPen
from mnist_gui.gui.canvas.painting import PAPER, marked_image, paint_cross, paint_ring
from mnist_gui.gui.canvas.surface import Surface
from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.widgets.naming import named

HINT = "Draw a digit"
MARK = QColor("#ff9f43")
"""Of strokes that an eraser would take: seen on ink as on paper, in either theme."""

_CROSS = 9.0


class DrawingCanvas(QWidget):
    """A square of 280 x 280 units, whatever its size on the screen.

    Points are joined by straight lines, so a fast pen leaves no gaps. Below the pointer a ring shows what the pen or
    the eraser will cover, and the strokes that an eraser of strokes would take are marked. The eraser's end of a pen
    erases whatever tool is chosen; Escape takes back the stroke under the pen.

    Attributes:
        hand: what draws on it.

    Signals:
        taken: the drawing that is shown in place of the document's is about to be drawn on.
    """

    taken = pyqtSignal()

    def __init__(self, document: CanvasDocument, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self.hand = Hand(document, self)
        self._pointer: QPointF | None = None
        self._fingers = Fingers()
        self._keys = KeyPen()
        self._trying_width = False
        self._shown: Drawing | None = None
        self._surface = Surface()
        named(
            self,
            "canvas",
            "Canvas",
            "Draw a digit with the mouse, a pen, a finger, or the arrow keys and Space. It may be of any size and"
            " anywhere: the model sees it centred and scaled as the digits of MNIST were.",
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hand.changed.connect(self.update)
        document.changed.connect(self._follow_document)
        theme.changed.connect(self.update)
        self._follow_document()

    def show_width(self, shown: bool) -> None:
        """Shows the tool's ring in the middle of the paper, while its width is being chosen."""
        self._trying_width = shown
        self.update()

    def show_instead(self, drawing: Drawing | None) -> None:
        """Shows another drawing in place of the document's, which stays as it is; None shows the document's again."""
        if drawing is not None:
            self._lift()
        self._shown = drawing
        self._follow_document()

    def _follow_document(self) -> None:
        drawing = self._shown or self._document.drawing
        count = sum(not stroke.erase for stroke in drawing.strokes)
        words = f"{count} strokes" if count > 1 else "one stroke" if count else ""
        if drawing.picture is not None:
            words = f"a picture and {words}" if words else "a picture"
        words = words or "empty; draw a digit"
        self.setAccessibleDescription(f"{words}; {self._keys.words}" if self._keys.shown else words)
        self.update()

    def _press(self, place: tuple[float, float], tool: Tool | None = None, pressure: float | None = None) -> None:
        if self._shown is not None:
            self.taken.emit()
        self._surface.dry()
        self.hand.press(place, tool, pressure)

    def _lift(self) -> None:
        self._keys.down = False
        self.hand.lift()

    def _give_up(self) -> None:
        self._keys.down = False
        self.hand.cancel()

    # ---- the pointer, in device-independent pixels of the widget
    def _units(self, position: QPointF) -> tuple[float, float]:
        return position.x() * CANVAS_SIDE / self.width(), position.y() * CANVAS_SIDE / self.height()

    def _point_at(self, position: QPointF | None) -> None:
        self._pointer = position
        if position is not None and self._keys.shown:
            self._leave_keys()
        self.hand.hover(None if position is None or self._shown is not None else self._units(position))
        self.update()

    def _touch(self, event: QTouchEvent) -> None:
        event.accept()  # otherwise Qt sends the same as mouse events
        if event.type() == QEvent.Type.TouchCancel:
            self._fingers.forget()
            self._give_up()
        for point in event.points():
            self._follow_finger(point.id(), point.state(), self.mapFromGlobal(point.globalPosition()))

    def _follow_finger(self, number: int, state: QEventPoint.State, position: QPointF) -> None:
        act = self._fingers.follow(number, state, position)
        if act is Act.NOTHING:
            return
        if act in (Act.PRESS, Act.DRAG):
            self._point_at(position)
        if act is Act.PRESS:
            self._press(self._units(position), self.hand.chosen)
            return
        if act in (Act.DRAG, Act.END):
            self.hand.drag(self._units(position))
        if act in (Act.END, Act.LIFT):
            self._lift()
        if act is Act.UNDO:
            self._give_up()
            self._document.undo_stack.undo()
        if act is not Act.DRAG:
            self._point_at(None)

    def _follow_pen(self, event: QTabletEvent) -> None:
        self._fingers.see_pen()
        if not self.hand.down:
            self.hand.rubber_near = event.pointerType() == QPointingDevice.PointerType.Eraser
        device = event.pointingDevice()
        feels = device is not None and device.hasCapability(QInputDevice.Capability.Pressure)
        pressure, place = event.pressure() if feels else None, self._units(event.position())
        tip = event.button() == Qt.MouseButton.LeftButton
        if event.type() == QEvent.Type.TabletPress and tip and self._fingers.drawing:
            self._fingers.forget()  # it was the hand that has brought the pen
            self._give_up()
        self._point_at(event.position())
        if event.type() == QEvent.Type.TabletPress and tip:
            self._press(place, None, pressure)
        elif event.type() == QEvent.Type.TabletMove:
            self.hand.drag(place, pressure)
        elif event.type() == QEvent.Type.TabletRelease and tip:
            self._lift()

    # ---- keys
    def _follow_key(self, event: QKeyEvent) -> bool:
        """Whether the key was one of the canvas."""
        shift, keypad = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier
        if event.modifiers() & ~(shift | keypad):
            return False
        keys, key = self._keys, event.key()
        if keys.press(key, far=bool(event.modifiers() & shift), again=event.isAutoRepeat()):
            if keys.down:
                self.hand.drag(keys.place)
        elif key == Qt.Key.Key_Space and not event.isAutoRepeat():
            keys.shown = True
            if keys.down:
                self._lift()
            else:
                self._press(keys.place)
                keys.down = True
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and keys.down:
            self._lift()
        elif key == Qt.Key.Key_Escape and self.hand.down:
            self._give_up()
        else:
            return False
        if keys.shown and self._shown is None:
            self.hand.hover(keys.place)
        self._follow_document()
        return True

    def _leave_keys(self) -> None:
        if self._keys.down:
            self._lift()
        self._keys.rest()
        self.hand.hover(None)
        self._follow_document()

    # ---- painting
    def _paint_hint(self, painter: QPainter) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        painter.setFont(font)
        painter.setPen(mix(PAPER, QColor("white"), 0.62))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, HINT)

    def _paint_tool(self, painter: QPainter) -> None:
        """The ring of the tool in the hand, and the cross of the keys' pen."""
        scale = self.width() / CANVAS_SIDE
        centre = QPointF(self.rect().center()) if self._trying_width else self._pointer
        if self._keys.shown and not self._trying_width:
            centre = QPointF(*self._keys.place) * scale
        if centre is None:
            return
        paint_ring(painter, centre, self.hand.width / 2 * scale, dashed=self.hand.tool is Tool.STROKE_ERASER)
        if self._keys.shown:
            paint_cross(painter, centre, _CROSS)

    def _paint_frame(self, painter: QPainter) -> None:
        colours = self._theme.colours
        width = 2.0 if self.hasFocus() else 1.0
        painter.setPen(QPen(colours.accent if self.hasFocus() else colours.line, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        inset = width / 2
        painter.drawRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))

    # ---- overrides
    def sizeHint(self) -> QSize:
        return QSize(28 * SPACE, 28 * SPACE)

    def minimumSizeHint(self) -> QSize:
        return QSize(14 * SPACE, 14 * SPACE)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), PAPER)
        side, ratio = min(self.width(), self.height()), self.devicePixelRatioF()
        shown, document = self._shown, self._document
        if shown is None:
            image = self._surface.image(document.finished, document.current, side, ratio)
        else:
            image = self._surface.image(shown, None, side, ratio)
        painter.drawImage(QPointF(0, 0), image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hand.marked and shown is None:
            painter.drawImage(QPointF(0, 0), marked_image(document.finished, self.hand.marked, MARK, side, ratio))
        if shown is None and document.empty:
            self._paint_hint(painter)
        self._paint_tool(painter)
        self._paint_frame(painter)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        return super().event(event)

    def tabletEvent(self, event: QTabletEvent | None) -> None:
        assert event is not None
        event.accept()  # otherwise Qt sends the same as mouse events
        self._follow_pen(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.hand.rubber_near = False
            self._point_at(event.position())
            self._press(self._units(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.rubber_near = False
            self._point_at(event.position())
            self.hand.drag(self._units(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._lift()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and not self._follow_key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and not event.isAutoRepeat():
            self._keys.release(event.key())
        super().keyReleaseEvent(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        if event is not None:
            self._point_at(event.position())

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._point_at(None)

    def focusInEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def focusOutEvent(self, _event: QFocusEvent | None) -> None:
        self._leave_keys()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self.update()

    def hideEvent(self, _event: QHideEvent | None) -> None:
        self._lift()
        self._point_at(None)
