"""One data set in memory: all its digits in one array, the splits as parts of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 28
"""Height and width of an image in pixels."""

CLASSES: Final = 10
"""Labels are 0 to 9."""


class Split(StrEnum):
    """The three parts of a data set, in the order in which their digits are numbered."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"


class DatasetError(Exception):
    """A file is no data set that can be used.

    The message is one sentence for the user that names the file, what was expected and what was found.
    """


@dataclass(frozen=True, eq=False)
class Dataset:
    """Digits and their labels, read-only.

    Digits are numbered through all splits: training first, then validation, then test. For MNIST this is the
    order of the original files, so index 59,999 is the last digit of the training file.

    Attributes:
        name: what the window calls it, for example "MNIST".
        images: uint8, shape (n, 28, 28); 0 is paper, 255 is ink.
        labels: uint8, shape (n,), 0 to 9.
        sizes: number of digits in training, validation and test; the last may be 0: then there is no test error.
        source: the folder or file it was read from.
        notes: sentences for the user about what was done or is missing ("no test file: ...").
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    sizes: tuple[int, int, int]
    source: Path | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = sum(self.sizes)
        if self.images.dtype != np.uint8 or self.images.shape != (n, SIDE, SIDE):
            raise ValueError(
                f"images must be uint8 of shape ({n}, 28, 28), got {self.images.dtype} {self.images.shape}"
            )
        if self.labels.dtype != np.uint8 or self.labels.shape != (n,):
            raise ValueError(f"labels must be uint8 of shape ({n},), got {self.labels.dtype} {self.labels.shape}")
        if n and int(self.labels.max()) >= CLASSES:
            raise ValueError(f"labels must be 0 to 9, got {int(self.labels.max())}")
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_test(self) -> bool:
        """Whether there is a test split; without it a run reports no test error."""
        return self.sizes[2] > 0

    def range_of(self, split: Split) -> slice:
        """The indices of a split as a slice of `images` and `labels`."""
        position = list(Split).index(split)
        start = sum(self.sizes[:position])
        return slice(start, start + self.sizes[position])

    def split_of(self, index: int) -> Split:
        """The split that digit `index` belongs to.

        Raises:
            IndexError: there is no such digit.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"digit {index}: the data set has {len(self)} digits")
        for split in Split:
            if index < self.range_of(split).stop:
                return split
        raise AssertionError("unreachable: sizes add up to len(self)")

    def images_of(self, split: Split) -> NDArray[np.uint8]:
        """The images of a split, a view of shape (n, 28, 28)."""
        return self.images[self.range_of(split)]

    def labels_of(self, split: Split) -> NDArray[np.uint8]:
        """The labels of a split, a view of shape (n,)."""
        return self.labels[self.range_of(split)]
