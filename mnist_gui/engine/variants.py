"""Ways of writing that training digits hardly show, made from them: ones with a flag and a foot, nines with a hook.

MNIST was written by Americans. Elsewhere a one begins with a flag half as long as its stem and may stand on a foot,
and a nine ends in a hook. Shifting, turning and bending digits makes none of these from the others, so a few copies
that have them are added to the training digits before a run. Of other ways (sevens with a bar, wider and finer pens,
narrow hands) none made a model read pen strokes better. Fours whose right stem hardly rises above the bar, and flags
as long as the stem, did so for LeNet (a tenth fewer digits of pendigits misread), not for a whole run of `flagship`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE, Dataset, Split

_MIDDLE: Final = 14.0
"""Where the centre of mass of a digit of MNIST lies, pixel centres at i: in (13.5, 14.5]."""

_INK: Final = 128
"""Pixels at least this dark are the inside of a stroke."""

_STEM: Final = 12
"""Rows that a plain one is high at least."""

_SLENDER: Final = 1.4
"""A one whose ink is this many times as high as wide has no flag yet."""

_FOOTED: Final = 1 / 3
"""Of the ones with a flag."""

Floats = NDArray[np.float32]
Places = NDArray[np.float64]


def with_variants(dataset: Dataset, percent: float, seed: int) -> Dataset:
    """A data set with variants of some of its training digits after the training digits.

    Args:
        dataset: its validation and test digits stay as they are.
        percent: 0 to 100: of the ones and of the nines, those from which a variant is made.
        seed: the same seed makes the same variants.

    Returns:
        The data set itself if there is nothing to add.
    """
    images, labels = dataset.images_of(Split.TRAINING), dataset.labels_of(Split.TRAINING)
    made, their_labels = [], []
    for digit, vary in _KINDS.items():
        random = np.random.default_rng([seed, 2, digit])
        suitable = np.flatnonzero(labels == digit)
        chosen = suitable[random.random(len(suitable)) * 100 < percent]
        if len(chosen):
            made.append(vary(images[chosen], random))
            their_labels.append(np.full(len(made[-1]), digit, np.uint8))
    if not made:
        return dataset
    rest = slice(len(labels), None)
    return replace(
        dataset,
        images=np.concatenate([images, *made, dataset.images[rest]]),
        labels=np.concatenate([labels, *their_labels, dataset.labels[rest]]),
        sizes=(len(labels) + sum(map(len, made)), *dataset.sizes[1:]),
    )


def flagged(images: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Ones with a flag from the upper end down to the left, every third with a foot as well.

    Args:
        images: uint8, shape (n, 28, 28): ones.
        random: where the numbers come from.

    Returns:
        uint8, shape (m, 28, 28): of those that are plain strokes.
    """
    top, bottom = _ends(images)
    high = bottom[:, 0] - top[:, 0]
    plain = (high >= _STEM) & (_box_width(images) * _SLENDER <= high)
    images, top, bottom = images[plain], top[plain], bottom[plain]
    n, stem = len(images), top - bottom
    length = np.hypot(*stem.T)
    lean = np.arctan2(stem[:, 1], -stem[:, 0])  # from upright, to the right
    # From straight down, to the left. A flag that lies would make a seven.
    angle = np.clip(lean + np.radians(random.uniform(25, 75, n)), np.radians(20), np.radians(60))
    reach = length * random.uniform(0.25, 0.75, n)
    end = top + np.stack([np.cos(angle), -np.sin(angle)], axis=1) * reach[:, np.newaxis]
    width = stroke_width(images) * random.uniform(0.8, 1.1, n)
    ink = _with_line(images.astype(np.float32), top, end, width)
    half = length * random.uniform(0.15, 0.35, n)
    foot = np.stack([half * random.uniform(-0.15, 0.15, n), half], axis=1)
    footed = _with_line(ink, bottom - foot, bottom + foot, width)
    with_foot = random.random(n) < _FOOTED
    return _centred(np.where(with_foot[:, np.newaxis, np.newaxis], footed, ink))


def hooked(images: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Nines whose tail goes on to the left, and a little up again at its end.

    Args:
        images: uint8, shape (n, 28, 28): nines.
        random: where the numbers come from.

    Returns:
        uint8, shape (n, 28, 28).
    """
    n = len(images)
    bottom = _ends(images)[1]
    width = stroke_width(images) * random.uniform(0.85, 1.05, n)
    reach, rise = random.uniform(2.5, 9.0, n), random.uniform(-0.5, 2.5, n)
    middle = bottom + np.stack([random.uniform(0.0, 1.0, n), -0.5 * reach], axis=1)
    end = bottom + np.stack([-rise, -reach], axis=1)
    ink = _with_line(images.astype(np.float32), bottom, middle, width)
    return _centred(_with_line(ink, middle, end, width))


_KINDS: Final[dict[int, Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]]]] = {
    1: flagged,
    9: hooked,
}


def stroke_width(images: NDArray[np.uint8]) -> Places:
    """Width of the strokes, roughly: a bar of width w and length l has the area w l and an edge of 2 l.

    An edge that slants is counted along rows and columns: on average 4/pi of its length.

    Args:
        images: uint8, shape (n, 28, 28).

    Returns:
        float64, shape (n,): pixels, 1 at least.
    """
    inside = np.pad(images >= _INK, ((0, 0), (1, 1), (1, 1)))
    area = inside.sum(axis=(1, 2)).astype(np.float64)
    edge = sum((inside & ~np.roll(inside, way, axis)).sum(axis=(1, 2)) for axis in (1, 2) for way in (1, -1))
    width: Places = np.maximum(2 * area * (4 / np.pi) / np.maximum(edge, 1), 1.0)
    return width


def _ends(images: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Where the middle of a round pen lies at the highest and at the lowest ink: row and column, shape (n, 2)."""
    dark: NDArray[np.bool_] = np.asarray(images >= _INK)
    rows: NDArray[np.bool_] = np.asarray(dark.any(axis=2))
    every = np.arange(len(images))
    ends = []
    for row, inwards in ((rows.argmax(axis=1), 1), (SIDE - 1 - rows[:, ::-1].argmax(axis=1), -1)):
        ink = (dark[every, row] + dark[every, np.clip(row + inwards, 0, SIDE - 1)]).astype(np.float64)
        column = ink @ np.arange(SIDE) / np.maximum(ink.sum(axis=1), 1)
        ends.append(np.stack([row + float(inwards), column], axis=1))
    return ends[0], ends[1]


def _box_width(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    dark: NDArray[np.bool_] = np.asarray(images >= _INK)
    columns: NDArray[np.bool_] = np.asarray(dark.any(axis=1))
    return np.asarray(SIDE - columns[:, ::-1].argmax(axis=1) - columns.argmax(axis=1))


def _with_line(ink: Floats, start: Places, end: Places, width: Places) -> Floats:
    """Digits with a straight line with round caps, to each its own; ends are row and column, shape (n, 2)."""
    step = (end - start)[:, np.newaxis, np.newaxis]
    places = np.moveaxis(np.mgrid[:SIDE, :SIDE], 0, -1)[np.newaxis] - start[:, np.newaxis, np.newaxis]
    along = np.clip((places * step).sum(axis=-1) / np.maximum((step * step).sum(axis=-1), 1e-9), 0, 1)
    far = np.hypot(*np.moveaxis(places - along[..., np.newaxis] * step, -1, 0))
    line = np.clip(width[:, np.newaxis, np.newaxis] / 2 + 0.5 - far, 0, 1) * 255
    result: Floats = np.maximum(ink, line.astype(np.float32))
    return result


def _centred(ink: Floats) -> NDArray[np.uint8]:
    """Moved by whole pixels, so that the centre of mass lies where MNIST has it; what leaves the picture is cut."""
    total, places = ink.sum(axis=(1, 2)), np.arange(SIDE)
    result: NDArray[np.uint8] = np.floor(ink + np.float32(0.5)).astype(np.uint8)
    for axis in (1, 2):
        centre = ink.sum(axis=3 - axis) @ places.astype(np.float32) / total
        source = places - np.rint(_MIDDLE - centre).astype(np.int64)[:, np.newaxis]
        index = np.expand_dims(np.clip(source, 0, SIDE - 1), 3 - axis)
        inside = np.expand_dims((source >= 0) & (source < SIDE), 3 - axis)
        result = np.where(inside, np.take_along_axis(result, index, axis), 0).astype(np.uint8)
    return result
