"""What keeps a digit, takes it away or calls it otherwise; each can be undone like a stroke."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.session.my_digits import MyDigits
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker


class Keeping(QObject):
    """Connects the canvas with My digits.

    Attributes:
        clears: whether the canvas is emptied when a digit was kept, for the next one.

    Signals:
        kept: (key): a digit of the canvas was kept.
        took_back: that was undone.
    """

    kept = pyqtSignal(str)
    took_back = pyqtSignal()

    def __init__(self, session: Session, canvas: CanvasPanel, digits: MyDigits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._digits = session, canvas, digits
        self._stack: QUndoStack = canvas.undo_stack
        self._said: Prediction | None = None
        self.clears = False
        session.answered.connect(self._take_answer)
        digits.imported.connect(self._note_import)

    @property
    def possible(self) -> bool:
        """Whether there is a drawing to say something of: no digit of the data set, no photo."""
        canvas = self._canvas
        return canvas.image is not None and canvas.drawing is not None and canvas.label is None

    def keep(self, label: int) -> bool:
        """The drawing is this number: it joins My digits. One that is kept already gets the new label.

        Returns:
            Whether something was kept or changed.
        """
        self._canvas.read_now()
        image, digits = self._canvas.image, self._digits
        if not self.possible or image is None:
            self._session.notice.emit("Draw a digit first, then say what it is.")
            return False
        if digits.trouble:
            self._session.notice.emit(digits.trouble)
            return False
        there = digits.find(image)
        if there is not None:
            if there.label == label:
                self._session.notice.emit(f"This drawing is kept as {label} already.")
                return False
            return self.relabel(there.key, label)
        found = digits.add(image, self._canvas.drawing, label, self._answer())
        if found is None:
            return False
        key = found.key
        if self.clears:
            self._stack.beginMacro(f"keeping a {label}")
        self._push(f"keeping a {label}", lambda: self._take_back(key), lambda: self._again(key))
        if self.clears:
            self._canvas.clear()
            self._stack.endMacro()
        self._tell(f"Kept as {label}")
        self.kept.emit(key)
        return True

    def relabel(self, key: str, label: int) -> bool:
        """Calls a kept digit otherwise; returns whether that was done."""
        old = next((digit.label for digit in self._digits.digits if digit.key == key), None)
        if old is None or old == label or not self._digits.relabel(key, label):
            return False
        relabel = self._digits.relabel
        self._push(f"calling it a {label}", lambda: relabel(key, old), lambda: relabel(key, label))
        self._tell(f"It was {old}, it is {label} now")
        return True

    def remove(self, key: str) -> bool:
        """Takes a kept digit away; returns whether that was done."""
        if not self._digits.remove([key]):
            return False
        self._push("taking a digit away", lambda: self._digits.restore([key]), lambda: self._digits.remove([key]))
        self._tell("Taken away")
        return True

    def take_back(self) -> None:
        """Takes back the digit that was kept last, and whatever came after it on the canvas."""
        taken: list[bool] = []
        note = self.took_back.connect(lambda: taken.append(True))
        while not taken and self._stack.canUndo():
            self._stack.undo()
        self.took_back.disconnect(note)

    def _note_import(self, keys: list[str]) -> None:
        if keys:
            self._push(
                f"adding {len(keys):,} digits", lambda: self._digits.remove(keys), lambda: self._digits.restore(keys)
            )

    def _take_back(self, key: str) -> bool:
        done = self._digits.remove([key])
        self.took_back.emit()
        return done

    def _again(self, key: str) -> bool:
        done = self._digits.restore([key])
        self.kept.emit(key)
        return done

    def _push(self, text: str, undo: Callable[[], Any], redo: Callable[[], Any]) -> None:
        def undo_and_tell() -> None:
            undo()
            self._session.notice.emit(f"Undone: {text}.")

        self._stack.push(_Done(text, undo_and_tell, redo))

    def _tell(self, what: str) -> None:
        count = len(self._digits.digits)
        self._session.notice.emit(f"{what} ({count:,} digit{'' if count == 1 else 's'}). Ctrl+Z takes it back.")

    def _take_answer(self, asker: str, prediction: Prediction | None) -> None:
        if asker == Asker.CANVAS:
            self._said = prediction

    def _answer(self) -> dict[str, Any]:
        model = self._session.model
        if model is None or self._said is None:
            return {}
        digit = self._said.digit
        return {"model": model.name, "digit": digit, "probability": float(self._said.probabilities[digit])}


class _Done(QUndoCommand):
    """A change that was made already when it comes on the stack."""

    def __init__(self, text: str, undo: Callable[[], Any], redo: Callable[[], Any]) -> None:
        super().__init__(text)
        self._undo, self._redo, self._made = undo, redo, True

    def redo(self) -> None:
        if self._made:
            self._made = False
        else:
            self._redo()

    def undo(self) -> None:
        self._undo()
