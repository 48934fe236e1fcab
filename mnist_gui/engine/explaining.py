"""Looks into a network while it reads: what its layers make of a digit, and what its answer depends on.

The graph here is the network layer by layer, as its line is written. (`networks` takes layers together, which is
faster and leaves no feature maps.) Everything runs on the interpreter.

Saliency is the derivative of a logit by the pixels (Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional
Networks: Visualising Image Classification Models and Saliency Maps", arXiv:1312.6034, section 3), with its sign.
Occlusion is the fall of a probability when a square covers a part of the picture (Zeiler and Fergus, "Visualizing and
Understanding Convolutional Networks", arXiv:1311.2901, section 4.2).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

# It makes PyTensor's settings, so it comes before PyTensor.
from mnist_gui.engine.backend import INTERPRETER

# isort: split
import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.engine.architecture import Activation, BatchNormalisation, Convolution, Dense, Layer, Pool
from mnist_gui.engine.calibration import softened
from mnist_gui.engine.explanation import CELL, PATCH, Cover, LayerValues, Look, ValueMap, hidden_stages
from mnist_gui.engine.model import Model
from mnist_gui.engine.networks import build
from mnist_gui.engine.nn.layers import activated, flat, scaled
from mnist_gui.engine.ops.add_bias import add_bias
from mnist_gui.engine.ops.batch_norm import EPSILON
from mnist_gui.engine.ops.conv2d import conv2d
from mnist_gui.engine.ops.maxpool2d import max_pool2d

_AT_ONCE: Final = 32
"""Covered digits in one call: so soon an occlusion map can be given up."""


class Insight:
    """A network that can be looked into. Not safe for two threads: each thread has one of its own."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._network = build(model.architecture)
        self._network.set_weights(model.weights)
        self._stages = hidden_stages(model.architecture)
        images = pt.tensor("images", dtype="uint8", shape=(None, SIDE, SIDE))
        chosen = pt.tensor("chosen", dtype="float32", shape=(None, CLASSES))
        pixels = scaled(images)
        behind = self._layers(pixels)
        logits = behind[-1]
        places = [place for _, place in self._stages]
        outputs = [logits, *(behind[place] for place in places)]
        if places:
            outputs.append(flat(behind[-2]))
        slopes = pytensor.grad(pt.sum(logits * chosen), pixels)
        self._look = INTERPRETER.function([images], outputs)
        self._slopes = INTERPRETER.function([images, chosen], slopes)
        self._logits = INTERPRETER.function([images], self._network.logits(images))

    @property
    def model(self) -> Model:
        """The model whose weights are in use."""
        return self._model

    def set_model(self, model: Model) -> None:
        """Takes over the weights of another model of the same network.

        Raises:
            ValueError: the network is another one.
        """
        if model.network != self._model.network:
            raise ValueError(f"this is for `{self._model.network}`, the model is `{model.network}`")
        self._network.set_weights(model.weights)
        self._model = model

    def look(self, image: NDArray[np.uint8]) -> Look:
        """What the layers make of a digit.

        Args:
            image: uint8, shape (28, 28).
        """
        found, *values = self._look(image[None])
        features = values.pop()[0] if self._stages else None
        layers = self._model.architecture.layers
        shown = tuple(
            LayerValues(layer, ", ".join(one.text for one in layers[layers.index(layer) : place + 1]), value[0])
            for (layer, place), value in zip(self._stages, values, strict=True)
        )
        templates = None if self._stages else self.slopes(image, range(CLASSES))
        return Look(self._model, image, self._softened(found)[0], shown, features, templates)

    def slopes(self, image: NDArray[np.uint8], digits: Sequence[int]) -> NDArray[np.float32]:
        """The derivatives of logits by the ink of each pixel.

        Args:
            image: uint8, shape (28, 28).
            digits: of which classes.

        Returns:
            float32, shape (len(digits), 28, 28), in logits per full ink.
        """
        chosen = np.eye(CLASSES, dtype=np.float32)[list(digits)]
        repeated = np.broadcast_to(image, (len(digits), SIDE, SIDE))
        result: NDArray[np.float32] = self._slopes(np.ascontiguousarray(repeated), chosen)
        return result

    def saliency(self, image: NDArray[np.uint8], digit: int, probability: float) -> ValueMap:
        """What more ink in each pixel would do to a class.

        Args:
            image: uint8, shape (28, 28).
            digit: the class.
            probability: of this class, as `look` has found it.
        """
        return ValueMap(image, digit, self.slopes(image, [digit])[0], probability)

    def occlusion(
        self, image: NDArray[np.uint8], digit: int, cover: Cover, stopped: Callable[[], bool] = lambda: False
    ) -> ValueMap | None:
        """How far the probability of a class falls when each place of the digit is covered.

        Args:
            image: uint8, shape (28, 28).
            digit: the class.
            cover: with what.
            stopped: asked again and again.

        Returns:
            None when it was stopped.
        """
        covered, cells = _covered(image, cover)
        found = [self._probabilities(image[None])[:, digit]]
        for start in range(0, len(covered), _AT_ONCE):
            if stopped():
                return None
            found.append(self._probabilities(covered[start : start + _AT_ONCE])[:, digit])
        whole, *parts = np.concatenate(found)
        values = np.zeros((SIDE // CELL, SIDE // CELL), np.float32)
        values[cells] = whole - np.array(parts, np.float32)
        return ValueMap(image, digit, values, float(whole))

    def _probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the network says of images, uint8 of shape (n, 28, 28); the fast way."""
        return self._softened(self._logits(images))

    def _softened(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities as the model's calibration has them, which are those that the canvas shows."""
        calibration = self._model.calibration
        return softened(logits, 1.0 if calibration is None else calibration.temperature)

    def _layers(self, x: Any) -> list[Any]:
        """What is behind each layer: float32 expressions."""
        x, behind = x[:, :, :, None], []
        for layer in self._model.architecture.layers:
            x = self._through(layer, x)
            behind.append(x)
        return behind

    def _through(self, layer: Layer, x: Any) -> Any:
        """One layer, in a network that reads."""
        p, name = self._network.parameters, layer.name
        match layer.spec:
            case Convolution(height=height, same=same):
                x = conv2d(x, p[f"{name}.W"], (height - 1) // 2 if same else 0)
            case Dense():
                x = pt.dot(flat(x), p[f"{name}.W"])
            case BatchNormalisation():
                scale = p[f"{name}.gamma"] / pt.sqrt(p[f"{name}.variance"] + np.float32(EPSILON))
                x = add_bias(x * scale, p[f"{name}.beta"] - p[f"{name}.mean"] * scale)
            case Activation(function):
                return activated(x, function)
            case Pool(window):
                return max_pool2d(x, window)
        return add_bias(x, p[f"{name}.b"]) if f"{name}.b" in p else x


class Features:
    """What the last layer of a network gets from its last hidden layer. Belongs to one thread."""

    def __init__(self, model: Model) -> None:
        """Builds the graph.

        Raises:
            ValueError: the network has no hidden layer.
        """
        if not hidden_stages(model.architecture):
            raise ValueError(f"`{model.network}` has no hidden layer")
        network = build(model.architecture)
        network.set_weights(model.weights)
        images = pt.tensor("images", dtype="uint8", shape=(None, SIDE, SIDE))
        # The last layer is a dense one with biases, so its logits are a sum of a product and biases.
        product = network.logits(images).owner.inputs[0]
        self._function = INTERPRETER.function([images], product.owner.inputs[0])

    def of(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The features of digits.

        Args:
            images: uint8, shape (n, 28, 28); a few hundred at most.

        Returns:
            float32, shape (n, `explanation.features_width`).
        """
        result: NDArray[np.float32] = self._function(images)
        return result


def _covered(image: NDArray[np.uint8], cover: Cover) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The digit with each of its cells covered, as far as that changes it.

    Returns:
        uint8 of shape (n, 28, 28), and which cells these are, bool of shape (14, 14), in reading order.
    """
    side, around = SIDE // CELL, (PATCH - CELL) // 2
    covered = np.repeat(image[None], side * side, axis=0)
    for number in range(side * side):
        row, column = (CELL * place for place in divmod(number, side))
        rows, columns = (slice(max(start - around, 0), start + CELL + around) for start in (row, column))
        covered[number, rows, columns] = cover.ink
    changed = (covered != image).any(axis=(1, 2))
    return covered[changed], changed.reshape(side, side)
