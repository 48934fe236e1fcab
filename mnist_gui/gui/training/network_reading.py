"""What a line of layers says while it is typed: the layers that fit, and where it stops to be a network."""

from dataclasses import dataclass
from functools import lru_cache

from mnist_gui.data.dataset import CLASSES
from mnist_gui.engine.architecture import (
    NAMED,
    Activation,
    Architecture,
    ArchitectureError,
    BatchNormalisation,
    Dropout,
    Layer,
    Shape,
    parse,
)


@dataclass(frozen=True)
class Piece:
    """What stands between two commas.

    Attributes:
        text: without the blanks around it.
        start: position of that in the line.
        layer: what it is; None for what is wrong and for all behind it.
        wrong: whether this is what is wrong.
    """

    text: str
    start: int
    layer: Layer | None
    wrong: bool = False

    @property
    def shape(self) -> str:
        """The shape of a digit behind it if that is another one than before, else nothing."""
        if self.layer is None or isinstance(self.layer.spec, Activation | BatchNormalisation | Dropout):
            return ""
        return shape_text(self.layer.output_shape)

    @property
    def parameters(self) -> str:
        """How many numbers it learns; nothing if it learns none."""
        return f"{self.layer.parameters:,}" if self.layer is not None and self.layer.parameters else ""

    @property
    def explanation(self) -> str:
        """What it does to the shape of a digit and how many parameters it has, in words."""
        if self.layer is None:
            return f"{self.text}: not a layer that fits here" if self.wrong else f"{self.text}: not read yet"
        before, after = shape_text(self.layer.input_shape), shape_text(self.layer.output_shape)
        count = f", {self.layer.parameters:,} parameters" if self.layer.parameters else ", no parameters"
        return f"{self.text}: {before} to {after}{count}"


@dataclass(frozen=True)
class Reading:
    """A line, read as far as possible.

    Attributes:
        architecture: the network; None if it is none.
        problem: one sentence that says where and why it is none; empty if it is one.
        mark: first position of what is wrong, and the one behind it; at least one character unless the line is empty.
        pieces: all of the line.
    """

    architecture: Architecture | None
    problem: str
    mark: tuple[int, int]
    pieces: tuple[Piece, ...]


def shape_text(shape: Shape) -> str:
    """A shape as "24x24x20", or "500" for a row of units."""
    return "x".join(map(str, shape))


@lru_cache(maxsize=64)
def read_line(line: str) -> Reading:
    """Reads a line in the language of `architecture`, or a name.

    What stands before the first mistake keeps its shapes: it is read as if the last layer followed it.
    """
    line = NAMED.get(line.strip().lower(), line)
    places = _places(line)
    try:
        architecture = parse(line)
    except ArchitectureError as error:
        ends = [start + len(text) for text, start in places]
        wrong = next((n for n, end in enumerate(ends) if end >= error.start), len(places) - 1)
        layers = _layers([text for text, _ in places[:wrong]])
        pieces = [
            Piece(text, start, layers[n] if n < len(layers) else None, wrong=n == wrong)
            for n, (text, start) in enumerate(places)
        ]
        return Reading(None, str(error), _widened(line, error.start, error.end), tuple(pieces))
    pieces = [Piece(text, start, layer) for (text, start), layer in zip(places, architecture.layers, strict=True)]
    return Reading(architecture, "", (0, 0), tuple(pieces))


def _places(line: str) -> list[tuple[str, int]]:
    """The pieces between commas without the blanks around them, and where they begin."""
    places, position = [], 0
    for piece in line.split(","):
        places.append((piece.strip(), position + len(piece) - len(piece.lstrip())))
        position += len(piece) + 1
    return places


def _layers(texts: list[str]) -> tuple[Layer, ...]:
    """The layers that stand before a mistake; none if not even they fit."""
    try:
        return parse(", ".join([*texts, f"dense {CLASSES}"])).layers[:-1]
    except ArchitectureError:
        return ()


def _widened(line: str, start: int, end: int) -> tuple[int, int]:
    """A stretch that can be seen: an empty one takes in the comma or the blank beside it."""
    if end > start:
        return start, end
    return (start, start + 1) if start < len(line) else (max(0, start - 1), start)
