"""Digits shifted, turned, scaled, slanted and bent at random: the NumPy side, without PyTensor.

Each pixel p = (x, y) of a changed digit, counted from the middle of the picture, looks up the place

    A p + t + d(p)

of the original, between pixels by bilinear interpolation; outside the picture is paper. A and t undo a change of size,
a slant, a rotation and a shift, in this order; d bends.

The bending is that of Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to
visual document analysis", ICDAR 2003: for each pixel two uniform random numbers, smoothed by a Gaussian of 4 pixels.
Here the random numbers are drawn on a grid of 7 by 7 points only, and cubic B-splines go between them. A spline is as
wide as a Gaussian of 3.9 pixels (its standard deviation is the grid's spacing, 6.75 pixels, divided by sqrt(3)), and
a sixteenth of the random numbers and two small products with a fixed matrix do. Their strength of 34 is 1.95 pixels
here (34 / sqrt(3) * sqrt(2) / (2 * 4 * sqrt(pi))).

`augmented` (in `augment.py`) does the same in the graph of a run; all strengths and numbers have the same meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.threefry import random_words, uniform

STREAM: Final = 0
"""The stream of random numbers for augmentation; dropout layers have those from 1 on."""

CENTRE: Final = np.float32((SIDE - 1) / 2)
"""Where the middle of the picture lies, counted from the middle of its first pixel."""

GRID: Final = 7
"""Points of the random grid in each direction; the outer two lie outside the picture."""

AFFINE: Final = 6
"""Random numbers for what moves a digit as a whole: shift x, shift y, rotation, width, height, slant."""

BLOCKS: Final = (AFFINE + 2 * GRID * GRID) // 2
"""Blocks of two random words for a digit."""

GREYS: Final = (np.arange(256, dtype=np.float32) / np.float32(255)).astype(np.float32)
"""Pixels as the network sees them, by their uint8 value. (Compilers may multiply by 1 / 255 where a division is
written, which differs in the last bit.)"""


@dataclass(frozen=True)
class Strengths:
    """How far digits are changed at most. Each number is drawn uniformly and anew for each digit.

    Attributes:
        shift: pixels in each direction.
        rotation: degrees, both ways.
        scale: percent. Width and height are multiplied by (1 + scale / 100) ** u, each with a u of its own from -1 to
            1: growing and shrinking are equally likely, and proportions change as they do from hand to hand.
        shear: degrees by which upright strokes lean, both ways.
        elastic: how far a pixel is moved by bending: root mean square, pixels.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0


NAMES: Final = tuple(field.name for field in fields(Strengths))
"""Names of the strengths, in the order in which the graph takes them."""


def _bending() -> NDArray[np.float32]:
    """The matrix U of `bend`: cubic B-splines at the pixels, scaled so that the field's root mean square is 1.

    For independent d, uniform in ±1, of variance 1/3, the field U d Uᵀ has at pixel (i, j) the variance
    |U_i|² |U_j|² / 3; two directions add up.
    """
    spacing = (SIDE - 1) / (GRID - 3)
    distances = np.abs(np.arange(SIDE)[:, None] / spacing - (np.arange(GRID) - 1))
    near = 2 / 3 - distances**2 + distances**3 / 2
    far = np.maximum(2 - distances, 0) ** 3 / 6
    splines = np.where(distances < 1, near, far)
    mean_square = (splines**2).sum(axis=1).mean()
    scaled: NDArray[np.float64] = splines / np.sqrt(mean_square * np.sqrt(2 / 3))
    return scaled.astype(np.float32)


BENDING: Final = _bending()
"""float32 (28, 7): from random numbers on the grid to displacements of pixels."""


def bend(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Displacements of all pixels from random numbers on the grid.

    Args:
        numbers: float32 (n, 2, 7, 7), uniform in ±1: of x and of y, on the grid (row, column).

    Returns:
        float32 (n, 2, 28, 28), of x and of y; smooth, root mean square length 1.
    """
    field: NDArray[np.float32] = np.matmul(np.matmul(BENDING, numbers), BENDING.T)
    return field


def matrices(numbers: Any, strengths: Strengths, xp: Any = np) -> Any:
    """What moves digits as a whole: (A | t) of the module's text.

    Args:
        numbers: float32 (n, 6), uniform in ±1, in the order of `AFFINE`.
        strengths: how far; scalars of NumPy or JAX.
        xp: NumPy, or `jax.numpy` for arrays of JAX.

    Returns:
        float32 (n, 2, 3). Positive numbers mean: to the right, down, clockwise, narrower, lower, leaning to the right.
    """
    dx, dy, turn, width, height, slant = xp.moveaxis(numbers, -1, 0)
    degree = np.float32(np.pi / 180)
    angle, lean = turn * (strengths.rotation * degree), xp.tan(slant * (strengths.shear * degree))
    cos, sin = xp.cos(angle), xp.sin(angle)
    largest = xp.log1p(strengths.scale / np.float32(100))
    wide, high = xp.exp(width * largest), xp.exp(height * largest)
    right, down = dx * strengths.shift, dy * strengths.shift
    rows = [(wide * (cos - lean * sin), wide * (sin + lean * cos)), (-high * sin, high * cos)]
    return xp.stack([xp.stack([a, b, -(a * right + b * down)], -1) for a, b in rows], -2)


def warp(
    images: NDArray[np.uint8], matrices: NDArray[np.float32], field: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Looks each pixel up where a matrix and a field of displacements say.

    Args:
        images: uint8 (n, 28, 28), 0 paper to 255 ink.
        matrices: float32 (n, 2, 3), (A | t) in pixels: from a pixel of the result to a place in the image, both (x, y)
            and counted from the middle.
        field: float32 (n, 2, 28, 28), displacements of x and y in pixels, or nothing.

    Returns:
        float32 (n, 28, 28), 0 to 1.
    """
    n = len(images)
    # A border of paper, so that places need only be kept inside it and each has its four pixels.
    framed = np.zeros((n, SIDE + 3, SIDE + 3), np.float32)
    framed[:, 1:-2, 1:-2] = GREYS[images]
    pixels = framed.reshape(-1)
    along = np.arange(SIDE, dtype=np.float32) - CENTRE
    places = matrices[:, :, 0, None, None] * along + matrices[:, :, 1, None, None] * along[:, None]
    places += matrices[:, :, 2, None, None]
    if field is not None:
        places += field
    places += CENTRE + 1
    np.fmax(places, 0, out=places)  # (0 for a NaN as well)
    np.fmin(places, SIDE + 1, out=places)
    whole = places.astype(np.int32)
    places -= whole
    x, y = places[:, 0], places[:, 1]
    at = whole[:, 1] * (SIDE + 3) + whole[:, 0] + (np.arange(n, dtype=np.int32) * (SIDE + 3) ** 2)[:, None, None]
    upper = pixels[at] * (1 - x) + pixels[at + 1] * x
    lower = pixels[at + SIDE + 3] * (1 - x) + pixels[at + SIDE + 4] * x
    result: NDArray[np.float32] = upper * (1 - y) + lower * y
    return result


def random_warp(images: NDArray[np.uint8], strengths: Strengths, seed: int, step: int) -> NDArray[np.float32]:
    """Changes digits at random.

    Args:
        images: uint8 (n, 28, 28), 0 paper to 255 ink.
        strengths: how far.
        seed: of the run, 0 to 2**32 - 1.
        step: of the run, 0 to 2**32 - 1. What a digit gets depends on seed, step and its place among the images.

    Returns:
        float32 (n, 28, 28), 0 to 1. With all strengths 0 exactly the images divided by 255.
    """
    if not any(getattr(strengths, name) for name in NAMES):
        return GREYS[images]
    n = len(images)
    words = random_words(seed, STREAM, step, n * BLOCKS).reshape(2, n, BLOCKS)
    numbers = np.concatenate(list(uniform(words)), axis=1) * np.float32(2) - np.float32(1)
    field = None
    if strengths.elastic:
        field = bend(numbers[:, AFFINE:].reshape(n, 2, GRID, GRID))
        field *= strengths.elastic
    return warp(images, matrices(numbers[:, :AFFINE], strengths), field)


def preview(image: NDArray[np.uint8], strengths: Mapping[str, float], seed: int, count: int) -> NDArray[np.uint8]:
    """Some of the many forms that a digit takes in training.

    Args:
        image: uint8 (28, 28), 0 paper to 255 ink.
        strengths: by the names of `Strengths`' fields; missing ones are 0.
        seed: another seed shows other forms; 0 to 2**32 - 1.
        count: how many.

    Returns:
        uint8 (count, 28, 28).

    Raises:
        TypeError: a strength has an unknown name.
    """
    warped = random_warp(np.broadcast_to(image, (count, SIDE, SIDE)), Strengths(**strengths), seed, 0)
    return np.rint(warped * 255).astype(np.uint8)
