"""Numba kernels of the convolution: three uses of `numba_product`, which says how such a sum is computed.

The pixels under a row of a kernel lie side by side in an image, so no patches are laid out: the convolution multiplies
them where they are. The gradient of the kernels sums over positions instead of pixels. The gradient of the images is a
convolution too, of the result's gradient with the kernels turned by half a circle and their channels exchanged; where
that would have to be padded by much, what each position gives is added up instead.

Images are shared out among Numba's threads in `CHUNKS` fixed parts, so a result is the same bit for bit with any
number of threads. Only the small functions with a `prange` are compiled for parallel running, which takes Numba long.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import prange
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from mnist_gui.engine.ops.conv2d import Conv2D, Conv2DImagesGradient, Conv2DKernelsGradient
from mnist_gui.engine.ops.numba_common import CHUNKS, add_to, aligned, cache_key, chunk, literal_shape
from mnist_gui.engine.ops.numba_product import Steps, copy_kernel, pack_kernel, product_kernel

Kernel = Callable[..., Any]
Shape = tuple[int, ...]


def _convolution(images: Shape, kernels: Shape, top: int, left: int, dtype: str) -> tuple[Kernel, Kernel, int]:
    """Makes the two functions of which a convolution consists.

    Args:
        images: (h, w, c), literal.
        kernels: (kh, kw, c, o), literal.
        top: rows of zeros above and below an image, fewer than kh.
        left: columns of zeros on both sides of an image, fewer than kw.
        dtype: of everything.

    Returns:
        A function that packs factors (kh * kw * c, o) into panels; one of images (n, h, w, c), panels and an array for
        the result, all contiguous; and the size of the panels. Numba compiles a function again for each function
        around it, so nothing is put around these that need not be.
    """
    (h, w, c), (kh, kw, _, o) = images, kernels
    ph, pw = h + 2 * top, w + 2 * left
    oh, ow = ph - kh + 1, pw - kw + 1
    steps = Steps((oh, pw * c, ow * o), (ow, c, o), (kh, pw * c), (kw * c, 1), o, dtype)
    pack, product = pack_kernel(steps), product_kernel(steps)
    is_padded = top + left > 0
    copy = copy_kernel(h, w * c, (0, w * c), ((top * pw + left) * c, pw * c))

    @numba_njit
    def convolve_part(images: Any, panels: Any, result: Any, first: int, last: int) -> None:
        image = np.zeros((ph, pw, c), images.dtype)
        for i in range(first, last):
            if is_padded:
                copy(images[i], image)
                product(image, panels, result[i])
            else:
                product(images[i], panels, result[i])

    @numba_njit(parallel=True)
    def share_out(images: Any, panels: Any, result: Any) -> None:
        for t in prange(CHUNKS):
            convolve_part(images, panels, result, *chunk(t, len(images)))

    return pack, share_out, steps.packed


def _conv2d(op: Conv2D, node: Any, **_: Any) -> tuple[Kernel, str]:
    sides = literal_shape(node.inputs[0], "images", first=1)
    kh, kw, c, o = shape = literal_shape(node.inputs[1], "kernels")
    oh, ow = node.outputs[0].type.shape[1:3]
    p, dtype = op.padding, node.outputs[0].type.dtype
    pack, convolve, size = _convolution(sides, shape, p, p, dtype)

    @numba_njit
    def conv2d(images: Any, kernels: Any) -> Any:
        if images.shape[1:] != sides or kernels.shape != shape:
            raise ValueError("images or kernels are not of the shape that was compiled")
        result = np.empty((len(images), oh, ow, o), images.dtype)
        panels = aligned(size, images.dtype)
        pack(np.ascontiguousarray(kernels).reshape(kh * kw * c, o), panels)
        convolve(np.ascontiguousarray(images), panels, result)
        return result

    return conv2d, cache_key(op, (*sides, *shape, p), dtype)


def _conv2d_images_gradient(op: Conv2DImagesGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    (kh, kw), (oh, ow) = node.inputs[0].type.shape[:2], node.inputs[1].type.shape[1:3]
    h, w = node.outputs[0].type.shape[1:3]
    if None in (kh, kw, oh, ow) or h * w < 1.3 * oh * ow:
        return _gathered_images_gradient(op, node)
    return _spread_images_gradient(op, node)


def _gathered_images_gradient(op: Conv2DImagesGradient, node: Any) -> tuple[Kernel, str]:
    """A convolution of the gradient: the less it must be padded, the less is multiplied by zero."""
    kh, kw, c, o = shape = literal_shape(node.inputs[0], "kernels")
    sides = literal_shape(node.inputs[1], "gradients", first=1)
    h, w = node.outputs[0].type.shape[1:3]
    p, dtype = op.padding, node.outputs[0].type.dtype
    pack, convolve, size = _convolution(sides, (kh, kw, o, c), kh - 1 - p, kw - 1 - p, dtype)

    @numba_njit
    def images_gradient(kernels: Any, cotangent: Any) -> Any:
        if cotangent.shape[1:] != sides or kernels.shape != shape:
            raise ValueError("kernels or gradient are not of the shape that was compiled")
        turned = np.empty((kh, kw, o, c), kernels.dtype)
        for u in range(kh):
            for v in range(kw):
                for x in range(o):
                    for y in range(c):
                        turned[u, v, x, y] = kernels[kh - 1 - u, kw - 1 - v, y, x]
        result = np.empty((len(cotangent), h, w, c), cotangent.dtype)
        panels = aligned(size, cotangent.dtype)
        pack(turned.reshape(kh * kw * o, c), panels)
        convolve(np.ascontiguousarray(cotangent), panels, result)
        return result

    return images_gradient, cache_key(op, (*sides, *shape, p), dtype)


def _spread_images_gradient(op: Conv2DImagesGradient, node: Any) -> tuple[Kernel, str]:
    """Each position of the gradient is added to all pixels that it came from, a row of the kernels at a time."""
    kh, kw, c, o = shape = literal_shape(node.inputs[0], "kernels")
    oh, ow, _ = sides = literal_shape(node.inputs[1], "gradients", first=1)
    h, w = node.outputs[0].type.shape[1:3]
    p, dtype = op.padding, node.outputs[0].type.dtype
    ph, pw = oh + kh - 1, ow + kw - 1
    # What positions side by side give overlaps, so those below each other make a tile.
    steps = Steps((ow, o, c), (oh, ow * o, pw * c), (1, 0), (o, 1), kw * c, dtype, adding=True)
    pack, product = pack_kernel(steps), product_kernel(steps)
    copy = copy_kernel(h, w * c, ((p * pw + p) * c, pw * c), (0, w * c))
    size = steps.packed

    @numba_njit
    def spread(cotangent: Any, panels: Any, result: Any, first: int, last: int) -> None:
        image = np.empty((ph, pw, c), result.dtype)
        for i in range(first, last):
            image[:] = 0
            for u in range(kh):
                product(cotangent[i], panels[u], image[u:])
            copy(image, result[i])

    @numba_njit(parallel=True)
    def share_out(cotangent: Any, panels: Any, result: Any) -> None:
        for t in prange(CHUNKS):
            spread(cotangent, panels, result, *chunk(t, len(result)))

    @numba_njit
    def images_gradient(kernels: Any, cotangent: Any) -> Any:
        if cotangent.shape[1:] != sides or kernels.shape != shape:
            raise ValueError("kernels or gradient are not of the shape that was compiled")
        panels = aligned(kh * size, kernels.dtype).reshape(kh, size)
        turned = np.empty((o, kw * c), kernels.dtype)
        for u in range(kh):
            for x in range(o):
                for v in range(kw):
                    for y in range(c):
                        turned[x, v * c + y] = kernels[u, v, y, x]
            pack(turned, panels[u])
        result = np.empty((len(cotangent), h, w, c), cotangent.dtype)
        share_out(np.ascontiguousarray(cotangent), panels, result)
        return result

    return images_gradient, cache_key(op, (*sides, *shape, p), dtype)


def _conv2d_kernels_gradient(op: Conv2DKernelsGradient, node: Any, **_: Any) -> tuple[Kernel, str]:
    h, w, c = sides = literal_shape(node.inputs[0], "images", first=1)
    oh, ow, o = positions = literal_shape(node.inputs[1], "gradients", first=1)
    p, dtype = op.padding, node.outputs[0].type.dtype
    ph, pw = h + 2 * p, w + 2 * p
    kh, kw = ph - oh + 1, pw - ow + 1
    steps = Steps((kh, pw * c, kw * c * o), (kw * c, 1, o), (oh, pw * c), (ow, c), o, dtype, adding=True)
    pack, product = pack_kernel(steps), product_kernel(steps)
    size = steps.packed

    copy = copy_kernel(h, w * c, (0, w * c), ((p * pw + p) * c, pw * c))

    @numba_njit
    def accumulate(images: Any, cotangent: Any, total: Any, first: int, last: int) -> None:
        image = np.zeros((ph, pw, c), images.dtype)
        panels = aligned(size, images.dtype)
        total[:] = 0
        for i in range(first, last):
            pack(cotangent[i].reshape(oh * ow, o), panels)
            if p:
                copy(images[i], image)
                product(image, panels, total)
            else:
                product(images[i], panels, total)

    @numba_njit(parallel=True)
    def share_out(images: Any, cotangent: Any, totals: Any) -> None:
        for t in prange(CHUNKS):
            accumulate(images, cotangent, totals[t], *chunk(t, len(images)))

    @numba_njit
    def kernels_gradient(images: Any, cotangent: Any) -> Any:
        if images.shape[1:] != sides or cotangent.shape[1:] != positions or len(images) != len(cotangent):
            raise ValueError("images or gradient are not of the shape that was compiled")
        totals = np.empty((CHUNKS, kh * kw * c, o), images.dtype)
        share_out(np.ascontiguousarray(images), np.ascontiguousarray(cotangent), totals)
        for t in range(1, CHUNKS):
            add_to(totals[0], totals[t])
        return totals[0].reshape(kh, kw, c, o)

    return kernels_gradient, cache_key(op, (*sides, *positions, p), dtype)


register_funcify_and_cache_key(Conv2D)(_conv2d)
register_funcify_and_cache_key(Conv2DImagesGradient)(_conv2d_images_gradient)
register_funcify_and_cache_key(Conv2DKernelsGradient)(_conv2d_kernels_gradient)
