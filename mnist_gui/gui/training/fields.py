"""Controls made from what the fields of TrainingConfig say of themselves."""

import math
from dataclasses import Field, fields
from enum import StrEnum
from typing import Any, Final

from PyQt6.QtCore import QEvent, QLocale, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QValidator, QWheelEvent
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.gui.training.texts import setting_text

FIELDS: Final[dict[str, Field[Any]]] = {field.name: field for field in fields(TrainingConfig)}
"""The fields of `TrainingConfig` by name."""

LEAST_LOGARITHMIC: Final = 1e-6
"""A setting that multiplies and may be 0 goes from 0 to this value in one step."""

_LADDER: Final = (1.0, 2.0, 5.0)

_NEAR_ONE: Final = frozenset({"square_decay", "average"})
"""Settings of which the distance to 1 matters: 0.9, 0.95, 0.98, 0.99, 0.995, ..."""

_ZERO_MEANS: Final = {"patience": "never stops early", "validate_every": "once an epoch"}
"""What is written instead of a 0 that turns something off."""

_STEPS: Final = {"pixels": 0.1, "degrees": 1.0, "percent": 1.0}
"""The smallest change of a number that one can see in a digit."""


def default_of(name: str) -> Any:
    """The value of a field when nothing is chosen."""
    return FIELDS[name].default


def title_of(name: str) -> str:
    """What the window calls a field."""
    return str(FIELDS[name].metadata["title"])


def logarithmic(name: str) -> bool:
    """Whether a control of this field multiplies instead of adding."""
    return bool(FIELDS[name].metadata["step"] == "log")


def slider_step(name: str) -> float:
    """How far neighbouring positions of a slider are apart, for a field whose control adds."""
    return _STEPS.get(FIELDS[name].metadata["unit"], 0.001)


def next_on_ladder(value: float, steps: int) -> float:
    """The value that is `steps` rungs away on 1, 2, 5, 10, 20, 50, ...: up, or down if `steps` is negative."""
    for _ in range(abs(steps)):
        power = math.floor(math.log10(value) + 1e-9)
        rungs = [rung * 10.0**exponent for exponent in (power - 1, power, power + 1) for rung in _LADDER]
        if steps > 0:
            value = min(rung for rung in rungs if rung > value * (1 + 1e-9))
        else:
            value = max(rung for rung in rungs if rung < value * (1 - 1e-9))
    return float(f"{value:.6g}")


class WheelGuard(QObject):
    """Lets the wheel scroll the page unless the control under it has the focus, so nothing changes by chance."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class ChoiceField(QComboBox):
    """One of the values of an enum.

    Signals:
        edited: another one was chosen.
    """

    edited = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        field = FIELDS[name]
        self._kind: type[StrEnum] = type(default_of(name))
        for value in self._kind:
            self.addItem(field.metadata["names"][str(value)], value)
        _describe(self, field)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("0" * 10))
        self.set_value(default_of(name))
        self.currentIndexChanged.connect(self.edited)

    def value(self) -> StrEnum:
        """The chosen one."""
        return self._kind(self.currentData())

    def set_value(self, value: Any) -> None:
        """Choose another one."""
        self.setCurrentIndex(list(self._kind).index(value))


class WholeField(QSpinBox):
    """A whole number within its limits.

    Signals:
        edited: it is another number.
    """

    edited = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        field = FIELDS[name]
        self.setRange(int(field.metadata["low"]), int(field.metadata["high"]))
        self.setGroupSeparatorShown(True)
        self.setAccelerated(True)
        self.setSpecialValueText(_ZERO_MEANS.get(name, ""))
        if field.metadata["unit"]:
            self.setSuffix(f" {field.metadata['unit']}")
        _describe(self, field)
        self.setValue(default_of(name))
        self.valueChanged.connect(self.edited)

    def set_value(self, value: Any) -> None:
        """Another number."""
        self.setValue(value)


class CheckField(QCheckBox):
    """Yes or no.

    Signals:
        edited: it is the other.
    """

    edited = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__(title_of(name))
        _describe(self, FIELDS[name])
        self.setChecked(default_of(name))
        self.toggled.connect(self.edited)

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        """Ticks it or not."""
        self.setChecked(value)


class NumberField(QDoubleSpinBox):
    """A real number within its limits, written as short as it can be; steps multiply where the field says so.

    Signals:
        edited: it is another number.
    """

    edited = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        field = FIELDS[name]
        self._logarithmic = logarithmic(name)
        self._near_one = name in _NEAR_ONE
        self.setLocale(QLocale.c())
        self.setDecimals(9)
        self.setRange(field.metadata["low"], field.metadata["high"])
        self.setSingleStep(_STEPS.get(field.metadata["unit"], 0.01))
        self.setKeyboardTracking(False)  # "0.05" is not 0 first
        if field.metadata["unit"]:
            self.setSuffix(f" {field.metadata['unit']}")
        _describe(self, field)
        self.setValue(default_of(name))
        self.valueChanged.connect(self.edited)

    def set_value(self, value: Any) -> None:
        """Another number."""
        self.setValue(value)

    # ---- Qt
    def stepBy(self, steps: int) -> None:
        if self._near_one:
            self.setValue(max(self.minimum(), 1.0 - next_on_ladder(1.0 - self.value(), -steps)))
            return
        if not self._logarithmic:
            super().stepBy(steps)
            return
        value = self.value()
        if value < LEAST_LOGARITHMIC:
            self.setValue(LEAST_LOGARITHMIC if steps > 0 else self.minimum())
        elif steps < 0 and value <= LEAST_LOGARITHMIC * (1 + 1e-9):
            self.setValue(self.minimum())
        else:
            self.setValue(next_on_ladder(value, steps))

    def textFromValue(self, value: float) -> str:
        return setting_text(value)

    def valueFromText(self, text: str | None) -> float:
        try:
            return float(self._number(text))
        except ValueError:
            return self.value()

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        entered = text or ""
        number = self._number(text)
        try:
            value = float(number)
        except ValueError:
            known = set(number) <= set("0123456789.eE-+ ")
            state = QValidator.State.Intermediate if known else QValidator.State.Invalid
        else:
            inside = self.minimum() <= value <= self.maximum()
            state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, entered, position

    def fixup(self, text: str | None) -> str:
        try:
            value = float(self._number(text))
        except ValueError:
            return setting_text(self.value())
        if not math.isfinite(value):
            value = self.value()
        return setting_text(min(max(value, self.minimum()), self.maximum()))

    def _number(self, text: str | None) -> str:
        """What is entered, without the unit."""
        return (text or "").removesuffix(self.suffix()).strip()


SettingField = ChoiceField | CheckField | WholeField | NumberField

_CONTROLS: Final[dict[type, type[CheckField] | type[WholeField] | type[NumberField]]] = {
    bool: CheckField,
    int: WholeField,
    float: NumberField,
}


def make_field(name: str) -> SettingField:
    """The control for a field of `TrainingConfig` other than the network, at its default."""
    default = default_of(name)
    return ChoiceField(name) if isinstance(default, StrEnum) else _CONTROLS[type(default)](name)


def _describe(widget: QCheckBox | QComboBox | QSpinBox | QDoubleSpinBox, field: Field[Any]) -> None:
    widget.setObjectName(f"training_{field.name}")
    widget.setAccessibleName(field.metadata["title"])
    widget.setToolTip(field.metadata["tip"])
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(WheelGuard(widget))
