"""Numba kernel that changes digits at random: digit by digit, all within the processor's cache."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk
from mnist_gui.engine.ops.numba_threefry import threefry2x32
from mnist_gui.engine.ops.random_warp import RandomWarp
from mnist_gui.engine.warping import AFFINE, BENDING, BLOCKS, CENTRE, GREYS, GRID, STREAM

Kernel = Callable[..., Any]

_FRAMED = SIDE + 3
_ACROSS = np.ascontiguousarray(BENDING.T)


@numba_njit
def _draw(numbers: Any, seed: Any, place: int, step: Any) -> None:
    """Random numbers of a digit, uniform in ±1."""
    for i in range(BLOCKS):
        first, second = threefry2x32(seed, STREAM, place * BLOCKS + i, step)
        numbers[i] = np.float32(first >> np.uint32(8)) * np.float32(2**-23) - np.float32(1)
        numbers[BLOCKS + i] = np.float32(second >> np.uint32(8)) * np.float32(2**-23) - np.float32(1)


@numba_njit
def _matrix(numbers: Any, shift: Any, rotation: Any, scale: Any, shear: Any) -> Any:
    """As `warping.matrices`: the rows of (A | t)."""
    degree = np.float32(np.pi / 180)
    angle = numbers[2] * (rotation * degree)
    lean = math.tan(numbers[5] * (shear * degree))
    cos, sin = math.cos(angle), math.sin(angle)
    largest = math.log1p(scale / np.float32(100))
    wide, high = math.exp(numbers[3] * largest), math.exp(numbers[4] * largest)
    a, b = wide * (cos - lean * sin), wide * (sin + lean * cos)
    c, d = -high * sin, high * cos
    right, down = numbers[0] * shift, numbers[1] * shift
    return (a, b, -(a * right + b * down)), (c, d, -(c * right + d * down))


@numba_njit
def _bend(numbers: Any, elastic: Any, field: Any) -> None:
    """As `warping.bend`, times the strength, into `field` (2, 28, 28)."""
    rows = np.empty(GRID, np.float32)
    for axis in range(2):
        for y in range(SIDE):
            for j in range(GRID):
                total = np.float32(0)
                for i in range(GRID):
                    total += BENDING[y, i] * numbers[AFFINE + (axis * GRID + i) * GRID + j]
                rows[j] = total * elastic
            for x in range(SIDE):
                total = np.float32(0)
                for j in range(GRID):
                    total += rows[j] * _ACROSS[j, x]
                field[axis, y, x] = total


@numba_njit
def _look_up(framed: Any, matrix: Any, field: Any, result: Any, n: int) -> None:
    """As `warping.warp`, for one digit in a border of paper."""
    (a, b, right), (c, d, down) = matrix
    low, high = np.float32(0), np.float32(SIDE + 1)
    for i in range(SIDE):
        v = np.float32(i) - CENTRE
        for j in range(SIDE):
            u = np.float32(j) - CENTRE
            x = a * u + b * v + right + field[0, i, j] + (CENTRE + np.float32(1))
            y = c * u + d * v + down + field[1, i, j] + (CENTRE + np.float32(1))
            x, y = (x if x > low else low), (y if y > low else low)  # (0 for a NaN as well)
            x, y = (x if x < high else high), (y if y < high else high)
            column, row = np.uint32(x), np.uint32(y)
            x, y = x - np.float32(column), y - np.float32(row)
            at = row * np.uint32(_FRAMED) + column
            upper = framed[at] * (1 - x) + framed[at + 1] * x
            lower = framed[at + _FRAMED] * (1 - x) + framed[at + _FRAMED + 1] * x
            result[n, i, j] = upper * (1 - y) + lower * y


@numba_njit
def _warp_part(number: int, images: Any, strengths: Any, seed: Any, step: Any, result: Any) -> None:
    shift, rotation, scale, shear, elastic = strengths
    plain = shift == 0 and rotation == 0 and scale == 0 and shear == 0 and elastic == 0
    numbers = np.empty(2 * BLOCKS, np.float32)
    # Filled by loops: Numba compiles them in much less time than `np.zeros`.
    framed = np.empty(_FRAMED * _FRAMED, np.float32)
    for i in range(_FRAMED * _FRAMED):
        framed[i] = 0
    field = np.empty((2, SIDE, SIDE), np.float32)
    for i in range(SIDE):
        for j in range(SIDE):
            field[0, i, j] = field[1, i, j] = 0
    first, last = chunk(number, len(images))
    for n in range(first, last):
        for i in range(SIDE):
            for j in range(SIDE):
                grey = GREYS[images[n, i, j]]
                framed[(i + 1) * _FRAMED + j + 1] = grey
                result[n, i, j] = grey
        if not plain:
            _draw(numbers, seed, n, step)
            if elastic != 0:
                _bend(numbers, elastic, field)
            _look_up(framed, _matrix(numbers, shift, rotation, scale, shear), field, result, n)


@numba_njit(parallel=True)
def _share_out(images: Any, strengths: Any, seed: Any, step: Any, result: Any) -> None:
    for t in prange(CHUNKS):
        _warp_part(np.int64(t), images, strengths, seed, step, result)


def _random_warp(op: RandomWarp, **_: Any) -> tuple[Kernel, str]:
    @numba_njit
    def warp(
        images: Any, shift: Any, rotation: Any, scale: Any, shear: Any, elastic: Any, seed: Any, step: Any
    ) -> Any:
        if images.shape[1:] != (SIDE, SIDE):
            raise ValueError("images must be 28 by 28 pixels")
        result = np.empty(images.shape, np.float32)
        strengths = (shift.item(), rotation.item(), scale.item(), shear.item(), elastic.item())
        _share_out(np.ascontiguousarray(images), strengths, seed.item(), step.item(), result)
        return result

    return warp, cache_key(op, ())


register_funcify_and_cache_key(RandomWarp)(_random_warp)
