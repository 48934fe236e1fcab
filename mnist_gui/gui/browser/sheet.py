"""Many tiles as one picture: digits and their captions gathered by NumPy, painted by one `drawImage`."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QImage, QPainter

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.gui.browser.geometry import GridGeometry
from mnist_gui.gui.browser.model import UNREAD
from mnist_gui.gui.theme import DARK, Colours

_KINDS: Final = CLASSES + 1
"""Captions of a label: read right or not at all, or misread as one of ten."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture and the array that owns its pixels, which must live as long as the picture.

    Attributes:
        image: what to draw.
        pixels: uint32, shape (height, width), 0xffRRGGBB.
    """

    image: QImage
    pixels: NDArray[np.uint32]


class SheetPainter:
    """Composes rows of tiles in the colours and sizes that it was made for."""

    def __init__(self, geometry: GridGeometry, colours: Colours, font: QFont, ratio: float) -> None:
        """Draw the captions once, to be copied to every tile.

        Args:
            geometry: sizes in screen pixels.
            colours: of the theme.
            font: of the captions.
            ratio: screen pixels in a device-independent pixel.
        """
        self._geometry = geometry
        self._base = np.uint32(colours.base.rgb())
        self._captions = _captions(geometry, colours, font, ratio) if geometry.caption else None
        corner = max(6, geometry.side // 6)
        self._mark_rows, marked = np.nonzero(np.tri(corner, dtype=bool).T)
        self._mark_columns = geometry.side - corner + marked
        # On the black paper of the digits the light warning colour of the dark theme is seen best, in both themes.
        self._mark = np.uint32(DARK.warning.rgb())

    def compose(self, images: NDArray[np.uint8], labels: NDArray[np.uint8], read_as: NDArray[np.int8]) -> Sheet:
        """Whole rows of tiles, the last one perhaps not full.

        Args:
            images: uint8, shape (m, 28, 28), m at least 1, in the order of the tiles.
            labels: uint8, shape (m,).
            read_as: int8, shape (m,): 0 to 9 or `UNREAD`.
        """
        geometry, m = self._geometry, len(images)
        columns = geometry.columns
        rows = -(-m // columns)
        side, caption = geometry.side, geometry.caption
        sheet = np.full((rows, geometry.cell_height, columns, geometry.cell_width), self._base, np.uint32)
        tiles = sheet.swapaxes(1, 2)
        misread = (read_as != UNREAD) & (read_as != labels)
        digits = enlarge(images, side)
        digits[np.nonzero(misread)[0][:, None], self._mark_rows, self._mark_columns] = self._mark
        _place(tiles[:, :, caption : caption + side, :side], digits)
        if self._captions is not None:
            kinds = labels.astype(np.intp) * _KINDS + np.where(misread, read_as + 1, 0)
            _place(tiles[:, :, :caption, :side], self._captions[kinds])
        pixels = sheet.reshape(rows * geometry.cell_height, columns * geometry.cell_width)
        height, width = pixels.shape
        # PyQt's stubs know bytes only; any buffer is taken, and not copied.
        image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)  # type: ignore[call-overload]
        return Sheet(image, pixels)


def enlarge(images: NDArray[np.uint8], side: int) -> NDArray[np.uint32]:
    """Digits as 32-bit pixels, enlarged.

    A multiple of 28 repeats pixels. Any other size weighs pixels by the area that they share with a pixel of the
    screen: all pixels of the digit look equally large, which the nearest neighbour would not give.

    Args:
        images: uint8, shape (m, 28, 28).
        side: height and width wanted, at least 28.

    Returns:
        uint32, shape (m, side, side), 0xffgggggg, writable.
    """
    factor, rest = divmod(side, SIDE)
    if rest:
        weights = _area_weights(side)
        across = images.astype(np.float32).reshape(-1, SIDE) @ weights.T
        both = weights @ across.reshape(-1, SIDE, side)
        both += 0.5
        return _grey(both)
    grey = _grey(images)
    if factor == 1:
        return grey
    return grey.repeat(factor, axis=2).repeat(factor, axis=1)


def _grey(values: NDArray[Any]) -> NDArray[np.uint32]:
    """The 32-bit pixels 0xffgggggg of numbers 0 to 255; a table of them would take twice as long to look up."""
    pixels = values.astype(np.uint32)
    pixels *= np.uint32(0x010101)
    pixels |= np.uint32(0xFF000000)
    return pixels


@lru_cache(maxsize=8)
def _area_weights(side: int) -> NDArray[np.float32]:
    """Part of each of `side` screen pixels that each of 28 pixels covers; shape (side, 28), rows sum to 1."""
    edges = np.arange(side + 1) * (SIDE / side)
    low, high = edges[:-1, None], edges[1:, None]
    left = np.arange(SIDE)
    overlap = np.minimum(high, left + 1) - np.maximum(low, left)
    weights: NDArray[np.float32] = (np.maximum(overlap, 0) * (side / SIDE)).astype(np.float32)
    return weights


def _place(cells: NDArray[np.uint32], tiles: NDArray[np.uint32]) -> None:
    """Copy tiles (m, h, w) into cells (rows, columns, h, w), row by row; cells that are left over stay as they are."""
    columns = cells.shape[1]
    full = len(tiles) // columns
    cells[:full] = tiles[: full * columns].reshape(full, columns, *tiles.shape[1:])
    rest = tiles[full * columns :]
    if len(rest):
        cells[full, : len(rest)] = rest


def _captions(geometry: GridGeometry, colours: Colours, font: QFont, ratio: float) -> NDArray[np.uint32]:
    """The captions there can be, by label * 11 + (0, or 1 + the class it is misread as).

    A label stands alone over a digit that is read right, and is followed by an arrow and the wrong class in bold over
    one that is not. Below runs a line in the colour of the label's class.

    Returns:
        uint32, shape (110, caption, side).
    """
    kinds = CLASSES * _KINDS
    image = QImage(geometry.side, geometry.caption * kinds, QImage.Format.Format_RGB32)
    image.fill(colours.base)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    width, height = geometry.side / ratio, geometry.caption / ratio
    line = max(1, round(2 * ratio)) / ratio
    bold = QFont(font)
    bold.setBold(True)
    room = (width - 2) / QFontMetrics(bold).horizontalAdvance("0→0")
    if room < 1:
        bold.setPointSizeF(bold.pointSizeF() * room)
    for kind in range(kinds):
        label, read = divmod(kind, _KINDS)
        top = kind * height
        misread = read and read - 1 != label
        painter.setFont(bold if misread else font)
        painter.setPen(colours.text if misread else colours.muted)
        words = f"{label}→{read - 1}" if misread else str(label)
        painter.drawText(QRectF(0, top, width, height - line), Qt.AlignmentFlag.AlignCenter, words)
        painter.fillRect(QRectF(0, top + height - line, width, line), colours.classes[label])
    painter.end()
    bits = image.constBits()
    assert bits is not None
    pixels: NDArray[np.uint32] = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint32)
    return pixels.reshape(kinds, geometry.caption, geometry.side)


def caption_height(font: QFont) -> int:
    """Height of a caption in device-independent pixels: the digits of the font, air, and the line below."""
    return QFontMetrics(font).tightBoundingRect("0").height() + 6
