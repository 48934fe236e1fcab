"""Non-digits that can be made in any number: strokes at random, digits turned, mirrored and mixed.

They teach the detector of digit-likeness (`train.py`) what a digit is not. None of them judges it: that is what
drawings and letters of real people are for.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.drawing import Drawing, Stroke, picture_drawing
from mnist_gui.data.ink import digit_image

_SIDE: Final = 240.0
_ASYMMETRIC: Final = (2, 3, 4, 5, 6, 7, 9)
"""Classes that are no digits in a mirror or lying on their side."""

_ONE_WAY_UP: Final = (3, 4, 7)
"""Classes that are no digits upside down."""

Points = NDArray[np.float64]


def made_symbols(generator: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """One to five lines, bends, loops and hooks, joined or not, as letters of scripts that nobody writes."""
    while True:
        strokes: list[Points] = []
        for _ in range(1 + min(4, generator.geometric(0.4))):
            stroke = _PARTS[generator.integers(len(_PARTS))](generator)
            if strokes and generator.random() < 0.5:  # goes on where another part began, ended or passed
                other = strokes[generator.integers(len(strokes))]
                stroke = stroke + (other[generator.integers(len(other))] - stroke[0])
            strokes.append(stroke)
        yield from _drawn(strokes, generator)


def made_scribbles(generator: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Long lines that go to and fro."""
    while True:
        count = int(generator.integers(1, 4))
        strokes = []
        for _ in range(count):
            knots = generator.random((int(generator.integers(6, 40)), 2))
            if generator.random() < 0.5:  # from one side to the other
                knots[:, generator.integers(2)] = np.linspace(0, 1, len(knots))
            strokes.append(_smooth(knots) if generator.random() < 0.7 else knots)
        yield from _drawn(strokes, generator)


def spoilt_digits(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], generator: np.random.Generator
) -> Iterator[NDArray[np.uint8]]:
    """Digits mirrored, on their side, upside down, cut and put together of two, crossed out, side by side."""
    count = len(images)
    while True:
        first, second = generator.integers(count, size=2)
        a, label, b = images[first], labels[first], images[second]
        way = generator.integers(6)
        if way == 0 and label in _ASYMMETRIC:
            spoilt = a[:, ::-1]
        elif way == 1 and label in (*_ASYMMETRIC, 1):
            spoilt = np.rot90(a, int(generator.choice((1, 3))))
        elif way == 2 and label in _ONE_WAY_UP:
            spoilt = a[::-1, ::-1] if generator.random() < 0.5 else a[::-1]
        elif way == 3 and label != labels[second]:
            spoilt = np.where(np.arange(28)[:, None] < 14, a, b) if generator.random() < 0.5 else _left_right(a, b)
        elif way == 4:
            row, column = generator.integers(-8, 9, size=2)
            spoilt = np.maximum(a, np.roll(b, (row, column), axis=(0, 1)))
        elif way == 5:
            spoilt = beside(a, b, int(generator.integers(-1, 7)))
        else:
            continue
        image = digit_image(picture_drawing(np.ascontiguousarray(spoilt), 4))
        if image is not None:
            yield image


def beside(a: NDArray[np.uint8], b: NDArray[np.uint8], gap: int) -> NDArray[np.uint8]:
    """Two digits side by side, `gap` pixels of paper between their boxes."""
    a, b = (image[:, image.any(axis=0)] for image in (a, b))
    if gap < 0:
        return np.concatenate([a[:, :gap], np.maximum(a[:, gap:], b[:, :-gap]), b[:, -gap:]], axis=1)
    return np.concatenate([a, np.zeros((len(a), gap), np.uint8), b], axis=1)


def _left_right(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.where(np.arange(28) < 14, a, b)


def _drawn(strokes: list[Points], generator: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Through the code of the canvas, with a pen of 1.6 to 4.5 pixels of the 20x20."""
    span = np.concatenate(strokes)
    low, longer = span.min(axis=0), float(np.ptp(span, axis=0).max())
    if longer < 1e-3:
        return
    width = _SIDE * float(generator.uniform(1.6, 4.5)) / 20
    drawing = Drawing(tuple(Stroke(20 + (stroke - low) * (_SIDE / longer), width) for stroke in strokes))
    image = digit_image(drawing)
    if image is not None:
        yield image


def _smooth(knots: Points, steps: int = 6) -> Points:
    """A curve through knots (Catmull and Rom), `steps` points for each of its parts."""
    p = np.concatenate([knots[:1], knots, knots[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.concatenate([curve.transpose(1, 0, 2).reshape(-1, 2), knots[-1:]])


def _line(generator: np.random.Generator) -> Points:
    """A straight line, often upright or level."""
    start, length = generator.random(2), generator.uniform(0.2, 1)
    angle = generator.choice((0, np.pi / 2, np.pi / 4, -np.pi / 4, generator.uniform(0, np.pi)))
    angle += generator.normal(scale=0.1)
    return np.stack([start, start + length * np.array([np.cos(angle), np.sin(angle)])])


def _bend(generator: np.random.Generator) -> Points:
    """A part of an ellipse, up to all of it."""
    begin, sweep = generator.uniform(0, 2 * np.pi), generator.uniform(0.3, 2.1) * np.pi
    angles = begin + np.linspace(0, sweep * generator.choice((-1, 1)), 16)
    radii = generator.uniform(0.08, 0.5, size=2)
    return generator.random(2) + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _corner(generator: np.random.Generator) -> Points:
    """Two to four straight lines, end to end."""
    return generator.random((int(generator.integers(3, 6)), 2))


def _wave(generator: np.random.Generator) -> Points:
    return _smooth(generator.random((int(generator.integers(3, 7)), 2)))


def _dot(generator: np.random.Generator) -> Points:
    return generator.random((1, 2)) + np.array([[0.0, 0.0], [0.02, 0.02]])


_PARTS: Final[tuple[Callable[[np.random.Generator], Points], ...]] = (
    _line, _line, _line, _bend, _bend, _corner, _wave, _dot,
)  # fmt: skip
