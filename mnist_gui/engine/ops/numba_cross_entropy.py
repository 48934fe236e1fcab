"""Numba kernels of softmax cross-entropy: one row at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.cross_entropy import CrossEntropy, CrossEntropyGradient
from mnist_gui.engine.ops.numba_common import cache_key

Kernel = Callable[..., Any]


def _cross_entropy(op: CrossEntropy, **_: Any) -> tuple[Kernel, str]:
    @numba_njit
    def cross_entropy(logits: Any, labels: Any, smoothing: Any) -> Any:
        n, classes = logits.shape
        if len(labels) != n:
            raise ValueError("logits and labels do not fit")
        total, misread = 0.0, 0
        spread = smoothing.item()
        for i in range(n):
            of_label = logits[i, labels[i]]
            largest = logits[i, 0]
            as_large = 0
            for c in range(classes):
                largest = max(largest, logits[i, c])
                as_large += logits[i, c] >= of_label
            exponentials = 0.0
            mean = 0.0
            for c in range(classes):
                exponentials += np.exp(logits[i, c] - largest)
                mean += logits[i, c] / classes
            total += np.log(exponentials) - (of_label - largest)
            if spread:  # not by multiplying with 0: a logit may be infinite
                total += spread * (of_label - mean)
            misread += as_large != 1
        return np.asarray(logits.dtype.type(total)), np.asarray(misread)

    return cross_entropy, cache_key(op, ())


def _cross_entropy_gradient(op: CrossEntropyGradient, **_: Any) -> tuple[Kernel, str]:
    @numba_njit
    def cross_entropy_gradient(logits: Any, labels: Any, smoothing: Any, cotangent: Any) -> Any:
        n, classes = logits.shape
        if len(labels) != n:
            raise ValueError("logits and labels do not fit")
        gradient = np.empty_like(logits)
        scale = cotangent.item()
        everywhere = scale * smoothing.item() / classes
        for i in range(n):
            largest = logits[i, 0]
            for c in range(classes):
                largest = max(largest, logits[i, c])
            exponentials = 0.0
            for c in range(classes):
                gradient[i, c] = np.exp(logits[i, c] - largest)
                exponentials += gradient[i, c]
            factor = scale / exponentials
            for c in range(classes):
                gradient[i, c] = gradient[i, c] * factor - everywhere
            gradient[i, labels[i]] -= scale - everywhere * classes
        return gradient

    return cross_entropy_gradient, cache_key(op, ())


register_funcify_and_cache_key(CrossEntropy)(_cross_entropy)
register_funcify_and_cache_key(CrossEntropyGradient)(_cross_entropy_gradient)
