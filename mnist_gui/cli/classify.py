"""`mnist-gui classify`: reads pictures and stroke files through the same code as the canvas."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.cli import DONE, FAILED, ReadPicture
from mnist_gui.data.dataset import CLASSES, DatasetError
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import is_stroke_file, read_strokes, strokes_drawing
from mnist_gui.engine import checkpoint
from mnist_gui.engine.prediction import Prediction
from mnist_gui.resources import resource_path


def classify(options: argparse.Namespace, read_picture: ReadPicture) -> int:
    """Prints what the model reads in each digit; goes on after a file that cannot be read."""
    model = checkpoint.load(options.checkpoint or resource_path("models", f"bundled{checkpoint.SUFFIX}"))

    from mnist_gui.engine.classifier import Classifier

    classifier = Classifier(model)
    tally = _Tally()
    code = DONE
    for path in options.files:
        try:
            for image, label in _digits(path, read_picture):
                answer = _read(classifier.probabilities, image)
                tally.add(answer, label)
                print(json.dumps(answer) if options.json else _line(path, answer, label))
        except (DatasetError, OSError) as error:
            print(f"mnist-gui classify: {error}", file=sys.stderr)
            code = FAILED
    if tally.count:
        print(
            json.dumps(tally.summary())
            if options.json
            else f"{tally.count:,} labelled digits: {tally.error:.2f} % misread"
        )
    return code


def _digits(path: Path, read_picture: ReadPicture) -> Iterator[tuple[NDArray[np.uint8] | None, int | None]]:
    """The 28x28 image of each digit in a file (None for a blank or a dot), and its label where the file says it."""
    if is_stroke_file(path):
        for digit in read_strokes(path):
            yield digit_image(strokes_drawing(digit.strokes)), digit.label
    else:
        yield digit_image(Drawing((), read_picture(path))), None


def _read(probabilities_of: Any, image: NDArray[np.uint8] | None) -> dict[str, Any]:
    """One digit's answer as JSON can hold it; a blank is no digit, and every class is as likely as any other."""
    if image is None:
        return {"digit": None, "unsure": True, "probabilities": [1.0 / CLASSES] * CLASSES}
    prediction = Prediction(probabilities_of(image[np.newaxis])[0])
    probabilities = [round(float(p), 6) for p in prediction.probabilities]
    return {"digit": prediction.digit, "unsure": prediction.unsure, "probabilities": probabilities}


def _line(path: Path, answer: dict[str, Any], label: int | None) -> str:
    if answer["digit"] is None:
        text = "no digit: the drawing is blank or a dot"
    else:
        text = (
            f"{answer['digit']}  {100 * max(answer['probabilities']):5.1f} %{'  unsure' if answer['unsure'] else ''}"
        )
    wrong = f"  (label {label})" if label is not None and label != answer["digit"] else ""
    return f"{path.name}: {text}{wrong}"


class _Tally:
    """Counts answers to digits whose label is known; the most probable class counts, no digit counts as wrong."""

    def __init__(self) -> None:
        self.count = self._wrong = 0
        self._confusion = np.zeros((CLASSES, CLASSES), np.int64)

    def add(self, answer: dict[str, Any], label: int | None) -> None:
        if label is None:
            return
        self.count += 1
        self._wrong += answer["digit"] != label
        if answer["digit"] is not None:
            self._confusion[label, answer["digit"]] += 1

    @property
    def error(self) -> float:
        return 100.0 * self._wrong / self.count

    def summary(self) -> dict[str, Any]:
        """Rows of the confusion matrix are labels, columns answers; a blank is in no column."""
        return {"count": self.count, "error": self.error, "confusion": self._confusion.tolist()}
