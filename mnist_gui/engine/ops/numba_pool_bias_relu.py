"""Numba kernels of pooling with biases and ReLU: one pass, one loop over the channels of a window.

They are written for vector instructions in the way that `numba_batch_norm` explains.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk, literal_shape, pooling
from mnist_gui.engine.ops.numba_maxpool2d import replaces
from mnist_gui.engine.ops.pool_bias_relu import PoolBiasReLU, PoolBiasReLUGradient

Kernel = Callable[..., Any]


def _pool_bias_relu(op: PoolBiasReLU, node: Any, **_: Any) -> tuple[Kernel, str]:
    h, w, c = sides = literal_shape(node.inputs[0], "images", first=1)
    window = op.window
    oh, ow, span, channels, side, step = pooling(sides, window)

    @numba_njit
    def pool(x: Any, biases: Any, result: Any, first: int, last: int) -> None:
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels = x[start : start + span]
                    start = ((n * oh + i) * ow + j) * c
                    results = result[start : start + c]
                    for k in range(channels):
                        largest = pixels[k]
                        for u in range(side):
                            for v in range(side):
                                value = pixels[u * step + v * channels + k]
                                largest = value if replaces(value, largest) else largest
                        largest += biases[k]
                        results[k] = largest * 0 if largest < 0 else largest

    @numba_njit(parallel=True)
    def share_out(x: Any, biases: Any, result: Any, n: int) -> None:
        for t in prange(CHUNKS):
            pool(x, biases, result, *chunk(t, n))

    @numba_njit
    def pool_bias_relu(images: Any, biases: Any) -> Any:
        if images.shape[1:] != sides or len(biases) != c:
            raise ValueError("images or biases are not of the shape that was compiled")
        result = np.empty((len(images), oh, ow, c), images.dtype)
        x = np.ascontiguousarray(images).reshape(images.size)
        share_out(x, np.ascontiguousarray(biases), result.reshape(result.size), len(images))
        return result

    return pool_bias_relu, cache_key(op, (window, *sides))


def _pool_bias_relu_gradient(op: PoolBiasReLUGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    h, w, c = sides = literal_shape(node.inputs[0], "images", first=1)
    window = op.window
    oh, ow, span, channels, side, step = pooling(sides, window)

    @numba_njit
    def unpool(x: Any, biases: Any, cotangent: Any, result: Any, total: Any, first: int, last: int) -> None:
        nothing = x.dtype.type(0)
        total[:] = 0
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    start = ((n * h + window * i) * w + window * j) * c
                    pixels, places = x[start : start + span], result[start : start + span]
                    start = ((n * oh + i) * ow + j) * c
                    slopes = cotangent[start : start + c]
                    for k in range(channels):
                        largest, at = pixels[k], np.int32(0)
                        for u in range(side):
                            for v in range(side):
                                value = pixels[u * step + v * channels + k]
                                larger = replaces(value, largest)
                                largest = value if larger else largest
                                at = np.int32(u * side + v) if larger else at
                        slope = slopes[k]
                        slope = slope * 0 if largest + biases[k] < 0 else slope
                        total[k] += slope
                        for u in range(side):
                            for v in range(side):
                                is_here = at == np.int32(u * side + v)
                                places[u * step + v * channels + k] = slope if is_here else nothing

    @numba_njit(parallel=True)
    def share_out(x: Any, biases: Any, cotangent: Any, result: Any, totals: Any, n: int) -> None:
        for t in prange(CHUNKS):
            unpool(x, biases, cotangent, result, totals[t], *chunk(t, n))

    @numba_njit
    def pool_bias_relu_gradient(images: Any, biases: Any, cotangent: Any) -> Any:
        n = len(images)
        if images.shape[1:] != sides or cotangent.shape != (n, oh, ow, c) or len(biases) != c:
            raise ValueError("images, biases or gradient are not of the shape that was compiled")
        result = np.empty(images.shape, images.dtype)
        if h % window or w % window:
            result[:] = 0
        totals = np.empty((CHUNKS, c), images.dtype)
        x, slopes = np.ascontiguousarray(images), np.ascontiguousarray(cotangent)
        share_out(
            x.reshape(x.size),
            np.ascontiguousarray(biases),
            slopes.reshape(slopes.size),
            result.reshape(x.size),
            totals,
            n,
        )
        for t in range(1, CHUNKS):
            for k in range(c):
                totals[0, k] += totals[t, k]
        return result, totals[0].copy()

    return pool_bias_relu_gradient, cache_key(op, (window, *sides))


register_funcify_and_cache_key(PoolBiasReLU)(_pool_bias_relu)
register_funcify_and_cache_key(PoolBiasReLUGradient)(_pool_bias_relu_gradient)
