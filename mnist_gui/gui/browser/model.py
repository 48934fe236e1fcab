"""The digits of a data set as a list that Qt's views understand, in any order and choice."""

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from mnist_gui.data.dataset import Dataset

UNREAD: Final = -1
"""In place of a class: no model has read this digit."""

_NOWHERE: Final = QModelIndex()


class DigitRole(IntEnum):
    """What the model tells of a row besides its texts."""

    INDEX = Qt.ItemDataRole.UserRole + 1
    """int: number of the digit in the data set."""
    LABEL = Qt.ItemDataRole.UserRole + 2
    """int: 0 to 9."""
    SPLIT = Qt.ItemDataRole.UserRole + 3
    """str: the split that it belongs to."""
    READ_AS = Qt.ItemDataRole.UserRole + 4
    """int: the class that the current model gives it, or None."""


class DigitModel(QAbstractListModel):
    """Rows are digits of one data set, chosen and sorted by `set_order`.

    The arrays are there for views that paint hundreds of digits at once: asking `data` for each would cost more than
    the painting.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._order: NDArray[np.int64] = np.empty(0, np.int64)
        self._rows: NDArray[np.int64] = np.empty(0, np.int64)
        self._read_as: NDArray[np.int8] = np.empty(0, np.int8)

    @property
    def dataset(self) -> Dataset | None:
        """The digits."""
        return self._dataset

    @property
    def order(self) -> NDArray[np.int64]:
        """Index in the data set of each row, shape (rows,)."""
        return self._order

    @property
    def read_as(self) -> NDArray[np.int8]:
        """The class that the model gives each digit of the data set, `UNREAD` where unknown; shape (n,)."""
        return self._read_as

    def set_dataset(self, dataset: Dataset | None, order: NDArray[np.int64]) -> None:
        """Show other digits, which nothing has read yet."""
        self.beginResetModel()
        self._dataset = dataset
        self._read_as = np.full(0 if dataset is None else len(dataset), UNREAD, np.int8)
        self._number(order)
        self.endResetModel()

    def set_order(self, order: NDArray[np.int64]) -> None:
        """Show these digits, each at most once (int64, shape (rows,))."""
        self.beginResetModel()
        self._number(order)
        self.endResetModel()

    def set_read_as(self, read_as: NDArray[np.int8]) -> None:
        """Tell what a model takes each digit for.

        Args:
            read_as: int8, shape (n,): 0 to 9, or `UNREAD`.

        Raises:
            ValueError: there is not one class for each digit of the data set.
        """
        if read_as.shape != self._read_as.shape:
            raise ValueError(f"one class a digit: expected shape {self._read_as.shape}, got {read_as.shape}")
        self._read_as = read_as
        if len(self._order):
            roles = [DigitRole.READ_AS, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole]
            self.dataChanged.emit(self.index(0), self.index(len(self._order) - 1), [int(role) for role in roles])

    def row_of(self, digit: int | None) -> int | None:
        """The row of a digit of the data set, None when it is not shown."""
        if digit is None or not 0 <= digit < len(self._rows) or self._rows[digit] < 0:
            return None
        return int(self._rows[digit])

    def digit_at(self, index: QModelIndex) -> int | None:
        """The digit (its index in the data set) of a row."""
        return int(self._order[index.row()]) if index.isValid() else None

    def _number(self, order: NDArray[np.int64]) -> None:
        self._order = order
        self._rows = np.full(len(self._read_as), -1, np.int64)
        self._rows[order] = np.arange(len(order))

    def _describe(self, digit: int, dataset: Dataset) -> str:
        label, read = int(dataset.labels[digit]), int(self._read_as[digit])
        verdict = "" if read == UNREAD else f"predicted {read}, {'right' if read == label else 'wrong'}, "
        return f"digit {label}, {verdict}index {digit}"

    def _tip(self, digit: int, dataset: Dataset) -> str:
        label, read = int(dataset.labels[digit]), int(self._read_as[digit])
        verdict = "" if read == UNREAD else f", read as {read}"
        return f"Label {label}{verdict}\nIndex {digit:,} ({dataset.split_of(digit)})"

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        # Not checkIndex: it fills the log when a view asks late for a row that a filter has taken away.
        if self._dataset is None or not 0 <= index.row() < len(self._order):
            return None
        digit = int(self._order[index.row()])
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return str(self._dataset.labels[digit])
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._describe(digit, self._dataset)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(digit, self._dataset)
            case DigitRole.INDEX:
                return digit
            case DigitRole.LABEL:
                return int(self._dataset.labels[digit])
            case DigitRole.SPLIT:
                return str(self._dataset.split_of(digit))
            case DigitRole.READ_AS:
                read = int(self._read_as[digit])
                return None if read == UNREAD else read
        return None
