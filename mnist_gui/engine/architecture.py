"""The language of networks: a network is one line of text, a list of layers.

For example ``conv 5x5x32, bn, relu, pool 2, conv 3x3x64 same, relu, pool 2, dense 128, relu, dropout 0.3, dense 10``.
The layers, in the order in which a digit passes them:

* ``conv HxWxC``: convolution with C kernels of H by W pixels, at each position inside the image; ``same`` behind it
  pads the image with paper so that its size stays.
* ``bn``: batch normalisation (Ioffe and Szegedy, arXiv:1502.03167). A layer directly before it needs no biases and has
  none.
* ``relu``, ``tanh``: non-linearities.
* ``pool N``: the largest value of each window of N by N pixels; what does not fill a window is left out.
* ``dense N``: N units, each of which sees all values. The last layer is ``dense 10``, one unit for each digit.
* ``dropout P``: in training only, each value is left out with probability P (Srivastava et al., 2014).

``decay X`` behind ``conv`` or ``dense`` gives this layer's weights an L2 penalty of their own.

This module knows shapes and numbers only; `networks` makes graphs of them.
"""

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mnist_gui.data.dataset import CLASSES, SIDE

MOST_LAYERS: Final = 100
MOST_CHARACTERS: Final = 100 * MOST_LAYERS
MOST_UNITS: Final = 4096
MOST_WEIGHTS: Final = 10_000_000
"""A model file has a limit (see `checkpoint`), and a larger network learns nothing more about digits."""

NAMED: Final = {
    "softmax": "dense 10",
    "mlp": "dense 500, relu, dense 10",
    "lenet": "conv 5x5x20, relu, pool 2, conv 5x5x50, relu, pool 2, dense 500, relu, dense 10",
    "small": "conv 5x5x24, bn, relu, pool 2, conv 3x3x32, bn, relu, pool 2, dense 256, relu, dense 10",
    "flagship": (
        "conv 3x3x32, bn, relu, conv 3x3x32, bn, relu, pool 2, conv 3x3x64 same, bn, relu, conv 3x3x64 same, bn, relu,"
        " pool 2, conv 3x3x96 same, bn, relu, conv 3x3x96 same, bn, relu, pool 2, dropout 0.4, dense 10"
    ),
}
"""The networks that have a name. The first three follow the Theano tutorials (`logreg`, `mlp`, `lenet`), with ReLU."""

TITLES: Final = {
    "softmax": "Softmax regression",
    "mlp": "Multilayer perceptron",
    "lenet": "LeNet",
    "small": "Small convolutional network",
    "flagship": "Flagship",
}
"""What the window calls them."""

Shape = tuple[int, ...]


class ArchitectureError(ValueError):
    """A line is no network.

    Attributes:
        start: position in the line of the first character of what is wrong.
        end: position behind the last one.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


@dataclass(frozen=True)
class Convolution:
    """`channels` kernels of `height` by `width` pixels; `same` keeps the size of the image."""

    height: int
    width: int
    channels: int
    same: bool = False
    decay: float | None = None


@dataclass(frozen=True)
class BatchNormalisation:
    """Each channel is brought to mean 0 and variance 1, then scaled and shifted by learnt numbers."""


@dataclass(frozen=True)
class Activation:
    """A non-linearity, "relu" or "tanh"."""

    function: str


@dataclass(frozen=True)
class Pool:
    """The largest value of each window of `window` by `window` pixels."""

    window: int


@dataclass(frozen=True)
class Dense:
    """`units` units that see all values."""

    units: int
    decay: float | None = None


@dataclass(frozen=True)
class Dropout:
    """In training, a share `rate` of the values is left out."""

    rate: float


Spec = Convolution | BatchNormalisation | Activation | Pool | Dense | Dropout


@dataclass(frozen=True)
class Layer:
    """A layer in its place.

    Attributes:
        spec: what it does.
        name: "conv1", "bn1", "dense2": the kind and how many of it there were so far.
        text: how it is written.
        start: position of that in the line.
        input_shape: of one digit before it: (height, width, channels) or (units,).
        output_shape: of one digit behind it.
        weights: shape by name, in the order of a checkpoint; convolutions are HWIO, dense layers (in, out).
    """

    spec: Spec
    name: str
    text: str
    start: int
    input_shape: Shape
    output_shape: Shape
    weights: dict[str, Shape]

    @property
    def parameters(self) -> int:
        """How many numbers training moves in it."""
        return sum(math.prod(shape) for name, shape in self.weights.items() if is_trained(name))


@dataclass(frozen=True)
class Architecture:
    """A network as a list of layers that fit each other.

    Attributes:
        layers: in the order in which a digit passes them.
    """

    layers: tuple[Layer, ...]

    @property
    def line(self) -> str:
        """The network in its language, in one spelling."""
        return ", ".join(layer.text for layer in self.layers)

    @property
    def weights(self) -> dict[str, Shape]:
        """Name and shape of all weights, running statistics included, in the order of a checkpoint."""
        return {name: shape for layer in self.layers for name, shape in layer.weights.items()}

    @property
    def parameters(self) -> int:
        """How many numbers training moves."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def short_name(self) -> str:
        """Its name if it has one, else "network"; fit for the name of a file."""
        return next((name for name, line in NAMED.items() if line == self.line), "network")

    @property
    def title(self) -> str:
        """What the window calls it."""
        return TITLES.get(self.short_name, f"Network of {len(self.layers)} layers")


def is_trained(weight: str) -> bool:
    """Whether gradients move a weight; the running statistics of batch normalisation are only measured."""
    return not weight.endswith((".mean", ".variance"))


@lru_cache(maxsize=256)
def parse(text: str, outputs: int = CLASSES) -> Architecture:
    """Reads a network.

    Args:
        text: a line in the language above, or one of the names in `NAMED`.
        outputs: how many units the last layer has; another number than ten is for what is no classifier of digits.

    Raises:
        ArchitectureError: it is none; the message is one sentence that says where and why.
    """
    text = NAMED.get(text.strip().lower(), text)
    if text.count(",") >= MOST_LAYERS:
        raise ArchitectureError(f"A network has at most {MOST_LAYERS} layers.", 0, len(text))
    if len(text) > MOST_CHARACTERS:
        raise ArchitectureError(f"A network has at most {MOST_CHARACTERS:,} characters.", 0, len(text))
    builder = _Builder()
    position = 0
    for number, piece in enumerate(text.split(","), start=1):
        start = position + len(piece) - len(piece.lstrip())
        position += len(piece) + 1
        builder.add(piece.strip(), number, start)
    return builder.finish(len(text), outputs)


class _Builder:
    """Adds layers one by one, each fitted to the one before."""

    def __init__(self) -> None:
        self._pieces: list[tuple[Spec, str, int]] = []

    def add(self, piece: str, number: int, start: int) -> None:
        """Reads one layer; shapes come later, as a layer's weights depend on the one behind it."""
        if not piece:
            raise ArchitectureError(f"Layer {number} is empty: write a layer between two commas.", start, start)
        self._pieces.append((_spec(piece, number, start), piece, start))

    def finish(self, end: int, outputs: int) -> Architecture:
        """The network, once its shapes fit."""
        shape: Shape = (SIDE, SIDE, 1)
        counts: dict[str, int] = {}
        layers: list[Layer] = []
        for position, (spec, piece, start) in enumerate(self._pieces):
            following = self._pieces[position + 1][0] if position + 1 < len(self._pieces) else None
            where = f"Layer {position + 1}, `{piece}`"
            try:
                output = _output_shape(spec, shape)
            except ValueError as error:
                raise ArchitectureError(f"{where}: {error}.", start, start + len(piece)) from None
            kind = _KINDS[type(spec)]
            counts[kind] = counts.get(kind, 0) + 1
            name = f"{kind}{counts[kind]}"
            weights = _weights(spec, name, shape, biased=not isinstance(following, BatchNormalisation))
            layers.append(Layer(spec, name, _text(spec), start, shape, output, weights))
            shape = output
        architecture = Architecture(tuple(layers))
        last, piece, start = self._pieces[-1]
        if not isinstance(last, Dense) or last.units != outputs:
            raise ArchitectureError(
                f"The last layer must be `dense {outputs}`, one unit for each digit, not `{piece}`.", start, end
            )
        if len(layers) > MOST_LAYERS or architecture.parameters > MOST_WEIGHTS:
            raise ArchitectureError(
                f"A network has at most {MOST_LAYERS} layers and {MOST_WEIGHTS:,} parameters; this one has"
                f" {len(layers)} and {architecture.parameters:,}.",
                0,
                end,
            )
        return architecture


_NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_DECAY: Final = rf"(?:\s+decay\s+(?P<decay>{_NUMBER}))?"

_FORMS: Final[dict[str, tuple[str, str, Callable[[re.Match[str]], Spec]]]] = {
    "conv": (
        rf"conv\s+(?P<h>\d+)\s*x\s*(?P<w>\d+)\s*x\s*(?P<c>\d+)(?P<same>\s+same)?{_DECAY}",
        "conv 5x5x32, conv 3x3x64 same",
        lambda m: Convolution(int(m["h"]), int(m["w"]), int(m["c"]), bool(m["same"]), _decay(m)),
    ),
    "bn": ("bn", "bn", lambda _: BatchNormalisation()),
    "relu": ("relu", "relu", lambda _: Activation("relu")),
    "tanh": ("tanh", "tanh", lambda _: Activation("tanh")),
    "pool": (r"pool\s+(?P<n>\d+)", "pool 2", lambda m: Pool(int(m["n"]))),
    "dense": (rf"dense\s+(?P<n>\d+){_DECAY}", "dense 128", lambda m: Dense(int(m["n"]), _decay(m))),
    "dropout": (rf"dropout\s+(?P<p>{_NUMBER})", "dropout 0.5", lambda m: Dropout(float(m["p"]))),
}
"""For each word: how a layer is written, an example for messages, and what it means."""

_KINDS: Final = {
    Convolution: "conv", BatchNormalisation: "bn", Activation: "activation", Pool: "pool", Dense: "dense",
    Dropout: "dropout",
}  # fmt: skip


def _decay(match: re.Match[str]) -> float | None:
    return None if match["decay"] is None else float(match["decay"])


def _spec(piece: str, number: int, start: int) -> Spec:
    """One layer from its words."""
    word = re.match(r"[^\W\d]*", piece.lower())
    name = word.group() if word else ""
    end = start + len(piece)
    if name not in _FORMS:
        near = difflib.get_close_matches(name, _FORMS, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"the layers are {', '.join(_FORMS)}."
        raise ArchitectureError(f"Layer {number}, `{piece}`, is not known: {hint}", start, end)
    pattern, example, make = _FORMS[name]
    match = re.fullmatch(pattern, piece, re.IGNORECASE | re.ASCII)
    if match is None:
        raise ArchitectureError(
            f"Layer {number}, `{piece}`, is not complete: write for example `{example}`.", start, end
        )
    spec = make(match)
    problem = _problem(spec)
    if problem:
        raise ArchitectureError(f"Layer {number}, `{piece}`: {problem}.", start, end)
    return spec


def _problem(spec: Spec) -> str:
    """What is wrong with the numbers of a layer, as the end of a sentence; empty if nothing is."""
    match spec:
        case Convolution(height, width, channels) if not (height and width and 1 <= channels <= MOST_UNITS):
            return f"kernels need at least one pixel, and there are 1 to {MOST_UNITS:,} of them"
        case Convolution(height, width, same=True) if height % 2 == 0 or width % 2 == 0 or height != width:
            return "`same` needs square kernels with an odd side, as 3x3 or 5x5"
        case Pool(window) if window < 2:
            return "a window has at least 2 pixels a side"
        case Dense(units) if not 1 <= units <= MOST_UNITS:
            return f"a dense layer has 1 to {MOST_UNITS:,} units"
        case Dropout(rate) if not 0 <= rate < 1:
            return "a dropout rate is 0 or more and less than 1"
        case Convolution(decay=float(decay)) | Dense(decay=float(decay)) if not 0 <= decay <= 1:
            return "a decay is 0 to 1"
    return ""


def _output_shape(spec: Spec, shape: Shape) -> Shape:
    """The shape of one digit behind a layer.

    Raises:
        ValueError: the layer does not fit; the message is the end of a sentence.
    """
    match spec:
        case Convolution() | Pool() if len(shape) == 1:
            raise ValueError("it needs an image, but the layers before it leave a row of units")
        case Convolution(height, width, channels, same):
            if same:
                return shape[0], shape[1], channels
            if height > shape[0] or width > shape[1]:
                raise ValueError(f"the kernel does not fit, the image is {shape[0]}x{shape[1]} pixels here")
            return shape[0] - height + 1, shape[1] - width + 1, channels
        case Pool(window):
            if window > min(shape[:2]):
                raise ValueError(f"the window does not fit, the image is {shape[0]}x{shape[1]} pixels here")
            return shape[0] // window, shape[1] // window, shape[2]
        case Dense(units):
            return (units,)
    return shape


def _weights(spec: Spec, name: str, shape: Shape, *, biased: bool) -> dict[str, Shape]:
    """Names and shapes of what a layer has learnt."""
    match spec:
        case Convolution(height, width, channels):
            weights: dict[str, Shape] = {f"{name}.W": (height, width, shape[2], channels)}
            biases: Shape = (channels,)
        case Dense(units):
            weights, biases = {f"{name}.W": (math.prod(shape), units)}, (units,)
        case BatchNormalisation():
            return {f"{name}.{what}": shape[-1:] for what in ("gamma", "beta", "mean", "variance")}
        case _:
            return {}
    return weights | {f"{name}.b": biases} if biased else weights


def _text(spec: Spec) -> str:
    """A layer in the one spelling that files keep."""
    match spec:
        case Convolution(height, width, channels, same, decay):
            return f"conv {height}x{width}x{channels}{' same' if same else ''}{_decay_text(decay)}"
        case BatchNormalisation():
            return "bn"
        case Activation(function):
            return function
        case Pool(window):
            return f"pool {window}"
        case Dense(units, decay):
            return f"dense {units}{_decay_text(decay)}"
        case Dropout(rate):
            return f"dropout {_number_text(rate)}"


def _decay_text(decay: float | None) -> str:
    return "" if decay is None else f" decay {_number_text(decay)}"


def _number_text(value: float) -> str:
    """The shortest text that reads as the same number: rounded, 0.9999999 would be 1, which is no rate."""
    return str(value).removesuffix(".0")
