"""How JAX runs the Ops that draw random numbers."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from pytensor.link.jax.dispatch.basic import jax_funcify

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.ops.dropout import Dropout
from mnist_gui.engine.ops.random_warp import RandomWarp
from mnist_gui.engine.threefry import threefry2x32, uniform
from mnist_gui.engine.warping import AFFINE, BENDING, BLOCKS, CENTRE, GREYS, GRID, STREAM, Strengths, matrices


def random_words(seed: Any, stream: int, step: Any, blocks: int) -> Any:
    """As `threefry.random_words`, for uint32 scalars of JAX."""
    return threefry2x32((seed, jnp.uint32(stream)), (jnp.arange(blocks, dtype=jnp.uint32), step))


def _dropout(op: Dropout, **_: Any) -> Callable[..., Any]:
    def dropout(x: Any, seed: Any, step: Any) -> Any:
        words = jnp.concatenate(random_words(seed, op.stream, step, (x.size + 1) // 2))
        kept = (words[: x.size] >= op.threshold).reshape(x.shape)
        return x * jnp.where(kept, x.dtype.type(op.factor), 0)

    return dropout


def _random_warp(op: RandomWarp, **_: Any) -> Callable[..., Any]:
    def random_warp(images: Any, *arguments: Any) -> Any:
        *scalars, seed, step = arguments
        strengths = Strengths(*scalars)
        n = images.shape[0]
        words = [part.reshape(n, BLOCKS) for part in random_words(seed, STREAM, step, n * BLOCKS)]
        numbers = uniform(jnp.concatenate(words, axis=1)) * np.float32(2) - np.float32(1)
        grid = numbers[:, AFFINE:].reshape(n, 2, GRID, GRID)
        # 'highest': a GPU would otherwise round the factors to 10 bits.
        field = jnp.einsum("yi,naij,xj->nayx", BENDING, grid, BENDING, precision="highest") * strengths.elastic
        return _warp(jnp.asarray(GREYS)[images], matrices(numbers[:, :AFFINE], strengths, jnp), field)

    return random_warp


def _warp(images: Any, matrices: Any, field: Any) -> Any:
    """As `warping.warp`, of images that are float32 already."""
    framed = jnp.pad(images, ((0, 0), (1, 2), (1, 2))).reshape(len(images), -1)
    along = jnp.arange(SIDE, dtype=jnp.float32) - CENTRE
    a, b, t = (matrices[:, :, i, None, None] for i in range(3))
    places = a * along + b * along[:, None] + t + field + (CENTRE + 1)
    places = jnp.fmin(jnp.fmax(places, 0), SIDE + 1)
    whole = places.astype(jnp.int32)
    x, y = jnp.moveaxis(places - whole, 1, 0)
    at = whole[:, 1] * (SIDE + 3) + whole[:, 0]
    look_up = jax.vmap(lambda picture, at: picture[at])
    upper = look_up(framed, at) * (1 - x) + look_up(framed, at + 1) * x
    lower = look_up(framed, at + SIDE + 3) * (1 - x) + look_up(framed, at + SIDE + 4) * x
    return upper * (1 - y) + lower * y


jax_funcify.register(Dropout)(_dropout)
jax_funcify.register(RandomWarp)(_random_warp)
