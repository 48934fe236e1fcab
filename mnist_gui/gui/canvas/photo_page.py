"""The photo itself: a box round each digit, what is read in it, and the hand that corrects the boxes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mnist_gui.data.sampling import Box
from mnist_gui.gui.canvas.photo_boxes import PhotoBoxes
from mnist_gui.gui.canvas.photo_painting import Marks, paint_frame
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.naming import named

_REACH: Final = 6.0
"""Device-independent pixels: an edge can be taken from so far away."""

_STILL: Final = 4.0
"""Device-independent pixels: a pointer that moved no further has not dragged anything."""

_LEFT, _TOP, _RIGHT, _BOTTOM = "left", "top", "right", "bottom"
_STEPS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NO_INK: Final = "There is no ink in that box."


@dataclass
class _Drag:
    """What the pointer has hold of.

    Attributes:
        start: where it was pressed, in pixels of the widget.
        number: of the box; None for a new one.
        edges: of the box that move; none of them when all of it does.
        box: as it would be now; None before the pointer has moved.
    """

    start: QPointF
    number: int | None
    edges: frozenset[str]
    box: Box | None = None


class PhotoPage(QWidget):
    """A photo, as large as there is room for.

    Signals:
        taken: (number): this digit is wanted on the canvas.
        closed: the drawing is wanted back.
        copied: the readings are wanted on the clipboard.
        refused: (sentence): a correction that cannot be made.
    """

    taken = pyqtSignal(int)
    closed = pyqtSignal()
    copied = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(self, boxes: PhotoBoxes, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes = boxes
        self._theme = theme
        self._image = QImage()
        self._scaled = QImage()
        self._light = True
        self._drag: _Drag | None = None
        named(
            self,
            "photo_page",
            "Photo",
            "Choose a digit with the arrow keys or a click; Enter or a double click takes it to the canvas."
            " Drag a box or its edges to correct it, drag on the paper to add one; the right button shows more.",
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._add_actions()
        for signal in (boxes.changed, boxes.read, boxes.chosen_changed):
            signal.connect(self._follow)
        theme.changed.connect(self.update)

    def show_image(self, image: QImage) -> None:
        """Shows another photo."""
        self._image, self._scaled, self._drag = image, QImage(), None
        small = image.scaled(16, 16).convertToFormat(QImage.Format.Format_Grayscale8)
        bits = small.constBits()
        self._light = bits is None or float(np.frombuffer(bits.asstring(small.sizeInBytes()), np.uint8).mean()) > 110
        self.update()

    # ---- where things are, in device-independent pixels
    def area(self) -> QRectF:
        """The photo's place in the widget: as large as there is room for, at the top left."""
        height, width = self._boxes.shape
        scale = min(self.width() / width, self.height() / height)
        return QRectF(0, 0, width * scale, height * scale)

    def rectangle(self, box: Box) -> QRectF:
        """A box's place in the widget."""
        area, scale = self.area(), self._scale()
        return QRectF(
            area.left() + box.left * scale, area.top() + box.top * scale, box.width * scale, box.height * scale
        )

    def _scale(self) -> float:
        return self.area().width() / self._boxes.shape[1]

    def _pixel(self, position: QPointF) -> tuple[int, int]:
        """Column and row of the photo at a place of the widget, brought inside."""
        area, scale = self.area(), self._scale()
        height, width = self._boxes.shape
        x, y = (position.x() - area.left()) / scale, (position.y() - area.top()) / scale
        return min(max(round(x), 0), width), min(max(round(y), 0), height)

    def _at(self, position: QPointF) -> tuple[int | None, frozenset[str]]:
        """The box at a place, and which of its edges; the chosen one first, then the smallest."""
        chosen = self._boxes.chosen
        if chosen is not None:
            box = self.rectangle(self._boxes.digits[chosen].box)
            near = {
                _LEFT: abs(position.x() - box.left()), _RIGHT: abs(position.x() - box.right()),
                _TOP: abs(position.y() - box.top()), _BOTTOM: abs(position.y() - box.bottom()),
            }  # fmt: skip
            around = box.adjusted(-_REACH, -_REACH, _REACH, _REACH)
            inner = min(_REACH, box.width() / 4, box.height() / 4)
            edges = {edge for edge, distance in near.items() if distance <= _REACH}
            inside = box.adjusted(inner, inner, -inner, -inner).contains(position)
            if around.contains(position) and edges and not inside:
                return chosen, frozenset(edges - _opposites(near))
        under = [n for n, d in enumerate(self._boxes.digits) if self.rectangle(d.box).contains(position)]
        if not under:
            return None, frozenset()
        return min(
            under, key=lambda n: self._boxes.digits[n].box.height * self._boxes.digits[n].box.width
        ), frozenset()

    # ---- the pointer
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        number, edges = self._at(event.position())
        self._boxes.choose(number)
        self._drag = _Drag(event.position(), number, edges)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        drag = self._drag
        if drag is None:
            self._show_cursor(event.position())
            return
        moved = event.position() - drag.start
        if drag.box is not None or abs(moved.x()) + abs(moved.y()) > _STILL:
            drag.box = self._dragged(drag, event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        drag, self._drag = self._drag, None
        if event is None or drag is None or drag.box is None:
            return
        done = self._boxes.add(drag.box) if drag.number is None else self._boxes.move(drag.number, drag.box)
        if not done:
            self.refused.emit(_NO_INK)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        number, _ = self._at(event.position()) if event is not None else (None, None)
        self._drag = None
        if number is not None:
            self.taken.emit(number)

    def _dragged(self, drag: _Drag, position: QPointF) -> Box:
        x, y = self._pixel(position)
        start_x, start_y = self._pixel(drag.start)
        if drag.number is None:
            return Box(min(y, start_y), min(x, start_x), max(y, start_y), max(x, start_x))
        box = self._boxes.digits[drag.number].box
        if not drag.edges:
            return self._shifted(box, x - start_x, y - start_y)
        sides = {_LEFT: box.left, _TOP: box.top, _RIGHT: box.right, _BOTTOM: box.bottom}
        sides.update({edge: x if edge in (_LEFT, _RIGHT) else y for edge in drag.edges})
        left, right = sorted((sides[_LEFT], sides[_RIGHT]))
        top, bottom = sorted((sides[_TOP], sides[_BOTTOM]))
        return Box(top, left, bottom, right)

    def _shifted(self, box: Box, x: int, y: int) -> Box:
        """A box moved as far as the photo goes."""
        height, width = self._boxes.shape
        x = min(max(x, -box.left), width - box.right)
        y = min(max(y, -box.top), height - box.bottom)
        return Box(box.top + y, box.left + x, box.bottom + y, box.right + x)

    def _show_cursor(self, position: QPointF) -> None:
        number, edges = self._at(position)
        if edges in ({_LEFT}, {_RIGHT}):
            shape = Qt.CursorShape.SizeHorCursor
        elif edges in ({_TOP}, {_BOTTOM}):
            shape = Qt.CursorShape.SizeVerCursor
        elif edges in ({_TOP, _LEFT}, {_BOTTOM, _RIGHT}):
            shape = Qt.CursorShape.SizeFDiagCursor
        elif edges:
            shape = Qt.CursorShape.SizeBDiagCursor
        else:
            shape = Qt.CursorShape.CrossCursor if number is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)

    # ---- keys
    def _add_actions(self) -> None:
        for text, keys, act in (
            ("Take to the canvas", "Return", self._take),
            ("Split in two", "/", lambda: self._correct(self._boxes.split, "This box is too narrow to be split.")),
            (
                "Join with the next",
                "J",
                lambda: self._correct(self._boxes.join, "No digit follows on this line."),
            ),
            ("Add a box beside it", "Ins", self._add_beside),
            ("Delete the box", "Del", lambda: self._correct(self._boxes.remove, "")),
            ("Copy readings", "Ctrl+C", self.copied.emit),
            ("Back to the drawing", "Esc", self.closed.emit),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked, act=act: act())
            self.addAction(action)

    def _take(self) -> None:
        if self._boxes.chosen is not None:
            self.taken.emit(self._boxes.chosen)

    def _correct(self, change: Callable[[int], bool | None], otherwise: str) -> None:
        if self._boxes.chosen is not None and change(self._boxes.chosen) is False:
            self.refused.emit(otherwise)

    def _add_beside(self) -> None:
        """Adds a box as large as the chosen one at its right, or at its left."""
        if self._boxes.chosen is None:
            self.refused.emit("Choose a box first: the new one is put beside it.")
            return
        box = self._boxes.digits[self._boxes.chosen].box
        if not any(self._boxes.add(self._shifted(box, way * box.width, 0)) for way in (1, -1)):
            self.refused.emit("There is no ink beside that box.")

    def event(self, event: QEvent | None) -> bool:
        # While the photo has the keyboard, undo is about its boxes and not about the drawing below.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo))
        ):
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number, _ = self._at(QPointF(event.pos()))
            if number is not None:
                QToolTip.showText(event.globalPos(), self._words(number), self)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        step = _STEPS.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Undo):
            self._boxes.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._boxes.redo()
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._boxes.choose(0 if event.key() == Qt.Key.Key_Home else len(self._boxes.digits) - 1)
        elif event.key() == Qt.Key.Key_Enter:
            self._take()
        elif step is None:
            super().keyPressEvent(event)
        else:
            self._follow_arrow(*step, event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)

    def _follow_arrow(self, x: int, y: int, modifiers: Qt.KeyboardModifier) -> None:
        """Arrows choose; with Ctrl they move the chosen box, with Shift its right and lower edge."""
        if modifiers == Qt.KeyboardModifier.NoModifier:
            (self._boxes.choose_next if x else self._boxes.choose_line)(x or y)
            return
        if self._boxes.chosen is None:
            return
        box = self._boxes.digits[self._boxes.chosen].box
        by = max(1, round(2 / self._scale()))
        if modifiers == Qt.KeyboardModifier.ControlModifier:
            other = self._shifted(box, by * x, by * y)
        else:
            other = replace(box, right=box.right + by * x, bottom=box.bottom + by * y)
        if not self._boxes.move(self._boxes.chosen, other):
            self.refused.emit(_NO_INK)

    # ---- painting
    def _follow(self) -> None:
        chosen = self._boxes.chosen
        count = len(self._boxes.digits)
        self.setAccessibleDescription(f"{count} digits, none chosen" if chosen is None else self._words(chosen))
        self.update()

    def _words(self, number: int) -> str:
        """A digit and what is read in it, in a line."""
        prediction = self._boxes.predictions[number]
        words = f"digit {number + 1} of {len(self._boxes.digits)}: "
        if prediction is None:
            return words + "not read yet"
        p = prediction.probabilities
        first, second = (int(digit) for digit in p.argsort()[:-3:-1])
        words += f"read as {first}, {100 * p[first]:.1f} %; then {second}, {100 * p[second]:.1f} %"
        return words + ("; unsure" if prediction.unsure else "")

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        area = self.area()
        painter.drawImage(area, self._shown(area.size().toSize()))
        heights = [digit.box.height for digit in self._boxes.digits]
        usual = float(np.median(heights)) * self._scale() if heights else 0.0
        marks = Marks(painter, self._theme, area, usual, light=self._light)
        drag = self._drag
        for number, digit in enumerate(self._boxes.digits):
            if number != self._boxes.chosen:
                marks.draw(self.rectangle(digit.box), self._boxes.predictions[number], touching=digit.digit.touching)
        if self._boxes.chosen is not None:
            digit = self._boxes.digits[self._boxes.chosen]
            box = digit.box if drag is None or drag.box is None else drag.box
            prediction = self._boxes.predictions[self._boxes.chosen]
            marks.draw_chosen(self.rectangle(box), prediction, touching=digit.digit.touching)
        elif drag is not None and drag.box is not None:
            marks.draw_chosen(self.rectangle(drag.box), None, touching=False)
        paint_frame(painter, area, self._theme, focused=self.hasFocus())

    def _shown(self, size: QSize) -> QImage:
        """The photo at this size, made once for each."""
        ratio = self.devicePixelRatioF()
        pixels = (size.toSizeF() * ratio).toSize().expandedTo(QSize(1, 1))
        if self._scaled.size() != pixels and not self._image.isNull():
            self._scaled = self._image.scaled(
                pixels, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._scaled

    def focusInEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def focusOutEvent(self, _event: QFocusEvent | None) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40 * SPACE, 28 * SPACE)

    def minimumSizeHint(self) -> QSize:
        return QSize(12 * SPACE, 8 * SPACE)


def _opposites(near: dict[str, float]) -> set[str]:
    """Of two opposite edges the farther one: a small box has both within reach."""
    return {max(pair, key=lambda edge: near[edge]) for pair in ((_LEFT, _RIGHT), (_TOP, _BOTTOM))}
