"""Marks on a photo: boxes in the colours of the classes, and what was read above them."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import DARK, LIGHT, SPACE, Theme

_LEAST_TEXT: Final = 7.0
_MOST_TEXT: Final = 14.0
"""Points of a reading, before the theme enlarges it."""

_TEXT: Final = 0.3
"""Points of a reading as part of the usual height of a box in device-independent pixels."""

_AIR: Final = 2.0
"""Device-independent pixels between ink and box."""

_TRACK: Final = 3.0
"""Height of the bar below a box that shows the confidence, in device-independent pixels."""

_HANDLE: Final = 3.0
"""Half the side of a handle, in device-independent pixels."""

_UNREAD: Final = QColor("#808890")


class Marks:
    """Draws one box after the other on the photo.

    The colours of the classes come from the theme that suits the photo, light or dark, whatever the window's is: they
    must be told from its paper. A box has an edge of the other brightness, so that it shows on ink, too.
    """

    def __init__(self, painter: QPainter, theme: Theme, area: QRectF, usual: float, *, light: bool) -> None:
        """Draws with a painter.

        Args:
            painter: on the widget.
            theme: of the window.
            area: of the photo, in device-independent pixels.
            usual: height of a box, likewise.
            light: whether the photo's paper is light.
        """
        self._painter = painter
        self._theme = theme
        self._area = area
        self._classes = (LIGHT if light else DARK).classes
        self._halo = QColor(255, 255, 255, 210) if light else QColor(0, 0, 0, 190)
        self._on_tag = QColor("white") if light else QColor("#101214")
        self._font = QFont(painter.font())
        self._font.setPointSizeF(min(max(_TEXT * usual, _LEAST_TEXT), _MOST_TEXT) * theme.scale)
        self._font.setBold(True)
        self._font.setFeature(QFont.Tag("tnum"), 1)
        self._metrics = QFontMetricsF(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def draw(self, box: QRectF, prediction: Prediction | None, *, touching: bool) -> None:
        """A box with its reading above and a bar for its confidence below; unsure ones are dashed, with a mark."""
        box = box.adjusted(-_AIR, -_AIR, _AIR, _AIR)
        painter, width = self._painter, 1.5 * self._theme.scale
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._halo, width + 2))
        painter.drawRect(box)
        pen = QPen(self._colour(prediction), width)
        if _is_unsure(prediction, touching=touching):
            pen.setDashPattern([3, 2.5])
        painter.setPen(pen)
        painter.drawRect(box)
        self._bar(box, prediction)
        self._tag(box, prediction, touching=touching)

    def draw_chosen(self, box: QRectF, prediction: Prediction | None, *, touching: bool) -> None:
        """The box that is chosen: with handles."""
        box = box.adjusted(-_AIR - 1, -_AIR - 1, _AIR + 1, _AIR + 1)
        accent = self._theme.colours.accent
        painter = self._painter
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((self._halo, 5.0), (accent, 2.5)):
            painter.setPen(QPen(colour, width * self._theme.scale))
            painter.drawRect(box)
        painter.setPen(QPen(self._halo, 1))
        painter.setBrush(accent)
        small = min(box.width(), box.height()) < 5 * SPACE
        middle = box.center()
        for x in (box.left(), middle.x(), box.right()):
            for y in (box.top(), middle.y(), box.bottom()):
                corner = x != middle.x() and y != middle.y()
                if corner or (not small and QPointF(x, y) != middle):
                    painter.drawRect(QRectF(x - _HANDLE, y - _HANDLE, 2 * _HANDLE, 2 * _HANDLE))
        self._bar(box.adjusted(0, 0, 0, 2), prediction)
        self._tag(box.adjusted(0, -2, 0, 2), prediction, touching=touching)

    def _bar(self, box: QRectF, prediction: Prediction | None) -> None:
        """How sure the model is: the whole width is certain."""
        if prediction is None:
            return
        track = QRectF(box.left(), box.bottom() + 1.5, box.width(), _TRACK * self._theme.scale)
        self._painter.fillRect(track, self._halo)
        track.setWidth(track.width() * prediction.confidence)
        self._painter.fillRect(track, self._colour(prediction))

    def _colour(self, prediction: Prediction | None) -> QColor:
        return _UNREAD if prediction is None else self._classes[prediction.digit]

    def _tag(self, box: QRectF, prediction: Prediction | None, *, touching: bool) -> None:
        """The reading on a ground of its colour above the box, or below it where there is no room above."""
        if prediction is None:
            return
        painter = self._painter
        text = f"{prediction.digit}{'?' if _is_unsure(prediction, touching=touching) else ''}"
        long = f"{text}  {100 * prediction.confidence:.0f} %"
        if self._metrics.horizontalAdvance(long) + 6 <= box.width():
            text = long
        width, height = self._metrics.horizontalAdvance(text) + 6, self._metrics.height()
        left = min(max(box.left() - 0.75, self._area.left()), self._area.right() - width)
        top = box.top() - height - 1
        if top < self._area.top():
            top = min(box.bottom() + _TRACK + 2, self._area.bottom() - height)
        tag = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour(prediction))
        painter.drawRoundedRect(tag, 2, 2)
        painter.setFont(self._font)
        painter.setPen(self._on_tag)
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def _is_unsure(prediction: Prediction | None, *, touching: bool) -> bool:
    return touching or (prediction is not None and prediction.unsure)


def paint_frame(painter: QPainter, area: QRectF, theme: Theme, *, focused: bool) -> None:
    """A line round the photo; of the accent colour where the keyboard is."""
    colours = theme.colours
    width = 2.0 if focused else 1.0
    painter.setPen(QPen(colours.accent if focused else colours.line, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawRect(area.adjusted(width / 2, width / 2, -width / 2, -width / 2))
