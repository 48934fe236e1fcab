"""Icons drawn by code: they take the colours of the theme and are sharp at every scale factor."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

ICON_SIDE = 16
"""Width and height of an icon in device-independent pixels."""


def drawn_icon(draw: Callable[[QPainter, QColor], None], colour: QColor, disabled: QColor) -> QIcon:
    """An icon, sharp up to three pixels a unit.

    Args:
        draw: draws in a square of `ICON_SIDE` with the colour it is given; the painter is antialiased.
        colour: of the icon.
        disabled: of the icon where the control is disabled.
    """
    result = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        for ratio in (1, 2, 3):
            pixmap = QPixmap(ICON_SIDE * ratio, ICON_SIDE * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(painter, ink)
            painter.end()
            result.addPixmap(pixmap, mode)
    return result


def line_icon(draw: Callable[[QPainter], None], colour: QColor, disabled: QColor) -> QIcon:
    """An icon of lines.

    Args:
        draw: draws in a square of `ICON_SIDE` with the pen it finds, 1.5 wide with round ends.
        colour: of the lines.
        disabled: of the lines where the control is disabled.
    """

    def with_pen(painter: QPainter, ink: QColor) -> None:
        style, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(ink, 1.5, style, cap, join))
        draw(painter)

    return drawn_icon(with_pen, colour, disabled)
