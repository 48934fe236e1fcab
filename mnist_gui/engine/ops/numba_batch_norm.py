"""Numba kernels of batch normalisation: two passes forwards and two backwards, shared out among Numba's threads.

Arrays are seen as one row of numbers, in which the channels of a pixel lie side by side. A loop over them is what the
compiler turns into vector instructions. It does so where all sizes are literal but the number of images, each array is
a slice, places inside a slice are unsigned (a signed one might count from the end), and the loop is not so short that
it is written out number by number instead: 24 channels with little to do for each. So one loop over channels does
all that is to be done for a window, and the sums of the first pass are taken along whole rows. Written so, a pass
takes as long as memory does.

Sums over a channel are taken within an image or a row of it in the dtype of x, and over those in float64; those of the
chunks are added in order, so the result does not depend on the number of threads.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.batch_norm import EPSILON, BatchNorm, BatchNormGradient
from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk, literal_shape, pooling
from mnist_gui.engine.ops.numba_maxpool2d import replaces

Kernel = Callable[..., Any]


def _batch_norm(op: BatchNorm, node: Any, **_: Any) -> tuple[Kernel, str]:
    window, relu = op.window, op.relu
    h, w, c = sides = literal_shape(node.inputs[0], "images", first=1)
    width = w * c
    oh, ow, span, channels, side, step = pooling(sides, window)

    @numba_njit
    def sums_of(x: Any, totals: Any, first: int, last: int) -> None:
        """Sum and sum of squares of each channel of some images, into `totals` (2, c)."""
        sums, squares = np.empty(width, x.dtype), np.empty(width, x.dtype)
        totals[:] = 0
        for n in range(first, last):
            sums[:] = 0
            squares[:] = 0
            for i in range(n * h, (n + 1) * h):
                row = x[i * width : (i + 1) * width]
                for k in range(width):
                    sums[k] += row[k]
                    squares[k] += row[k] * row[k]
            for j in range(w):
                for k in range(c):
                    totals[0, k] += sums[j * c + k]
                    totals[1, k] += squares[j * c + k]

    @numba_njit(parallel=True)
    def share_sums(x: Any, totals: Any, n: int) -> None:
        for t in prange(CHUNKS):
            sums_of(x, totals[t], *chunk(t, n))

    @numba_njit
    def normalise(x: Any, scale: Any, shift: Any, y: Any, first: int, last: int) -> None:
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels = x[start : start + span]
                    start = ((n * oh + i) * ow + j) * c
                    result = y[start : start + c]
                    for k in range(channels):
                        largest = pixels[k] * scale[k]
                        for u in range(side):
                            for v in range(side):
                                value = pixels[u * step + v * channels + k] * scale[k]
                                largest = value if replaces(value, largest) else largest
                        largest += shift[k]
                        if relu:
                            largest = largest if not (largest <= 0) else largest * 0
                        result[k] = largest

    @numba_njit(parallel=True)
    def share_out(x: Any, scale: Any, shift: Any, y: Any, n: int) -> None:
        for t in prange(CHUNKS):
            normalise(x, scale, shift, y, *chunk(t, n))

    @numba_njit
    def batch_norm(x: Any, gamma: Any, beta: Any) -> Any:
        n = len(x)
        if x.shape[1:] != sides or len(gamma) != c or len(beta) != c:
            raise ValueError("images, gamma or beta are not of the shape that was compiled")
        whole = np.ascontiguousarray(x).reshape(x.size)
        totals = np.empty((CHUNKS, 2, c), np.float64)
        share_sums(whole, totals, n)
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
        y = np.empty((n, oh, ow, c), x.dtype)
        share_out(whole, scale, shift, y.reshape(y.size), n)
        return y, mean, variance

    return batch_norm, cache_key(op, (window, int(relu), *sides))


def _batch_norm_gradient(op: BatchNormGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    window, relu = op.window, op.relu
    h, w, c = sides = literal_shape(node.inputs[0], "images", first=1)
    oh, ow, span, channels, side, step = pooling(sides, window)

    @numba_njit
    def add_up(
        x: Any, scale: Any, shift: Any, mean: Any, cotangent: Any, at: Any, totals: Any, first: int, last: int
    ) -> None:
        """Sums of g and of g (x - m) of some images, into `totals` (2, c).

        Where in a window each channel is largest goes into `at`; -1 where the ReLU cut it off.
        """
        slopes_of_row, moments = np.empty(c, x.dtype), np.empty(c, x.dtype)
        totals[:] = 0
        for n in range(first, last):
            for i in range(oh):
                slopes_of_row[:] = 0
                moments[:] = 0
                for j in range(ow):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels = x[start : start + span]
                    start = ((n * oh + i) * ow + j) * c
                    slopes, places = cotangent[start : start + c], at[start : start + c]
                    for k in range(channels):
                        pixel = pixels[k]
                        largest, place = pixel * scale[k], np.int16(0)
                        for u in range(side):
                            for v in range(side):
                                other = pixels[u * step + v * channels + k]
                                value = other * scale[k]
                                larger = replaces(value, largest)
                                largest = value if larger else largest
                                pixel = other if larger else pixel
                                place = np.int16(u * side + v) if larger else place
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
    def share_sums(x: Any, scale: Any, shift: Any, mean: Any, cotangent: Any, at: Any, totals: Any, n: int) -> None:
        for t in prange(CHUNKS):
            add_up(x, scale, shift, mean, cotangent, at, totals[t], *chunk(t, n))

    @numba_njit
    def spread(
        x: Any, scale: Any, slope: Any, level: Any, cotangent: Any, at: Any, result: Any, first: int, last: int
    ) -> None:
        """Gradient of some images: scale g - (slope x + level)."""
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels, targets = x[start : start + span], result[start : start + span]
                    start = ((n * oh + i) * ow + j) * c
                    slopes, places = cotangent[start : start + c], at[start : start + c]
                    for k in range(channels):
                        given, place = scale[k] * slopes[k], places[k]
                        for u in range(side):
                            for v in range(side):
                                here = given if place == np.int16(u * side + v) else given * 0
                                there = u * step + v * channels + k
                                targets[there] = here - (slope[k] * pixels[there] + level[k])
            for i in range(h):
                for j in range(0 if i >= window * oh else window * ow, w):  # what fills no window
                    start = ((n * h + i) * w + j) * c
                    pixel, target = x[start : start + c], result[start : start + c]
                    for k in range(c):
                        target[k] = -(slope[k] * pixel[k] + level[k])

    @numba_njit(parallel=True)
    def share_out(x: Any, scale: Any, slope: Any, level: Any, cotangent: Any, at: Any, result: Any, n: int) -> None:
        for t in prange(CHUNKS):
            spread(x, scale, slope, level, cotangent, at, result, *chunk(t, n))

    @numba_njit
    def batch_norm_gradient(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, cotangent: Any) -> Any:
        n = len(x)
        if x.shape[1:] != sides or cotangent.shape != (n, oh, ow, c):
            raise ValueError("images or gradient are not of the shape that was compiled")
        whole = np.ascontiguousarray(x).reshape(x.size)
        slopes = np.ascontiguousarray(cotangent).reshape(cotangent.size)
        scale, shift = np.empty(c, x.dtype), np.empty(c, x.dtype)
        for k in range(c):
            factor = gamma[k] / np.sqrt(variance[k] + EPSILON)
            scale[k], shift[k] = factor, beta[k] - mean[k] * factor
        totals, at = np.empty((CHUNKS, 2, c), np.float64), np.empty(slopes.size, np.int16)
        share_sums(whole, scale, shift, mean, slopes, at, totals, n)
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
        share_out(whole, scale, slope, level, slopes, at, result.reshape(x.size), n)
        return result, of_gamma, of_beta

    return batch_norm_gradient, cache_key(op, (window, int(relu), *sides))


register_funcify_and_cache_key(BatchNorm)(_batch_norm)
register_funcify_and_cache_key(BatchNormGradient)(_batch_norm_gradient)
