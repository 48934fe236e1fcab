"""Labelled fields in one column or, where there is room, in two."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.fields import FIELDS, CheckField, SettingField, title_of

_COLUMN_WIDTH = 260
"""With this much room for each, fields stand in two columns."""


class FieldGrid(QWidget):
    """The fields of one group, label before field; a box to tick carries its own label."""

    def __init__(self, fields: Mapping[str, SettingField], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fields = dict(fields)
        self._labels: dict[str, QLabel] = {}
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE // 2)
        for name, field in self._fields.items():
            if not isinstance(field, CheckField):
                label = QLabel(title_of(name))
                label.setBuddy(field)
                self._labels[name] = label
        self._arrange(1)
        theme.follow(self._choose_columns)

    def set_relevant(self, name: str, *, editable: bool, why_not: str = "") -> None:
        """Whether a field can be changed, and what its tip says.

        Args:
            name: field of `TrainingConfig`.
            editable: whether settings can be changed at all now.
            why_not: why a run would not look at this one, in one sentence; empty if it would.
        """
        field = self._fields[name]
        field.setEnabled(editable and not why_not)
        field.setToolTip(why_not or FIELDS[name].metadata["tip"])
        if name in self._labels:
            self._labels[name].setEnabled(not why_not)
            self._labels[name].setToolTip(field.toolTip())

    @property
    def label_width(self) -> int:
        """What the longest label needs."""
        return max((label.sizeHint().width() for label in self._labels.values()), default=0)

    def set_label_width(self, width: int) -> None:
        """Gives all labels one width, so that the fields of several grids stand below each other."""
        for label in self._labels.values():
            label.setMinimumWidth(width)

    def _choose_columns(self) -> None:
        self._arrange(2 if self.width() >= 2 * _COLUMN_WIDTH * self._theme.scale else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        rows = -(-len(self._fields) // columns)
        for position, (name, field) in enumerate(self._fields.items()):
            column, row = divmod(position, rows)
            if name in self._labels:
                self._grid.addWidget(self._labels[name], row, 3 * column, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(field, row, 3 * column + 1)
        for column in range(2):
            self._grid.setColumnStretch(3 * column + 1, 1 if column < columns else 0)
        self._grid.setColumnMinimumWidth(2, SPACE if columns == 2 else 0)

    # ---- Qt
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._choose_columns()
