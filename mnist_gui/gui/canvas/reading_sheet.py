"""A drawing with its reading, for other programs: one picture, a few lines of text, or a table."""

import html
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QGuiApplication, QImage, QPainter

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.data.drawing import CANVAS_SIDE, Drawing
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.painting import drawing_image
from mnist_gui.gui.theme import LIGHT, SPACE
from mnist_gui.gui.widgets.images import grey_image

RATIO: Final = 2.0
"""Pixels of the picture in a unit of its layout: sharp in print and on fine screens."""

_SEEN: Final = 5.0 * SIDE
"""Side of the 28x28 in the picture, five units a pixel."""

_BARS: Final = 260.0
_GAP: Final = 2.0 * SPACE


@dataclass(frozen=True, eq=False)
class Subject:
    """What is in Draw, and what the model says of it.

    Attributes:
        drawing: as it stands on the canvas.
        image: what the model reads: uint8, shape (28, 28); None where that is nothing.
        label: 0 to 9, where it is known.
        prediction: None where there is no answer.
        words: the answer in words, empty where there is none.
        model: whose answer it is.
    """

    drawing: Drawing
    image: NDArray[np.uint8] | None
    label: int | None = None
    prediction: Prediction | None = None
    words: str = ""
    model: str = ""


def reading_picture(subject: Subject) -> QImage:
    """The drawing, the 28x28 and ten bars beside each other, dark on light whatever the theme."""
    width = CANVAS_SIDE + _SEEN + _BARS + 4 * _GAP
    image = _sheet(width, CANVAS_SIDE + 2 * _GAP)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawImage(QPointF(_GAP, _GAP), drawing_image(subject.drawing, round(CANVAS_SIDE), RATIO))
    left = 2 * _GAP + CANVAS_SIDE
    painter.setFont(_font())
    painter.setPen(LIGHT.muted)
    line = QFontMetricsF(painter.font()).height()
    painter.drawText(QRectF(left, _GAP, _SEEN, line), int(Qt.AlignmentFlag.AlignLeft), "The model sees")
    if subject.image is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(left, _GAP + line + SPACE, _SEEN, _SEEN), grey_image(subject.image))
    if subject.model:
        rest = QRectF(left, _GAP + line + _SEEN + 2 * SPACE, _SEEN, CANVAS_SIDE - line - _SEEN - 2 * SPACE)
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap), subject.model)
    _paint_bars(painter, QRectF(left + _SEEN + _GAP, _GAP, _BARS, CANVAS_SIDE), subject)
    painter.end()
    return image


def bars_picture(subject: Subject) -> QImage:
    """The answer in words above ten bars, dark on light whatever the theme."""
    image = _sheet(_BARS + 2 * _GAP, CANVAS_SIDE + 2 * _GAP)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_bars(painter, QRectF(_GAP, _GAP, _BARS, CANVAS_SIDE), subject)
    painter.end()
    return image


def probabilities_text(prediction: Prediction) -> str:
    """Class, tab and probability (0 to 1), one class a line."""
    return "".join(f"{digit}\t{p:.6f}\n" for digit, p in enumerate(prediction.probabilities.tolist()))


def pixels_text(image: NDArray[np.uint8]) -> str:
    """Grey levels, 0 paper to 255 ink: a line for each row, with tabs between."""
    return "".join("\t".join(map(str, row)) + "\n" for row in image.tolist())


def reading_text(subject: Subject) -> str:
    """The answer in words, whose it is, and the probabilities."""
    heads = [line for line in (subject.words, subject.model) if line]
    table = probabilities_text(subject.prediction) if subject.prediction is not None else ""
    return "".join(f"{line}\n" for line in heads) + table


def reading_html(subject: Subject) -> str:
    """The same as a heading and a table."""
    heads = f"<p><b>{html.escape(subject.words)}</b><br>{html.escape(subject.model)}</p>"
    if subject.prediction is None:
        return heads
    rows = "".join(
        f'<tr><td>{digit}</td><td align="right">{100 * p:.1f} %</td></tr>'
        for digit, p in enumerate(subject.prediction.probabilities.tolist())
    )
    return f"{heads}<table><tr><th>Digit</th><th>Probability</th></tr>{rows}</table>"


def _sheet(width: float, height: float) -> QImage:
    image = QImage(round(width * RATIO), round(height * RATIO), QImage.Format.Format_RGB32)
    image.fill(LIGHT.base)
    image.setDevicePixelRatio(RATIO)
    return image


def _font(*, bold: bool = False) -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPixelSize(13)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setBold(bold)
    return font


def _paint_bars(painter: QPainter, area: QRectF, subject: Subject) -> None:
    """The answer in words, and a row for each class: digit, bar, percentage."""
    painter.setFont(_font(bold=True))
    painter.setPen(LIGHT.text)
    metrics = QFontMetricsF(painter.font())
    head = metrics.height() + SPACE
    painter.drawText(QRectF(area.left(), area.top(), area.width(), head), subject.words)
    number, name = metrics.horizontalAdvance("100.0 %"), metrics.horizontalAdvance("0") + SPACE
    height = (area.height() - head) / CLASSES
    middle = int(Qt.AlignmentFlag.AlignVCenter)
    for digit in range(CLASSES):
        row = QRectF(area.left(), area.top() + head + digit * height, area.width(), height)
        share = 0.0 if subject.prediction is None else float(subject.prediction.probabilities[digit])
        first = subject.prediction is not None and subject.prediction.digit == digit
        painter.setFont(_font(bold=first))
        painter.setPen(LIGHT.text if first else LIGHT.muted)
        painter.drawText(row, middle | int(Qt.AlignmentFlag.AlignLeft), str(digit))
        if subject.prediction is not None:
            painter.drawText(row, middle | int(Qt.AlignmentFlag.AlignRight), f"{100 * share:.1f} %")
        track = row.adjusted(name, height * 0.2, -number - SPACE, -height * 0.2)
        painter.fillRect(track, LIGHT.window)
        painter.fillRect(QRectF(track.topLeft(), track.bottomLeft() + QPointF(track.width() * share, 0)),
                         LIGHT.classes[digit])  # fmt: skip
