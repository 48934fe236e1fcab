"""Which digits the grid shows: split, labels, misread ones, order; and the way to one digit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QApplication, QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from mnist_gui.data.dataset import CLASSES, Dataset, Split
from mnist_gui.data.queries import ALL_LABELS, Order
from mnist_gui.gui.browser.label_toggle import LabelToggle
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.naming import named

_GO_TO: Final = "Go to index"
_LONGEST_INDEX: Final = 12

_ORDERS: Final = {
    Order.INDEX: "By index",
    Order.LABEL: "By label",
    Order.LEAST_CERTAIN: "Least certain first",
    Order.MOST_WRONG: "Surest mistakes first",
}


@dataclass(frozen=True)
class Choice:
    """What the user wants to see.

    Attributes:
        split: only this one; None for all.
        labels: digits with these labels.
        misread: only digits that the current model misreads.
        order: what to sort by.
    """

    split: Split | None = None
    labels: frozenset[int] = ALL_LABELS
    misread: bool = False
    order: Order = Order.INDEX

    @property
    def needs_predictions(self) -> bool:
        """Whether a model must have read all digits."""
        return self.misread or self.order.needs_predictions

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits whose digits are shown."""
        return tuple(Split) if self.split is None else (self.split,)


class FilterBar(QWidget):
    """Two rows of controls.

    Signals:
        changed: `choice` is another one.
        went_to: (text): what was entered as the index of a digit to go to.
    """

    changed = pyqtSignal()
    went_to = pyqtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filters")
        self._split = named(
            QComboBox(),
            "split",
            "Split",
            "The part of the data set to show. A model learns from the training digits, is watched on the validation"
            " digits and judged by the test digits.",
        )
        self._order = named(
            QComboBox(),
            "order",
            "Order",
            "What the digits are sorted by. Certainty is the probability that the current model gives its answer.",
        )
        for order, title in _ORDERS.items():
            self._order.addItem(title, order)
        self._misread = named(
            QCheckBox("&Misread"),
            "misread",
            "Only misread digits",
            "Show only digits that the current model misreads. All digits are read first, in the background.",
        )
        self._go_to = named(
            QLineEdit(),
            "go_to",
            _GO_TO,
            "Select the digit with this index, counted from 0 through all splits. Press Enter to go.",
        )
        self._go_to.setPlaceholderText(_GO_TO)
        self._go_to.setMaxLength(_LONGEST_INDEX)
        theme.follow(self._restyle)
        self._toggles = [LabelToggle(theme, label) for label in range(CLASSES)]
        self._fill_splits(None)
        self._lay_out()
        self._split.currentIndexChanged.connect(self.changed)
        self._misread.toggled.connect(self.changed)
        self._order.currentIndexChanged.connect(self.changed)
        for toggle in self._toggles:
            toggle.toggled.connect(self.changed)
        self._go_to.returnPressed.connect(self._go)

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        pressed = frozenset(toggle.label for toggle in self._toggles if toggle.isChecked())
        return Choice(
            self._split.currentData(), pressed or ALL_LABELS, self._misread.isChecked(), self._order.currentData()
        )

    def clear(self) -> None:
        """Show all digits; the order stays, unless it needs predictions."""
        if self.choice == Choice(order=self.choice.order) and not self.choice.needs_predictions:
            return
        self.blockSignals(True)
        self._split.setCurrentIndex(0)
        self._misread.setChecked(False)
        for toggle in self._toggles:
            toggle.setChecked(False)
        if self.choice.needs_predictions:
            self._order.setCurrentIndex(0)
        self.blockSignals(False)
        self.changed.emit()

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Name the splits that there are, with their sizes. What was chosen stays where that is possible."""
        self.blockSignals(True)
        self._fill_splits(dataset)
        self.blockSignals(False)
        self.setEnabled(dataset is not None)

    def set_counts(self, counts: NDArray[np.int64]) -> None:
        """Tell how many digits have each label (shape (10,)) with the other filters as they are."""
        for toggle, count in zip(self._toggles, counts.tolist(), strict=True):
            toggle.set_count(count)

    def focus_go_to(self) -> None:
        """Put the keyboard where an index is entered."""
        self._go_to.setFocus()
        self._go_to.selectAll()

    def _fill_splits(self, dataset: Dataset | None) -> None:
        chosen = self._split.currentData()
        self._split.clear()
        self._split.addItem("All splits", None)
        for split in Split:
            size = 0 if dataset is None else len(dataset.labels_of(split))
            if dataset is None or size:
                self._split.addItem(split.capitalize(), split)
        self._split.setCurrentIndex(max(0, self._split.findData(chosen)))

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        controls.addWidget(self._split)
        controls.addWidget(self._order)
        controls.addWidget(self._misread)
        controls.addStretch()
        controls.addWidget(self._go_to)
        toggles = QHBoxLayout()
        toggles.setSpacing(SPACE // 2)
        for toggle in self._toggles:
            toggles.addWidget(toggle)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(SPACE)
        layout.addLayout(controls, 0, 0)
        layout.addLayout(toggles, 1, 0)

    def _restyle(self) -> None:
        # The application's font, because widgets are told of another one only later.
        text = QFontMetrics(QApplication.font()).horizontalAdvance(_GO_TO)
        self._go_to.setFixedWidth(text + 3 * SPACE)

    def _go(self) -> None:
        self.went_to.emit(self._go_to.text())
