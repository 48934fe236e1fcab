"""Sentences for what can be wrong with any file."""

from pathlib import Path

from mnist_gui.data.dataset import DatasetError


def file_error(path: Path, error: OSError) -> DatasetError:
    """The sentence for a file or folder that the system does not let us read."""
    match error:
        case FileNotFoundError():
            return DatasetError(f"{path}: expected a file or folder, found nothing of that name.")
        case PermissionError():
            return DatasetError(f"{path}: expected a file or folder that may be read, found no permission to read it.")
    return DatasetError(f"{path}: could not be read; the system says: {error.strerror or error}.")


def looks_like_a_web_page(head: bytes) -> bool:
    """Whether the first bytes of a file (some hundred) are those of an HTML or XML page."""
    return (
        head.removeprefix(b"\xef\xbb\xbf")
        .lstrip()[:9]
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml", b"<head"))
    )


def web_page_error(name: str, expected: str) -> DatasetError:
    """The sentence for a page that was saved in place of the file it offers."""
    return DatasetError(f"{name}: expected {expected}, found a web page; save the file itself, not the page about it.")
