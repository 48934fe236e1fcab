"""What the Numba kernels share."""

import hashlib
from typing import Any, Final

import numpy as np
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit

CHUNKS: Final = 16
"""Parts into which a batch is divided. Threads take them as they come; sums over a batch add them up in order."""

CACHE_LINE: Final = 64
"""Bytes that a processor reads from memory at a time."""


@numba_njit
def chunk(number: int, n: int) -> tuple[int, int]:
    """First image of a chunk, and the first behind it, of `n` images in `CHUNKS` chunks."""
    return n * number // CHUNKS, n * (number + 1) // CHUNKS


@numba_njit
def aligned(size: int, dtype: Any) -> Any:
    """A new row of so many numbers that begins where a cache line does: no vector of it lies across two of them."""
    spare = CACHE_LINE // 4
    numbers = np.empty(size + spare, dtype)
    first = -numbers.ctypes.data % CACHE_LINE // numbers.itemsize
    return numbers[first : first + size]


@numba_njit
def add_to(total: Any, summand: Any) -> None:
    """Adds one matrix to another of the same shape, in place."""
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            total[i, j] += summand[i, j]


def cache_key(op: Op, shape: tuple[int, ...], dtype: str = "") -> str:
    """The key under which PyTensor keeps a compiled kernel in its compile folder.

    It does not change with the source of the kernels: `backend` has another folder for each version of that.

    Args:
        op: the Op that the kernel computes.
        shape: all sizes that are literal in the code.
        dtype: the dtype, if that is literal too.
    """
    return hashlib.sha256(f"{type(op).__qualname__} {shape} {dtype}".encode()).hexdigest()


def literal_shape(variable: Any, name: str, first: int = 0) -> tuple[int, ...]:
    """The shape of a variable from axis `first` on, for use as literals.

    Raises:
        NotImplementedError: part of the shape is not known before the graph runs.
    """
    shape = variable.type.shape[first:]
    if None in shape:
        raise NotImplementedError(
            f"Numba compiles this for one shape of its {name}, got {shape}: declare the shape of the variable"
        )
    return tuple(shape)


def pooling(sides: tuple[int, ...], window: int) -> tuple[int, int, int, np.uintp, np.uintp, np.uintp]:
    """The windows of images that are seen as one row of numbers, pixel by pixel, for use as literals.

    Args:
        sides: height, width and channels of an image.
        window: side of a window, in pixels; windows do not overlap.

    Returns:
        Windows down, windows across, numbers from the first of a window to behind its last; and unsigned, for places
        inside a slice: channels, side of a window, numbers from a row to the next one.
    """
    height, width, channels = sides
    span = ((window - 1) * width + window) * channels
    return height // window, width // window, span, np.uintp(channels), np.uintp(window), np.uintp(width * channels)
