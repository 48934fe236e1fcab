"""What a network did with one digit, as plain arrays: what `explaining` finds and windows show."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.architecture import Activation, Architecture, BatchNormalisation, Convolution, Dense, Layer
from mnist_gui.engine.model import Model

CELL: Final = 2
"""Side of a cell of an occlusion map, in pixels."""

PATCH: Final = 6
"""Side of the square that covers the digit: a cell and two pixels around it."""

WIDEST: Final = 1024
"""Most values a digit in the last hidden layer for its neighbours to be searched: 100 MB for 50,000 digits."""


class Cover(StrEnum):
    """What covers the digit for an occlusion map, and the value of its pixels."""

    PAPER = "paper"
    GREY = "grey"

    @property
    def ink(self) -> int:
        """Value of a pixel, 0 paper to 255 ink."""
        return 0 if self is Cover.PAPER else 128


@dataclass(frozen=True, eq=False)
class LayerValues:
    """What one layer made of a digit.

    Attributes:
        layer: the convolution or dense layer.
        title: how it and what follows it are written: "conv 5x5x20, relu".
        values: float32, after the normalisation and the activation that follow it: shape (height, width, channels) of
            a convolution, (units,) of a dense layer.
    """

    layer: Layer
    title: str
    values: NDArray[np.float32]

    @property
    def is_map(self) -> bool:
        """Whether it has pictures."""
        return self.values.ndim == 3


@dataclass(frozen=True, eq=False)
class Look:
    """A digit on its way through a network.

    Attributes:
        model: who looked.
        image: uint8, shape (28, 28), at what.
        probabilities: float32, shape (10,).
        layers: of each hidden layer, in the order in which the digit passes them.
        features: float32, shape (width,): what the last layer gets; None where that is the pixels.
        templates: float32, shape (10, 28, 28): by how much each logit grows per ink in each pixel, for a network
            without hidden layers; None for others. For softmax regression these are its weights.
    """

    model: Model
    image: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    layers: tuple[LayerValues, ...]
    features: NDArray[np.float32] | None
    templates: NDArray[np.float32] | None = None

    @property
    def digit(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())


@dataclass(frozen=True, eq=False)
class ValueMap:
    """A number for each place of a digit.

    Attributes:
        image: uint8, shape (28, 28), of which digit.
        digit: for which class.
        values: float32, shape (28, 28) for saliency: the derivative of the logit by the ink of a pixel, in logits per
            full ink; (14, 14) for occlusion: the fall of the probability when the cell and what is around it is
            covered, -1 to 1.
        probability: of the class for the digit as it is, 0 to 1.
    """

    image: NDArray[np.uint8]
    digit: int
    values: NDArray[np.float32]
    probability: float


def hidden_stages(architecture: Architecture) -> list[tuple[Layer, int]]:
    """Each convolution and dense layer but the last, and where its values are taken.

    That is behind the last normalisation or activation before the next such layer; behind the layer itself where
    there is none.

    Returns:
        Pairs of a layer and a position in `architecture.layers`.
    """
    layers = architecture.layers
    linear = [place for place, layer in enumerate(layers) if isinstance(layer.spec, Convolution | Dense)]
    stages = []
    for place, following in pairwise(linear):
        shaping = [
            later
            for later in range(place + 1, following)
            if isinstance(layers[later].spec, BatchNormalisation | Activation)
        ]
        stages.append((layers[place], shaping[-1] if shaping else place))
    return stages


def features_width(architecture: Architecture) -> int:
    """How many numbers the last layer gets from the last hidden layer; 0 where it gets the pixels."""
    last = architecture.layers[-1]
    return int(np.prod(last.input_shape)) if hidden_stages(architecture) else 0
