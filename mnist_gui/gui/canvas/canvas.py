"""The paper that one draws on, with a mouse, a pen or a finger."""

from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QEnterEvent,
    QEventPoint,
    QFocusEvent,
    QHideEvent,
    QImage,
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
from mnist_gui.gui.canvas.painting import PAPER, drawing_image, paint_stroke
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.widgets.naming import named

HINT = "Draw a digit"


@dataclass
class _Wet:
    """The stroke under the pen, as far as it has been painted.

    Attributes:
        below: the finished strokes that it was painted on.
        image: both.
        points: how many of its points are in `image`.
    """

    below: QImage
    image: QImage
    points: int


class DrawingCanvas(QWidget):
    """A square of 280 x 280 units, whatever its size on the screen.

    Points are joined by straight lines, so a fast pen leaves no gaps. Below the pointer a ring shows what the pen or
    the eraser will cover. The eraser's end of a pen erases whatever tool is chosen; Escape takes back the stroke under
    the pen.
    """

    def __init__(self, document: CanvasDocument, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._pen_width = 1.0
        self._eraser_width = 1.0
        self._erasing = False
        self._pointer: QPointF | None = None
        self._finger: int | None = None
        self._trying_width = False
        self._painted: tuple[Drawing, QImage] | None = None
        self._wet: _Wet | None = None
        named(
            self,
            "canvas",
            "Canvas",
            "Draw a digit with the mouse, a pen or a finger. It may be of any size and anywhere: the model sees it"
            " centred and scaled as the digits of MNIST were.",
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        document.changed.connect(self._follow_document)
        theme.changed.connect(self.update)
        self._follow_document()

    @property
    def width_of_tool(self) -> float:
        """Width of the pen or the eraser, whichever is chosen, in units."""
        return self._eraser_width if self._erasing else self._pen_width

    def set_widths(self, pen: float, eraser: float) -> None:
        """Sets the width of both tools, in units."""
        self._pen_width, self._eraser_width = pen, eraser
        self.update()

    def set_erasing(self, erasing: bool) -> None:
        """Chooses the eraser or the pen for the next stroke."""
        self._erasing = erasing
        self.update()

    def show_width(self, shown: bool) -> None:
        """Shows the tool's ring in the middle of the paper, while its width is being chosen."""
        self._trying_width = shown
        self.update()

    def _follow_document(self) -> None:
        count = sum(not stroke.erase for stroke in self._document.drawing.strokes)
        words = f"{count} strokes" if count > 1 else "one stroke" if count else "empty; draw a digit"
        self.setAccessibleDescription(words)
        self.update()

    # ---- the pen, in device-independent pixels of the widget
    def _units(self, position: QPointF) -> tuple[float, float]:
        return position.x() * CANVAS_SIDE / self.width(), position.y() * CANVAS_SIDE / self.height()

    def _press(self, position: QPointF, *, erase: bool) -> None:
        self._document.finish()
        self._wet = None
        width = self._eraser_width if erase else self._pen_width
        self._move_ring(position)
        self._document.begin(*self._units(position), width, erase=erase)

    def _drag(self, position: QPointF) -> None:
        self._move_ring(position)
        self._document.extend(*self._units(position))

    def _touch(self, event: QTouchEvent) -> None:
        event.accept()  # otherwise Qt sends the same as mouse events
        if event.type() == QEvent.Type.TouchCancel:
            self._finger = None
            self._document.cancel()
        for point in event.points():
            self._follow_finger(point.id(), point.state(), self.mapFromGlobal(point.globalPosition()))

    def _follow_finger(self, number: int, state: QEventPoint.State, position: QPointF) -> None:
        """The finger that came first draws; the others may rest on the screen."""
        if self._finger is None and state == QEventPoint.State.Pressed:
            self._finger = number
            self._press(position, erase=self._erasing)
        elif self._finger == number:
            self._drag(position)
            if state == QEventPoint.State.Released:
                self._finger = None
                self._document.finish()
                self._move_ring(None)

    def _move_ring(self, position: QPointF | None) -> None:
        self._pointer = position
        self.update()

    # ---- painting
    def _finished_image(self) -> QImage:
        """The finished strokes, painted once for each change of them and each size."""
        drawing = self._document.finished
        ratio = self.devicePixelRatioF()
        side = min(self.width(), self.height())
        if self._painted is not None:
            painted, image = self._painted
            if painted is drawing and image.devicePixelRatio() == ratio and image.width() == round(side * ratio):
                return image
        image = drawing_image(drawing, side, ratio)
        self._painted = (drawing, image)
        return image

    def _image(self) -> QImage:
        """All strokes. Of the one under the pen only what is new is painted: a long one costs no more than a short."""
        finished = self._finished_image()
        current = self._document.current
        if current is None:
            self._wet = None
            return finished
        points = current.points
        if self._wet is None or self._wet.below is not finished or self._wet.points > len(points):
            self._wet = _Wet(finished, finished.copy(), 0)
        if self._wet.points < len(points):
            painter = QPainter(self._wet.image)
            painter.scale(self.width() / CANVAS_SIDE, self.height() / CANVAS_SIDE)
            paint_stroke(painter, replace(current, points=points[max(self._wet.points - 1, 0) :]))
            painter.end()
            self._wet.points = len(points)
        return self._wet.image

    def _paint_hint(self, painter: QPainter) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        painter.setFont(font)
        painter.setPen(mix(PAPER, QColor("white"), 0.62))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, HINT)

    def _paint_ring(self, painter: QPainter) -> None:
        centre = QPointF(self.rect().center()) if self._trying_width else self._pointer
        if centre is None:
            return
        radius = self.width_of_tool / 2 * self.width() / CANVAS_SIDE
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Two lines, so that it shows on ink and on paper.
        for colour, grown in ((QColor(0, 0, 0, 160), 1.0), (QColor(255, 255, 255, 230), 0.0)):
            painter.setPen(QPen(colour, 1.25))
            painter.drawEllipse(centre, radius + grown, radius + grown)

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
        painter.drawImage(QPointF(0, 0), self._image())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._document.empty:
            self._paint_hint(painter)
        self._paint_ring(painter)
        self._paint_frame(painter)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        return super().event(event)

    def tabletEvent(self, event: QTabletEvent | None) -> None:
        assert event is not None
        event.accept()  # otherwise Qt sends the same as mouse events
        match event.type():
            case QEvent.Type.TabletPress if event.button() == Qt.MouseButton.LeftButton:
                rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
                self._press(event.position(), erase=self._erasing or rubber)
            case QEvent.Type.TabletMove:
                self._drag(event.position())
            case QEvent.Type.TabletRelease if event.button() == Qt.MouseButton.LeftButton:
                self._document.finish()
            case _:
                pass

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._press(event.position(), erase=self._erasing)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._drag(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._document.finish()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape and self._document.current is not None:
            self._document.cancel()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        if event is not None:
            self._move_ring(event.position())

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._move_ring(None)

    def focusInEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def focusOutEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self.update()

    def hideEvent(self, _event: QHideEvent | None) -> None:
        self._document.finish()
        self._move_ring(None)
