"""My digits to and from files that other programs know: stroke files (.jsonl) and IDX (.gz)."""

import gzip
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from mnist_gui.data.dataset import SIDE, Dataset, DatasetError
from mnist_gui.data.files import write_atomically
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.formats.errors import file_error
from mnist_gui.data.formats.idx import IMAGES_MAGIC, LABELS_MAGIC, read_idx
from mnist_gui.data.formats.names import idx_files, idx_pairs
from mnist_gui.data.kept_digit import KeptDigit, from_strokes, kept_line
from mnist_gui.data.my_digits import NAME
from mnist_gui.data.strokes import is_stroke_file, parse_line, stroke_lines

IMAGES_FILE: Final = "train-images-idx3-ubyte.gz"
LABELS_FILE: Final = "train-labels-idx1-ubyte.gz"
"""The names by which every program finds IDX files that belong together."""

MOST: Final = 100_000
"""Digits of one file."""


def dataset_of(digits: Sequence[KeptDigit]) -> tuple[Dataset, tuple[str, ...]]:
    """Digits as a data set: those to learn from first, then those that are left out, as its validation split.

    Returns:
        The data set, and the key of each of its digits.
    """
    order = [digit for digit in digits if not digit.left_out] + [digit for digit in digits if digit.left_out]
    images = np.empty((len(order), SIDE, SIDE), np.uint8)
    for place, digit in enumerate(order):
        images[place] = digit.image
    left_out = sum(digit.left_out for digit in digits)
    labels = np.array([digit.label for digit in order], np.uint8)
    return Dataset(NAME, images, labels, (len(order) - left_out, left_out, 0)), tuple(digit.key for digit in order)


def write_strokes(digits: Sequence[KeptDigit], path: Path) -> None:
    """Writes a stroke file, packed if its name ends in .gz.

    Raises:
        OSError: it cannot be written; what was there before is untouched.
    """
    data = "".join(map(kept_line, digits)).encode()
    write_atomically(path, gzip.compress(data, mtime=0) if path.name.lower().endswith(".gz") else data)


def write_idx(digits: Sequence[KeptDigit], folder: Path) -> None:
    """Writes images and labels into a folder under the names that MNIST has; the labels last.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    images = b"".join(digit.image.tobytes() for digit in digits)
    head = struct.pack(">4I", IMAGES_MAGIC, len(digits), SIDE, SIDE)
    write_atomically(folder / IMAGES_FILE, gzip.compress(head + images, mtime=0))
    head = struct.pack(">2I", LABELS_MAGIC, len(digits))
    write_atomically(folder / LABELS_FILE, gzip.compress(head + bytes(digit.label for digit in digits), mtime=0))


def read_digits(path: Path) -> list[KeptDigit]:
    """The digits of a stroke file or of any data set that can be opened.

    Raises:
        DatasetError: one sentence that names the file, what was expected and what was found.
    """
    if is_stroke_file(path):
        return _read_strokes(path)
    folder = path if path.is_dir() else path.parent
    try:
        found = idx_files(folder.iterdir()) if path.is_dir() or idx_files([path]) else {}
    except OSError as error:
        raise file_error(path, error) from error
    if found:  # read as they are: one digit is no data set to train with, but can be added to others
        training, test, _ = idx_pairs(found, folder)
        parts = read_idx(training, test)
        images, labels = parts.images, parts.labels
    else:
        dataset = open_dataset(path)
        images, labels = dataset.images, dataset.labels
    if len(labels) > MOST:
        raise DatasetError(f"{path.name}: expected at most {MOST:,} digits, found {len(labels):,}.")
    pairs = zip(images, labels.tolist(), strict=True)
    return [KeptDigit(image.copy(), label) for image, label in pairs if image.any()]


def _read_strokes(path: Path) -> list[KeptDigit]:
    digits: list[KeptDigit] = []
    for number, line in stroke_lines(path):
        if len(digits) == MOST:
            raise DatasetError(f"{path.name}: expected at most {MOST:,} digits, found more.")
        where = f"{path.name}, line {number:,}"
        digits.append(from_strokes(line, parse_line(line, where), where))
    return digits
