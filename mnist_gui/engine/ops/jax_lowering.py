"""How JAX runs the Ops of this package; importing this module registers them with PyTensor's JAX linker."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from pytensor.link.jax.dispatch.basic import jax_funcify

import mnist_gui.engine.ops.jax_batch_norm
import mnist_gui.engine.ops.jax_maxpool2d
import mnist_gui.engine.ops.jax_pool_bias_relu
import mnist_gui.engine.ops.jax_random  # noqa: F401 - these register more Ops
from mnist_gui.engine.ops.add_bias import AddBias, SumOverChannels
from mnist_gui.engine.ops.conv2d import Conv2D, Conv2DImagesGradient, Conv2DKernelsGradient
from mnist_gui.engine.ops.cross_entropy import CrossEntropy, CrossEntropyGradient


def _convolve(images: Any, kernels: Any, padding: int) -> Any:
    return jax.lax.conv_general_dilated(
        images, kernels, (1, 1), ((padding, padding),) * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def _conv2d(op: Conv2D, **_: Any) -> Callable[..., Any]:
    def convolve(images: Any, kernels: Any) -> Any:
        return _convolve(images, kernels, op.padding)

    return convolve


def _conv2d_images_gradient(op: Conv2DImagesGradient, **_: Any) -> Callable[..., Any]:
    def images_gradient(kernels: Any, cotangent: Any) -> Any:
        n, oh, ow, _ = cotangent.shape
        kh, kw, c, _ = kernels.shape
        less = 1 + 2 * op.padding
        images = jax.ShapeDtypeStruct((n, oh + kh - less, ow + kw - less, c), cotangent.dtype)
        (gradient,) = jax.linear_transpose(lambda x: _convolve(x, kernels, op.padding), images)(cotangent)
        return gradient

    return images_gradient


def _conv2d_kernels_gradient(op: Conv2DKernelsGradient, **_: Any) -> Callable[..., Any]:
    def kernels_gradient(images: Any, cotangent: Any) -> Any:
        _, h, w, c = images.shape
        _, oh, ow, o = cotangent.shape
        more = 1 + 2 * op.padding
        kernels = jax.ShapeDtypeStruct((h - oh + more, w - ow + more, c, o), cotangent.dtype)
        (gradient,) = jax.linear_transpose(lambda k: _convolve(images, k, op.padding), kernels)(cotangent)
        return gradient

    return kernels_gradient


def _add_bias(op: AddBias, **_: Any) -> Callable[..., Any]:
    return jnp.add


def _sum_over_channels(op: SumOverChannels, **_: Any) -> Callable[..., Any]:
    def sum_over_channels(x: Any) -> Any:
        return x.reshape(-1, x.shape[-1]).sum(axis=0)

    return sum_over_channels


def _cross_entropy(op: CrossEntropy, **_: Any) -> Callable[..., Any]:
    def cross_entropy(logits: Any, labels: Any, smoothing: Any) -> tuple[Any, Any]:
        of_label = logits[jnp.arange(len(labels)), labels]
        losses = jax.scipy.special.logsumexp(logits, axis=1) - of_label
        losses += jnp.where(smoothing == 0, 0, smoothing * (of_label - logits.mean(axis=1)))
        as_large = (logits >= of_label[:, None]).sum(axis=1)
        return losses.sum(), (as_large != 1).sum()

    return cross_entropy


def _cross_entropy_gradient(op: CrossEntropyGradient, **_: Any) -> Callable[..., Any]:
    def cross_entropy_gradient(logits: Any, labels: Any, smoothing: Any, cotangent: Any) -> Any:
        classes = logits.shape[1]
        target = (1 - smoothing) * jax.nn.one_hot(labels, classes, dtype=logits.dtype) + smoothing / classes
        return cotangent * (jax.nn.softmax(logits, axis=1) - target)

    return cross_entropy_gradient


jax_funcify.register(AddBias)(_add_bias)
jax_funcify.register(SumOverChannels)(_sum_over_channels)
jax_funcify.register(Conv2D)(_conv2d)
jax_funcify.register(Conv2DImagesGradient)(_conv2d_images_gradient)
jax_funcify.register(Conv2DKernelsGradient)(_conv2d_kernels_gradient)
jax_funcify.register(CrossEntropy)(_cross_entropy)
jax_funcify.register(CrossEntropyGradient)(_cross_entropy_gradient)
