"""Theme, threads and device."""

from dataclasses import dataclass, fields

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QSpinBox, QVBoxLayout, QWidget

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.processors import cpu_count
from mnist_gui.gui.theme import SPACE, ThemeMode

_THEMES = {ThemeMode.SYSTEM: "As the system", ThemeMode.LIGHT: "Light", ThemeMode.DARK: "Dark"}


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        theme: of the window.
        threads: CPU threads for training; 0 takes one for each processor.
        device: as in `mnist_gui.engine.config.Device`.
    """

    theme: ThemeMode
    threads: int
    device: str


class PreferencesDialog(QDialog):
    """Shows a choice and lets it be changed; nothing acts before OK."""

    def __init__(self, choice: Choice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Preferences")
        self._theme = QComboBox()
        for mode, title in _THEMES.items():
            self._theme.addItem(title, mode)
        self._theme.setCurrentIndex(self._theme.findData(choice.theme))
        self._threads = QSpinBox()
        self._threads.setRange(0, max(cpu_count(), choice.threads))
        self._threads.setSpecialValueText("One for each processor")
        self._threads.setValue(choice.threads)
        self._device = QComboBox()
        device = next(item for item in fields(TrainingConfig) if item.name == "device")
        for value, title in device.metadata["names"].items():
            self._device.addItem(title, value)
        self._device.setCurrentIndex(self._device.findData(choice.device))
        form = QFormLayout()
        form.setHorizontalSpacing(2 * SPACE)
        form.setVerticalSpacing(SPACE)
        for name, title, control, tip in (
            ("theme", "&Theme", self._theme, "Colours of the window: light, dark, or what the desktop asks for."),
            (
                "threads",
                "CPU t&hreads",
                self._threads,
                "Processors that training uses from the next run on. The same number of threads is part of"
                " repeating a run exactly.",
            ),
            ("device", "&Device", self._device, device.metadata["tip"]),
        ):
            control.setObjectName(name)
            control.setAccessibleName(title.replace("&", ""))
            control.setToolTip(tip)
            form.addRow(title, control)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 2 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def choice(self) -> Choice:
        """What the controls show."""
        return Choice(ThemeMode(self._theme.currentData()), self._threads.value(), str(self._device.currentData()))
