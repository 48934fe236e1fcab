"""Numba kernels of batch normalisation: two passes forwards and two backwards, shared out among Numba's threads.

Sums over a channel are taken over a row of pixels in the dtype of x, and over rows in float64; those of the chunks are
added in order, so the result does not depend on the number of threads.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.batch_norm import EPSILON, BatchNorm, BatchNormGradient
from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk

Kernel = Callable[..., Any]


@numba_njit
def _sums_of(x: Any, totals: Any, first: int, last: int) -> None:
    """Sum and sum of squares of each channel of some images, into `totals` (2, c)."""
    _, h, w, c = x.shape
    row = np.empty((2, c), x.dtype)
    totals[:] = 0
    for n in range(first, last):
        for i in range(h):
            row[:] = 0
            for j in range(w):
                pixel = x[n, i, j]
                for k in range(c):
                    row[0, k] += pixel[k]
                    row[1, k] += pixel[k] * pixel[k]
            for k in range(c):
                totals[0, k] += row[0, k]
                totals[1, k] += row[1, k]


@numba_njit(parallel=True)
def _share_sums(x: Any, totals: Any) -> None:
    for t in prange(CHUNKS):
        _sums_of(x, totals[t], *chunk(t, len(x)))


def _batch_norm(op: BatchNorm, node: Any, **_: Any) -> tuple[Kernel, str]:
    window, relu = op.window, op.relu

    @numba_njit
    def normalise(x: Any, scale: Any, shift: Any, y: Any, first: int, last: int) -> None:
        _, oh, ow, c = y.shape
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    result = y[n, i, j]
                    for k in range(c):
                        result[k] = x[n, window * i, window * j, k] * scale[k]
                    for number in range(1, window * window):
                        pixel = x[n, window * i + number // window, window * j + number % window]
                        for k in range(c):
                            value = pixel[k] * scale[k]
                            # A NaN stays, whichever side it is on.
                            result[k] = result[k] if not (value > result[k]) and value == value else value
                    for k in range(c):
                        value = result[k] + shift[k]
                        if relu:
                            value = value if not (value <= 0) else value * 0
                        result[k] = value

    @numba_njit(parallel=True)
    def share_out(x: Any, scale: Any, shift: Any, y: Any) -> None:
        for t in prange(CHUNKS):
            normalise(x, scale, shift, y, *chunk(t, len(x)))

    @numba_njit
    def batch_norm(x: Any, gamma: Any, beta: Any) -> Any:
        n, h, w, c = x.shape
        if len(gamma) != c or len(beta) != c:
            raise ValueError("channels, gamma and beta do not fit")
        whole = np.ascontiguousarray(x)
        totals = np.empty((CHUNKS, 2, c), np.float64)
        _share_sums(whole, totals)
        mean, variance = np.empty(c, x.dtype), np.empty(c, x.dtype)
        scale, shift = np.empty(c, x.dtype), np.empty(c, x.dtype)
        count = n * h * w
        for k in range(c):
            total, squares = 0.0, 0.0
            for t in range(CHUNKS):
                total += totals[t, 0, k]
                squares += totals[t, 1, k]
            total /= count
            squares = max(squares / count - total * total, 0.0)
            factor = gamma[k] / np.sqrt(squares + EPSILON)
            mean[k], variance[k] = total, squares
            scale[k], shift[k] = factor, beta[k] - total * factor
        y = np.empty((n, h // window, w // window, c), x.dtype)
        share_out(whole, scale, shift, y)
        return y, mean, variance

    return batch_norm, cache_key(op, (window, int(relu)))


def _batch_norm_gradient(op: BatchNormGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    window, relu = op.window, op.relu

    @numba_njit
    def find(x: Any, scale: Any, shift: Any, n: int, i: int, j: int, largest: Any, at: Any) -> None:
        """Where in a window each channel is largest; -1 where the ReLU cut it off."""
        for k in range(len(scale)):
            largest[k] = x[n, window * i, window * j, k] * scale[k]
            at[k] = 0
        for number in range(1, window * window):
            pixel = x[n, window * i + number // window, window * j + number % window]
            for k in range(len(scale)):
                value = pixel[k] * scale[k]
                replaces = value > largest[k]
                largest[k] = value if replaces else largest[k]
                at[k] = np.int32(number) if replaces else at[k]
        if relu:
            for k in range(len(scale)):
                at[k] = at[k] if largest[k] + shift[k] > 0 else np.int32(-1)

    @numba_njit
    def add_up(x: Any, scale: Any, shift: Any, mean: Any, cotangent: Any, totals: Any, first: int, last: int) -> None:
        """Sums of g and of g (x - m) of some images, into `totals` (2, c)."""
        _, oh, ow, c = cotangent.shape
        largest, at = np.empty(c, x.dtype), np.empty(c, np.int32)
        row = np.empty((2, c), x.dtype)
        totals[:] = 0
        for n in range(first, last):
            for i in range(oh):
                row[:] = 0
                for j in range(ow):
                    find(x, scale, shift, n, i, j, largest, at)
                    slopes = cotangent[n, i, j]
                    for number in range(window * window):
                        pixel = x[n, window * i + number // window, window * j + number % window]
                        for k in range(c):
                            slope = slopes[k] if at[k] == np.int32(number) else slopes[k] * 0
                            row[0, k] += slope
                            row[1, k] += slope * (pixel[k] - mean[k])
                for k in range(c):
                    totals[0, k] += row[0, k]
                    totals[1, k] += row[1, k]

    @numba_njit(parallel=True)
    def share_sums(x: Any, scale: Any, shift: Any, mean: Any, cotangent: Any, totals: Any) -> None:
        for t in prange(CHUNKS):
            add_up(x, scale, shift, mean, cotangent, totals[t], *chunk(t, len(x)))

    @numba_njit
    def spread(
        x: Any, scale: Any, shift: Any, slope: Any, level: Any, cotangent: Any, result: Any, first: int, last: int
    ) -> None:
        """Gradient of some images: scale g - (slope x + level)."""
        _, h, w, c = x.shape
        _, oh, ow, _ = cotangent.shape
        largest, at = np.empty(c, x.dtype), np.empty(c, np.int32)
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    find(x, scale, shift, n, i, j, largest, at)
                    slopes = cotangent[n, i, j]
                    for number in range(window * window):
                        pixel = x[n, window * i + number // window, window * j + number % window]
                        target = result[n, window * i + number // window, window * j + number % window]
                        for k in range(c):
                            here = slopes[k] if at[k] == np.int32(number) else slopes[k] * 0
                            target[k] = scale[k] * here - (slope[k] * pixel[k] + level[k])
            for i in range(h):
                for j in range(0 if i >= window * oh else window * ow, w):
                    for k in range(c):
                        result[n, i, j, k] = -(slope[k] * x[n, i, j, k] + level[k])

    @numba_njit(parallel=True)
    def share_out(x: Any, scale: Any, shift: Any, slope: Any, level: Any, cotangent: Any, result: Any) -> None:
        for t in prange(CHUNKS):
            spread(x, scale, shift, slope, level, cotangent, result, *chunk(t, len(x)))

    @numba_njit
    def batch_norm_gradient(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, cotangent: Any) -> Any:
        n, h, w, c = x.shape
        if cotangent.shape != (n, h // window, w // window, c):
            raise ValueError("x and gradient do not fit")
        whole, slopes = np.ascontiguousarray(x), np.ascontiguousarray(cotangent)
        scale, shift = np.empty(c, x.dtype), np.empty(c, x.dtype)
        for k in range(c):
            factor = gamma[k] / np.sqrt(variance[k] + EPSILON)
            scale[k], shift[k] = factor, beta[k] - mean[k] * factor
        totals = np.empty((CHUNKS, 2, c), np.float64)
        share_sums(whole, scale, shift, mean, slopes, totals)
        of_gamma, of_beta = np.empty_like(gamma), np.empty_like(beta)
        slope, level = np.empty(c, x.dtype), np.empty(c, x.dtype)
        count = n * h * w
        for k in range(c):
            total, moment = 0.0, 0.0
            for t in range(CHUNKS):
                total += totals[t, 0, k]
                moment += totals[t, 1, k]
            moment /= np.sqrt(variance[k] + EPSILON)
            of_beta[k], of_gamma[k] = total, moment
            steepness = scale[k] * moment / count / np.sqrt(variance[k] + EPSILON)
            slope[k], level[k] = steepness, scale[k] * total / count - steepness * mean[k]
        result = np.empty(x.shape, x.dtype)
        share_out(whole, scale, shift, slope, level, slopes, result)
        return result, of_gamma, of_beta

    return batch_norm_gradient, cache_key(op, (window, int(relu)))


register_funcify_and_cache_key(BatchNorm)(_batch_norm)
register_funcify_and_cache_key(BatchNormGradient)(_batch_norm_gradient)
