"""Calibrates a finished model on the validation digits of a data set; loads PyTensor."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.calibration import LEAST_DIGITS, calibrate
from mnist_gui.engine.classifier import READ_AT_ONCE, Classifier
from mnist_gui.engine.likeness import strangeness_of
from mnist_gui.engine.model import Model

AFTER_A_RUN: Final = 2_000
"""Digits that a run calibrates on: a few seconds, and the temperature is known to a few percent."""


def _nothing() -> None:
    pass


def calibrated(
    model: Model,
    dataset: Dataset,
    *,
    most: int | None = None,
    check: Callable[[], None] = _nothing,
    logits: NDArray[np.float32] | None = None,
) -> Model:
    """The model with a calibration for validation digits; without one where there are fewer than 200 of them.

    Args:
        model: did not learn from the validation digits.
        dataset: whose validation digits are read.
        most: digits to read at most, from the first; None reads all.
        check: is called every few hundred digits and may raise what breaks it off.
        logits: what the model says of these digits before the softmax, float32 of shape (n, 10), where that is known;
            None reads them on the interpreter.
    """
    images, labels = (
        part[:most] for part in (dataset.images_of(Split.VALIDATION), dataset.labels_of(Split.VALIDATION))
    )
    if len(labels) < LEAST_DIGITS:
        return model.with_calibration(None)
    if logits is None:
        logits = _in_parts(Classifier(model).logits, images, check)
    return model.with_calibration(calibrate(logits, labels, _in_parts(strangeness_of, images, check)))


def _in_parts(
    read: Callable[[NDArray[np.uint8]], NDArray[np.float32]], images: NDArray[np.uint8], check: Callable[[], None]
) -> NDArray[np.float32]:
    """What a function says of digits, a few hundred of them at a time."""
    found = []
    for start in range(0, len(images), READ_AT_ONCE):
        check()
        found.append(read(images[start : start + READ_AT_ONCE]))
    return np.concatenate(found)
