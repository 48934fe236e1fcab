"""The choice of a recipe, which fills the form."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QStandardItemModel
from PyQt6.QtWidgets import QComboBox

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.presets import PRESETS, Preset
from mnist_gui.gui.training.fields import WheelGuard

CUSTOM: Final = "Custom"
"""What the choice says of settings that are no preset's."""


def preset_of(config: TrainingConfig) -> Preset | None:
    """The preset that has these settings; seed and device may be any, as they belong to no recipe."""
    for preset in PRESETS.values():
        if replace(config, seed=preset.config.seed, device=preset.config.device) == preset.config:
            return preset
    return None


def expectation(preset: Preset) -> str:
    """What to expect of a preset, in one sentence; empty if nothing was measured."""
    error = f" {preset.expected_error} test error" if preset.expected_error else ""
    time = f" about {preset.expected_time} on two cores" if preset.expected_time else ""
    return f"Expect{error}{' in' if error and time else ''}{time}." if error or time else ""


def about(preset: Preset) -> str:
    """What to expect of a preset and what it is for; in this order, as the end may not fit."""
    return " ".join(filter(None, (expectation(preset), preset.note)))


class PresetChoice(QComboBox):
    """Names of the presets, and "Custom" for settings that are no preset's.

    Signals:
        chosen: (Preset): the user chose it.
    """

    chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("training_preset")
        self.setAccessibleName("Preset")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.installEventFilter(WheelGuard(self))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        for preset in PRESETS.values():
            self.addItem(preset.title, preset.name)
            self.setItemData(self.count() - 1, about(preset), Qt.ItemDataRole.ToolTipRole)
        self.addItem(CUSTOM, "")
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        custom = model.item(self.count() - 1)
        assert custom is not None
        custom.setFlags(Qt.ItemFlag.NoItemFlags)  # it is what remains, not what one chooses
        self.activated.connect(self._tell)

    @property
    def preset(self) -> Preset | None:
        """The preset that is named; None for settings that are no preset's."""
        name = self.currentData()
        return PRESETS[name] if name else None

    @property
    def about(self) -> str:
        """What the preset is for and what to expect of it."""
        preset = self.preset
        return about(preset) if preset is not None else "Settings of your own."

    def show_config(self, config: TrainingConfig | None) -> None:
        """Names the preset of these settings, or says that they are no preset's."""
        preset = preset_of(config) if config is not None else None
        self.setCurrentIndex(self.findData(preset.name if preset is not None else ""))
        self.setToolTip(f"Preset: settings that go together. {self.about}")

    def _tell(self) -> None:
        if self.preset is not None:
            self.chosen.emit(self.preset)
