"""Numba kernels of batch normalisation: two passes forwards and two backwards, shared out among Numba's threads.

Arrays are seen as one row of numbers, in which the channels of a pixel lie side by side. A loop over them is what the
compiler turns into vector instructions. It does so where their number is literal, each array is a slice, and places
inside a slice are unsigned: a signed one might count from the end. Written so, a pass takes as long as memory does.

Sums over a channel are taken over a row of pixels in the dtype of x, and over rows in float64; those of the chunks are
added in order, so the result does not depend on the number of threads.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.batch_norm import EPSILON, BatchNorm, BatchNormGradient
from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk, literal_shape

Kernel = Callable[..., Any]


def _batch_norm(op: BatchNorm, node: Any, **_: Any) -> tuple[Kernel, str]:
    window, relu = op.window, op.relu
    (c,) = literal_shape(node.inputs[0], "images", first=3)
    channels, side = np.uintp(c), np.uintp(window)

    @numba_njit
    def sums_of(x: Any, totals: Any, first: int, last: int, width: int) -> None:
        """Sum and sum of squares of each channel of some rows of pixels, into `totals` (2, c)."""
        row, squares = np.empty(c, x.dtype), np.empty(c, x.dtype)
        totals[:] = 0
        for i in range(first, last):
            row[:] = 0
            squares[:] = 0
            for j in range(width):
                pixel = x[(i * width + j) * c : (i * width + j + 1) * c]
                for k in range(c):
                    row[k] += pixel[k]
                    squares[k] += pixel[k] * pixel[k]
            for k in range(c):
                totals[0, k] += row[k]
                totals[1, k] += squares[k]

    @numba_njit(parallel=True)
    def share_sums(x: Any, totals: Any, n: int, h: int, w: int) -> None:
        for t in prange(CHUNKS):
            first, last = chunk(t, n)
            sums_of(x, totals[t], first * h, last * h, w)

    @numba_njit
    def normalise(x: Any, scale: Any, shift: Any, y: Any, first: int, last: int, h: int, w: int) -> None:
        step = np.uintp(w * c)
        for n in range(first, last):
            for i in range(h // window):
                for j in range(w // window):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels = x[start : start + ((window - 1) * w + window) * c]
                    start = ((n * (h // window) + i) * (w // window) + j) * c
                    result = y[start : start + c]
                    for k in range(channels):
                        largest = pixels[k] * scale[k]
                        for u in range(side):
                            for v in range(side):
                                value = pixels[u * step + v * channels + k] * scale[k]
                                # A NaN stays, on either side; `replaces` of max-pooling would take a third longer.
                                largest = largest if not (value > largest) and value == value else value
                        largest += shift[k]
                        if relu:
                            largest = largest if not (largest <= 0) else largest * 0
                        result[k] = largest

    @numba_njit(parallel=True)
    def share_out(x: Any, scale: Any, shift: Any, y: Any, n: int, h: int, w: int) -> None:
        for t in prange(CHUNKS):
            first, last = chunk(t, n)
            normalise(x, scale, shift, y, first, last, h, w)

    @numba_njit
    def batch_norm(x: Any, gamma: Any, beta: Any) -> Any:
        n, h, w, _ = x.shape
        if x.shape[3] != c or len(gamma) != c or len(beta) != c:
            raise ValueError("channels, gamma and beta do not fit")
        whole = np.ascontiguousarray(x).reshape(x.size)
        totals = np.empty((CHUNKS, 2, c), np.float64)
        share_sums(whole, totals, n, h, w)
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
        share_out(whole, scale, shift, y.reshape(y.size), n, h, w)
        return y, mean, variance

    return batch_norm, cache_key(op, (window, int(relu), c))


def _batch_norm_gradient(op: BatchNormGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    window, relu = op.window, op.relu
    (c,) = literal_shape(node.inputs[0], "images", first=3)
    channels, side = np.uintp(c), np.uintp(window)

    @numba_njit
    def add_up(
        x: Any, scale: Any, shift: Any, mean: Any, cotangent: Any, at: Any, totals: Any,
        first: int, last: int, h: int, w: int,
    ) -> None:  # fmt: skip
        """Sums of g and of g (x - m) of some images, into `totals` (2, c).

        Where in a window each channel is largest goes into `at`; -1 where the ReLU cut it off.
        """
        slopes_of_row, moments = np.empty(c, x.dtype), np.empty(c, x.dtype)
        totals[:] = 0
        step = np.uintp(w * c)
        for n in range(first, last):
            for i in range(h // window):
                slopes_of_row[:] = 0
                moments[:] = 0
                for j in range(w // window):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels = x[start : start + ((window - 1) * w + window) * c]
                    start = ((n * (h // window) + i) * (w // window) + j) * c
                    slopes, places = cotangent[start : start + c], at[start : start + c]
                    for k in range(channels):
                        pixel = pixels[k]
                        largest, place = pixel * scale[k], np.int16(0)
                        for u in range(side):
                            for v in range(side):
                                other = pixels[u * step + v * channels + k]
                                value = other * scale[k]
                                replaces = value > largest
                                largest = value if replaces else largest
                                pixel = other if replaces else pixel
                                place = np.int16(u * side + v) if replaces else place
                        slope = slopes[k]
                        if relu:
                            passes = largest + shift[k] > 0
                            slope = slope if passes else slope * 0
                            place = place if passes else np.int16(-1)
                        places[k] = place
                        slopes_of_row[k] += slope
                        moments[k] += slope * (pixel - mean[k])
                for k in range(c):
                    totals[0, k] += slopes_of_row[k]
                    totals[1, k] += moments[k]

    @numba_njit(parallel=True)
    def share_sums(
        x: Any, scale: Any, shift: Any, mean: Any, cotangent: Any, at: Any, totals: Any, n: int, h: int, w: int
    ) -> None:
        for t in prange(CHUNKS):
            first, last = chunk(t, n)
            add_up(x, scale, shift, mean, cotangent, at, totals[t], first, last, h, w)

    @numba_njit
    def spread(
        x: Any, scale: Any, slope: Any, level: Any, cotangent: Any, at: Any, result: Any,
        first: int, last: int, h: int, w: int,
    ) -> None:  # fmt: skip
        """Gradient of some images: scale g - (slope x + level)."""
        oh, ow = h // window, w // window
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    start = ((n * oh + i) * ow + j) * c
                    slopes, places = cotangent[start : start + c], at[start : start + c]
                    for number in range(window * window):
                        row, column = window * i + number // window, window * j + number % window
                        start = ((n * h + row) * w + column) * c
                        pixel, target = x[start : start + c], result[start : start + c]
                        for k in range(c):
                            here = slopes[k] if places[k] == np.int16(number) else slopes[k] * 0
                            target[k] = scale[k] * here - (slope[k] * pixel[k] + level[k])
            for i in range(h):
                for j in range(0 if i >= window * oh else window * ow, w):  # what fills no window
                    start = ((n * h + i) * w + j) * c
                    pixel, target = x[start : start + c], result[start : start + c]
                    for k in range(c):
                        target[k] = -(slope[k] * pixel[k] + level[k])

    @numba_njit(parallel=True)
    def share_out(
        x: Any, scale: Any, slope: Any, level: Any, cotangent: Any, at: Any, result: Any, n: int, h: int, w: int
    ) -> None:
        for t in prange(CHUNKS):
            first, last = chunk(t, n)
            spread(x, scale, slope, level, cotangent, at, result, first, last, h, w)

    @numba_njit
    def batch_norm_gradient(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, cotangent: Any) -> Any:
        n, h, w, _ = x.shape
        if x.shape[3] != c or cotangent.shape != (n, h // window, w // window, c):
            raise ValueError("x and gradient do not fit")
        whole = np.ascontiguousarray(x).reshape(x.size)
        slopes = np.ascontiguousarray(cotangent).reshape(cotangent.size)
        scale, shift = np.empty(c, x.dtype), np.empty(c, x.dtype)
        for k in range(c):
            factor = gamma[k] / np.sqrt(variance[k] + EPSILON)
            scale[k], shift[k] = factor, beta[k] - mean[k] * factor
        totals, at = np.empty((CHUNKS, 2, c), np.float64), np.empty(slopes.size, np.int16)
        share_sums(whole, scale, shift, mean, slopes, at, totals, n, h, w)
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
        share_out(whole, scale, slope, level, slopes, at, result.reshape(x.size), n, h, w)
        return result, of_gamma, of_beta

    return batch_norm_gradient, cache_key(op, (window, int(relu), c))


register_funcify_and_cache_key(BatchNorm)(_batch_norm)
register_funcify_and_cache_key(BatchNormGradient)(_batch_norm_gradient)
