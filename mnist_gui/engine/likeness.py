"""Whether a picture is like a digit at all, which a classifier of ten digits cannot say of itself.

A softmax gives its ten classes a probability of 1 together, whatever the picture is, and is often sure of letters
(Hendrycks and Gimpel 2017, arXiv 1610.02136). So a small network of its own with ten classes, and an eleventh for all
that is no digit, looks at each picture (Hendrycks, Mazeika and Dietterich 2019, arXiv 1812.04606, show that a network
which was shown other things refuses things of yet other kinds, too). What it says is a difference of energies as of
Liu et al. 2020 (arXiv 2010.03759): the eleventh class against the ten.

Three convolutions with max-pooling and a last layer, in NumPy: it is there before PyTensor is, and needs a fraction
of a millisecond. `tests/benchmarks/likeness/train.py` trained it with the engine of this application.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from mnist_gui.data.dataset import CLASSES
from mnist_gui.resources import resource_path

DETECTOR: Final = "likeness.safetensors"
"""The file of the detector, beside the bundled model."""

_AT_ONCE: Final = 100
_CONVOLUTIONS: Final = ("conv1", "conv2", "conv3")
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
    """The weights of the detector: `.W` and `.b` of three convolutions, HWIO, and of the last layer, (in, out)."""
    return {name: value.astype(np.float32) for name, value in load_file(resource_path("models", DETECTOR)).items()}


def _scores(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The eleven scores of each picture before the softmax, float32 of shape (n, 11)."""
    w = _weights()
    x: NDArray[np.float32] = images[:, :, :, np.newaxis].astype(np.float32) / np.float32(255)
    for name in _CONVOLUTIONS:
        x = _pooled(_convolved(x, w[f"{name}.W"]))
        x = np.maximum(x + w[f"{name}.b"], np.float32(0))
    scores: NDArray[np.float32] = x.reshape(len(x), -1) @ w["dense1.W"] + w["dense1.b"]
    return scores


def _convolved(x: NDArray[np.float32], kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel with its neighbours times the kernels; the picture keeps its size.

    Args:
        x: float32, shape (n, height, width, channels).
        kernels: float32, shape (3, 3, channels, kernels).
    """
    n, height, width, channels = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    patches = np.concatenate(shifted, axis=3).reshape(-1, 9 * channels)  # one product of two matrices, not of many
    return (patches @ kernels.reshape(9 * channels, -1)).reshape(n, height, width, -1)


def _pooled(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest of each 2x2 pixels; a last row or column that fills no square is left out."""
    x = x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2]
    across = np.maximum(x[:, :, 0::2], x[:, :, 1::2])
    return np.maximum(across[:, 0::2], across[:, 1::2])
