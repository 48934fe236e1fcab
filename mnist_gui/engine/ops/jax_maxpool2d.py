"""How JAX runs max-pooling; importing this module registers it with PyTensor's JAX linker."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from pytensor.link.jax.dispatch.basic import jax_funcify

from mnist_gui.engine.ops.maxpool2d import MaxPool2D, MaxPool2DGradient


def pooled(images: Any, window: int) -> Any:
    """The largest value of each window."""
    return _windows(images, window).max(axis=3)


def unpooled(images: Any, cotangent: Any, window: int) -> Any:
    """Gradients of windows at their first largest pixels, 0 elsewhere."""
    n, h, w, c = images.shape
    largest = jnp.argmax(_windows(images, window), axis=3, keepdims=True)
    pixels = jnp.arange(window * window)[:, None]
    spread = jnp.where(largest == pixels, cotangent[:, :, :, None], 0)
    split = spread.reshape(n, h // window, w // window, window, window, c)
    whole = split.transpose(0, 1, 3, 2, 4, 5).reshape(n, h // window * window, w // window * window, c)
    return jnp.pad(whole, ((0, 0), (0, h % window), (0, w % window), (0, 0)))


def _windows(images: Any, window: int) -> Any:
    """The pixels of each window on an axis of their own: (n, h // window, w // window, window * window, c)."""
    n, h, w, c = images.shape
    whole = images[:, : h // window * window, : w // window * window]
    split = whole.reshape(n, h // window, window, w // window, window, c)
    return split.transpose(0, 1, 3, 2, 4, 5).reshape(n, h // window, w // window, window * window, c)


def _max_pool2d(op: MaxPool2D, **_: Any) -> Callable[..., Any]:
    def max_pool(images: Any) -> Any:
        return pooled(images, op.window)

    return max_pool


def _max_pool2d_gradient(op: MaxPool2DGradient, **_: Any) -> Callable[..., Any]:
    def max_pool_gradient(images: Any, cotangent: Any) -> Any:
        return unpooled(images, cotangent, op.window)

    return max_pool_gradient


jax_funcify.register(MaxPool2D)(_max_pool2d)
jax_funcify.register(MaxPool2DGradient)(_max_pool2d_gradient)
