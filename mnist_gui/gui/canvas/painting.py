"""Drawings on a painter: white ink on black paper, as the model sees it."""

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from mnist_gui.data.drawing import CANVAS_SIDE, Drawing, Stroke
from mnist_gui.gui.widgets.images import grey_image

PAPER = QColor("black")
INK = QColor("white")


def paint_drawing(painter: QPainter, drawing: Drawing) -> None:
    """Paints a drawing in units of the canvas; the painter's transformation says how large that is."""
    if drawing.picture is not None:
        painter.drawImage(QPointF(0, 0), grey_image(drawing.picture))
    for stroke in drawing.strokes:
        paint_stroke(painter, stroke)


def paint_stroke(painter: QPainter, stroke: Stroke) -> None:
    """Paints one stroke in units of the canvas, with round caps and smooth edges."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = PAPER if stroke.erase else INK
    points = [QPointF(x, y) for x, y in stroke.points.tolist()]
    if len(points) == 1:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(points[0], stroke.width / 2, stroke.width / 2)
        return
    pen = QPen(colour, stroke.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


def drawing_image(drawing: Drawing, side: int = round(CANVAS_SIDE), ratio: float = 1.0) -> QImage:
    """A drawing as an image of `side` device-independent pixels, the same on every screen.

    Args:
        drawing: in units of the canvas.
        side: width and height in device-independent pixels.
        ratio: screen pixels in one of them.
    """
    pixels = max(1, round(side * ratio))
    image = QImage(pixels, pixels, QImage.Format.Format_RGB32)
    image.fill(PAPER)
    painter = QPainter(image)
    painter.scale(pixels / CANVAS_SIDE, pixels / CANVAS_SIDE)
    paint_drawing(painter, drawing)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
