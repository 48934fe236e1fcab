"""Letters and signs of fonts made of somebody's handwriting, as a model would see them drawn on the canvas."""

import argparse
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QGuiApplication, QImage, QPainter, QPainterPath, QRawFont

from mnist_gui.data.drawing import Drawing
from mnist_gui.data.ink import digit_image

DIGIT_SHAPED: Final = frozenset("OoQDIil|!1/\\jJZzSsqgbBGyYT()[]'`,.-_:;\"")
"""Letters and signs that some people draw as others draw a digit, and signs that are hardly more than a dot."""

CHARACTERS: Final = "".join(
    chr(code)
    for block in ((33, 127), (0xA1, 0x180), (0x384, 0x460), (0x3041, 0x30FF), (0x4E00, 0x4E80))
    for code in range(*block)
)
"""Latin, Greek, Cyrillic, kana and some kanji, with signs; what a font lacks of them is left out."""

_LETTERS: Final = string.ascii_letters + "?#&%@*+=<>{}$"
_SIZE: Final = 200


def letters_of(path: Path, characters: str) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Each character that a font has, as uint8 of shape (28, 28). Needs an application (`QGuiApplication`)."""
    font = QRawFont(str(path), _SIZE)
    if not font.isValid():
        raise ValueError(f"{path} is no font")
    for character in characters:
        glyphs = font.glyphIndexesForString(character)
        if len(glyphs) != 1 or not glyphs[0]:
            continue
        image = digit_image(Drawing(picture=_picture(font.pathForGlyph(glyphs[0]))))
        if image is not None:
            yield character, image


def _picture(outline: QPainterPath) -> NDArray[np.uint8]:
    box = outline.boundingRect()
    if box.isEmpty():
        return np.zeros((28, 28), np.uint8)
    scale = _SIZE / max(box.width(), box.height())
    image = QImage(_SIZE + 20, _SIZE + 20, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(QPointF(10, 10))
    painter.scale(scale, scale)
    painter.translate(-QRectF(box).topLeft())
    painter.fillPath(outline, Qt.GlobalColor.white)
    painter.end()
    bits = image.constBits()
    assert bits is not None, "an image of this size has pixels"
    pixels = np.frombuffer(bits.asarray(image.sizeInBytes()), np.uint8)
    return pixels.reshape(image.height(), image.bytesPerLine())[:, : image.width()].copy()


def main() -> None:
    """Writes the letters and signs of the fonts of a folder, but those shaped as digits, into an `.npz` file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fonts", type=Path, help="folder of .ttf, .otf and .woff files")
    parser.add_argument("output", type=Path)
    parser.add_argument("--characters", default=_LETTERS)
    options = parser.parse_args()
    application = QGuiApplication([])
    found = [
        (path.name.split("-")[0], character, image)
        for path in sorted(options.fonts.iterdir())
        for character, image in letters_of(path, options.characters)
        if character not in DIGIT_SHAPED
    ]
    hands, characters, images = zip(*found, strict=True)
    np.savez_compressed(
        options.output, images=np.stack(images), hands=np.array(hands), characters=np.array(characters)
    )
    del application


if __name__ == "__main__":
    main()
