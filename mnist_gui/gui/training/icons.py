"""Small icons drawn from the colours of the theme: they follow it, and are sharp at every scale factor."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPolygonF

from mnist_gui.gui.widgets.drawn_icons import drawn_icon


def _triangle(left: float, top: float, right: float, bottom: float) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(left, top), QPointF(right, (top + bottom) / 2), QPointF(left, bottom)]))
    path.closeSubpath()
    return path


def _rectangles(*rectangles: QRectF) -> QPainterPath:
    path = QPainterPath()
    for rectangle in rectangles:
        path.addRect(rectangle)
    return path


def _start(painter: QPainter) -> None:
    painter.drawPath(_triangle(4, 2.5, 13, 13.5))


def _pause(painter: QPainter) -> None:
    painter.drawPath(_rectangles(QRectF(4, 3, 3, 10), QRectF(9, 3, 3, 10)))


def _step(painter: QPainter) -> None:
    painter.drawPath(_triangle(3, 3, 10, 13))
    painter.drawPath(_rectangles(QRectF(10.5, 3, 2.5, 10)))


def _stop(painter: QPainter) -> None:
    painter.drawPath(_rectangles(QRectF(3.5, 3.5, 9, 9)))


def _settings(painter: QPainter) -> None:
    for y, knob in ((4.0, 10.5), (8.0, 5.5), (12.0, 9.0)):
        painter.drawPath(_rectangles(QRectF(2, y - 0.5, 12, 1)))
        painter.drawEllipse(QPointF(knob, y), 1.9, 1.9)


def _fit(painter: QPainter) -> None:
    colour = painter.brush().color()
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for across, down in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        corner = QPolygonF([QPointF(8 + across * x, 8 + down * y) for x, y in ((5.2, 2.2), (5.2, 5.2), (2.2, 5.2))])
        painter.drawPolyline(corner)


def _copy(painter: QPainter) -> None:
    colour = painter.brush().color()
    painter.setPen(QPen(colour, 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(
        QPolygonF([QPointF(5, 10.5), QPointF(2.5, 10.5), QPointF(2.5, 2.5), QPointF(10, 2.5), QPointF(10, 5)])
    )
    painter.drawRect(QRectF(5.5, 5.5, 8, 8))


_DRAWINGS: dict[str, Callable[[QPainter], None]] = {
    "start": _start,
    "pause": _pause,
    "step": _step,
    "stop": _stop,
    "settings": _settings,
    "fit": _fit,
    "copy": _copy,
}


def icon(name: str, colour: QColor, disabled: QColor) -> QIcon:
    """The icon `name` in a colour, and in another for where it is disabled.

    Raises:
        KeyError: there is no such icon.
    """
    drawing = _DRAWINGS[name]

    def filled(painter: QPainter, ink: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        drawing(painter)

    return drawn_icon(filled, colour, disabled)
