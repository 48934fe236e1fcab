"""Every key of the application in one list."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.gui.commands import shortcut_rows
from mnist_gui.gui.theme import SPACE

IN_PANELS = (
    ("Browse", "Move in the grid", "Arrows, Page Up, Page Down, Home, End", "Selects another digit."),
    ("Browse", "Show in Draw", "Return", "Shows the selected digit on the canvas as the model sees it."),
    ("Browse", "Next digit of a class", "0 to 9", "Selects the next digit with that label."),
    ("Browse", "Another label", "Alt+0 to Alt+9", "Labels the selected digit of My digits anew."),
    ("Browse", "Take out of My digits", "Del", "Removes the selected digit of My digits; this can be undone."),
    ("Train", "Read a curve", "Left, Right", "Moves a cursor over the curves, or over a pin, from step to step."),
    ("Train", "Label a pin", "0 to 9", "Says which digit it is. Del removes it, Up and Down move it."),
    ("Draw", "It is a …", "0 to 9", "Keeps the drawing in My digits as the digit that it is."),
    (
        "Draw",
        "Move a pen without a mouse",
        "Arrows",
        "Moves a cross over the canvas; with Shift farther, two at once aslant.",
    ),
    ("Draw", "Pen down or up", "Space", "Begins or ends a stroke, or an erasing, at the cross. Return ends it, too."),
    ("Draw", "Forget the stroke", "Esc", "Takes back the stroke under the pen."),
    ("Draw", "Choose in a photo", "Arrows", "Goes from digit to digit. Ctrl moves its box, Shift changes its size."),
    ("Draw", "End the replay", "Esc", "Brings back the drawing that was there, from the buttons of the replay."),
)
"""Keys that act inside a panel, in the form of `shortcut_rows`."""


def _native(keys: str) -> str:
    """Keys as this system writes them."""
    return " or ".join(
        QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys.split(" or ")
    )


class ShortcutsDialog(QDialog):
    """A table that can be searched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        rows = [(menu, title, _native(keys), tip) for menu, title, keys, tip in shortcut_rows()] + list(IN_PANELS)
        self._search = QLineEdit()
        self._search.setObjectName("search")
        self._search.setAccessibleName("Search")
        self._search.setPlaceholderText("Search")
        self._search.setToolTip("Shows only the commands with these words.")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._table = QTableWidget(len(rows), 4)
        self._table.setObjectName("table")
        self._table.setAccessibleName("Shortcuts")
        self._table.setHorizontalHeaderLabels(["Menu", "Command", "Keys", "What it does"])
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setTabKeyNavigation(False)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(row[3])
                self._table.setItem(number, column, item)
        self._arrange_columns()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self._search)
        layout.addWidget(self._table)
        layout.addWidget(buttons)
        self.resize(880, 560)

    def _arrange_columns(self) -> None:
        across, down = self._table.horizontalHeader(), self._table.verticalHeader()
        assert across is not None, "a table has headers"
        assert down is not None, "a table has headers"
        down.hide()
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for row in range(self._table.rowCount()):
            items = (self._table.item(row, column) for column in range(4))
            line = " ".join(item.text().lower() for item in items if item is not None)
            self._table.setRowHidden(row, not all(word in line for word in words))
