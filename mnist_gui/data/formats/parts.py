"""What every format's reader hands over, and how it becomes a `Dataset`."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, Dataset, DatasetError

# CRC-32 of the 70,000 labels, and of every hundredth image, in the order of the original files.
_MNIST_LABELS: Final = 0xA7DB7A22
_MNIST_IMAGES: Final = 0xD4338B45


@dataclass(frozen=True, eq=False)
class Parts:
    """The digits of a file or folder in the order training, validation, test.

    Attributes:
        images: uint8, shape (n, 28, 28); 0 is paper, 255 is ink.
        labels: uint8, shape (n,).
        training: number of digits in the training part.
        validation: the same for validation; None where the data has no such part of its own.
        test: the same for test, 0 where there is none.
        notes: sentences for the user.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    training: int
    validation: int | None
    test: int
    notes: tuple[str, ...] = ()


def check_labels(labels: NDArray[np.uint8], name: str) -> None:
    """Checks that labels are digits.

    Raises:
        DatasetError: a label is over 9.
    """
    if labels.size and int(labels.max()) >= CLASSES:
        first = int(np.argmax(labels >= CLASSES))
        raise DatasetError(f"{name}: expected labels 0 to 9, found label {labels[first]} at digit {first:,}.")


def dataset_from(parts: Parts, name: str, source: Path) -> Dataset:
    """A `Dataset` of `parts`; without a validation part the last sixth of the training part becomes one.

    A sixth is what MNIST is divided by: 50,000 and 10,000.

    Raises:
        DatasetError: there are too few digits to train and to validate with.
    """
    training, validation = parts.training, parts.validation
    if validation is None:
        validation = max(1, training // 6)
        training -= validation
    if training < 1 or validation < 1:
        raise DatasetError(
            f"{name}: expected digits to train and to validate with, found {training:,} and {validation:,}."
        )
    notes = parts.notes
    if not parts.test:
        notes += (f"{name} has no test digits, so there is no test error.",)
    return Dataset(
        name="MNIST" if _is_mnist(parts) else name,
        images=parts.images,
        labels=parts.labels,
        sizes=(training, validation, parts.test),
        source=source,
        notes=notes,
    )


def _is_mnist(parts: Parts) -> bool:
    """Whether these are the original 70,000 digits in their original order (a hundredth of the images is compared)."""
    return (
        len(parts.labels) == 70_000
        and zlib.crc32(parts.labels.tobytes()) == _MNIST_LABELS
        and zlib.crc32(parts.images[::100].tobytes()) == _MNIST_IMAGES
    )
