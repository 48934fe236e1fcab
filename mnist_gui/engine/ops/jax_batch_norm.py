"""How JAX runs batch normalisation."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from pytensor.link.jax.dispatch.basic import jax_funcify

from mnist_gui.engine.ops.batch_norm import EPSILON, BatchNorm, BatchNormGradient
from mnist_gui.engine.ops.jax_maxpool2d import pooled, unpooled


def _scale_and_shift(gamma: Any, beta: Any, mean: Any, variance: Any) -> tuple[Any, Any]:
    scale = gamma / jnp.sqrt(variance + EPSILON)
    return scale, beta - mean * scale


def _batch_norm(op: BatchNorm, **_: Any) -> Callable[..., Any]:
    def batch_norm(x: Any, gamma: Any, beta: Any) -> tuple[Any, Any, Any]:
        mean = x.mean(axis=(0, 1, 2))
        variance = jnp.square(x - mean).mean(axis=(0, 1, 2))
        scale, shift = _scale_and_shift(gamma, beta, mean, variance)
        y = pooled(x * scale, op.window) + shift
        return (jnp.maximum(y, 0) if op.relu else y), mean, variance

    return batch_norm


def _batch_norm_gradient(op: BatchNormGradient, **_: Any) -> Callable[..., Any]:
    def gradient(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, cotangent: Any) -> tuple[Any, Any, Any]:
        scale, shift = _scale_and_shift(gamma, beta, mean, variance)
        scaled = x * scale
        if op.relu:
            cotangent = jnp.where(pooled(scaled, op.window) + shift > 0, cotangent, 0)
        spread = unpooled(scaled, cotangent, op.window)
        normal = (x - mean) / jnp.sqrt(variance + EPSILON)
        of_beta = spread.sum(axis=(0, 1, 2))
        of_gamma = (spread * normal).sum(axis=(0, 1, 2))
        count = x.size // x.shape[-1]
        return scale * (spread - of_beta / count - normal * (of_gamma / count)), of_gamma, of_beta

    return gradient


jax_funcify.register(BatchNorm)(_batch_norm)
jax_funcify.register(BatchNormGradient)(_batch_norm_gradient)
