"""`mnist-gui classify`: reads pictures and stroke files through the same code as the canvas."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mnist_gui.cli import DONE, FAILED, CommandError, ReadPicture, complain
from mnist_gui.data.dataset import CLASSES, SIDE, DatasetError
from mnist_gui.data.drawing import LEAST_SIDE, Drawing
from mnist_gui.data.fitting import fitted
from mnist_gui.data.ink import digit_image
from mnist_gui.data.segmentation import find_digits
from mnist_gui.data.strokes import is_stroke_file, read_strokes
from mnist_gui.engine import checkpoint
from mnist_gui.engine.model import Model
from mnist_gui.engine.prediction import Doubt, Prediction, judged
from mnist_gui.resources import resource_path

_AT_ONCE: Final = 250
"""Digits handed to the model together: five times as fast as one by one, and answers still come every second."""

_CANNOT_READ: Final = (CommandError, DatasetError)

_DOUBTS: Final = {
    None: "",
    Doubt.SPLIT: "  unsure",
    Doubt.STRANGE: "  unsure, unlike any digit",
    Doubt.TWO: "  unsure, looks like two digits",
}

ProbabilitiesOf = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

_Digit = tuple[NDArray[np.uint8] | None, int | None]
"""An image, uint8 (28, 28), None for a blank or a dot; and its label, None where the file does not say."""


def classify(options: argparse.Namespace, read_picture: ReadPicture) -> int:
    """Prints what the model reads in each digit; goes on after a file that cannot be read.

    Args:
        options: `files`, `checkpoint` and `json`.
        read_picture: turns a picture file into ink.

    Returns:
        The exit code: 1 when a file could not be read.

    Raises:
        CheckpointError: the model cannot be used.
    """
    if options.checkpoint is None:
        path = resource_path("models", f"bundled{checkpoint.SUFFIX}")
    else:
        path = options.checkpoint.expanduser()
    model = checkpoint.load(path)

    from mnist_gui.engine.classifier import Classifier

    reader = _Reader(model, Classifier(model).probabilities, as_json=options.json)
    code = DONE
    # The products that make a 28x28 are so small that the threads of BLAS cost more than they bring.
    with threadpool_limits(limits=1, user_api="blas"):
        for path in options.files:
            try:
                reader.read(path, _digits(path, read_picture))
            except _CANNOT_READ as error:
                complain(options, error)
                code = FAILED
    reader.summarise()
    return code


def _digits(path: Path, read_picture: ReadPicture) -> Iterator[_Digit]:
    """The digits of a file as the model sees them; those of a picture in the order of reading."""
    if is_stroke_file(path):
        for digit in read_strokes(path):
            yield digit_image(digit.drawing), digit.label
        return
    try:
        picture = read_picture(path)
    except ImportError as error:
        raise CommandError(f"{path.name}: pictures cannot be read without Qt ({error}).") from error
    page = find_digits(picture)
    if page.count < 2:
        yield digit_image(Drawing(picture=picture)), None
        return
    for found in page.digits:
        yield digit_image(Drawing(picture=fitted(found.ink), least_side=LEAST_SIDE)), None
    if page.count > len(page.digits):
        raise CommandError(f"{path.name}: expected at most {len(page.digits):,} digits, found {page.count:,}.")


def _chunks(digits: Iterator[_Digit]) -> Iterator[list[_Digit]]:
    """Digits in groups; those that came before an error come before it here, too."""
    chunk: list[_Digit] = []
    try:
        for digit in digits:
            chunk.append(digit)
            if len(chunk) == _AT_ONCE:
                yield chunk
                chunk = []
    except _CANNOT_READ:
        yield chunk
        raise
    yield chunk


class _Reader:
    """Prints answers, and counts those to digits whose label is known."""

    def __init__(self, model: Model, probabilities_of: ProbabilitiesOf, *, as_json: bool) -> None:
        self._model, self._probabilities_of = model, probabilities_of
        self._as_json = as_json
        self._count = self._wrong = 0
        self._confusion = np.zeros((CLASSES, CLASSES), np.int64)

    def read(self, path: Path, digits: Iterator[_Digit]) -> None:
        """Prints an answer to each digit of a file."""
        number = 0
        several = is_stroke_file(path)
        for chunk in _chunks(digits):
            several = several or len(chunk) > 1
            for prediction, (_, label) in zip(self._predictions(chunk), chunk, strict=True):
                number += 1
                self._tally(prediction, label)
                if self._as_json:
                    print(json.dumps(_as_json(prediction)))
                else:
                    where = f"{path.name}, digit {number:,}" if several else path.name
                    print(f"{where}: {_as_text(prediction, label)}")
            sys.stdout.flush()

    def summarise(self) -> None:
        """Prints how many were misread, if labels were given.

        Rows of the confusion matrix are labels, columns answers; a blank is in no column.
        """
        if not self._count:
            return
        error = 100 * self._wrong / self._count
        if self._as_json:
            print(json.dumps({"count": self._count, "error": error, "confusion": self._confusion.tolist()}))
        else:
            print(f"{self._count:,} labelled digits, {self._wrong:,} misread: {error:.2f} %")

    def _predictions(self, chunk: list[_Digit]) -> list[Prediction | None]:
        """None for a blank or a dot, which no model is asked about."""
        shown = [image for image, _ in chunk if image is not None]
        images = np.stack(shown) if shown else np.empty((0, SIDE, SIDE), np.uint8)
        found = iter(judged(self._model, images, self._probabilities_of(images)) if shown else ())
        return [None if image is None else next(found) for image, _ in chunk]

    def _tally(self, prediction: Prediction | None, label: int | None) -> None:
        """The most probable class counts as the answer, however unsure; no digit counts as wrong."""
        if label is None:
            return
        self._count += 1
        if prediction is None:
            self._wrong += 1
        else:
            self._wrong += prediction.digit != label
            self._confusion[label, prediction.digit] += 1


def _as_json(prediction: Prediction | None) -> dict[str, Any]:
    """An answer as JSON can hold it; of a blank no class is more probable than another."""
    if prediction is None:
        return {"digit": None, "unsure": True, "probabilities": [1 / CLASSES] * CLASSES}
    # Six digits: more are not known in float32, and small probabilities must not become 0.
    probabilities = [float(f"{p:.6g}") for p in prediction.probabilities]
    return {"digit": prediction.digit, "unsure": prediction.unsure, "probabilities": probabilities}


def _as_text(prediction: Prediction | None, label: int | None) -> str:
    if prediction is None:
        answer = "no digit, the drawing is blank or a dot"
    else:
        answer = f"{prediction.digit}  {100 * prediction.confidence:5.1f} %{_DOUBTS[prediction.doubt]}"
    misread = label is not None and (prediction is None or prediction.digit != label)
    return f"{answer}  (label {label})" if misread else answer
