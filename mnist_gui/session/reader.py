"""Reading digits with a model, off the GUI thread: the common part of the predictor and the survey."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.collecting import collection_off, load_library
from mnist_gui.engine.model import Model


class Classifier(Protocol):
    """What is used of `mnist_gui.engine.classifier.Classifier`."""

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Ten probabilities, shape (n, 10), of images of shape (n, 28, 28)."""

    def set_model(self, model: Model) -> None:
        """Takes the weights of another model of the same network."""


MakeClassifier = Callable[[Model], Classifier]


def make_classifier(model: Model) -> Classifier:
    """Loads PyTensor if need be and builds the graph of a model; takes seconds, so only for background threads."""
    load_library("mnist_gui.engine.classifier")
    from mnist_gui.engine.classifier import Classifier as PyTensorClassifier

    return PyTensorClassifier(model)


class Reader:
    """A classifier that follows the model it is asked for. Belongs to one thread."""

    def __init__(self, make: MakeClassifier) -> None:
        self._make = make
        self._model: Model | None = None
        self._classifier: Classifier | None = None

    def read(self, model: Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Ten probabilities, float32 of shape (n, 10), of images, uint8 of shape (n, 28, 28)."""
        return self.prepare(model).probabilities(images)

    def prepare(self, model: Model) -> Classifier:
        """A classifier with these weights; takes long where the network is another one than before."""
        classifier = self._classifier
        if classifier is None or self._model is None or not _same_network(self._model, model):
            with collection_off():
                classifier = self._make(model)
        elif self._model is not model:
            classifier.set_model(model)
        self._classifier, self._model = classifier, model
        return classifier


def _same_network(first: Model, second: Model) -> bool:
    return first.network == second.network
