"""Above the grid while it shows My digits: what can be done with them, and the way back."""

from PyQt6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from mnist_gui.gui.theme import SPACE
from mnist_gui.gui.widgets.naming import named


class MineBar(QWidget):
    """Buttons in a row.

    Attributes:
        back: to the data set before.
        collect: begins a collection.
        tune: has the model learn from the digits.
        files: the menu of import and export.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mine_bar")
        self.back = named(QPushButton("Back to MNIST"), "mine_back", "", "Shows the data set of before again.")
        self.collect = named(QPushButton("Collect"), "mine_collect", "", "Asks for one digit after the other.")
        self.tune = named(QPushButton("Fine-tune"), "mine_tune", "", "Has the model learn from My digits.")
        more = named(QPushButton("Files"), "mine_files", "", "Import and export.")
        self.files = QMenu(more)
        more.setMenu(self.files)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.back)
        layout.addStretch()
        for button in (self.collect, self.tune, more):
            layout.addWidget(button)
        self.hide()
