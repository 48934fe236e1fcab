"""Which files are pictures, by their first bytes."""

from pathlib import Path
from typing import Final

_KINDS: Final = {
    b"\x89PNG\r\n\x1a\n": b"png",
    b"\xff\xd8\xff": b"jpeg",
    b"BM": b"bmp",
    b"GIF87a": b"gif",
    b"GIF89a": b"gif",
    b"RIFF": b"webp",
}
"""The formats that are read, by their first bytes; Qt itself would open many more, and trust the name."""

_PICTURE_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".svg", ".tif", ".tiff", ".heic", ".pdf")
"""Files that somebody means as a picture: those that are not read are refused with what is."""

_HEAD: Final = 16
"""Bytes that tell."""


def kind_of(head: bytes) -> bytes | None:
    """The format, as Qt calls it, by the first bytes; None for any that is not read."""
    for magic, kind in _KINDS.items():
        if head.startswith(magic) and (kind != b"webp" or head[8:12] == b"WEBP"):
            return kind
    return None


def looks_like_picture(path: Path) -> bool:
    """Whether a file is a picture by its first bytes, or meant as one by its name; reads no more than those bytes."""
    if path.suffix.lower() in _PICTURE_SUFFIXES:
        return True
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            return kind_of(file.read(_HEAD)) is not None
    except OSError:
        return False
