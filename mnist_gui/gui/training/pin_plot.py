"""Ten probabilities over the steps of a run, painted: one line a class.

Painted by hand: a dozen of these are drawn ten times a second beside a run, which a dozen scenes with ten items each
would not be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.step_scale import StepScale
from mnist_gui.session.probability_curve import ProbabilityCurve

SEEN: Final = 0.004
"""A class whose probability was never higher cannot be told from the line at 0."""

NAMED: Final = 0.3
"""A class that once was this probable is named where it was most so."""

_BESIDE_POINT: Final = SPACE * 0.75
"""From the end of a line to its name."""

_LEAST_GAP: Final = 0.8
"""Names at the ends of two lines are this many line heights apart at least."""


@dataclass(frozen=True)
class Named:
    """A class that is named at the end of its line.

    Attributes:
        digit: the class.
        text: its name and value.
        strong: whether it is the answer.
    """

    digit: int
    text: str
    strong: bool


def shortened(curve: ProbabilityCurve, points: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """At most `points` points that look like the curve: the highest and the lowest of each stretch of it.

    Stretches are a power of two long and begin at multiples of their length, so that a growing curve does not shimmer.

    Args:
        curve: of n readings.
        points: at least 4.

    Returns:
        Steps, shape (m,), and probabilities, shape (m, 10).
    """
    steps, probabilities = curve.steps, curve.probabilities
    count = len(steps)
    if count <= points:
        return steps, probabilities
    length = 1
    while 2 * -(-count // length) + 1 > points:
        length *= 2
    starts = np.arange(0, count, length)
    both = np.empty((2 * len(starts) + 1, CLASSES), np.float32)
    both[0:-1:2] = np.maximum.reduceat(probabilities, starts, axis=0)
    both[1:-1:2] = np.minimum.reduceat(probabilities, starts, axis=0)
    both[-1] = probabilities[-1]
    return np.append(np.repeat(steps[starts], 2), steps[-1]), both


def end_names(probabilities: NDArray[np.float32], label: int | None) -> list[Named]:
    """Which classes are named: the answer, and the label where it is another one.

    Args:
        probabilities: shape (10,).
        label: 0 to 9, or None.
    """
    answer = int(probabilities.argmax())
    named = [Named(answer, _text(answer, probabilities, label), strong=True)]
    if label is not None and label != answer:
        named.append(Named(label, _text(label, probabilities, label), strong=False))
    return named


def _text(digit: int, probabilities: NDArray[np.float32], label: int | None) -> str:
    mark = "▸" if digit == label else ""
    return f"{mark}{digit}  {percent(float(probabilities[digit]))}"


def percent(probability: float) -> str:
    """A probability of 0 to 1 as "98 %"; near the ends as "99.9 %", since that is where it matters."""
    return f"{100 * probability:.1f} %" if probability > 0.98 or probability < 0.02 else f"{100 * probability:.0f} %"


def small_fonts(font: QFont) -> tuple[QFont, QFont]:
    """Small text, and the same bold, both with digits of equal width.

    Args:
        font: of the window.
    """
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.85)
    small.setFeature(QFont.Tag("tnum"), 1)
    bold = QFont(small)
    bold.setBold(True)
    return small, bold


class PinPlot:
    """Draws the curve of one pin into a rectangle."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def inside(self, area: QRectF, font: QFont) -> QRectF:
        """Where the lines are: what the numbers of the axis and the names of the ends leave of `area`."""
        metrics = QFontMetricsF(small_fonts(font)[1])
        left = metrics.horizontalAdvance("100 %") + SPACE / 2
        right = _BESIDE_POINT + metrics.horizontalAdvance("▸8  100.0 %")
        half = metrics.height() / 2
        return area.adjusted(left, half - 2, -right, -half + 2)

    def draw(
        self,
        painter: QPainter,
        area: QRectF,
        font: QFont,
        curve: ProbabilityCurve,
        scale: StepScale,
        label: int | None,
        cursor: float | None = None,
    ) -> None:
        """Draws everything.

        Args:
            painter: antialiased.
            area: where.
            font: of the window.
            curve: what to draw.
            scale: where its steps go.
            label: the digit that was meant, or None.
            cursor: a step to read the values at; None reads the last ones.
        """
        box = self.inside(area, font)
        if box.width() < 8 or box.height() < 8:
            return
        fonts = small_fonts(font)
        self._draw_grid(painter, area, box, fonts[0], scale)
        if not len(curve):
            return
        last = curve.probabilities[-1]
        strong = [named.digit for named in end_names(last, label)]
        lines = {}
        for is_strong, points in ((False, box.width() / 2), (True, box.width())):
            steps, values = shortened(curve, max(16, int(points)))
            x = box.left() + scale.places(steps, box.width())
            lines[is_strong] = x, box.bottom() - values.astype(np.float64) * box.height()
        highest = curve.probabilities.max(axis=0)
        painter.save()
        painter.setClipRect(box.adjusted(-2, -2, 2, 2))
        order = sorted(range(CLASSES), key=lambda digit: (digit in strong, float(highest[digit])))
        for digit in order:
            if highest[digit] >= SEEN:
                # Faint lines are many; without antialiasing they take a fifth of the time.
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, digit in strong)
                painter.setPen(self._pen(digit, strong=digit in strong))
                x, y = lines[digit in strong]
                _draw_line(painter, x, y[:, digit])
        painter.restore()
        self._name_peaks(painter, box, fonts[0], curve, scale, strong)
        reading = None if cursor is None else curve.at(cursor)
        if reading is None:
            self._name_ends(painter, area, box, fonts, last, label, float(lines[True][0][-1]))
        else:
            step, row = reading
            place = box.left() + float(scale.places(np.array([step]), box.width())[0])
            painter.setPen(QPen(self._theme.colours.muted, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(place, box.top()), QPointF(place, box.bottom()))
            self._name_ends(painter, area, box, fonts, row, label, place)

    def _pen(self, digit: int, *, strong: bool) -> QPen:
        colours, width = self._theme.colours, self._theme.scale
        if strong:
            return QPen(colours.classes[digit], 2.2 * width)
        return QPen(mix(colours.base, colours.classes[digit], 0.5), max(1.0, width))

    def _draw_grid(self, painter: QPainter, area: QRectF, box: QRectF, font: QFont, scale: StepScale) -> None:
        colours = self._theme.colours
        painter.fillRect(box, colours.base)
        painter.setPen(QPen(mix(colours.base, colours.line, 0.55), 1))
        for place, _ in scale.ticks(box.width()):
            if 0 < place < box.width():
                x = round(box.left() + place) + 0.5
                painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.setFont(font)
        height = QFontMetricsF(font).height()
        for value in (0, 50, 100) if box.height() >= 2.4 * height else (0, 100):
            y = round(box.bottom() - box.height() * value / 100) + 0.5
            painter.setPen(QPen(mix(colours.base, colours.line, 0.55), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(colours.muted)
            words = QRectF(area.left(), y - height / 2, box.left() - area.left() - SPACE / 2, height)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value} %")

    def _name_peaks(
        self,
        painter: QPainter,
        box: QRectF,
        font: QFont,
        curve: ProbabilityCurve,
        scale: StepScale,
        named: Sequence[int],
    ) -> None:
        """Writes the digit above the highest point of lines that are not named at their ends."""
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self._theme.colours.muted)
        taken: list[QRectF] = []
        for digit in np.argsort(-curve.probabilities.max(axis=0)).tolist():
            place = int(curve.probabilities[:, digit].argmax())
            height = float(curve.probabilities[place, digit])
            if height < NAMED or digit in named:
                continue
            x = box.left() + float(scale.places(curve.steps[place : place + 1], box.width())[0])
            y = box.bottom() - height * box.height()
            words = QRectF(x - metrics.height() / 2, y - metrics.height(), metrics.height(), metrics.height())
            if words.top() < box.top():
                words.moveTop(y)
            if box.left() <= x <= box.right() and not any(words.intersects(other) for other in taken):
                taken.append(words)
                painter.drawText(words, Qt.AlignmentFlag.AlignCenter, str(digit))

    def _name_ends(
        self,
        painter: QPainter,
        area: QRectF,
        box: QRectF,
        fonts: tuple[QFont, QFont],
        probabilities: NDArray[np.float32],
        label: int | None,
        x: float,
    ) -> None:
        """Writes the named classes with their values right of their lines at `x`, one above the other."""
        metrics = QFontMetricsF(fonts[1])
        gap, half = metrics.height() * _LEAST_GAP, metrics.height() / 2
        names = sorted(end_names(probabilities, label), key=lambda named: -float(probabilities[named.digit]))
        x = min(max(x, box.left()), box.right())
        middles = [box.bottom() - float(probabilities[named.digit]) * box.height() for named in names]
        if len(middles) == 2 and middles[1] - middles[0] < gap:
            centre = sum(middles) / 2
            centre = min(max(centre, area.top() + half + gap / 2), area.bottom() - half - gap / 2)
            middles = [centre - gap / 2, centre + gap / 2]
        for named, middle in zip(names, middles, strict=True):
            point = QPointF(x, box.bottom() - float(probabilities[named.digit]) * box.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colours.classes[named.digit])
            painter.drawEllipse(point, 3.0 * self._theme.scale, 3.0 * self._theme.scale)
            painter.setFont(fonts[1] if named.strong else fonts[0])
            painter.setPen(self._theme.colours.text)
            words = QRectF(x + _BESIDE_POINT, middle - half, area.right() - x, 2 * half)
            wide = QFontMetricsF(painter.font()).horizontalAdvance(named.text)
            if words.left() + wide <= box.right():  # they stand on lines where the values of an earlier step are read
                ground = QColor(self._theme.colours.base)
                ground.setAlphaF(0.8)
                painter.fillRect(words.adjusted(-1, 1, wide + 1 - words.width(), -1), ground)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, named.text)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_line(painter: QPainter, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """A polyline, by writing into Qt's memory: a list of points would cost twenty times as much."""
    polygon = QPolygonF()
    polygon.fill(QPointF(), len(x))
    buffer: Any = sip.voidptr(polygon.data(), 16 * len(x), writeable=True)
    memory = np.frombuffer(buffer, np.float64).reshape(-1, 2)
    memory[:, 0], memory[:, 1] = x, y
    painter.drawPolyline(polygon)
