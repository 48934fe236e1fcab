"""The numbers of a run: epoch, step, speed, time; and what it is busy with, where and why."""

from typing import Final

from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from mnist_gui.engine.history import RunHistory
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.texts import duration

_CAPTIONS: Final = {
    "epoch": ("Epoch", "An epoch is one pass through all training digits. The run ends after the last or earlier."),
    "step": ("Step", "Steps made: minibatches learnt."),
    "speed": ("Digits/s", "Training speed in digits a second, without pauses and validation."),
    "elapsed": ("Elapsed", "Time spent training, without pauses."),
    "left": ("Left", "Time left until the last epoch at the present speed. Early stopping may end the run before."),
}
_NOTHING: Final = "–"


class Readouts(QWidget):
    """Five captioned numbers in equal columns: whatever they show, nothing moves."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._captions: dict[str, QLabel] = {}
        self._values: dict[str, QLabel] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACE)
        layout.setVerticalSpacing(0)
        for column, (name, (title, tip)) in enumerate(_CAPTIONS.items()):
            caption, value = QLabel(title), QLabel(_NOTHING)
            for label in (caption, value):
                label.setToolTip(tip)
                label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            value.setObjectName(f"training_{name}_value")
            value.setAccessibleName(title)
            self._captions[name], self._values[name] = caption, value
            layout.addWidget(caption, 0, column)
            layout.addWidget(value, 1, column)
            layout.setColumnStretch(column, 1)
        theme.follow(self._restyle)

    def refresh(self, history: RunHistory | None) -> None:
        """Shows the numbers of a run; dashes for what is not known."""
        shown = dict.fromkeys(_CAPTIONS, _NOTHING)
        if history is not None and history.config is not None:
            shown["epoch"] = f"{history.epoch:,} of {history.config.epochs:,}"
            shown["step"] = f"{history.step:,}"
            if history.step:
                shown["speed"] = f"{history.digits_per_second:,.0f}"
                shown["elapsed"] = duration(history.seconds)
            if history.eta_seconds is not None:
                shown["left"] = duration(history.eta_seconds)
        for name, text in shown.items():
            if self._values[name].text() != text:
                self._values[name].setText(text)

    def _restyle(self) -> None:
        font = QFont(self.font())
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * 0.9)
        font.setFeature(QFont.Tag("tnum"), 1)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.colours.muted)
        for name, value in self._values.items():
            value.setFont(font)
            self._captions[name].setFont(small)
            self._captions[name].setPalette(palette)
