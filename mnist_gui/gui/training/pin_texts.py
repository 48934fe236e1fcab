"""Pinned digits in words and numbers: what is said of them, and what can be copied."""

import csv
import io
from collections.abc import Sequence

from mnist_gui.data.dataset import CLASSES
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.training.pin_plot import percent
from mnist_gui.session.pins import Pin
from mnist_gui.session.probability_curve import ProbabilityCurve


def verdict(prediction: Prediction | None, label: int | None) -> str:
    """What the model says of a pin now, and whether that was meant."""
    if prediction is None:
        return "Not read yet"
    answer = prediction.digit
    words = f"Read as {answer}, {percent(prediction.confidence)}"
    if label is not None:
        words = f"{'✓' if answer == label else '✗'} {words}"
    return words


def meant(label: int | None) -> str:
    """Which digit was meant."""
    return "Not labelled" if label is None else f"▸ Label {label}"


def spoken(pin: Pin, prediction: Prediction | None, readings: int) -> str:
    """A pin in one sentence, for those who do not see it."""
    label = "not labelled" if pin.label is None else f"label {pin.label}"
    curve = f"; {readings:,} reading{'s' if readings > 1 else ''} of the run" if readings else ""
    return f"{pin.title}, {label}: {verdict(prediction, None).lower()}{curve}"


def pins_csv(pins: Sequence[tuple[Pin, ProbabilityCurve, Prediction | None]], steps_per_epoch: int) -> str:
    """All readings of pins: one line a pin and step, and a last one a pin for the model of now, without a step.

    Columns: title, label, step, epoch, p0 to p9 (0 to 1).

    Args:
        pins: with their curves and their present answers.
        steps_per_epoch: minibatches in an epoch; 0 where unknown.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["title", "label", "step", "epoch", *(f"p{digit}" for digit in range(CLASSES))])
    for pin, curve, answer in pins:
        name = [pin.title, "" if pin.label is None else pin.label]
        for step, row in zip(curve.steps.tolist(), curve.probabilities.tolist(), strict=True):
            epoch = f"{step / steps_per_epoch:.6g}" if steps_per_epoch else ""
            writer.writerow([*name, step, epoch, *(f"{value:.6f}" for value in row)])
        if answer is not None:
            writer.writerow([*name, "", "", *(f"{value:.6f}" for value in answer.probabilities.tolist())])
    return text.getvalue()
