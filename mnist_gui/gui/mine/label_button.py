"""A button that says what a drawing is."""

from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QMenu, QPushButton

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.widgets.naming import named


class LabelButton(QPushButton):
    """“It is a” and a menu of ten digits: ten buttons would not find room beside the canvas of a small window.

    Signals:
        chosen: (label): this digit was chosen.
    """

    chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__("It is a")
        tip = "Say what the drawing is: it joins My digits. With the canvas in focus the keys 0 to 9 do the same."
        named(self, "it_is_a", "Say what the drawing is", tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the canvas its keys
        menu = QMenu(self)
        for label in range(CLASSES):
            action = menu.addAction(f"{label}", partial(self.chosen.emit, label))
            assert action is not None, "Qt makes the action that it is asked for"
            action.setObjectName(f"it_is_{label}")
        self.setMenu(menu)
