"""The box beside the cursor: all ten probabilities at one step."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.pin_plot import percent
from mnist_gui.session.probability_curve import ProbabilityCurve

_WIDE_PART: Final = 0.6
"""Five columns where they take less than this part of the plot, else two."""


def draw_reading(
    painter: QPainter,
    theme: Theme,
    fonts: tuple[QFont, QFont],
    within: QRectF,
    plot: QRectF,
    place: float,
    curve: ProbabilityCurve,
    step: float,
    steps_per_epoch: int,
) -> None:
    """Draws it.

    Args:
        painter: antialiased.
        theme: where the colours come from.
        fonts: for a value, and for the highest.
        within: what the box may cover.
        plot: where the lines are.
        place: of the cursor, from the left.
        curve: what is read.
        step: where.
        steps_per_epoch: minibatches in an epoch; 0 where unknown.
    """
    reading = curve.at(step)
    if reading is None:
        return
    found, probabilities = reading
    small, bold = fonts
    metrics, colours = QFontMetricsF(bold), theme.colours
    cell, line = metrics.horizontalAdvance("8 99.9 %") + SPACE * 1.5, metrics.height()
    columns = 5 if 5 * cell < plot.width() * _WIDE_PART else 2
    box = QRectF(0, 0, columns * cell + SPACE / 2, (CLASSES // columns + 1) * line + SPACE / 2)
    fits = place + SPACE + box.width() <= plot.right()
    box.moveLeft(place + SPACE if fits else max(place - SPACE - box.width(), within.left()))
    lowest = max(within.bottom() - box.height(), within.top())
    box.moveTop(min(max(plot.center().y() - box.height() / 2, within.top()), lowest))
    painter.setPen(QPen(colours.line, 1))
    painter.setBrush(colours.window)
    painter.drawRoundedRect(box, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    left, top = box.left() + SPACE / 2, box.top() + SPACE / 4
    painter.setFont(small)
    painter.setPen(colours.muted)
    epoch = f", epoch {found / steps_per_epoch:.2f}" if steps_per_epoch else ""
    painter.drawText(QPointF(left, top + metrics.ascent()), f"step {found:,}{epoch}")
    answer = int(probabilities.argmax())
    for digit in range(CLASSES):
        column, row = divmod(digit, CLASSES // columns)
        x, y = left + column * cell, top + (row + 1) * line
        painter.fillRect(QRectF(x, y + line * 0.2, 3, line * 0.6), colours.classes[digit])
        painter.setFont(bold if digit == answer else small)
        painter.setPen(colours.text if digit == answer else colours.muted)
        painter.drawText(QPointF(x + 6, y + metrics.ascent()), str(digit))
        value = QRectF(x, y, cell - SPACE, line)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(value, flags, percent(float(probabilities[digit])))
