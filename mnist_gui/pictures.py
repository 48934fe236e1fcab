"""Picture files in, grey arrays of ink out: 0 paper to 255 ink, whatever the paper's colour was.

Works without an application object and without a screen, so the command line can use it.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PyQt6.QtGui import QImage, QImageReader
from scipy import ndimage

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats.errors import file_error, looks_like_a_web_page

FILE_BYTES: Final = 64 * 2**20
"""Size of a picture file on the disk."""

LARGEST_SIDE: Final = 8192
"""Pixels. Larger pictures are refused before they are decoded."""

WORKING_SIDE: Final = 2048
"""Pixels. Larger pictures are made smaller: a digit becomes 20x20 in the end, and a photo need not cost a second."""

_DECODED_MEBIBYTES: Final = 256
"""What Qt may allocate for one picture: the largest picture at four bytes a pixel."""

_KINDS: Final = {
    b"\x89PNG\r\n\x1a\n": b"png",
    b"\xff\xd8\xff": b"jpeg",
    b"BM": b"bmp",
    b"GIF87a": b"gif",
    b"GIF89a": b"gif",
    b"RIFF": b"webp",
}
"""The formats that are read, by their first bytes; Qt itself would open many more, and trust the name."""

_WITHOUT_LOSS: Final = (b"png", b"bmp", b"gif")

_BLANK: Final = 24
"""Of 255: a picture whose darkest and lightest parts differ by less than this holds nothing but paper."""

_FAINT: Final = 0.12
"""Of the ink's strength: on paper that is not clean, less than this is texture."""

_NOISE: Final = 5.0
"""Of the paper's standard deviation: less than this is texture, too."""

_SURE: Final = 0.5
"""Of the ink's strength: a spot that nowhere reaches this is a stain, not ink."""


class PictureError(DatasetError):
    """A file is no picture that can be read.

    The message is one sentence for the user that names the file, what was expected and what was found.
    """


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Reads a PNG, JPEG, BMP, GIF or WebP file, known by its content; of an animation the first picture.

    Returns:
        uint8, shape (height, width), at most `WORKING_SIDE` a side: 0 is paper, the darker the ink the higher the
        value. All 0 when there is nothing but paper.

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
        reader.setScaledSize(
            size.scaled(QSize(WORKING_SIDE, WORKING_SIDE), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
        )
    image = reader.read()
    if image.isNull():
        raise PictureError(
            f"{path.name}: expected a whole {kind.decode().upper()} picture,"
            f" found a damaged one ({reader.errorString().rstrip('.')})."
        )
    return ink_of(grey_of(image), lossless=kind in _WITHOUT_LOSS)


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


def ink_of(grey: NDArray[np.uint8], *, lossless: bool = True) -> NDArray[np.uint8]:
    """How far each pixel is from the paper, on the side on which the ink is.

    The paper is what most of the border shows; the ink lies on the side, darker or lighter, that goes further from it.
    On paper that is perfectly even nothing else is done, so that a digit of MNIST comes through unchanged. On any
    other, what is too faint to tell from the paper's texture is taken away, and so are stains that are nowhere dark.

    Args:
        grey: uint8, shape (height, width).
        lossless: whether the pixels are as they were drawn; otherwise they have the traces of compression round edges.

    Returns:
        uint8, the same shape: 0 is paper.
    """
    height, width = grey.shape
    margin = max(1, min(height, width) // 20)
    inside = np.zeros(grey.shape, np.bool_)
    inside[margin : height - margin, margin : width - margin] = True
    border = grey[~inside].astype(np.int64)
    paper = int(np.median(border))
    # One pixel in ten thousand may be anything: dust, a broken element of the camera.
    darkest, lightest = (int(v) for v in np.percentile(grey, (0.01, 99.99)))
    if lightest - darkest < _BLANK:
        return np.zeros_like(grey)
    dark = paper - darkest >= lightest - paper
    strength = paper - darkest if dark else lightest - paper
    away = grey.astype(np.int64) - paper
    ink = np.clip(-away if dark else away, 0, 255)

    if lossless and _is_even(ink, ~inside, strength):
        return ink.astype(np.uint8)
    deviation = 1.4826 * float(
        np.median(np.abs(border - paper))
    )  # of a normal distribution, from its median deviation
    ink[ink < max(_FAINT * strength, _NOISE * deviation)] = 0
    spots, sure = _spots(ink, strength)
    ink[~sure[spots]] = 0
    return ink.astype(np.uint8)


def _is_even(ink: NDArray[np.int64], border: NDArray[np.bool_], strength: int) -> bool:
    """Whether the border shows nothing faint, but for the soft edges of ink that reaches into it."""
    faint = border & (ink > 0) & (ink < _FAINT * strength)
    if not faint.any():
        return True
    spots, sure = _spots(ink, strength)
    return bool(sure[spots[faint]].all())


def _spots(ink: NDArray[np.int64], strength: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The connected spots of ink, numbered from 1 (0 is paper), and of each number whether it is ink for sure."""
    spots, count = ndimage.label(ink, structure=np.ones((3, 3)))
    sure = ndimage.maximum(ink, spots, np.arange(count + 1)) >= _SURE * strength
    sure[0] = False
    return spots, sure


def _file_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise PictureError(str(file_error(path, error))) from error
    if len(data) > FILE_BYTES:
        raise PictureError(f"{path.name}: expected a picture of at most {FILE_BYTES:,} bytes, found a larger file.")
    return data


def _kind(data: bytes, name: str) -> bytes:
    """The format, as Qt calls it."""
    for magic, kind in _KINDS.items():
        if data.startswith(magic) and (kind != b"webp" or data[8:12] == b"WEBP"):
            return kind
    found = "a web page" if looks_like_a_web_page(data[:200]) else "something else" if data else "an empty file"
    raise PictureError(f"{name}: expected a PNG, JPEG, BMP, GIF or WebP picture, found {found}.")


def _pixels(image: QImage, channels: int) -> NDArray[np.uint8]:
    """A copy of an image's bytes, shape (height, width, channels)."""
    bits = image.constBits()
    assert bits is not None  # only a null image has none
    lines = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : image.width() * channels].reshape(image.height(), image.width(), channels)
