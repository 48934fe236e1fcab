"""What the model reads: a line of words, and ten bars."""

from typing import Final

from PyQt6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from mnist_gui.engine.prediction import Doubt, Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.naming import named
from mnist_gui.gui.widgets.probability_bars import ProbabilityBars

EMPTY = "The model's answer appears here and follows your pen."
NO_DIGIT = "Here is no digit to read."
NO_MODEL = "There is no model to read it. Start a training run, or open a model in the File menu."

REASONS: Final = {
    None: " ",  # not empty: the line keeps its height
    Doubt.SPLIT: "No class has the majority.",
    Doubt.STRANGE: "Unlike any digit it has learned.",
    Doubt.TWO: "Looks like two digits: one at a time.",
}


class Answer(QWidget):
    """The answer in words, honest about doubt, above the probabilities of the ten classes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._unsure = False
        self.setObjectName("canvas_answer")
        self._verdict = named(
            QLabel(" "),
            "canvas_verdict",
            tip="The most probable class. Unsure means that no class has more than half of the probability, or that"
            " the drawing is stranger than all but a few of the digits that the model was tested on.",
        )
        self._reason = named(QLabel(" "), "canvas_reason", tip="Why the answer is not to be believed.")
        for line in (self._verdict, self._reason):
            # Their words must not widen the column: what stands beside it would move with each answer.
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._bars = ProbabilityBars(theme)
        self._bars.setObjectName("canvas_bars")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._verdict)
        layout.addWidget(self._reason)
        layout.addSpacing(SPACE // 2)
        layout.addWidget(self._bars, 1)
        theme.follow(self._restyle)

    @property
    def text(self) -> str:
        """The probabilities as a table for the clipboard; empty where there are none."""
        return self._bars.text()

    @property
    def words(self) -> str:
        """The answer in words; empty where there is none."""
        return self._verdict.text().strip()

    def show_prediction(self, prediction: Prediction, label: int | None) -> None:
        """Shows an answer, and which class is the label, where there is one."""
        self._bars.set_label(label)
        self._bars.set_prediction(prediction)
        second, first = (int(digit) for digit in prediction.probabilities.argsort()[-2:])
        doubt = prediction.doubt
        if doubt is None:
            words = f"Read as {first}"
            if label is not None:
                words += ", right" if label == first else f", label {label}"
        else:
            words = f"Unsure: {first} or {second}?" if doubt == Doubt.SPLIT else "Not a digit?"
        self._say(words, REASONS[doubt], unsure=prediction.unsure)

    def show_nothing(self, message: str, label: int | None = None) -> None:
        """Says why there is no answer."""
        self._bars.set_label(label)
        self._bars.set_prediction(None)
        self._bars.set_message(message)
        self._say(" ", REASONS[None], unsure=False)

    def _say(self, words: str, reason: str, *, unsure: bool) -> None:
        self._verdict.setText(words)
        self._reason.setText(reason)
        if unsure != self._unsure:
            self._unsure = unsure
            self._restyle()

    def _restyle(self) -> None:
        font = self._verdict.font()
        font.setBold(True)
        self._verdict.setFont(font)
        palette = self._verdict.palette()
        colours = self._theme.colours
        palette.setColor(self._verdict.foregroundRole(), colours.warning if self._unsure else colours.text)
        self._verdict.setPalette(palette)
        small = self._reason.font()
        small.setPointSizeF(0.85 * font.pointSizeF())
        self._reason.setFont(small)
        palette.setColor(self._reason.foregroundRole(), colours.muted)
        self._reason.setPalette(palette)
