"""The selected digit: enlarged, with all that is known of it."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QWidget

from mnist_gui.data.dataset import SIDE, Dataset
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.digit_view import DigitView
from mnist_gui.gui.widgets.naming import named
from mnist_gui.gui.widgets.probability_bars import ProbabilityBars

_WIDEST = ("row 00, column 00: 000", "0   100.0 %   ✗ wrong")
_NONE = "–"


class DigitDetail(QWidget):
    """The digit with sharp pixels, five facts, ten bars; everything keeps its place whatever is selected."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label: int | None = None
        self.setObjectName("digit_detail")
        self._view = DigitView(theme)
        self._bars = ProbabilityBars(theme, compact=True)
        self._facts: dict[str, QLabel] = {}
        self._names: list[QLabel] = []
        facts = QGridLayout()
        facts.setHorizontalSpacing(SPACE)
        facts.setVerticalSpacing(SPACE // 2)
        facts.setRowStretch(5, 1)
        for row, name in enumerate(("Index", "Split", "Label", "Read as", "Pixel")):
            title, value = QLabel(name), named(QLabel(_NONE), f"fact_{name.lower().replace(' ', '_')}", name)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addWidget(title, row, 0)
            facts.addWidget(value, row, 1)
            self._names.append(title)
            self._facts[name] = value
        self._facts["Pixel"].setToolTip("Amount of ink in the pixel under the pointer: 0 is paper, 255 is full ink.")
        self._facts["Read as"].setToolTip("The most probable class and its probability, by the current model.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self._view, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(facts)
        layout.addWidget(self._bars, 1, Qt.AlignmentFlag.AlignTop)
        self._short = False
        self.set_digit(None, None)
        self._view.pixel_hovered.connect(self._show_pixel)
        self._view.left.connect(lambda: self._facts["Pixel"].setText(_NONE))
        theme.follow(self._restyle)

    @property
    def view(self) -> DigitView:
        """The enlarged digit."""
        return self._view

    @property
    def bars(self) -> ProbabilityBars:
        """The ten probabilities."""
        return self._bars

    def set_short(self, short: bool) -> None:
        """Whether to use four screen pixels for a pixel of the digit instead of five."""
        self._short = short
        side = (4 if short else 5) * SIDE + SPACE // 2
        self._view.setFixedSize(side, side)
        self._bars.setFixedHeight(max(side, self._bars.minimumSizeHint().height()))

    def set_digit(self, dataset: Dataset | None, index: int | None) -> None:
        """Show a digit of the data set, or that none is selected."""
        self.set_prediction(None)
        if dataset is None or index is None:
            self._show(None, {"Index": _NONE, "Split": _NONE, "Label": _NONE}, None)
            if dataset is not None:
                self._bars.set_message("Select a digit to see it enlarged and read by the model.")
            return
        label = int(dataset.labels[index])
        texts = {"Index": f"{index:,}", "Split": str(dataset.split_of(index)), "Label": str(label)}
        self._show(dataset.images[index], texts, label)

    def set_prediction(self, prediction: Prediction | None) -> None:
        """Show what the model takes the digit for."""
        self._bars.set_prediction(prediction)
        text = _NONE
        if prediction is not None:
            verdict = "✓ right" if prediction.digit == self._label else "✗ wrong"
            text = f"{prediction.digit}   {100 * prediction.confidence:.1f} %   {verdict}"
        self._facts["Read as"].setText(text)

    def set_message(self, message: str) -> None:
        """Say why there are no probabilities."""
        self._bars.set_message(message)

    def _show(self, pixels: NDArray[np.uint8] | None, texts: dict[str, str], label: int | None) -> None:
        self._label = label
        self._view.set_image(pixels)
        self._bars.set_label(label)
        for name, text in texts.items():
            self._facts[name].setText(text)

    def _show_pixel(self, row: int, column: int, value: int) -> None:
        self._facts["Pixel"].setText(f"row {row}, column {column}: {value}")

    def _restyle(self) -> None:
        self.set_short(self._short)
        for title in self._names:
            palette = title.palette()
            palette.setColor(title.foregroundRole(), self._theme.colours.muted)
            title.setPalette(palette)
        # The application's font, because widgets are told of another one only later.
        metrics = QFontMetrics(QApplication.font())
        width = max(map(metrics.horizontalAdvance, _WIDEST)) + SPACE // 2
        for value in self._facts.values():
            value.setFixedWidth(width)
