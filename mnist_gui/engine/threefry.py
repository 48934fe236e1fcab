"""Random numbers without a state: a function of seed, stream, step and place alone.

Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. It
adds, rotates and xors 32-bit words, so NumPy, Numba and JAX compute the same bits, in any order and on any number of
threads. Here the key is (seed, stream) and the counter (place, step): what a run draws at a step depends on no earlier
step, and a run that goes on from a checkpoint needs the number of its step and nothing else.

This is the NumPy side; `ops.numba_threefry` is the same for compiled kernels.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

PARITY: Final = 0x1BD11BDA
"""Makes the third word of the key from the others (Skein's constant, cut to 32 bits)."""

ROTATIONS: Final = ((13, 15, 26, 6), (17, 29, 16, 24))
"""By how many bits the four rounds between two additions of the key rotate; the two rows take turns."""

_PIECE = 16384
"""Blocks computed at a time: the arrays between the rounds then stay in the processor's cache."""


def threefry2x32(key: Sequence[Any], counter: Sequence[Any]) -> tuple[Any, Any]:
    """Scrambles counters; arrays of NumPy or JAX.

    Args:
        key: two uint32 arrays of at least one axis (NumPy warns of overflow in scalars).
        counter: two uint32 arrays of shapes that broadcast against each other and the key.

    Returns:
        Two uint32 arrays.
    """
    keys = (key[0], key[1], key[0] ^ key[1] ^ np.uint32(PARITY))
    x, y = counter[0] + keys[0], counter[1] + keys[1]
    for group in range(5):
        for bits in ROTATIONS[group % 2]:
            x = x + y
            y = x ^ ((y << np.uint32(bits)) | (y >> np.uint32(32 - bits)))
        x = x + keys[(group + 1) % 3]
        y = y + keys[(group + 2) % 3] + np.uint32(group + 1)
    return x, y


def random_words(seed: int, stream: int, step: int, blocks: int) -> NDArray[np.uint32]:
    """Uniform random bits.

    Args:
        seed: of the run, 0 to 2**32 - 1.
        stream: what the numbers are for, 0 to 2**32 - 1; different streams have nothing to do with each other.
        step: of the run, 0 to 2**32 - 1.
        blocks: how many places, two words each.

    Returns:
        uint32, shape (2, blocks).
    """
    key = (np.array([seed], np.uint32), np.array([stream], np.uint32))
    steps = np.array([step], np.uint32)
    words = np.empty((2, blocks), np.uint32)
    for first in range(0, blocks, _PIECE):
        places = np.arange(first, min(first + _PIECE, blocks), dtype=np.uint32)
        words[:, first : first + _PIECE] = threefry2x32(key, (places, steps))
    return words


def uniform(words: Any) -> Any:
    """Numbers in [0, 1) from the upper 24 bits of words, as many as float32 holds exactly.

    Args:
        words: uint32 array of NumPy or JAX.

    Returns:
        float32, same shape.
    """
    return (words >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)
