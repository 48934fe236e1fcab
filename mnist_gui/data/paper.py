"""What is ink on a picture of paper: dark or light, evenly lit or not, lined or blank."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_gui.data.ruling import without_lines

_BLANK: Final = 24
"""Of 255: a picture whose darkest and lightest parts differ by less than this holds nothing but paper."""

_DUST: Final = 1e-4
"""Share of the pixels that may be anything: dust, a broken element of the camera."""

_MOST_DUST: Final = 30
"""Pixels. Of a large picture a digit can be a smaller share than `_DUST`."""

_TRACE: Final = 0.12
"""Of the ink's strength: on paper that is not perfectly even, less than this at the border is texture."""

_FAINT: Final = 0.2
"""Of the ink's strength: on paper that is not perfectly even, less than this is no ink."""

_NOISE: Final = 5.0
"""Of the paper's standard deviation: less than this is texture, too."""

_SURE: Final = 0.5
"""Of the ink's strength: a spot that nowhere reaches this is a stain, not ink."""

_STRONG: Final = 85.0
"""Percentile of what differs from the paper that is taken for the ink's strength."""

_COARSE: Final = 1024
"""Pixels of the longer side at which the paper's brightness is found."""

_WIDEST_STROKE: Final = 1 / 8
"""Of the longer side: a dark stroke is narrower, a shadow wider."""

_EDGE: Final = 7
"""Pixels at that size: how far the smoothing reaches across an edge, on both sides."""

_MOST_GAIN: Final = 4.0
"""Dark corners are not brightened further than this: there the camera's noise is all that would come up."""

_WIDTHS_SIDE: Final = 384
"""Pixels of the longer side at which widths of dark and of light things are compared."""

_WIDTHS: Final = (3, 5, 9, 17, 33, 65)
"""Those widths."""

_SOME: Final = 0.3
"""Of all that the largest of the widths changes: less may be texture."""

_BLOCKS: Final = 24
"""Along the longer side: blocks in which the paper's texture is judged."""

_ROUGHER: Final = 3.0
"""Times the texture of most of the paper: more than this in some place is ink."""

_SMOOTH: Final = 2.0
"""Grey levels of texture that any paper may have."""

_SAMPLES: Final = 12
"""Pixels along a block of which its median is taken: of all, it would be the same and take ten times as long."""


def ink_of(grey: NDArray[np.uint8], *, lossless: bool = True) -> NDArray[np.uint8]:
    """How far each pixel is from the paper, on the side on which the ink is.

    On paper that is perfectly even the paper is what most of the border shows and nothing else is done, so that a
    digit of MNIST comes through unchanged. On any other the paper's brightness is followed through shadows, its
    printed lines are taken away, and so is what is too faint to tell from its texture.

    Args:
        grey: brightness, uint8, shape (height, width).
        lossless: whether the pixels are as they were drawn; otherwise they have the traces of compression round edges.

    Returns:
        uint8, the same shape: 0 is paper; all 0 where there is nothing but paper.
    """
    if _range(grey) < _BLANK:
        return np.zeros_like(grey)
    if lossless:
        ink = _on_even_paper(grey)
        if ink is not None:
            return ink
    return _on_uneven_paper(grey)


def _range(grey: NDArray[np.uint8]) -> float:
    """From the darkest to the lightest, but for dust."""
    dust = 100 * min(_DUST, _MOST_DUST / grey.size)
    darkest, lightest = np.percentile(grey, (dust, 100 - dust))
    return float(lightest - darkest)


# ---- paper of one colour
def _on_even_paper(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The distance from the border's colour; None if the border shows anything faint beside it."""
    height, width = grey.shape
    margin = max(1, min(height, width) // 20)
    border = np.ones(grey.shape, np.bool_)
    border[margin : height - margin, margin : width - margin] = False
    paper = int(np.median(grey[border]))
    if np.count_nonzero(grey[border] == paper) < np.count_nonzero(border) / 2:
        return None
    darkest, lightest = int(grey.min()), int(grey.max())
    dark = paper - darkest >= lightest - paper
    strength = paper - darkest if dark else lightest - paper
    away = grey.astype(np.int16) - paper
    ink = np.clip(-away if dark else away, 0, 255).astype(np.uint8)
    faint = border & (ink > 0) & (ink < _TRACE * strength)
    if faint.any():  # it may be the soft edge of ink that reaches into the border
        spots, sure = _spots(ink, strength)
        if not sure[spots[faint]].all():
            return None
    return ink


def _spots(ink: NDArray[np.uint8], strength: float) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The connected spots of ink, numbered from 1 (0 is paper), and of each number whether it is ink for sure."""
    spots, count = ndimage.label(ink, structure=np.ones((3, 3)))
    sure = np.bincount(spots[ink >= _SURE * strength], minlength=count + 1) > 0
    sure[0] = False
    return spots, sure


# ---- any other paper
def _on_uneven_paper(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    away, deviation = flattened(grey if _is_dark(grey) else np.bitwise_not(grey))
    away[away < np.maximum(_NOISE * deviation, _BLANK / 2)] = 0
    away = without_lines(away)
    found = away[away > 0]
    if len(found) <= min(_DUST * grey.size, _MOST_DUST):
        return np.zeros_like(grey)
    strength = float(np.percentile(found, _STRONG))
    if strength < _BLANK:
        return np.zeros_like(grey)
    away[away < _FAINT * strength] = 0
    ink = np.clip(away + 0.5, 0, 255).astype(np.uint8)
    spots, sure = _spots(ink, strength)
    return np.where(sure[spots], ink, np.uint8(0))


def _is_dark(grey: NDArray[np.uint8]) -> bool:
    """Whether the ink is darker than the paper: strokes are narrower than the gaps between them.

    Closings fill dark things up to a width, openings light ones. At the least width at which either changes a part of
    what it changes in the end, that which changes more is the ink.
    """
    coarse = ndimage.gaussian_filter(_shrunk(grey, max(1, round(max(grey.shape) / _WIDTHS_SIDE))), 0.7)
    enough = _SOME * min(_filled(coarse, _WIDTHS[-1]))
    for width in _WIDTHS:
        dark, light = _filled(coarse, width)
        if max(dark, light) >= enough and dark != light:
            return dark > light
    return True


def _filled(coarse: NDArray[np.float32], width: int) -> tuple[float, float]:
    """How much changes when dark things up to a width are filled with what surrounds them, and when light ones are."""
    size = (width, width)
    changes = (
        ndimage.grey_closing(coarse, size=size, mode="nearest") - coarse,
        coarse - ndimage.grey_opening(coarse, size=size, mode="nearest"),
    )
    dark, light = (float(np.square(change[change > _BLANK]).sum()) for change in changes)
    return dark, light


def flattened(grey: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much darker than the paper each pixel is, as if the paper were everywhere as bright as it is mostly.

    The paper's brightness is a morphological closing: dark things narrower than `_WIDEST_STROKE` are filled, the edges
    of wider ones, which are shadows, stay where they are. Light multiplies what paper and ink reflect, so the
    difference grows with how much darker the paper is there.

    Args:
        grey: uint8, shape (height, width), dark ink on light paper.

    Returns:
        float32, the same shape, in grey levels: 0 and less is paper. And float32, the same shape: the standard
        deviation of the paper's texture nearby.
    """
    factor = max(1, round(max(grey.shape) / _COARSE))
    coarse = ndimage.gaussian_filter(_shrunk(grey, factor), 1.0)
    window = max(3, round(max(coarse.shape) * _WIDEST_STROKE)) | 1
    # Beyond the edge the light goes on falling or rising: a darker edge must not look like a narrow dark thing.
    beyond = np.pad(coarse, window, mode="reflect", reflect_type="odd")
    closed = ndimage.grey_closing(beyond, size=(window, window))[window:-window, window:-window]
    # The darker side of a shadow's sharp edge wins: smoothed, the edge would leave a dark line.
    smooth = ndimage.minimum_filter(ndimage.gaussian_filter(closed, 1.0), size=_EDGE)
    paper = enlarged(smooth, factor, grey.shape)
    away = (paper - grey) * np.minimum(np.float32(np.median(closed)) / np.maximum(paper, 1), _MOST_GAIN)
    middles, block = _middles(away)
    away -= enlarged(_without_ink(middles), block, grey.shape)
    spread, block = _middles(np.abs(away))
    deviation = np.float32(1.4826) * _without_ink(spread)  # as of a normal distribution
    return away, enlarged(deviation, block, grey.shape)


def _without_ink(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Numbers of blocks without those that are of a thick stroke more than of paper."""
    most = max(_ROUGHER * float(np.median(blocks)), _SMOOTH)
    usual: NDArray[np.float32] = np.minimum(ndimage.median_filter(blocks, size=5, mode="nearest"), np.float32(most))
    return usual


def _shrunk(grey: NDArray[np.uint8], factor: int) -> NDArray[np.float32]:
    """Means of squares of `factor` pixels; beyond the edge the last pixels are repeated."""
    padded = np.pad(grey, [(0, -size % factor) for size in grey.shape], mode="edge")
    height, width = (size // factor for size in padded.shape)
    sums = padded.reshape(height, factor, width * factor).sum(axis=1, dtype=np.uint32)
    sums = sums.reshape(height, width, factor).sum(axis=2)
    means: NDArray[np.float32] = sums.astype(np.float32) / np.float32(factor**2)
    return means


def _middles(values: NDArray[Any]) -> tuple[NDArray[np.float32], int]:
    """The median of each of some `_BLOCKS` blocks along the longer side, and the pixels along a block."""
    block = -(-max(values.shape) // _BLOCKS)
    step = -(-block // _SAMPLES)
    padded = np.pad(values, [(0, -size % block) for size in values.shape], mode="edge")
    rows, columns = (size // block for size in padded.shape)
    blocks = padded.reshape(rows, block, columns, block)[:, ::step, :, ::step]
    return np.median(blocks, axis=(1, 3)).astype(np.float32), block


def enlarged(coarse: NDArray[np.float32], factor: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Values that each stand for a square of `factor` pixels, joined linearly: float32, shape `shape`."""
    result = coarse
    for axis, size in enumerate(shape):
        places = np.clip((np.arange(size) + 0.5) / factor - 0.5, 0, coarse.shape[axis] - 1)
        first = places.astype(np.intp)
        second = np.minimum(first + 1, coarse.shape[axis] - 1)
        weight = (places - first).astype(np.float32)
        weight = weight[:, np.newaxis] if axis == 0 else weight
        below = result.take(first, axis)
        result = below + weight * (result.take(second, axis) - below)
    return result
