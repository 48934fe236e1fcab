"""Numba kernels of the biases: plain loops over rows of channels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.add_bias import AddBias, SumOverChannels
from mnist_gui.engine.ops.numba_common import cache_key

Kernel = Callable[..., Any]


def _add_bias(op: AddBias, **_: Any) -> tuple[Kernel, str]:
    @numba_njit
    def add_bias(x: Any, biases: Any) -> Any:
        c = len(biases)
        if x.shape[-1] != c:
            raise ValueError("channels and biases do not fit")
        rows = np.ascontiguousarray(x).reshape(x.size // c, c)
        result = np.empty(x.shape, x.dtype)
        flat = result.reshape(x.size // c, c)
        for i in range(len(rows)):
            for j in range(c):
                flat[i, j] = rows[i, j] + biases[j]
        return result

    return add_bias, cache_key(op, ())


def _sum_over_channels(op: SumOverChannels, **_: Any) -> tuple[Kernel, str]:
    @numba_njit
    def sum_over_channels(x: Any) -> Any:
        c = x.shape[-1]
        rows = np.ascontiguousarray(x).reshape(x.size // c, c)
        total = np.zeros(c, x.dtype)
        for i in range(len(rows)):
            for j in range(c):
                total[j] += rows[i, j]
        return total

    return sum_over_channels, cache_key(op, ())


register_funcify_and_cache_key(AddBias)(_add_bias)
register_funcify_and_cache_key(SumOverChannels)(_sum_over_channels)
