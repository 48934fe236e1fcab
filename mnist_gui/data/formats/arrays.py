"""From the arrays of other programs (shapes, types and scales differ) to images and labels of ours."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE, DatasetError
from mnist_gui.data.formats.parts import Parts

_SHAPES: Final = ((SIDE, SIDE), (SIDE * SIDE,), (SIDE, SIDE, 1), (1, SIDE, SIDE))
_CHUNK: Final = 4096
_TOLERANCE: Final = 1e-3  # float32 errors of k/255 are 2e-5 at most


def join(pairs: Sequence[tuple[NDArray[Any], NDArray[Any]]], names: Sequence[tuple[str, str]]) -> Parts:
    """One `Parts` of (training, test) or (training, validation, test) pairs of images and labels.

    Args:
        pairs: images of shape (n, 28, 28), (n, 784), (n, 28, 28, 1) or (n, 1, 28, 28), integers 0 to 255 or
            floats 0 to 1 or 0 to 255; labels of shape (n,), integers 0 to 9. Only training must not be empty.
        names: what messages call each array, in the same order.

    Raises:
        DatasetError: an array is none of this, or images and labels differ in number.
    """
    for (images, labels), (images_name, labels_name) in zip(pairs, names, strict=True):
        _check(images, labels, images_name, labels_name)
    counts = [len(labels) for _, labels in pairs]
    scale, exact = _scale([images for images, _ in pairs if images.size], names[0][0])
    all_images = np.empty((sum(counts), SIDE, SIDE), np.uint8)
    all_labels = np.empty(sum(counts), np.uint8)
    start = 0
    for (images, labels), count in zip(pairs, counts, strict=True):
        own = all_images[start : start + count]
        for at, chunk in _chunks(images):
            grey = chunk if chunk.dtype == np.uint8 and scale == 1 else np.rint(chunk * float(scale)).astype(np.uint8)
            own[at : at + len(chunk)] = grey.reshape(-1, SIDE, SIDE)
        all_labels[start : start + count] = labels
        start += count
    notes = () if exact else (f"{names[0][0]}: the pixels are no whole grey levels; they were rounded to 0 to 255.",)
    validation = counts[1] if len(counts) == 3 else None
    return Parts(all_images, all_labels, counts[0], validation, counts[-1], notes)


def _check(images: NDArray[Any], labels: NDArray[Any], images_name: str, labels_name: str) -> None:
    if images.ndim == 0 or images.shape[1:] not in _SHAPES:
        raise DatasetError(
            f"{images_name}: expected images of 28 x 28 pixels, found an array of shape {images.shape}."
        )
    if images.dtype.kind not in "uif":
        raise DatasetError(f"{images_name}: expected numbers, found {images.dtype}.")
    if labels.ndim != 1 or labels.dtype.kind not in "ui":
        raise DatasetError(
            f"{labels_name}: expected one whole number for each image, found {labels.dtype} of shape {labels.shape}."
        )
    if len(images) != len(labels):
        raise DatasetError(
            f"{labels_name}: expected {len(images):,} labels as {images_name} has images, found {len(labels):,}."
        )
    wrong = (labels < 0) | (labels >= CLASSES)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DatasetError(f"{labels_name}: expected labels 0 to 9, found label {labels[first]} at digit {first:,}.")


def _chunks(images: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    for start in range(0, len(images), _CHUNK):
        yield start, images[start : start + _CHUNK]


def _scale(arrays: Sequence[NDArray[Any]], name: str) -> tuple[int, bool]:
    """What pixels are multiplied by to become grey levels, and whether that gives whole numbers.

    mnist.pkl.gz of the Deep Learning Tutorials holds k/256; most other programs divide by 255. The scale that gives
    back whole numbers is the one that was used.
    """
    if not arrays:
        raise DatasetError(f"{name}: expected digits, found none.")
    low = min(float(array.min()) for array in arrays)
    high = max(float(array.max()) for array in arrays)
    if not (low >= 0 and high <= 255):  # also false for NaN
        raise DatasetError(f"{name}: expected pixels from 0 to 1 or from 0 to 255, found {low:g} to {high:g}.")
    if all(array.dtype == np.uint8 for array in arrays) and high > 1:
        return 1, True
    scales = (1,) if high > 1 else (256, 255)
    for scale in scales:
        if high * scale <= 255 and all(_is_whole(array, scale) for array in arrays):
            return scale, True
    return scales[-1], False


def _is_whole(images: NDArray[Any], scale: int) -> bool:
    for _, chunk in _chunks(images):
        scaled = chunk * float(scale)
        if float(np.abs(scaled - np.rint(scaled)).max()) > _TOLERANCE:
            return False
    return True
