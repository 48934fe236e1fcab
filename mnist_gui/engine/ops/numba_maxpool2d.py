"""Numba kernels of max-pooling: one pass over the images, shared out among Numba's threads."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.maxpool2d import MaxPool2D, MaxPool2DGradient
from mnist_gui.engine.ops.numba_common import CHUNKS, cache_key, chunk

Kernel = Callable[..., Any]


@numba_njit(inline="always")  # a call would keep the loop around it from becoming vector instructions
def replaces(value: Any, largest: Any) -> Any:
    """Whether a pixel is larger than the largest so far; a NaN is larger than all, and the first of them stays."""
    return (value > largest) | ((value != value) & (largest == largest))


def _max_pool2d(op: MaxPool2D, **_: Any) -> tuple[Kernel, str]:
    window = op.window

    @numba_njit
    def pool(images: Any, result: Any, first: int, last: int) -> None:
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
                        result[n, i, j, x] = largest

    @numba_njit(parallel=True)
    def share_out(images: Any, result: Any) -> None:
        for t in prange(CHUNKS):
            pool(images, result, *chunk(t, len(images)))

    @numba_njit
    def max_pool(images: Any) -> Any:
        n, h, w, c = images.shape
        result = np.empty((n, h // window, w // window, c), images.dtype)
        share_out(np.ascontiguousarray(images), result)
        return result

    return max_pool, cache_key(op, (window,))


def _max_pool2d_gradient(op: MaxPool2DGradient, **_: Any) -> tuple[Kernel, str]:
    window = op.window

    @numba_njit
    def unpool(images: Any, cotangent: Any, result: Any, first: int, last: int) -> None:
        _, oh, ow, c = cotangent.shape
        # One window of all channels at a time: each loop over channels is then simple enough for vector instructions.
        largest = np.empty(c, images.dtype)
        at = np.empty(c, np.int32)
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
                    gradients = cotangent[n, i, j]
                    for number in range(window * window):
                        slopes = result[n, window * i + number // window, window * j + number % window]
                        for x in range(c):
                            slopes[x] = gradients[x] if at[x] == np.int32(number) else 0

    @numba_njit(parallel=True)
    def share_out(images: Any, cotangent: Any, result: Any) -> None:
        for t in prange(CHUNKS):
            unpool(images, cotangent, result, *chunk(t, len(images)))

    @numba_njit
    def max_pool_gradient(images: Any, cotangent: Any) -> Any:
        n, h, w, c = images.shape
        if cotangent.shape != (n, h // window, w // window, c):
            raise ValueError("images and gradient do not fit")
        result = np.empty((n, h, w, c), images.dtype)
        if h % window or w % window:
            result[:] = 0
        share_out(np.ascontiguousarray(images), np.ascontiguousarray(cotangent), result)
        return result

    return max_pool_gradient, cache_key(op, (window,))


register_funcify_and_cache_key(MaxPool2D)(_max_pool2d)
register_funcify_and_cache_key(MaxPool2DGradient)(_max_pool2d_gradient)
