"""The drawing on the canvas: its strokes are the truth, every picture of it is made from them."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from mnist_gui.data.drawing import CANVAS_SIDE, LEAST_SIDE, Drawing, Stroke

UNDO_LIMIT = 200
"""Changes that can be taken back."""


class CanvasDocument(QObject):
    """A drawing that grows by strokes; each finished stroke and each clearing can be undone.

    The stroke under the pen is part of the drawing from its first point on, so that what reads the drawing follows it,
    and becomes a change that can be undone when the pen is lifted.

    Attributes:
        undo_stack: the changes.

    Signals:
        changed: the drawing is different.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        # Qt empties the stack in its destructor and says so, when Python can no longer use it.
        self.destroyed.connect(partial(self.undo_stack.blockSignals, True))
        self._finished = Drawing(least_side=LEAST_SIDE)
        self._points: list[tuple[float, float]] = []
        self._width = 1.0
        self._erase = False

    @property
    def finished(self) -> Drawing:
        """The drawing without the stroke under the pen."""
        return self._finished

    @property
    def current(self) -> Stroke | None:
        """The stroke under the pen."""
        if not self._points:
            return None
        return Stroke(np.array(self._points, np.float64), self._width, self._erase)

    @property
    def drawing(self) -> Drawing:
        """All of it."""
        current = self.current
        if current is None:
            return self._finished
        return replace(self._finished, strokes=(*self._finished.strokes, current))

    @property
    def empty(self) -> bool:
        """Whether nothing adds ink."""
        drawing = self.drawing
        inked = drawing.picture is not None and drawing.picture.any()
        return not inked and not any(not stroke.erase for stroke in drawing.strokes)

    def begin(self, x: float, y: float, width: float, *, erase: bool) -> None:
        """Puts the pen down at a point, in units of the canvas."""
        self._points, self._width, self._erase = [], width, erase
        self._points.append(self._kept_inside(x, y))
        self.changed.emit()

    def extend(self, x: float, y: float) -> None:
        """Moves the pen that is down, in a straight line."""
        point = self._kept_inside(x, y)
        if self._points and point != self._points[-1]:
            self._points.append(point)
            self.changed.emit()

    def finish(self) -> None:
        """Lifts the pen: the stroke becomes a change that can be undone."""
        stroke = self.current
        if stroke is None:
            return
        self._points = []
        if stroke.erase and not self._finished.strokes and self._finished.picture is None:
            self.changed.emit()  # it took nothing away
            return
        strokes = (*self._finished.strokes, stroke)
        self.undo_stack.push(
            _Change(self, replace(self._finished, strokes=strokes), "erasing" if stroke.erase else "stroke")
        )

    def cancel(self) -> None:
        """Lifts the pen and forgets the stroke."""
        if self._points:
            self._points = []
            self.changed.emit()

    def clear(self) -> None:
        """Takes away everything; can be undone."""
        self._points = []
        if self._finished.strokes or self._finished.picture is not None:
            self.undo_stack.push(_Change(self, replace(self._finished, strokes=(), picture=None), "clearing"))
        else:
            self.changed.emit()

    def place_picture(self, picture: NDArray[np.uint8]) -> None:
        """Puts a picture in place of all there is; can be undone.

        Args:
            picture: uint8, shape (280, 280), 0 paper to 255 ink.
        """
        self.finish()
        self.undo_stack.push(_Change(self, replace(self._finished, strokes=(), picture=picture), "picture"))

    def set_finished(self, drawing: Drawing) -> None:
        """Replaces the drawing, as undo and redo do."""
        self._finished = drawing
        self.changed.emit()

    def _kept_inside(self, x: float, y: float) -> tuple[float, float]:
        """The nearest point at which the pen's whole width is on the paper: what cannot be seen must not count."""
        margin = 0.0 if self._erase else self._width / 2
        return (
            min(max(x, margin), CANVAS_SIDE - margin),
            min(max(y, margin), CANVAS_SIDE - margin),
        )


class _Change(QUndoCommand):
    """From one drawing to the next. Drawings share their strokes, so keeping both costs little."""

    def __init__(self, document: CanvasDocument, after: Drawing, name: str) -> None:
        super().__init__(name)
        self._document = document
        self._before = document.finished
        self._after = after

    def redo(self) -> None:
        self._document.set_finished(self._after)

    def undo(self) -> None:
        self._document.set_finished(self._before)
