"""Ten bars: how probable each class is to the model."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.data.dataset import CLASSES
from mnist_gui.engine.prediction import Doubt, Prediction
from mnist_gui.gui.theme import SPACE, Theme

_WIDEST: Final = "100.0 %"
_HEARD: Final = {
    None: "read as",
    Doubt.SPLIT: "unsure, perhaps",
    Doubt.STRANGE: "not a digit? nearest is",
    Doubt.TWO: "two digits? nearest is",
}

_FADED: Final = 0.35
"""How much of its colour a bar keeps where the picture is probably no digit."""

_BAR: Final = 0.62
"""Height of a bar as part of its row."""


class ProbabilityBars(QWidget):
    """Ten rows, one a class: digit, bar, percentage.

    The most probable class is set in bold, unless the answer is not to be believed; the label of the digit has a
    triangle before it: neither depends on colour. Where the picture is probably no digit the bars are faded. Every
    column has its width reserved: nothing moves when a number grows.
    """

    def __init__(self, theme: Theme, *, compact: bool = False, parent: QWidget | None = None) -> None:
        """Make empty bars.

        Args:
            theme: where the colours come from.
            compact: smaller text and the least height, for a strip beside other things.
            parent: the widget that it is part of.
        """
        super().__init__(parent)
        self._theme = theme
        self._compact = compact
        self._prediction: Prediction | None = None
        self._label: int | None = None
        self._message = ""
        self.setObjectName("probability_bars")
        self.setAccessibleName("Probabilities")
        self.setToolTip(
            "Probability of each class (softmax): how sure the model is of each reading."
            " The bold row is its answer, the triangle marks the label; without a bold row it is not sure."
        )
        vertical = QSizePolicy.Policy.Fixed if compact else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self._describe()
        theme.changed.connect(self.update)

    def set_prediction(self, prediction: Prediction | None) -> None:
        """Show these probabilities, or empty bars. Ends a message."""
        self._prediction = prediction
        self._message = ""
        self._describe()

    def set_label(self, label: int | None) -> None:
        """Mark the class that the digit is labelled with, 0 to 9; None marks none."""
        self._label = label
        self._describe()

    def set_message(self, message: str) -> None:
        """Show one sentence in the place of the bars, until the next prediction."""
        self._message = message
        self._describe()

    def text(self) -> str:
        """The numbers as a table for the clipboard: class, tab, probability (0 to 1); empty without a prediction."""
        if self._prediction is None:
            return ""
        return "".join(f"{digit}\t{p:.6f}\n" for digit, p in enumerate(self._prediction.probabilities.tolist()))

    def _describe(self) -> None:
        """Say in words what is drawn, for screen readers, and draw it."""
        label = "" if self._label is None else f"; label {self._label}"
        if self._message:
            words = self._message
        elif self._prediction is None:
            words = f"no answer{label}"
        else:
            p = self._prediction.probabilities
            first, second = (int(digit) for digit in p.argsort()[:-3:-1])
            how = _HEARD[self._prediction.doubt]
            words = f"{how} {first}, {_percent(p[first])}; then {second}, {_percent(p[second])}{label}"
        self.setAccessibleDescription(words)
        self.update()

    def _fonts(self) -> tuple[QFont, QFont]:
        """Text of a row and of the most probable row, both with digits of equal width."""
        normal = QFont(self.font())
        normal.setFeature(QFont.Tag("tnum"), 1)
        if self._compact:
            normal.setPointSizeF(normal.pointSizeF() * 0.85)
        bold = QFont(normal)
        bold.setBold(True)
        return normal, bold

    def _row_height(self, metrics: QFontMetrics) -> int:
        return metrics.height() if self._compact else metrics.height() + SPACE // 2

    def _draw_row(
        self, painter: QPainter, digit: int, row: QRectF, *, percent_width: float, fonts: tuple[QFont, QFont]
    ) -> None:
        colours = self._theme.colours
        metrics = QFontMetrics(fonts[1])
        prediction = self._prediction
        top = prediction is not None and prediction.digit == digit and not prediction.unsure
        unit = metrics.horizontalAdvance("0")
        if digit == self._label:
            middle, half = row.center().y(), unit * 0.4
            corners = [QPointF(0, middle - half), QPointF(half * 1.5, middle), QPointF(0, middle + half)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.text)
            painter.drawPolygon(QPolygonF(corners))
        painter.setFont(fonts[top])
        painter.setPen(colours.text if top else colours.muted)
        name = QRectF(row.left() + unit, row.top(), unit, row.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignCenter, str(digit))
        left = name.right() + SPACE
        track = QRectF(left, row.center().y() - row.height() * _BAR / 2, 0, row.height() * _BAR)
        track.setRight(row.right() - percent_width - SPACE)
        groove = QColor(colours.line)
        groove.setAlphaF(0.45)
        painter.fillRect(track, groove)
        if prediction is None:
            return
        probability = float(prediction.probabilities[digit])
        if probability >= 0.0005:
            bar = QRectF(track)
            bar.setWidth(max(1.0, track.width() * probability))
            colour = QColor(colours.classes[digit])
            colour.setAlphaF(1.0 if prediction.digit_like else _FADED)
            painter.fillRect(bar, colour)
        number = QRectF(row.right() - percent_width, row.top(), percent_width, row.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _percent(probability))

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._fonts()[1])
        rows = self._row_height(metrics) * CLASSES
        return QSize(metrics.horizontalAdvance(_WIDEST) * (3 if self._compact else 5), rows)

    def minimumSizeHint(self) -> QSize:
        normal, bold = self._fonts()
        metrics = QFontMetrics(bold)
        width = metrics.horizontalAdvance(_WIDEST) + metrics.horizontalAdvance("00") + 6 * SPACE
        return QSize(width, QFontMetrics(normal).height() * CLASSES)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fonts = self._fonts()
        if self._message:
            painter.setFont(fonts[0])
            painter.setPen(self._theme.colours.muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), int(flags), self._message)
            return
        percent_width = float(QFontMetrics(fonts[1]).horizontalAdvance(_WIDEST))
        # Whole pixels: rows of equal height keep the bars equally sharp.
        height = self.height() // CLASSES
        for digit in range(CLASSES):
            row = QRectF(0, digit * height, self.width(), height)
            self._draw_row(painter, digit, row, percent_width=percent_width, fonts=fonts)


def _percent(probability: float) -> str:
    """A probability (0 to 1) in percent with one decimal, which is what it can bear."""
    return f"{100 * float(probability):.1f} %"
