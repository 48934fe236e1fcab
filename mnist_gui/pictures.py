"""Picture files in, grey arrays of ink out: 0 paper to 255 ink, whatever the paper's colour was.

Works without an application object and without a screen, so the command line can use it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QImageReader, QPainter

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats.errors import file_error, looks_like_a_web_page
from mnist_gui.data.found_digits import Page
from mnist_gui.data.paper import ink_of
from mnist_gui.data.picture_files import kind_of
from mnist_gui.data.segmentation import find_digits

__all__ = [
    "Photo", "Picture", "PictureError",
    "decode", "find_photo", "from_image", "grey_of", "ink_of", "read_picture",
]  # fmt: skip

FILE_BYTES: Final = 64 * 2**20
"""Size of a picture file on the disk."""

LARGEST_SIDE: Final = 8192
"""Pixels. Larger pictures are refused before they are decoded."""

WORKING_SIDE: Final = 2048
"""Pixels. Larger pictures are made smaller: a digit becomes 20x20 in the end, and a photo need not cost a second."""

_DECODED_MEBIBYTES: Final = 256
"""What Qt may allocate for one picture: the largest picture at four bytes a pixel."""

_WITHOUT_LOSS: Final = (b"png", b"bmp", b"gif")


class PictureError(DatasetError):
    """A file is no picture that can be read.

    The message is one sentence for the user that names the file, what was expected and what was found.
    """


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        image: as it is to be seen: opaque, upright, at most `WORKING_SIDE` a side.
        grey: its brightness, uint8, shape (height, width), 0 black to 255 white.
        lossless: whether the pixels are as they were drawn.
        note: a sentence on what of the file is shown, where that is not all of it; otherwise empty.
    """

    image: QImage
    grey: NDArray[np.uint8]
    lossless: bool = True
    note: str = ""


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture and the digits in it.

    Attributes:
        name: of the file, or what it is.
        picture: as it is seen.
        ink: uint8, shape (height, width), 0 paper to 255 ink.
        page: the digits; at least one.
    """

    name: str
    picture: Picture
    ink: NDArray[np.uint8]
    page: Page


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Reads a PNG, JPEG, BMP, GIF or WebP file, known by its content; of an animation the first picture.

    Returns:
        uint8, shape (height, width), at most `WORKING_SIDE` a side: 0 is paper, the darker the ink the higher the
        value. All 0 when there is nothing but paper.

    Raises:
        PictureError: the file cannot be read, is no such picture, is damaged or too large.
    """
    picture = decode(path)
    return ink_of(picture.grey, lossless=picture.lossless)


def find_photo(name: str, picture: Picture) -> Photo:
    """Finds the digits of a picture; takes up to a second, so for background threads.

    Args:
        name: what the sentences call it.
        picture: decoded.

    Raises:
        PictureError: there is no ink in it, or no digit.
    """
    ink = ink_of(picture.grey, lossless=picture.lossless)
    if not ink.any():
        raise PictureError(f"{name}: no ink found, the picture shows nothing but paper.")
    page = find_digits(ink)
    if not page.digits:
        raise PictureError(f"{name}: no digit found; expected digits of at least 8 pixels in height.")
    return Photo(name, picture, ink, page)


def decode(path: Path) -> Picture:
    """Reads a picture file; of an animation the first picture.

    Raises:
        PictureError: the file cannot be read, is no such picture, is damaged or too large.
    """
    data = _file_bytes(path)
    kind = _kind(data, path.name)
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)  # a telephone's photo says in its data which way is up
    QImageReader.setAllocationLimit(_DECODED_MEBIBYTES)
    size = reader.size()
    if max(size.width(), size.height()) > LARGEST_SIDE:
        raise PictureError(
            f"{path.name}: expected a picture of at most {LARGEST_SIDE:,} x {LARGEST_SIDE:,} pixels,"
            f" found {size.width():,} x {size.height():,}."
        )
    if max(size.width(), size.height()) > WORKING_SIDE:
        reader.setScaledSize(_working_size(size))
    frames = reader.imageCount()
    cut = _is_cut(data, kind)
    image = QImage() if cut else reader.read()
    if image.isNull():
        why = "it ends too early" if cut else reader.errorString().rstrip(".")
        raise PictureError(
            f"{path.name}: expected a whole {kind.decode().upper()} picture, found a damaged one ({why})."
        )
    note = f"{path.name} moves; this is the first of its {frames:,} pictures." if frames > 1 else ""
    return _opaque(image, lossless=kind in _WITHOUT_LOSS, note=note)


def from_image(image: QImage) -> Picture:
    """A picture that is decoded already, as the clipboard holds it.

    Raises:
        PictureError: there is none.
    """
    if image.isNull():
        raise PictureError("Expected a picture, found an empty one.")
    size = image.size()
    if max(size.width(), size.height()) > WORKING_SIDE:
        image = image.scaled(
            _working_size(size), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return _opaque(image)


def _working_size(size: QSize) -> QSize:
    side = QSize(WORKING_SIDE, WORKING_SIDE)
    return size.scaled(side, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


def _is_cut(data: bytes, kind: bytes) -> bool:
    """Whether the end of a file is missing that Qt would show with grey or black in place of what is not there."""
    match kind:
        case b"jpeg":
            return data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda")  # the end of the last scan
        case b"gif":
            return not data.rstrip(b"\0").endswith(b";")
        case b"bmp":
            return int.from_bytes(data[2:6], "little") > len(data)
        case _:
            return False


def _opaque(image: QImage, *, lossless: bool = True, note: str = "") -> Picture:
    grey = grey_of(image)
    seen = image
    if image.hasAlphaChannel():
        seen = QImage(image.size(), QImage.Format.Format_RGB32)
        # Where nothing covers the paper, its brightness is the paper's.
        clear = _pixels(image.convertToFormat(QImage.Format.Format_ARGB32), 4)[..., 3] < 128
        seen.fill(QColor("black" if clear.any() and grey[clear].mean() < 128 else "white"))
        painter = QPainter(seen)
        painter.drawImage(0, 0, image)
        painter.end()
    return Picture(seen.convertToFormat(QImage.Format.Format_RGB32), grey, lossless, note)


def grey_of(image: QImage) -> NDArray[np.uint8]:
    """The brightness of a picture: uint8, shape (height, width), 0 black to 255 white.

    Where it is transparent it shows black paper if what is drawn is light, and white paper if it is dark.
    """
    if image.hasAlphaChannel():
        image = image.convertToFormat(QImage.Format.Format_ARGB32)
        bgra = _pixels(image, 4).astype(np.float64)
        alpha = bgra[..., 3] / 255
        grey = bgra[..., :3] @ np.array([5, 16, 11]) / 32  # qGray's weights, in the order of the bytes
        weight = alpha.sum()
        light = weight > 0 and (grey * alpha).sum() / weight > 127.5
        paper = 0.0 if light and alpha.min() < 1 else 255.0
        composed: NDArray[np.float64] = np.floor(grey * alpha + paper * (1 - alpha) + 0.5)
        return composed.astype(np.uint8)
    return _pixels(image.convertToFormat(QImage.Format.Format_Grayscale8), 1)[..., 0]


def _file_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise PictureError(f"{path.name}: expected a picture, found no file; it could not be read.")
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise PictureError(str(file_error(path, error))) from error
    if len(data) > FILE_BYTES:
        raise PictureError(f"{path.name}: expected a picture of at most {FILE_BYTES:,} bytes, found a larger file.")
    return data


def _kind(data: bytes, name: str) -> bytes:
    kind = kind_of(data)
    if kind is not None:
        return kind
    found = "a web page" if looks_like_a_web_page(data[:200]) else "something else" if data else "an empty file"
    raise PictureError(f"{name}: expected a PNG, JPEG, BMP, GIF or WebP picture, found {found}.")


def _pixels(image: QImage, channels: int) -> NDArray[np.uint8]:
    """A copy of an image's bytes, shape (height, width, channels)."""
    bits = image.constBits()
    assert bits is not None  # only a null image has none
    lines = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : image.width() * channels].reshape(image.height(), image.width(), channels)
