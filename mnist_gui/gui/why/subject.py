"""At the top of the room: which digit it is about, and what the model reads."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.digit_view import DigitView
from mnist_gui.gui.widgets.naming import named


class Subject(QWidget):
    """The 28x28 twice as large, and two lines beside it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = named(
            DigitView(theme), "why_subject", "The digit", "What the model sees: the digit that this panel is about."
        )
        self._view.setFixedSize(2 * SIDE + 4, 2 * SIDE + 4)
        self._title = named(QLabel(), "why_title")
        self._note = named(QLabel(), "why_note")
        self._note.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(SPACE // 4)
        words.addWidget(self._title)
        words.addWidget(self._note)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE + SPACE // 2)
        layout.addWidget(self._view, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(words, 1)
        words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        theme.follow(self._restyle)

    def show_image(self, image: NDArray[np.uint8] | None, note: str) -> None:
        """Shows the digit.

        Args:
            image: uint8, shape (28, 28); None for an empty frame.
            note: what it is.
        """
        self._view.set_image(image)
        self._note.setText(note)

    def show_answer(self, prediction: Prediction | None) -> None:
        """Says what the model reads; None where there is no answer."""
        if prediction is None:
            self._title.setText("Nothing read yet")
            return
        order = prediction.probabilities.argsort()[::-1]
        first, second = (int(digit) for digit in order[:2])
        shares = [100 * float(prediction.probabilities[digit]) for digit in (first, second)]
        doubt = "" if prediction.doubt is None else f"Unsure ({prediction.doubt}). "
        self._title.setText(f"{doubt}{first}: {shares[0]:.1f} %, before {second}: {shares[1]:.1f} %")

    def _restyle(self) -> None:
        palette = self._note.palette()
        palette.setColor(self._note.foregroundRole(), self._theme.colours.muted)
        self._note.setPalette(palette)
        font = QApplication.font()
        font.setBold(True)
        self._title.setFont(font)
