"""What the grid looks like: the sheet of visible tiles, and the frame around the selected one."""

from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPen

from mnist_gui.gui.browser.geometry import GridGeometry
from mnist_gui.gui.browser.model import DigitModel
from mnist_gui.gui.browser.sheet import SheetPainter
from mnist_gui.gui.theme import Theme

RING: Final = 2
"""Width of the frame around the selected tile in device-independent pixels."""


@dataclass(frozen=True)
class Scene:
    """What is to be painted; lengths in screen pixels.

    Attributes:
        geometry: where the tiles are.
        offset: part of the content that is scrolled out above.
        ratio: screen pixels in a device-independent pixel.
        current: row of the model that is selected; None for none.
        focused: whether the keyboard acts on the grid.
    """

    geometry: GridGeometry
    offset: int
    ratio: float
    current: int | None
    focused: bool


class GridPainter:
    """Paints scenes; keeps the drawn captions from one to the next."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: tuple[tuple[object, ...], SheetPainter] | None = None

    def paint(self, painter: QPainter, scene: Scene, rows: range, model: DigitModel, font: QFont) -> None:
        """Paint some rows of tiles.

        Args:
            painter: in screen pixels, at the top left of the visible part.
            scene: what to paint.
            rows: which rows of tiles.
            model: the digits.
            font: of the captions.
        """
        dataset, geometry = model.dataset, scene.geometry
        if dataset is None or not len(rows):
            return
        shown = model.order[rows.start * geometry.columns : rows.stop * geometry.columns]
        sheet = self._sheets(scene, font).compose(dataset.images[shown], dataset.labels[shown], model.read_as[shown])
        left, top = geometry.place_of(rows.start * geometry.columns)
        painter.drawImage(QPointF(left, top - scene.offset), sheet.image)
        if scene.current is not None:
            self._draw_ring(painter, scene, scene.current)

    def _sheets(self, scene: Scene, font: QFont) -> SheetPainter:
        """The composer for these sizes, colours and font, made anew when one of them changes."""
        geometry = scene.geometry
        key = (geometry.side, geometry.caption, geometry.columns, font.key(), self._theme.dark, scene.ratio)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, SheetPainter(geometry, self._theme.colours, font, scene.ratio))
        return self._kept[1]

    def _draw_ring(self, painter: QPainter, scene: Scene, position: int) -> None:
        """The frame around the selected tile; with the keyboard focus its caption is filled as well."""
        geometry, accent = scene.geometry, QColor(self._theme.colours.accent)
        width = round(RING * scene.ratio)
        left, top = geometry.place_of(position)
        tile = QRectF(left, top - scene.offset, geometry.side, geometry.caption + geometry.side)
        outset = width / 2
        painter.setPen(QPen(accent, width, join=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(tile.adjusted(-outset, -outset, outset, outset))
        if scene.focused:
            accent.setAlphaF(0.25)
            painter.fillRect(QRectF(tile.left(), tile.top(), tile.width(), geometry.caption or width), accent)
