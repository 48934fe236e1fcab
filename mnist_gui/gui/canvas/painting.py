"""Drawings on a painter: white ink on black paper, as the model sees it."""

from collections.abc import Callable, Collection

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from mnist_gui.data.drawing import CANVAS_SIDE, Drawing, Stroke
from mnist_gui.data.tapering import sleeves
from mnist_gui.gui.widgets.images import grey_image

PAPER = QColor("black")
INK = QColor("white")

_TOGETHER = 4
"""Segments that are handed to Qt at once.

What it takes for a scribble in one piece grows faster than its length: 2,000 points up and down the canvas took 1.1 s
in one piece and 0.2 s in such ones.
"""


def paint_drawing(painter: QPainter, drawing: Drawing) -> None:
    """Paints a drawing in units of the canvas; the painter's transformation says how large that is."""
    if drawing.picture is not None:
        painter.drawImage(QPointF(0, 0), grey_image(drawing.picture))
    for stroke in drawing.strokes:
        paint_stroke(painter, stroke)


def paint_stroke(painter: QPainter, stroke: Stroke, colour: QColor | None = None) -> None:
    """Paints one stroke in units of the canvas, with round caps and smooth edges.

    Args:
        painter: on it.
        stroke: this one.
        colour: of its own by default: ink, or paper for one that erases.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = colour or (PAPER if stroke.erase else INK)
    points = [QPointF(x, y) for x, y in stroke.points.tolist()]
    if len(points) == 1 or stroke.widths is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPath(_outline(stroke))
        return
    pen = QPen(colour, stroke.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for first in range(0, len(points) - 1, _TOGETHER):
        painter.drawPolyline(QPolygonF(points[first : first + _TOGETHER + 1]))


def drawing_image(drawing: Drawing, side: int = round(CANVAS_SIDE), ratio: float = 1.0) -> QImage:
    """A drawing as an image of `side` device-independent pixels, the same on every screen.

    Args:
        drawing: in units of the canvas.
        side: width and height in device-independent pixels.
        ratio: screen pixels in one of them.
    """
    return _image(side, ratio, QImage.Format.Format_RGB32, PAPER, lambda painter: paint_drawing(painter, drawing))


def marked_image(drawing: Drawing, strokes: Collection[int], colour: QColor, side: int, ratio: float = 1.0) -> QImage:
    """Some strokes of a drawing in another colour on nothing, as far as they were not erased.

    Args:
        drawing: in units of the canvas.
        strokes: places in `drawing.strokes`.
        colour: of these strokes.
        side: width and height in device-independent pixels.
        ratio: screen pixels in one of them.
    """

    def paint(painter: QPainter) -> None:
        for place, stroke in enumerate(drawing.strokes):
            if place in strokes:
                paint_stroke(painter, stroke, colour)
            elif stroke.erase:
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
                paint_stroke(painter, stroke)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    nothing = QColor(Qt.GlobalColor.transparent)
    return _image(side, ratio, QImage.Format.Format_ARGB32_Premultiplied, nothing, paint)


def paint_ring(painter: QPainter, centre: QPointF, radius: float, *, dashed: bool = False) -> None:
    """A ring that shows on ink and on paper: two lines, a dark one around a light one."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, grown in ((QColor(0, 0, 0, 160), 1.0), (QColor(255, 255, 255, 230), 0.0)):
        pen = QPen(colour, 1.25)
        if dashed:
            pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawEllipse(centre, radius + grown, radius + grown)


def paint_cross(painter: QPainter, centre: QPointF, arm: float) -> None:
    """A cross that shows on ink and on paper, for a pen that is moved by keys."""
    for colour, width in ((QColor(0, 0, 0, 200), 4.0), (QColor(255, 255, 255, 240), 1.5)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
        painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))


def _outline(stroke: Stroke) -> QPainterPath:
    """A disc around each point, and what joins them, all turning the same way so that they make one area."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for (x, y), radius in zip(stroke.points.tolist(), stroke.radii.tolist(), strict=True):
        path.addEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
    for corners in sleeves(stroke).tolist():
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        path.closeSubpath()
    return path


def _image(side: int, ratio: float, kind: QImage.Format, paper: QColor, paint: Callable[[QPainter], None]) -> QImage:
    """An image in which `paint` works in units of the canvas."""
    pixels = max(1, round(side * ratio))
    image = QImage(pixels, pixels, kind)
    image.fill(paper)
    painter = QPainter(image)
    painter.scale(pixels / CANVAS_SIDE, pixels / CANVAS_SIDE)
    paint(painter)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
