"""Numba kernels of pooling with biases and ReLU: one pass, all channels of a window at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk
from mnist_gui.engine.ops.numba_maxpool2d import replaces
from mnist_gui.engine.ops.pool_bias_relu import PoolBiasReLU, PoolBiasReLUGradient

Kernel = Callable[..., Any]


def _pool_bias_relu(op: PoolBiasReLU, **_: Any) -> tuple[Kernel, str]:
    window = op.window

    @numba_njit
    def pool(images: Any, biases: Any, result: Any, first: int, last: int) -> None:
        _, oh, ow, c = result.shape
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    for x in range(c):
                        largest = images[n, window * i, window * j, x]
                        for u in range(window):
                            for v in range(window):
                                value = images[n, window * i + u, window * j + v, x]
                                largest = value if replaces(value, largest) else largest
                        largest += biases[x]
                        result[n, i, j, x] = largest * 0 if largest < 0 else largest

    @numba_njit(parallel=True)
    def share_out(images: Any, biases: Any, result: Any) -> None:
        for t in prange(CHUNKS):
            pool(images, biases, result, *chunk(t, len(images)))

    @numba_njit
    def pool_bias_relu(images: Any, biases: Any) -> Any:
        n, h, w, c = images.shape
        if len(biases) != c:
            raise ValueError("channels and biases do not fit")
        result = np.empty((n, h // window, w // window, c), images.dtype)
        share_out(np.ascontiguousarray(images), np.ascontiguousarray(biases), result)
        return result

    return pool_bias_relu, cache_key(op, (window,))


def _pool_bias_relu_gradient(op: PoolBiasReLUGradient, **_: Any) -> tuple[Kernel, str]:
    window = op.window

    @numba_njit
    def unpool(images: Any, biases: Any, cotangent: Any, result: Any, total: Any, first: int, last: int) -> None:
        _, oh, ow, c = cotangent.shape
        largest, at, slopes = np.empty(c, images.dtype), np.empty(c, np.int32), np.empty(c, images.dtype)
        total[:] = 0
        for n in range(first, last):
            for i in range(oh):
                for j in range(ow):
                    for x in range(c):
                        largest[x] = images[n, window * i, window * j, x]
                        at[x] = 0
                    for number in range(1, window * window):
                        pixels = images[n, window * i + number // window, window * j + number % window]
                        for x in range(c):
                            larger = replaces(pixels[x], largest[x])
                            largest[x] = pixels[x] if larger else largest[x]
                            at[x] = np.int32(number) if larger else at[x]
                    for x in range(c):
                        slope = cotangent[n, i, j, x]
                        slopes[x] = slope * 0 if largest[x] + biases[x] < 0 else slope
                        total[x] += slopes[x]
                    for number in range(window * window):
                        places = result[n, window * i + number // window, window * j + number % window]
                        for x in range(c):
                            places[x] = slopes[x] if at[x] == np.int32(number) else 0

    @numba_njit(parallel=True)
    def share_out(images: Any, biases: Any, cotangent: Any, result: Any, totals: Any) -> None:
        for t in prange(CHUNKS):
            unpool(images, biases, cotangent, result, totals[t], *chunk(t, len(images)))

    @numba_njit
    def pool_bias_relu_gradient(images: Any, biases: Any, cotangent: Any) -> Any:
        n, h, w, c = images.shape
        if cotangent.shape != (n, h // window, w // window, c) or len(biases) != c:
            raise ValueError("images, biases and gradient do not fit")
        result = np.empty(images.shape, images.dtype)
        if h % window or w % window:
            result[:] = 0
        totals = np.empty((CHUNKS, c), images.dtype)
        share_out(
            np.ascontiguousarray(images), np.ascontiguousarray(biases), np.ascontiguousarray(cotangent), result, totals
        )
        for t in range(1, CHUNKS):
            for x in range(c):
                totals[0, x] += totals[t, x]
        return result, totals[0].copy()

    return pool_bias_relu_gradient, cache_key(op, (window,))


register_funcify_and_cache_key(PoolBiasReLU)(_pool_bias_relu)
register_funcify_and_cache_key(PoolBiasReLUGradient)(_pool_bias_relu_gradient)
