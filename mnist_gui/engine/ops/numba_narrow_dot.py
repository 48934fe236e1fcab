"""Products with the weights of a dense layer that has many inputs and few outputs: softmax regression.

Ten outputs fill no vector and BLAS, which lays both matrices out anew, takes twice as long. Here those of the smaller
one get zeros beside them, so that a row fills vectors, and go through the inner loop of the convolutions. The work is
too little to be shared out among threads: to start them takes as long.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from pytensor.link.numba.dispatch.basic import numba_njit

from mnist_gui.engine.ops.numba_common import aligned
from mnist_gui.engine.ops.numba_product import Steps, product_kernel

Kernel = Callable[..., Any]

WIDTH: Final = 16
"""Outputs at most, and numbers in a row that has zeros beside them."""

BLOCK: Final = 32
"""Digits whose values are multiplied in one go; those that fill no block are left to BLAS."""

_MANY: Final = 7_000
"""Weights from which on this is quicker than BLAS, which has a quicker way of its own for the smallest products."""


def is_narrow(inputs: int | None, outputs: int | None) -> bool:
    """Whether both sides of a layer's weights are known, and these kernels are the quickest way."""
    return inputs is not None and outputs is not None and outputs <= WIDTH and inputs * outputs >= _MANY


def narrow_result(k: int, o: int) -> Kernel:
    """Makes the function of x (n, k) and weights (k, o) to (n, o)."""
    product = product_kernel(Steps((1, 0, 0), (BLOCK, k, WIDTH), (1, 0), (k, 1), WIDTH, "float32"))
    widened, narrowed = _widened(o), _narrowed(o)

    @numba_njit
    def dot(x: Any, weights: Any) -> Any:
        n = len(x)
        if x.shape[1] != k or weights.shape != (k, o):
            raise ValueError("the matrices are not of the shape that was compiled")
        blocks, rows = n // BLOCK, np.ascontiguousarray(x)
        wide, flat, done = widened(weights), rows.reshape(n * k), blocks * BLOCK
        sums = aligned(done * WIDTH, np.float32)
        for b in range(blocks):
            product(flat[b * BLOCK * k :], wide, sums[b * BLOCK * WIDTH :])
        values = narrowed(sums, n)
        if done < n:
            np.dot(rows[done:], weights, values[done:])
        return values

    return dot


def narrow_weights_gradient(k: int, o: int) -> Kernel:
    """Makes the function of inputs x, as (k, n) whose transpose is contiguous, and d (n, o) to (k, o)."""
    steps = Steps((1, 0, 0), (k, 1, WIDTH), (1, 0), (BLOCK, k), WIDTH, "float32", adding=True)
    product, widened, narrowed = product_kernel(steps), _widened(o), _narrowed(o)

    @numba_njit
    def dot(x: Any, d: Any) -> Any:
        n = len(d)
        if x.shape != (k, n) or d.shape[1] != o:
            raise ValueError("the matrices are not of the shape that was compiled")
        blocks, rows = n // BLOCK, np.ascontiguousarray(x.T)
        wide, flat, done = widened(d), rows.reshape(n * k), blocks * BLOCK
        sums = aligned(k * WIDTH, np.float32)
        sums[:] = 0
        for b in range(blocks):
            product(flat[b * BLOCK * k :], wide[b * BLOCK * WIDTH :], sums)
        values = narrowed(sums, k)
        if done < n:
            values += np.dot(rows[done:].T, np.ascontiguousarray(d[done:]))
        return values

    return dot


def _widened(o: int) -> Kernel:
    """Makes the function of a matrix (n, o) to its numbers and zeros, as one row of n x WIDTH."""

    @numba_njit
    def widened(matrix: Any) -> Any:
        wide = aligned(len(matrix) * WIDTH, np.float32)
        for i in range(len(matrix)):
            for j in range(o):
                wide[i * WIDTH + j] = matrix[i, j]
            for j in range(o, WIDTH):
                wide[i * WIDTH + j] = 0
        return wide

    return widened


def _narrowed(o: int) -> Kernel:
    """Makes the function of a row as of `_widened` to a matrix (n, o), of which it fills as many rows as there are."""

    @numba_njit
    def narrowed(wide: Any, n: int) -> Any:
        matrix = np.empty((n, o), np.float32)
        for i in range(len(wide) // WIDTH):
            for j in range(o):
                matrix[i, j] = wide[i * WIDTH + j]
        return matrix

    return narrowed
