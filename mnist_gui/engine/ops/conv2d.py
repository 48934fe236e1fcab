"""Convolution of images with learnt kernels, as networks use it: every position, no flipped kernels.

With images ``x`` (n, h, w, c), kernels ``k`` (kh, kw, c, o), ``p`` rows and columns of zeros around the images and the
result ``y`` (n, h+2p-kh+1, w+2p-kw+1, o)::

    y[n, i, j, o] = sum over u, v, c of x[n, i+u-p, j+v-p, c] * k[u, v, c, o]

(a cross-correlation; see Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285,
sections 2.1 and 4.1). It is linear in both, so its two gradients are sums of the same products, summed over other
axes. The three Ops here are these three sums.

All of them are computed by `im2col`: the pixels under each position of the kernel are laid side by side as one row
of a matrix, which turns the sums into one matrix product (Chellapilla, Puri and Simard, "High Performance
Convolutional Neural Networks for Document Processing", 2006, section 4.1).
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pytensor.tensor as pt
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.engine.ops.shaped_op import ShapedOp

BLOCK: Final = 4
"""Images whose patches are laid out at a time: their matrix then stays in the processor's cache."""

Static = int | None


def conv2d(images: Any, kernels: Any, padding: int = 0) -> Any:
    """Convolves images with kernels, at every position where the kernel lies inside the padded image.

    Args:
        images: float, shape (n, h, w, c).
        kernels: float of the same dtype, shape (kh, kw, c, o).
        padding: rows and columns of zeros on each side of an image, 0 or more and fewer than kh and kw. With
            (k - 1) / 2 of them, kernels of odd sides k give a result as large as the images.

    Returns:
        An expression of the same dtype and shape (n, h+2*padding-kh+1, w+2*padding-kw+1, o).

    Raises:
        TypeError: an argument has the wrong number of axes, or the dtypes are not one float type.
        ValueError: the shapes are known and do not fit, or the padding is negative or as large as a kernel.
    """
    return Conv2D(padding)(images, kernels)


class _Convolution(ShapedOp):
    """What the convolution and its gradients share."""

    __props__ = ("padding",)

    def __init__(self, padding: int = 0) -> None:
        if padding < 0:
            raise ValueError(f"padding must be 0 or more, got {padding}")
        self.padding = padding


class Conv2D(_Convolution):
    """The convolution itself: (images, kernels) -> result."""

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `conv2d` for the arguments and what is raised."""
        images, kernels = _four_axes(inputs, ("images", "kernels"))
        n, h, w, c = images.type.shape
        kh, kw, kernel_c, o = kernels.type.shape
        if c is not None and kernel_c is not None and c != kernel_c:
            raise ValueError(f"images have {c} channels, but the kernels are for {kernel_c}")
        if any(side is not None and self.padding >= side for side in (kh, kw)):
            raise ValueError(f"padding of {self.padding} needs larger kernels than {kh} by {kw} pixels")
        shape = (n, _positions(h, kh, self.padding, "high"), _positions(w, kw, self.padding, "wide"), o)
        return Apply(self, [images, kernels], [TensorType(images.type.dtype, shape=shape)()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        images, kernels = inputs
        kh, kw, c, o = kernels.shape
        if c != images.shape[3] or kh > images.shape[1] + 2 * self.padding or kw > images.shape[2] + 2 * self.padding:
            raise ValueError(f"kernels of shape {kernels.shape} do not fit images of shape {images.shape}")
        images = padded(images, self.padding)
        n, h, w, _ = images.shape
        result = np.empty((n, h - kh + 1, w - kw + 1, o), images.dtype)
        columns = kernels.reshape(kh * kw * c, o)
        for part in _blocks(n):
            block = result[part]
            np.dot(im2col(images[part], kh, kw), columns, out=block.reshape(-1, o))
        output_storage[0][0] = result

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Shape of the result from the shapes of the arguments, without computing it."""
        (n, h, w, _), (kh, kw, _, o) = shapes
        around = 2 * self.padding
        return [(n, h + around - kh + 1, w + around - kw + 1, o)]

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradients with respect to images and kernels; only those that are used are ever computed."""
        images, kernels = inputs
        (cotangent,) = cotangents
        if isinstance(cotangent.type, DisconnectedType):
            return [images.zeros_like(), kernels.zeros_like()]
        return [
            _shaped_like(images, Conv2DImagesGradient(self.padding)(kernels, cotangent)),
            _shaped_like(kernels, Conv2DKernelsGradient(self.padding)(images, cotangent)),
        ]


class Conv2DImagesGradient(_Convolution):
    """Gradient with respect to the images: (kernels, gradient of the result) -> gradient of the images.

    ``gx[n, i+u-p, j+v-p, c] += sum over o of gy[n, i, j, o] * k[u, v, c, o]``
    """

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op.

        Args:
            inputs: the kernels, float, shape (kh, kw, c, o); and the gradient with respect to the convolution's
                result, of the same dtype.
        """
        kernels, cotangent = _four_axes(inputs, ("kernels", "gradients"))
        kh, kw, c, _ = kernels.type.shape
        n, oh, ow, _ = cotangent.type.shape
        shape = (n, _side(oh, kh, self.padding), _side(ow, kw, self.padding), c)
        return Apply(self, [kernels, cotangent], [TensorType(kernels.type.dtype, shape=shape)()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        kernels, cotangent = inputs
        kh, kw, c, o = kernels.shape
        n, oh, ow, _ = cotangent.shape
        p = self.padding
        result = np.zeros((n, oh + kh - 1, ow + kw - 1, c), kernels.dtype)
        columns = kernels.reshape(kh * kw * c, o).T
        for part in _blocks(n):
            patches = np.dot(cotangent[part].reshape(-1, o), columns).reshape(-1, oh, ow, kh, kw, c)
            for u in range(kh):
                for v in range(kw):
                    result[part, u : u + oh, v : v + ow] += patches[:, :, :, u, v]
        output_storage[0][0] = np.ascontiguousarray(result[:, p : result.shape[1] - p, p : result.shape[2] - p])

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Shape of the images from the shapes of the arguments."""
        (kh, kw, c, _), (n, oh, ow, _) = shapes
        around = 2 * self.padding
        return [(n, oh + kh - 1 - around, ow + kw - 1 - around, c)]


class Conv2DKernelsGradient(_Convolution):
    """Gradient with respect to the kernels: (images, gradient of the result) -> gradient of the kernels.

    ``gk[u, v, c, o] = sum over n, i, j of x[n, i+u-p, j+v-p, c] * gy[n, i, j, o]``
    """

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op.

        Args:
            inputs: the images, float, shape (n, h, w, c); and the gradient with respect to the convolution's result,
                of the same dtype.
        """
        images, cotangent = _four_axes(inputs, ("images", "gradients"))
        _, h, w, c = images.type.shape
        _, oh, ow, o = cotangent.type.shape
        shape = (_positions(h, oh, self.padding, "high"), _positions(w, ow, self.padding, "wide"), c, o)
        return Apply(self, [images, cotangent], [TensorType(images.type.dtype, shape=shape)()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        images, cotangent = padded(inputs[0], self.padding), inputs[1]
        n, h, w, c = images.shape
        _, oh, ow, o = cotangent.shape
        kh, kw = h - oh + 1, w - ow + 1
        result = np.zeros((kh * kw * c, o), images.dtype)
        for part in _blocks(n):
            result += np.dot(im2col(images[part], kh, kw).T, cotangent[part].reshape(-1, o))
        output_storage[0][0] = result.reshape(kh, kw, c, o)

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Shape of the kernels from the shapes of the arguments."""
        (_, h, w, c), (_, oh, ow, o) = shapes
        around = 2 * self.padding
        return [(h + around - oh + 1, w + around - ow + 1, c, o)]


def padded(images: NDArray[Any], padding: int) -> NDArray[Any]:
    """Images (n, h, w, c) with so many rows and columns of zeros on each side; themselves when there are none."""
    if not padding:
        return images
    n, h, w, c = images.shape
    result = np.zeros((n, h + 2 * padding, w + 2 * padding, c), images.dtype)
    result[:, padding : padding + h, padding : padding + w] = images
    return result


def im2col(images: NDArray[Any], kh: int, kw: int) -> NDArray[Any]:
    """Lays the pixels under each position of a kernel side by side.

    Args:
        images: shape (n, h, w, c).
        kh: height of the kernel, at most h.
        kw: width of the kernel, at most w.

    Returns:
        The patches, shape (n * (h-kh+1) * (w-kw+1), kh * kw * c), contiguous: positions in reading order, and within
        a patch its pixels in reading order.
    """
    images = np.ascontiguousarray(images)
    n, h, w, c = images.shape
    along_n, along_h, along_w, along_c = images.strides
    # Pixels of one row of a patch are neighbours in memory, so they count as one axis.
    windows = as_strided(
        images,
        (n, h - kh + 1, w - kw + 1, kh, kw * c),
        (along_n, along_h, along_w, along_h, along_c),
        writeable=False,
    )
    return windows.reshape(-1, kh * kw * c)


def _blocks(n: int) -> list[slice]:
    return [slice(first, first + BLOCK) for first in range(0, n, BLOCK)]


def _four_axes(inputs: Sequence[Any], names: tuple[str, str]) -> tuple[Any, Any]:
    """Two arguments as tensors, once each is known to be float with four axes and both have one dtype."""
    one, two = tensors = tuple(pt.as_tensor_variable(value) for value in inputs)
    for name, tensor in zip(names, tensors, strict=True):
        if tensor.type.ndim != 4:
            raise TypeError(f"{name} must have four axes, got {tensor.type.ndim}")
        if tensor.type.dtype not in ("float32", "float64"):
            raise TypeError(f"{name} must be float32 or float64, got {tensor.type.dtype}")
    if one.type.dtype != two.type.dtype:
        raise TypeError(f"{names[0]} are {one.type.dtype}, but {names[1]} {two.type.dtype}")
    return one, two


def _positions(side: Static, kernel: Static, padding: int, word: str) -> Static:
    """Positions of a kernel along one side of a padded image, if both are known."""
    if side is None or kernel is None:
        return None
    if kernel > side + 2 * padding:
        raise ValueError(f"a kernel {kernel} pixels {word} does not fit images {side + 2 * padding} pixels {word}")
    return side + 2 * padding - kernel + 1


def _side(positions: Static, kernel: Static, padding: int) -> Static:
    """Side of the image that gives this many positions, if both are known."""
    return None if positions is None or kernel is None else positions + kernel - 1 - 2 * padding


def _shaped_like(variable: Any, gradient: Any) -> Any:
    """The gradient, with what is known of the variable's shape: an update may not lose it."""
    known = tuple(g if v is None else v for v, g in zip(variable.type.shape, gradient.type.shape, strict=True))
    return gradient if known == gradient.type.shape else pt.specify_shape(gradient, known)
