"""How JAX runs max-pooling; importing this module registers it with PyTensor's JAX linker.

The pixels of a window are slices of the images and not an axis of their own: XLA then makes one loop of whatever is
computed with them, where an axis to reduce, or to bring back to its place, is a kernel of a GPU each.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import jax.numpy as jnp
from pytensor.link.jax.dispatch.basic import jax_funcify

from mnist_gui.engine.ops.maxpool2d import MaxPool2D, MaxPool2DGradient


def pooled(images: Any, window: int) -> Any:
    """The largest value of each window."""
    return reduce(jnp.maximum, _pixels(images, window))


def unpooled(images: Any, cotangent: Any, window: int) -> Any:
    """Gradients of windows at their first largest pixels, 0 elsewhere."""
    n, h, w, c = images.shape
    largest, *others = _pixels(images, window)
    place = jnp.zeros(largest.shape, jnp.int32)
    for number, pixel in enumerate(others, 1):
        larger = (pixel > largest) | (jnp.isnan(pixel) & ~jnp.isnan(largest))
        largest, place = jnp.where(larger, pixel, largest), jnp.where(larger, number, place)

    numbers = jnp.arange(window * window, dtype=jnp.int32).reshape(window, 1, window, 1)
    spread = jnp.where(place[:, :, None, :, None] == numbers, cotangent[:, :, None, :, None], 0)
    whole = spread.reshape(n, h // window * window, w // window * window, c)
    return jnp.pad(whole, ((0, 0), (0, h % window), (0, w % window), (0, 0)))


def _pixels(images: Any, window: int) -> list[Any]:
    """The first pixel of each window, the second, and so on, in reading order: (n, h // window, w // window, c)."""
    _, h, w, _ = images.shape
    h, w = h // window * window, w // window * window
    return [images[:, i:h:window, j:w:window] for i in range(window) for j in range(window)]


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
