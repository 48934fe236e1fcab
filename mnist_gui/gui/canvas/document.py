"""The drawing on the canvas: its strokes are the truth, every picture of it is made from them."""

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from mnist_gui.data.drawing import CANVAS_SIDE, LEAST_SIDE, Drawing, Stroke

UNDO_LIMIT = 200
"""Changes that can be taken back."""

_BLANK = Drawing(least_side=LEAST_SIDE)


class CanvasDocument(QObject):
    """A drawing that grows by strokes; each change of it can be undone.

    The stroke under the pen is part of the drawing from its first point on, so that what reads the drawing follows it,
    and becomes a change that can be undone when the pen is lifted. So is what an eraser takes away.

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
        _silence_in_the_end(self, self.undo_stack)
        self._finished = _BLANK
        self._before_removal: Drawing | None = None
        self._points: list[tuple[float, float]] = []
        self._widths: list[float] = []
        self._erase = False
        self._current: Stroke | None = None

    @property
    def finished(self) -> Drawing:
        """The drawing without the stroke under the pen."""
        return self._finished

    @property
    def current(self) -> Stroke | None:
        """The stroke under the pen."""
        if not self._points:
            return None
        if self._current is None:
            widest = max(self._widths)
            tapers = widest != min(self._widths)
            widths = np.array(self._widths, np.float64) if tapers else None
            self._current = Stroke(np.array(self._points, np.float64), widest, self._erase, widths)
        return self._current

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
        return is_blank(self._finished) and (not self._points or self._erase)

    def begin(self, x: float, y: float, width: float, *, erase: bool) -> None:
        """Puts the pen down at a point, in units of the canvas."""
        self.finish()
        self._erase = erase
        self._points, self._widths = [self._kept_inside(x, y, width)], [width]
        self._current = None
        self.changed.emit()

    def extend(self, x: float, y: float, width: float | None = None) -> None:
        """Moves the pen that is down, in a straight line; its width becomes `width`, or stays."""
        if not self._points:
            return
        width = self._widths[-1] if width is None else width
        self._current = None
        point = self._kept_inside(x, y, width)
        if point != self._points[-1]:
            self._points.append(point)
            self._widths.append(width)
            self.changed.emit()
        elif width > self._widths[-1]:  # pressed harder in the same place
            self._widths[-1] = width
            self.changed.emit()

    def remove(self, strokes: Collection[int]) -> None:
        """Takes whole strokes away, given by their places in `finished`; `finish` makes one change of all of them."""
        if not strokes:
            return
        if self._before_removal is None:
            self._before_removal = self._finished
        kept = [stroke for place, stroke in enumerate(self._finished.strokes) if place not in strokes]
        if self._finished.picture is None:
            while kept and kept[0].erase:  # there is nothing below it any more
                del kept[0]
        self._finished = replace(self._finished, strokes=tuple(kept))
        self.changed.emit()

    def finish(self) -> None:
        """Lifts the pen or the eraser: what it did becomes a change that can be undone."""
        if self._before_removal is not None:
            before, self._before_removal = self._before_removal, None
            self.undo_stack.push(_Change(self, before, self._finished, "erasing of strokes"))
        stroke = self.current
        if stroke is None:
            return
        self._points = []
        if stroke.erase and is_blank(self._finished):
            self.changed.emit()  # it took nothing away
            return
        self._push(
            replace(self._finished, strokes=(*self._finished.strokes, stroke)), "erasing" if stroke.erase else "stroke"
        )

    def cancel(self) -> None:
        """Lifts the pen or the eraser and forgets what it did."""
        if self._before_removal is not None:
            before, self._before_removal = self._before_removal, None
            self.set_finished(before)
        if self._points:
            self._points = []
            self.changed.emit()

    def clear(self) -> None:
        """Takes away everything; can be undone."""
        self.cancel()
        if self._finished.strokes or self._finished.picture is not None:
            self._push(_BLANK, "clearing")
        else:
            self.changed.emit()

    def set_drawing(self, drawing: Drawing, name: str) -> None:
        """Puts another drawing in the place of this one; can be undone.

        Args:
            drawing: in units of the canvas.
            name: of the change, as it stands after "Undo".
        """
        self.finish()
        self._push(drawing, name)

    def place_picture(self, picture: NDArray[np.uint8]) -> None:
        """Puts a picture in place of all there is; can be undone.

        Args:
            picture: uint8, shape (280, 280), 0 paper to 255 ink.
        """
        self.set_drawing(replace(_BLANK, picture=picture), "picture")

    def set_finished(self, drawing: Drawing) -> None:
        """Replaces the drawing, as undo and redo do."""
        self._finished = drawing
        self.changed.emit()

    def _push(self, drawing: Drawing, name: str) -> None:
        self.undo_stack.push(_Change(self, self._finished, drawing, name))

    def _kept_inside(self, x: float, y: float, width: float) -> tuple[float, float]:
        """The nearest point at which the pen's whole width is on the paper: what cannot be seen must not count."""
        margin = 0.0 if self._erase else width / 2
        return (
            min(max(x, margin), CANVAS_SIDE - margin),
            min(max(y, margin), CANVAS_SIDE - margin),
        )


class _Change(QUndoCommand):
    """From one drawing to the next. Drawings share their strokes, so keeping both costs little."""

    def __init__(self, document: CanvasDocument, before: Drawing, after: Drawing, name: str) -> None:
        super().__init__(name)
        self._document = document
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._document.set_finished(self._after)

    def undo(self) -> None:
        self._document.set_finished(self._before)


_silencers: set[Callable[[], None]] = set()
"""Kept here until they are called: Python may empty what only a dying object refers to, and Qt would call it then."""


def _silence_in_the_end(document: QObject, stack: QUndoStack) -> None:
    """Qt empties the stack in its destructor and says so, when Python can no longer use it: nobody is to hear it."""

    def silence() -> None:
        _silencers.discard(silence)
        stack.blockSignals(True)

    _silencers.add(silence)
    document.destroyed.connect(silence)


def is_blank(drawing: Drawing) -> bool:
    """Whether nothing adds ink."""
    inked = drawing.picture is not None and bool(drawing.picture.any())
    return not inked and all(stroke.erase for stroke in drawing.strokes)
