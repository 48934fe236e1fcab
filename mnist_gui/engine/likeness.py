"""Whether a picture is like a digit at all, which a classifier of ten digits cannot say of itself.

A softmax gives its ten classes a probability of 1 together, whatever the picture is, and is often sure of letters
(Hendrycks and Gimpel 2017, arXiv 1610.02136). So a small network of its own with ten classes, and an eleventh for all
that is no digit, looks at each picture (Hendrycks, Mazeika and Dietterich 2019, arXiv 1812.04606, show that a network
which was shown other things refuses things of yet other kinds, too). What it says is a difference of energies as of
Liu et al. 2020 (arXiv 2010.03759): the eleventh class against the ten.

It sees how much edge runs in which direction in each part of the picture (Dalal and Triggs 2005, histograms of
oriented gradients) and the picture at half its size. Two products of matrices in NumPy are all it takes: it is there
before PyTensor is, and needs a fraction of a millisecond.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.resources import resource_path

DETECTOR: Final = "likeness.safetensors"
"""The file of the detector, beside the bundled model."""

_AT_ONCE: Final = 250
_DIRECTIONS: Final = 8
_CELL: Final = 4
_INK: Final = 64
"""Pixels at least as dark as this hold two parts of a picture together."""


def strangeness_of(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How unlike digits pictures are, in nats: the log-odds that the detector gives for "no digit".

    Args:
        images: uint8, shape (n, 28, 28); 0 is paper, 255 is ink.

    Returns:
        float32, shape (n,): below 0 for what is more probably a digit.
    """
    from scipy.special import logsumexp  # late: loading SciPy would delay the window

    found = np.empty(len(images), np.float32)
    for start in range(0, len(images), _AT_ONCE):
        scores = _scores(images[start : start + _AT_ONCE])
        energy: NDArray[np.float64] = logsumexp(scores[:, :CLASSES], axis=1)
        found[start : start + len(scores)] = scores[:, CLASSES] - energy
    return found


def looks_like_two(image: NDArray[np.uint8]) -> bool:
    """Whether a picture, uint8 of shape (28, 28), shows two separate things of about one height side by side."""
    from scipy.ndimage import find_objects, label  # late: loading SciPy would delay the window

    parts, count = label(image >= _INK, np.ones((3, 3)))
    if count < 2:
        return False
    boxes = find_objects(parts)
    sizes = np.bincount(parts.ravel())[1:]
    first, second = (boxes[part] for part in sizes.argsort()[:-3:-1])
    heights = [box[0].stop - box[0].start for box in (first, second)]
    left, right = sorted((first[1], second[1]), key=lambda columns: columns.start)
    beside = right.start >= left.stop - 1
    level = min(heights) >= 0.6 * max(heights)
    return bool(beside and level and sizes.max() < 3 * sorted(sizes)[-2])


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    """The weights of the detector; layers are `dense1` and `dense2`, each with `.W` and `.b`."""
    return {name: value.astype(np.float32) for name, value in load_file(resource_path("models", DETECTOR)).items()}


def _scores(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The eleven scores of each picture before the softmax, float32 of shape (n, 11)."""
    w = _weights()
    hidden = np.maximum(features(images) @ w["dense1.W"] + w["dense1.b"], 0)
    scores: NDArray[np.float32] = hidden @ w["dense2.W"] + w["dense2.b"]
    return scores


def features(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the detector sees of pictures.

    Args:
        images: uint8, shape (n, 28, 28).

    Returns:
        float32, shape (n, 588): for each of 8 directions of the gradient (0 to 180 degrees) the roots of its shares in
        7x7 cells of 4x4 pixels, times 4; then the picture at half its size, 14x14, 0 to 1.
    """
    n, cells = len(images), SIDE // _CELL
    x = images.astype(np.float32) / np.float32(255)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    length = np.sqrt(across * across + down * down)
    direction = np.arctan2(down, across) * np.float32(_DIRECTIONS / np.pi)
    direction = np.where(direction < 0, direction + _DIRECTIONS, direction)
    below = np.minimum(direction.astype(np.int32), _DIRECTIONS - 1)
    above, share = (below + 1) % _DIRECTIONS, direction - below
    # One count of weights for all: the place of a pixel's picture, direction and cell.
    cell = np.arange(SIDE) // _CELL
    place = np.arange(n)[:, np.newaxis, np.newaxis] * _DIRECTIONS * cells**2 + cell[:, np.newaxis] * cells + cell
    places = np.concatenate([(place + below * cells**2).ravel(), (place + above * cells**2).ravel()])
    lengths = np.concatenate([(length * (1 - share)).ravel(), (length * share).ravel()])
    edges = np.bincount(places, lengths, n * _DIRECTIONS * cells**2).reshape(n, -1).astype(np.float32)
    edges = 4 * np.sqrt(edges / (edges.sum(axis=1, keepdims=True) + np.float32(1e-6)))
    half = x.reshape(n, SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4)).reshape(n, -1)
    return np.concatenate([edges, half], axis=1)
