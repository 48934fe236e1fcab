"""Controls of the settings that act at the next step of a run: usable before it and during it."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from PyQt6.QtCore import QEvent, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from mnist_gui.gui.theme import SPACE
from mnist_gui.gui.training.fields import FIELDS, LEAST_LOGARITHMIC, NumberField, logarithmic, slider_step, title_of
from mnist_gui.gui.training.texts import setting_text

_PER_DECADE: Final = 50
"""Positions of a logarithmic slider within a factor of ten: neighbours differ by 4.7 %."""


class LiveSlider(QSlider):
    """A slider over the range of a live setting, logarithmic where the setting multiplies.

    A logarithmic setting that may be 0 is 0 in the leftmost position.

    Signals:
        edited: (value): the user moved it.
    """

    edited = pyqtSignal(float)

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        field = FIELDS[name]
        self._low, self._high = float(field.metadata["low"]), float(field.metadata["high"])
        self._logarithmic = logarithmic(name)
        self._zero = 1 if self._logarithmic and self._low == 0 else 0
        self._least = max(self._low, LEAST_LOGARITHMIC)
        positions = round((self._high - self._low) / slider_step(name))
        if self._logarithmic:
            positions = self._zero + round(math.log10(self._high / self._least) * _PER_DECADE)
        self.setRange(0, positions)
        self.setPageStep(_PER_DECADE if self._logarithmic else max(1, positions // 10))
        self.setObjectName(f"training_{name}_slider")
        self.setAccessibleName(f"{field.metadata['title']} slider")
        self.setToolTip(field.metadata["tip"])
        self.valueChanged.connect(self._tell)

    def value_at(self, position: int) -> float:
        """The value of a position, rounded to two significant digits (linear: three decimals)."""
        if not self._logarithmic:
            return round(self._low + (self._high - self._low) * position / self.maximum(), 3)
        if position < self._zero:
            return 0.0
        return min(self._high, float(f"{self._least * 10 ** ((position - self._zero) / _PER_DECADE):.2g}"))

    def set_value(self, value: float) -> None:
        """Moves to the position nearest to a value; says nothing."""
        if not self._logarithmic:
            position = round((value - self._low) / (self._high - self._low) * self.maximum())
        elif value < self._least:
            position = 0
        else:
            position = self._zero + round(math.log10(value / self._least) * _PER_DECADE)
        with QSignalBlocker(self):
            self.setValue(position)

    def _tell(self, position: int) -> None:
        self.edited.emit(self.value_at(position))


class LiveSettings(QWidget):
    """Slider and field of some live settings; those that are not always wanted are behind "More".

    Signals:
        changed: (name, value): it has another value.
        chosen: (name, value): the user gave it this value.
    """

    changed = pyqtSignal(str, float)
    chosen = pyqtSignal(str, float)

    def __init__(self, names: Sequence[str], *, always: int | None = None, parent: QWidget | None = None) -> None:
        """Makes the controls, at the defaults.

        Args:
            names: fields of `TrainingConfig`.
            always: so many are always seen and the others unfold; None shows all.
            parent: owner.
        """
        super().__init__(parent)
        self._unfolding = () if always is None else tuple(names[always:])
        self._being_set = False
        self._fields: dict[str, NumberField] = {}
        self._sliders: dict[str, LiveSlider] = {}
        self._labels: dict[str, QLabel] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACE)
        layout.setVerticalSpacing(SPACE // 2)
        layout.setColumnStretch(1, 1)
        for row, name in enumerate(names):
            self._add(layout, row, name)
        if self._unfolding:
            self._more = self._make_more()
            layout.addWidget(self._more, 0, 3)
            self._unfold(False)
        self._fix_widths()

    def values(self) -> dict[str, float]:
        """The value of each live setting."""
        return {name: field.value() for name, field in self._fields.items()}

    def set_values(self, values: Mapping[str, float]) -> None:
        """Other values for some settings, which nobody chose just now."""
        self._being_set = True
        for name, value in values.items():
            self._fields[name].set_value(value)
        self._being_set = False

    def set_relevant(self, name: str, *, why_not: str = "") -> None:
        """Whether a run would look at a setting at all, and if not, why in one sentence."""
        for widget in (self._labels[name], self._sliders[name], self._fields[name]):
            widget.setEnabled(not why_not)
            widget.setToolTip(why_not or FIELDS[name].metadata["tip"])

    @property
    def label_width(self) -> int:
        """What the longest label needs."""
        return max(label.sizeHint().width() for label in self._labels.values())

    def set_label_width(self, width: int) -> None:
        """Gives the labels a width, so that the sliders stand below other fields."""
        for label in self._labels.values():
            label.setMinimumWidth(width)

    def _make_more(self) -> QToolButton:
        more = QToolButton()
        more.setText("More")
        more.setCheckable(True)
        more.setAutoRaise(True)
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        more.setObjectName("training_more_live")
        more.setAccessibleName("More live settings")
        others = " and ".join(title_of(name) for name in self._unfolding)
        more.setToolTip(f"Show {others}. They too can be changed while the run goes on.")
        more.toggled.connect(self._unfold)
        return more

    def _add(self, layout: QGridLayout, row: int, name: str) -> None:
        field, slider, label = NumberField(name), LiveSlider(name), QLabel(title_of(name))
        self._fields[name], self._sliders[name], self._labels[name] = field, slider, label
        label.setBuddy(field)
        field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        slider.setMinimumWidth(10 * SPACE)
        slider.set_value(field.value())
        slider.edited.connect(field.set_value)
        field.edited.connect(lambda: self._follow_field(name))
        for column, widget in enumerate((label, slider, field)):
            layout.addWidget(widget, row, column)

    def _fix_widths(self) -> None:
        """Wide enough for every number, so that nothing moves when one grows."""
        longest = max(
            self.fontMetrics().horizontalAdvance(text)
            for name, field in self._fields.items()
            for text in ("0.000001", setting_text(FIELDS[name].metadata["high"]) + ".5" + field.suffix())
        )
        for field in self._fields.values():
            field.setFixedWidth(longest + 5 * SPACE)

    def _follow_field(self, name: str) -> None:
        value = self._fields[name].value()
        slider = self._sliders[name]
        if slider.value_at(slider.value()) != value:
            slider.set_value(value)
        self.changed.emit(name, value)
        if not self._being_set:
            self.chosen.emit(name, value)

    def _unfold(self, unfolded: bool) -> None:
        self._more.setArrowType(Qt.ArrowType.UpArrow if unfolded else Qt.ArrowType.DownArrow)
        for name in self._unfolding:
            for widget in (self._labels[name], self._sliders[name], self._fields[name]):
                widget.setVisible(unfolded)

    # ---- Qt
    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fix_widths()
