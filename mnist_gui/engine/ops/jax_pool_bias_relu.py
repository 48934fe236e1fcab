"""How JAX runs pooling with biases and ReLU; importing this module registers it with PyTensor's JAX linker."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from pytensor.link.jax.dispatch.basic import jax_funcify

from mnist_gui.engine.ops.jax_maxpool2d import pooled, unpooled
from mnist_gui.engine.ops.pool_bias_relu import PoolBiasReLU, PoolBiasReLUGradient


def _pool_bias_relu(op: PoolBiasReLU, **_: Any) -> Callable[..., Any]:
    def pool_bias_relu(images: Any, biases: Any) -> Any:
        return jnp.maximum(pooled(images, op.window) + biases, 0)

    return pool_bias_relu


def _pool_bias_relu_gradient(op: PoolBiasReLUGradient, **_: Any) -> Callable[..., Any]:
    def pool_bias_relu_gradient(images: Any, biases: Any, cotangent: Any) -> tuple[Any, Any]:
        slopes = jnp.where(pooled(images, op.window) + biases < 0, 0, cotangent)
        return unpooled(images, slopes, op.window), slopes.sum(axis=(0, 1, 2))

    return pool_bias_relu_gradient


jax_funcify.register(PoolBiasReLU)(_pool_bias_relu)
jax_funcify.register(PoolBiasReLUGradient)(_pool_bias_relu_gradient)
