"""Products of matrices with the weights of a large dense layer, by the inner loop of the convolutions.

Those with the weights of a layer of many inputs and few outputs are in `numba_narrow_dot`.

There are three for a layer: the result ``x W``, the gradient of the weights ``x' d`` and that of the inputs ``d W'``.
BLAS computes them as quickly, but with threads of its own, and those of Numba and of BLAS get in each other's way: one
kind waits in a loop for work while the other has some, or must be woken, which takes a tenth of a step. So all of a
step runs on Numba's threads, and BLAS, on one thread, is left with what is small.

Each thread takes some of the columns of the result, in panels of `PANEL`, lays out what they are multiplied with, and
goes through the digits in blocks of `BLOCK`. Digits that fill no block are left to BLAS.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import (
    numba_funcify_and_cache_key,
    numba_njit,
    register_funcify_and_cache_key,
)
from pytensor.tensor.math import Dot

from mnist_gui.engine.ops.numba_common import aligned, cache_key
from mnist_gui.engine.ops.numba_narrow_dot import is_narrow, narrow_result, narrow_weights_gradient
from mnist_gui.engine.ops.numba_product import Steps, copy_kernel, pack_kernel, product_kernel
from mnist_gui.engine.ops.numba_transpose import is_transpose

Kernel = Callable[..., Any]

PANEL: Final = 64
"""Columns that a thread takes at a time: with 784 rows they fill a fifth of a megabyte of cache."""

BLOCK: Final = 32
"""Digits whose values are multiplied in one go."""

LARGE: Final = 50_000
"""Weights of a layer from which on this is quicker than BLAS on one thread."""

_PYTENSORS: Final = numba_funcify_and_cache_key.dispatch(Dot)


def _dot(op: Dot, node: Any, **arguments: Any) -> tuple[Kernel, Any]:
    """One of our kernels where it is a product with weights, or makes their gradient; PyTensor's for all else."""
    ours = _of_layer(*node.inputs)
    if ours is not None:
        make, name, sides = ours
        return make(*sides), cache_key(op, sides, name)
    kernel, key = _PYTENSORS(op, node=node, **arguments)
    return kernel, key


def _of_layer(x: Any, y: Any) -> tuple[Callable[[int, int], Kernel], str, tuple[int, int]] | None:
    """What makes our kernel of a product, its name, and the inputs and outputs of the layer; None if there is none."""
    if any(variable.type.dtype != "float32" or variable.type.ndim != 2 for variable in (x, y)):
        return None
    (rows, k), o = x.type.shape, y.type.shape[1]
    narrow: Callable[[int, int], Kernel] | None
    if _is_transposed(x):
        name, sides, large, narrow = "weights' gradient", (rows, o), _weights_gradient, narrow_weights_gradient
    elif _is_transposed(y):
        name, sides, large, narrow = "inputs' gradient", (o, k), _inputs_gradient, None
    else:
        name, sides, large, narrow = "result", (k, o), _result, narrow_result
    if _is_large(*sides):
        return large, name, sides
    if narrow is not None and is_narrow(*sides):
        return narrow, f"narrow {name}", sides
    return None


def _is_transposed(variable: Any) -> bool:
    """Whether it is a matrix that lies in memory column by column."""
    return variable.owner is not None and is_transpose(variable.owner.op)


def _is_large(inputs: int | None, outputs: int | None) -> bool:
    """Whether both sides of a layer's weights are known, and large."""
    return inputs is not None and outputs is not None and min(inputs, outputs) >= PANEL and inputs * outputs >= LARGE


def _panels(columns: int) -> tuple[int, ...]:
    """Where panels begin. The last ends with the last column; what it shares with the one before is computed twice."""
    return tuple(min(start, columns - PANEL) for start in range(0, columns, PANEL))


def _result(k: int, o: int) -> Kernel:
    """Makes the function of x (n, k) and weights (k, o) to (n, o)."""
    steps = Steps((1, 0, 0), (BLOCK, k, o), (1, 0), (k, 1), PANEL, "float32")
    pack, product, size, panels = pack_kernel(steps, o), product_kernel(steps), steps.packed, _panels(o)

    @numba_njit(parallel=True)
    def share_out(x: Any, weights: Any, result: Any, blocks: int) -> None:
        for p in prange(len(panels)):
            first, panel = panels[p], aligned(size, np.float32)
            pack(weights[first:], panel)
            for b in range(blocks):
                product(x[b * BLOCK * k :], panel, result[b * BLOCK * o + first :])

    @numba_njit
    def dot(x: Any, weights: Any) -> Any:
        n = len(x)
        if x.shape[1] != k or weights.shape != (k, o):
            raise ValueError("the matrices are not of the shape that was compiled")
        rows, done = np.ascontiguousarray(x), n // BLOCK * BLOCK
        result = np.empty((n, o), np.float32)
        lying = np.ascontiguousarray(weights)
        share_out(rows.reshape(n * k), lying.reshape(k * o), result.reshape(n * o), n // BLOCK)
        if done < n:
            np.dot(rows[done:], weights, result[done:])
        return result

    return dot


def _inputs_gradient(k: int, o: int) -> Kernel:
    """Makes the function of d (n, o) and transposed weights (o, k), of weights that are contiguous, to (n, k).

    The transpose of the result is what is computed: then the digits, fewer than the weights, are what is laid out
    column by column.
    """
    steps = Steps((1, 0, 0), (PANEL, o, BLOCK), (1, 0), (o, 1), BLOCK, "float32")
    pack, product, size, panels = pack_kernel(steps), product_kernel(steps), steps.packed, _panels(k)

    @numba_njit(parallel=True)
    def share_out(digits: Any, weights: Any, result: Any) -> None:
        for p in prange(len(panels)):
            first, turned = panels[p], aligned(PANEL * BLOCK, np.float32)
            for b in range(len(digits)):
                product(weights[first * o :], digits[b], turned)
                for i in range(BLOCK):
                    row = result[b * BLOCK + i, first : first + PANEL]
                    for j in range(PANEL):
                        row[j] = turned[j * BLOCK + i]

    @numba_njit
    def dot(d: Any, weights: Any) -> Any:
        n = len(d)
        if d.shape[1] != o or weights.shape != (o, k):
            raise ValueError("the matrices are not of the shape that was compiled")
        rows, result = np.ascontiguousarray(d), np.empty((n, k), np.float32)
        digits = aligned(n // BLOCK * size, np.float32).reshape(n // BLOCK, size)
        for b in range(len(digits)):
            pack(np.ascontiguousarray(rows[b * BLOCK : (b + 1) * BLOCK].T), digits[b])
        lying = np.ascontiguousarray(weights.T)
        share_out(digits, lying.reshape(k * o), result)
        done = n // BLOCK * BLOCK
        if done < n:
            np.dot(rows[done:], weights, result[done:])
        return result

    return dot


def _weights_gradient(k: int, o: int) -> Kernel:
    """Makes the function of inputs x, as (k, n) whose transpose is contiguous, and d (n, o) to (k, o)."""
    steps = Steps((1, 0, 0), (k, 1, PANEL), (1, 0), (BLOCK, k), PANEL, "float32", adding=True)
    pack, product, size, panels = pack_kernel(steps, o), product_kernel(steps), steps.packed, _panels(o)
    copy = copy_kernel(k, PANEL, (0, PANEL), (0, o))

    @numba_njit(parallel=True)
    def share_out(x: Any, d: Any, result: Any, blocks: int) -> None:
        for p in prange(len(panels)):
            first = panels[p]
            panel, total = aligned(size, np.float32), aligned(k * PANEL, np.float32)
            total[:] = 0
            for b in range(blocks):
                pack(d[b * BLOCK * o + first :], panel)
                product(x[b * BLOCK * k :], panel, total)
            copy(total, result[first:])

    @numba_njit
    def dot(x: Any, d: Any) -> Any:
        n = len(d)
        if x.shape != (k, n) or d.shape[1] != o:
            raise ValueError("the matrices are not of the shape that was compiled")
        rows, slopes = np.ascontiguousarray(x.T), np.ascontiguousarray(d)
        done, result = n // BLOCK * BLOCK, np.empty((k, o), np.float32)
        share_out(rows.reshape(n * k), slopes.reshape(n * o), result.reshape(k * o), n // BLOCK)
        if done < n:
            result += np.dot(rows[done:].T, slopes[done:])
        return result

    return dot


register_funcify_and_cache_key(Dot)(_dot)
