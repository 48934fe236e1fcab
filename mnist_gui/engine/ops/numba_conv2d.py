"""Numba kernels of the convolution.

Each works image by image: the patches of one image are laid side by side in a matrix small enough for the
processor's cache (LeNet's second layer: 64 x 500 float32, 128 kB), and BLAS multiplies. Images are shared out among
Numba's threads in `CHUNKS` fixed parts, so a result is the same bit for bit with any number of threads. BLAS must be
told to use one thread itself while these run, or the threads of both would compete.

The shape of the kernels is literal in the compiled code: loops over five pixels are then unrolled. Only the small
functions with a `prange` are compiled for parallel running, which takes Numba much longer.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.conv2d import Conv2D, Conv2DImagesGradient, Conv2DKernelsGradient
from mnist_gui.engine.ops.numba_common import (
    CHUNKS,
    add_to,
    cache_key,
    chunk,
    initialise_blas,
    literal_shape,
)

Kernel = Callable[..., Any]


def _im2col_kernel(kh: int, kw: int, c: int) -> Kernel:
    """Makes the function that fills `patches` (positions, kh * kw * c) from one image (h, w, c)."""
    row = kw * c

    @numba_njit
    def im2col(image: Any, patches: Any) -> None:
        h, w, _ = image.shape
        pixels = image.reshape(h, w * c)
        oh, ow = h - kh + 1, w - kw + 1
        for i in range(oh):
            for u in range(kh):
                for j in range(ow):
                    for x in range(row):
                        patches[i * ow + j, u * row + x] = pixels[i + u, j * c + x]

    return im2col


def _col2im_kernel(kh: int, kw: int, c: int) -> Kernel:
    """Makes the function that adds `patches` (positions, kh * kw * c) up into one image (h, w, c)."""
    row = kw * c

    @numba_njit
    def col2im(patches: Any, image: Any) -> None:
        h, w, _ = image.shape
        pixels = image.reshape(h, w * c)
        oh, ow = h - kh + 1, w - kw + 1
        pixels[:] = 0
        for i in range(oh):
            for u in range(kh):
                for j in range(ow):
                    for x in range(row):
                        pixels[i + u, j * c + x] += patches[i * ow + j, u * row + x]

    return col2im


def _conv2d(op: Conv2D, node: Any, **_: Any) -> tuple[Kernel, str]:
    kh, kw, c, o = shape = literal_shape(node.inputs[1], "kernels")
    im2col = _im2col_kernel(kh, kw, c)

    @numba_njit
    def convolve(images: Any, columns: Any, products: Any, first: int, last: int) -> None:
        patches = np.empty((products.shape[1], kh * kw * c), images.dtype)
        for i in range(first, last):
            im2col(images[i], patches)
            np.dot(patches, columns, products[i])

    @numba_njit(parallel=True)
    def share_out(images: Any, columns: Any, products: Any) -> None:
        for t in prange(CHUNKS):
            convolve(images, columns, products, *chunk(t, len(images)))

    @numba_njit
    def conv2d(images: Any, kernels: Any) -> Any:
        n, h, w, image_c = images.shape
        if image_c != c or h < kh or w < kw or kernels.shape != shape:
            raise ValueError("the kernels do not fit the images, or are not of the shape that was compiled")
        oh, ow = h - kh + 1, w - kw + 1
        columns = np.ascontiguousarray(kernels).reshape(kh * kw * c, o)
        products = np.empty((n, oh * ow, o), images.dtype)
        initialise_blas(products)
        share_out(np.ascontiguousarray(images), columns, products)
        return products.reshape(n, oh, ow, o)

    return conv2d, cache_key(op, shape)


def _conv2d_images_gradient(op: Conv2DImagesGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    kh, kw, c, o = shape = literal_shape(node.inputs[0], "kernels")
    col2im = _col2im_kernel(kh, kw, c)

    @numba_njit
    def spread(columns: Any, products: Any, gradient: Any, first: int, last: int) -> None:
        patches = np.empty((products.shape[1], kh * kw * c), gradient.dtype)
        for i in range(first, last):
            np.dot(products[i], columns.T, patches)
            col2im(patches, gradient[i])

    @numba_njit(parallel=True)
    def share_out(columns: Any, products: Any, gradient: Any) -> None:
        for t in prange(CHUNKS):
            spread(columns, products, gradient, *chunk(t, len(gradient)))

    @numba_njit
    def images_gradient(kernels: Any, cotangent: Any) -> Any:
        n, oh, ow, cotangent_o = cotangent.shape
        if cotangent_o != o or kernels.shape != shape:
            raise ValueError("the kernels do not fit the gradient, or are not of the shape that was compiled")
        columns = np.ascontiguousarray(kernels).reshape(kh * kw * c, o)
        products = np.ascontiguousarray(cotangent).reshape(n, oh * ow, o)
        gradient = np.empty((n, oh + kh - 1, ow + kw - 1, c), cotangent.dtype)
        initialise_blas(gradient)
        share_out(columns, products, gradient)
        return gradient

    return images_gradient, cache_key(op, shape)


def _conv2d_kernels_gradient(op: Conv2DKernelsGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    kh, kw, c, o = shape = literal_shape(node.outputs[0], "kernels")
    im2col = _im2col_kernel(kh, kw, c)

    @numba_njit
    def accumulate(images: Any, products: Any, total: Any, first: int, last: int) -> None:
        patches = np.empty((products.shape[1], kh * kw * c), images.dtype)
        of_one = np.empty_like(total)
        total[:] = 0
        for i in range(first, last):
            im2col(images[i], patches)
            np.dot(patches.T, products[i], of_one)
            add_to(total, of_one)

    @numba_njit(parallel=True)
    def share_out(images: Any, products: Any, totals: Any) -> None:
        for t in prange(CHUNKS):
            accumulate(images, products, totals[t], *chunk(t, len(images)))

    @numba_njit
    def kernels_gradient(images: Any, cotangent: Any) -> Any:
        n, h, w, image_c = images.shape
        oh, ow = h - kh + 1, w - kw + 1
        if cotangent.shape != (n, oh, ow, o) or image_c != c:
            raise ValueError("images and gradient do not fit, or are not of the shape that was compiled")
        products = np.ascontiguousarray(cotangent).reshape(n, oh * ow, o)
        totals = np.empty((CHUNKS, kh * kw * c, o), images.dtype)
        initialise_blas(totals)
        share_out(np.ascontiguousarray(images), products, totals)
        for t in range(1, CHUNKS):
            add_to(totals[0], totals[t])
        return totals[0].reshape(kh, kw, c, o)

    return kernels_gradient, cache_key(op, shape)


register_funcify_and_cache_key(Conv2D)(_conv2d)
register_funcify_and_cache_key(Conv2DImagesGradient)(_conv2d_images_gradient)
register_funcify_and_cache_key(Conv2DKernelsGradient)(_conv2d_kernels_gradient)
