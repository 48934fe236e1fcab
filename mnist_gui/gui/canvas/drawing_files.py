"""Drawings as files for other programs: pictures, a drawing that can be scaled, and the strokes themselves."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from PyQt6.QtCore import QBuffer, QIODevice, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QFileDialog, QWidget

from mnist_gui.data.drawing import CANVAS_SIDE, Stroke
from mnist_gui.data.strokes import stroke_line
from mnist_gui.data.tapering import sleeves
from mnist_gui.gui.canvas.painting import drawing_image
from mnist_gui.gui.canvas.reading_sheet import Subject
from mnist_gui.gui.widgets.images import grey_image


def png(image: QImage) -> bytes:
    """An image as a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return buffer.data().data()


def svg(subject: Subject) -> bytes:
    """A drawing as an SVG file: a path for each stroke, as wide as it is and with round caps, white on black.

    A stroke that erases is black. One that tapers, which no stroke of SVG does, is its outline. A picture below the
    strokes is embedded.
    """
    side = f"{CANVAS_SIDE:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {side} {side}">',
        f'<rect width="{side}" height="{side}" fill="black"/>',
    ]
    picture = subject.drawing.picture
    if picture is not None:
        data = base64.b64encode(png(grey_image(picture))).decode("ascii")
        height, width = picture.shape
        parts.append(
            f'<image width="{width}" height="{height}" image-rendering="pixelated"'
            f' href="data:image/png;base64,{data}"/>'
        )
    parts += map(_svg_stroke, subject.drawing.strokes)
    return "\n".join([*parts, "</svg>", ""]).encode()


def _svg_stroke(stroke: Stroke) -> str:
    colour = "black" if stroke.erase else "white"
    points, radii = stroke.points.tolist(), stroke.radii.tolist()
    if stroke.widths is None and len(points) > 1:
        way = "M" + " L".join(f"{x:.6g} {y:.6g}" for x, y in points)
        return (
            f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="{stroke.width:.6g}"'
            ' stroke-linecap="round" stroke-linejoin="round"/>'
        )
    # Discs and what joins them, all turning the same way, so that they make one area.
    discs = [
        f"M{x - r:.6g} {y:.6g}a{r:.6g} {r:.6g} 0 1 1 {2 * r:.6g} 0a{r:.6g} {r:.6g} 0 1 1 {-2 * r:.6g} 0z"
        for (x, y), r in zip(points, radii, strict=True)
    ]
    joints = ["M" + " L".join(f"{x:.6g} {y:.6g}" for x, y in corners) + "z" for corners in sleeves(stroke).tolist()]
    return f'<path d="{"".join(discs + joints)}" fill="{colour}" fill-rule="nonzero"/>'


def _png_280(subject: Subject) -> bytes:
    return png(drawing_image(subject.drawing))


def _png_28(subject: Subject) -> bytes | None:
    return None if subject.image is None else png(grey_image(subject.image))


def _strokes(subject: Subject) -> bytes:
    return stroke_line(subject.drawing, subject.label).encode()


_SEEN: Final = "What the model sees, 28x28 (*.png)"

KINDS: Final[Mapping[str, tuple[str, Callable[[Subject], bytes | None]]]] = MappingProxyType(
    {
        "Drawing, 280x280 (*.png)": (".png", _png_280),
        _SEEN: (".png", _png_28),
        "Drawing, at any size (*.svg)": (".svg", svg),
        "Strokes, to be replayed (*.jsonl)": (".jsonl", _strokes),
    }
)
"""Filters of the dialog, and for each the suffix and what writes it; None where there is nothing to write."""


def save_dialog(parent: QWidget, folder: Path) -> QFileDialog:
    """A dialog that asks for a file and one of `KINDS`; it asks before a file is overwritten, and then goes away."""
    dialog = QFileDialog(parent, "Save drawing as", str(folder))
    dialog.setObjectName("save_drawing")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(KINDS))
    dialog.setDefaultSuffix("png")
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(KINDS[kind][0][1:]))
    dialog.selectFile("digit.png")
    return dialog


def encoded(subject: Subject, kind: str, path: Path) -> tuple[Path, bytes | None]:
    """The file that is to be written, and its bytes.

    Args:
        subject: what is in Draw.
        kind: of `KINDS`.
        path: as the user named it; a suffix of another kind is taken at its word, none or an unknown one is completed.

    Returns:
        The path with its suffix, and the bytes, None where the drawing has nothing of this kind.
    """
    suffix, write = KINDS[kind]
    given = path.suffix.lower()
    if given != suffix:
        by_suffix = {known: writer for known, writer in KINDS.values() if writer is not _png_28}
        if given in by_suffix:
            write = by_suffix[given]
        else:
            path = path.with_name(path.name + suffix)
    return path, write(subject)
