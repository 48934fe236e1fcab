"""Reads digits with a model: ten probabilities for each."""

from typing import Final

# It makes PyTensor's settings, so it comes before PyTensor.
from mnist_gui.engine.backend import INTERPRETER

# isort: split
import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.engine.calibration import softened
from mnist_gui.engine.model import Model
from mnist_gui.engine.networks import build

READ_AT_ONCE: Final = 250
"""Digits in one call: few enough for the patches of a convolution to stay in the processor's cache."""


class Classifier:
    """A network that reads digits, on the interpreter: nothing is compiled, so the first answer comes at once.

    It is the graph that training uses, run by the NumPy form of each operation. Not safe for two threads: each thread
    has one of its own.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._network = build(model.architecture)
        images = pt.tensor("images", dtype="uint8", shape=(None, SIDE, SIDE))
        self._function = INTERPRETER.function([images], self._network.logits(images))
        self._network.set_weights(model.weights)

    @property
    def model(self) -> Model:
        """The model whose weights are in use."""
        return self._model

    def fits(self, model: Model) -> bool:
        """Whether `set_model` can take over another model's weights without building a graph."""
        return model.network == self._model.network

    def set_model(self, model: Model) -> None:
        """Takes over the weights of another model of the same network.

        Raises:
            ValueError: the network is another one.
        """
        if not self.fits(model):
            raise ValueError(f"this classifier is for `{self._model.network}`, the model is `{model.network}`")
        self._network.set_weights(model.weights)
        self._model = model

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Reads digits; how sure it is of them is as the model's calibration has it.

        Args:
            images: uint8, shape (n, 28, 28); 0 is paper, 255 is ink.

        Returns:
            float32, shape (n, 10); each row sums to 1.
        """
        calibration = self._model.calibration
        return softened(self.logits(images), 1.0 if calibration is None else calibration.temperature)

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the network says of digits before the softmax, float32 of shape (n, 10); see `probabilities`."""
        answers = np.empty((len(images), CLASSES), np.float32)
        for start in range(0, len(images), READ_AT_ONCE):
            chunk = images[start : start + READ_AT_ONCE]
            answers[start : start + len(chunk)] = self._function(chunk)
        return answers


def error_and_loss(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> tuple[float, float]:
    """Percent of digits misread, and the mean loss in nats per digit.

    Args:
        probabilities: float32, shape (n, 10).
        labels: uint8, shape (n,).
    """
    wrong = probabilities.argmax(axis=1) != labels
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return 100.0 * float(wrong.mean()), float(-np.log(np.maximum(of_label, np.finfo(np.float32).tiny)).mean())
