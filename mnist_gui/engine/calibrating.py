"""Calibrates a finished model on the validation digits of a data set; loads PyTensor."""

from collections.abc import Callable
from typing import Final

import numpy as np

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
    model: Model, dataset: Dataset, *, most: int | None = None, check: Callable[[], None] = _nothing
) -> Model:
    """The model with a calibration for validation digits; without one where there are fewer than 200 of them.

    Args:
        model: did not learn from the validation digits.
        dataset: whose validation digits are read.
        most: digits to read at most, from the first; None reads all.
        check: is called every few hundred digits and may raise what breaks it off.
    """
    images, labels = (
        part[:most] for part in (dataset.images_of(Split.VALIDATION), dataset.labels_of(Split.VALIDATION))
    )
    if len(labels) < LEAST_DIGITS:
        return model.with_calibration(None)
    classifier = Classifier(model)
    logits, strangeness = [], []
    for start in range(0, len(labels), READ_AT_ONCE):
        check()
        chunk = images[start : start + READ_AT_ONCE]
        logits.append(classifier.logits(chunk))
        strangeness.append(strangeness_of(chunk))
    return model.with_calibration(calibrate(np.concatenate(logits), labels, np.concatenate(strangeness)))
