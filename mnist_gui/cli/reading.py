"""Data sets as the commands ask for them."""

import sys
from pathlib import Path

from mnist_gui.data.dataset import Dataset
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.library import bundled_mnist


def dataset_from(path: Path | None) -> Dataset:
    """The data set at `path`, or the bundled MNIST; says on standard error what is to be known of it.

    Raises:
        DatasetError: there is none that can be used.
    """
    dataset = bundled_mnist() if path is None else open_dataset(path.expanduser())
    for note in dataset.notes:
        print(note, file=sys.stderr)
    return dataset
