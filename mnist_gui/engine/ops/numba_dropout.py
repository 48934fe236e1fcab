"""Numba kernel of dropout: one pass, the random words drawn where they are needed.

All layers share the compiled code, whatever their shapes, rates and streams.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.dropout import Dropout
from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk
from mnist_gui.engine.ops.numba_threefry import threefry2x32

Kernel = Callable[..., Any]


@numba_njit
def _drop(xs: Any, ys: Any, key: Any, place: Any, step: Any, threshold: Any, factor: Any) -> None:
    """The inputs that get first words, and those that get second words: two slices of the same length."""
    (x, u), (y, v) = xs, ys
    for i in range(len(x)):
        of_x, of_u = threefry2x32(key[0], key[1], place + i, step)
        # Multiplied and not chosen: this way the loop compiles to vector instructions.
        y[i] = x[i] * (factor * (of_x >= threshold))
        v[i] = u[i] * (factor * (of_u >= threshold))


@numba_njit
def _drop_part(number: int, x: Any, y: Any, key: Any, step: Any, threshold: Any, factor: Any) -> None:
    half, second = len(x) // 2, (len(x) + 1) // 2
    first, last = chunk(number, half)
    xs = x[first:last], x[second + first : second + last]
    ys = y[first:last], y[second + first : second + last]
    _drop(xs, ys, key, first, step, threshold, factor)
    if number == 0 and half < second:  # the one in the middle gets a first word, and nobody the second
        middle, nobody = y[half:second], np.empty(1, y.dtype)
        _drop((x[half:second], x[half:second]), (middle, nobody), key, half, step, threshold, factor)


@numba_njit(parallel=True)
def _share_out(x: Any, y: Any, key: Any, step: Any, threshold: Any, factor: Any) -> None:
    for t in prange(CHUNKS):
        _drop_part(np.int64(t), x, y, key, step, threshold, factor)


def _dropout(op: Dropout, node: Any, **_: Any) -> tuple[Kernel, str]:
    stream, threshold = np.uint32(op.stream), op.threshold
    factor = np.dtype(node.inputs[0].type.dtype).type(op.factor)

    @numba_njit
    def dropout(x: Any, seed: Any, step: Any) -> Any:
        y = np.empty(x.shape, x.dtype)
        key = (seed.item(), stream)
        _share_out(np.ascontiguousarray(x).reshape(-1), y.reshape(-1), key, step.item(), threshold, factor)
        return y

    return dropout, cache_key(op, (op.stream, int(threshold)))


register_funcify_and_cache_key(Dropout)(_dropout)
