"""The canvas' picture of the drawing, of which only what is new is painted."""

from dataclasses import dataclass

from PyQt6.QtGui import QImage, QPainter

from mnist_gui.data.drawing import CANVAS_SIDE, Drawing, Stroke
from mnist_gui.gui.canvas.painting import drawing_image, paint_stroke


@dataclass
class _Wet:
    """The stroke under the pen, as far as it has been painted.

    Attributes:
        below: the finished strokes that it was painted on.
        image: both.
        points: how many of its points are in `image`.
    """

    below: QImage
    image: QImage
    points: int


class Surface:
    """Keeps what was painted as long as it is true."""

    def __init__(self) -> None:
        self._painted: tuple[Drawing, QImage] | None = None
        self._wet: _Wet | None = None

    def image(self, finished: Drawing, current: Stroke | None, side: int, ratio: float) -> QImage:
        """All strokes. Of the one under the pen only what is new is painted: a long one costs no more than a short.

        Args:
            finished: what is below it.
            current: the stroke under the pen, which grows from call to call; None where there is none.
            side: of the canvas in device-independent pixels.
            ratio: screen pixels in one of them.
        """
        below = self._finished(finished, side, ratio)
        if current is None:
            self._wet = None
            return below
        points = current.points
        if self._wet is None or self._wet.below is not below or self._wet.points > len(points):
            self._wet = _Wet(below, below.copy(), 0)
        if self._wet.points < len(points) or current.widths is not None:
            painter = QPainter(self._wet.image)
            painter.scale(side / CANVAS_SIDE, side / CANVAS_SIDE)
            paint_stroke(painter, _from(current, max(self._wet.points - 1, 0)))
            painter.end()
            self._wet.points = len(points)
        return self._wet.image

    def dry(self) -> None:
        """Another stroke begins."""
        self._wet = None

    def _finished(self, drawing: Drawing, side: int, ratio: float) -> QImage:
        """The finished strokes, painted once for each change of them and each size."""
        if self._painted is not None:
            painted, image = self._painted
            if painted is drawing and image.devicePixelRatio() == ratio and image.width() == round(side * ratio):
                return image
        image = drawing_image(drawing, side, ratio)
        self._painted = (drawing, image)
        return image


def _from(stroke: Stroke, first: int) -> Stroke:
    """A stroke from one of its points on."""
    if stroke.widths is None:
        return Stroke(stroke.points[first:], stroke.width, stroke.erase)
    widths = stroke.widths[first:]
    return Stroke(stroke.points[first:], float(widths.max()), stroke.erase, widths)
