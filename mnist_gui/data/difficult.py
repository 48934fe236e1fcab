"""Digits that are easily taken for others: the ones to watch while a network learns."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE, Dataset, Split

_OF_MNIST: Final = (53_638, 50_340, 57_744)
"""Validation digits that the bundled model misreads: a 5 like an 8, a 3 like a 7, a 9 like a 4."""

_SUM_OF_MNIST: Final = (55_403, 37_123, 19_927)
"""Their ink, by which they are known again: another data set may have as many digits."""


def difficult_digits(dataset: Dataset, count: int = 3) -> list[int]:
    """Indices of digits that are hard to read, of different classes, from a split that no network learns from.

    For MNIST they are chosen by hand. Elsewhere they are those that are nearest to the mean image of another class,
    compared with the mean of their own; this needs no model.

    Args:
        dataset: its validation digits are looked at, or its training digits where it has no others.
        count: how many, at most 10.
    """
    known = _OF_MNIST[:count]
    if count <= len(_OF_MNIST) and len(dataset) > max(_OF_MNIST):
        sums = tuple(int(dataset.images[index].sum()) for index in known)
        if sums == _SUM_OF_MNIST[:count]:
            return list(known)
    split = Split.VALIDATION if dataset.sizes[1] else Split.TRAINING
    images, labels = dataset.images_of(split), dataset.labels_of(split)
    order = np.argsort(_confusion(images, labels), kind="stable")[::-1]
    _, first = np.unique(labels[order], return_index=True)
    return [dataset.range_of(split).start + int(order[place]) for place in sorted(first)[:count]]


def _confusion(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much nearer each digit is to another class's mean than to its own, in squared grey values; shape (n,)."""
    flat = images.reshape(len(images), SIDE * SIDE).astype(np.float32)
    means = np.stack(
        [
            flat[labels == label].mean(axis=0) if (labels == label).any() else np.full(flat.shape[1], np.float32(1e4))
            for label in range(CLASSES)
        ]
    )
    # |x - m|^2 without the |x|^2 that all classes share.
    distances = (means**2).sum(axis=1) - 2 * (flat @ means.T)
    digits = np.arange(len(labels))
    own = distances[digits, labels].copy()
    distances[digits, labels] = np.inf
    confusion: NDArray[np.float32] = own - distances.min(axis=1)
    return confusion
