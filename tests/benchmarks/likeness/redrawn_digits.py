"""Digits of MNIST drawn anew with a round pen along their middle lines, as the canvas would have them.

Without these the detector learns that a picture which came from the canvas is no digit: all its non-digits did.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, zoom

from mnist_gui.data.drawing import Drawing
from mnist_gui.data.ink import digit_image

_FINER = 3
_INK = 110


def thinned(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is left of shapes when their borders are taken away until lines of one pixel remain.

    The algorithm is that of Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", 1984.

    Args:
        ink: bool, shape (n, height, width), with an empty border.
    """
    ink = ink.copy()
    while True:
        before = ink.sum()
        for first in (True, False):
            n, ne, e, se, s, sw, w, nw = (
                np.roll(ink, shift, axis=(1, 2))
                for shift in ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
            )
            around = (n, ne, e, se, s, sw, w, nw)
            count = np.sum(around, axis=0, dtype=np.uint8)
            turns = np.sum([~a & b for a, b in zip(around, (*around[1:], n), strict=True)], axis=0, dtype=np.uint8)
            open_side = ~(n & e & s) & ~(e & s & w) if first else ~(n & e & w) & ~(n & s & w)
            ink &= ~((count >= 2) & (count <= 6) & (turns == 1) & open_side)
        if ink.sum() == before:
            return ink


def redrawn(images: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Each digit with a pen of 1.4 to 4.5 of its pixels.

    Args:
        images: uint8, shape (n, 28, 28).
        generator: of the pens' widths.

    Returns:
        uint8, shape (n, 28, 28).
    """
    found = []
    for start in range(0, len(images), 1_000):
        lines = thinned(zoom(images[start : start + 1_000], (1, _FINER, _FINER), order=1) > _INK)
        for line in lines:
            radius = _FINER * generator.uniform(1.4, 4.5) / 2
            ink = np.clip(radius + 0.5 - distance_transform_edt(~np.pad(line, 6)), 0, 1)
            image = digit_image(Drawing(picture=(255 * ink).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1)))
            if image is None:
                raise ValueError("a digit without ink")
            found.append(image)
    return np.stack(found)
