"""The digits in a picture of ink: which of its spots belong together, and where each digit is."""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from mnist_gui.data.found_digits import LEAST_PAGE, MOST_DIGITS, FoundDigit, Page
from mnist_gui.data.reading_order import reading_order
from mnist_gui.data.sampling import Box, ink_box

T = TypeVar("T", bound=np.generic)

_MOST_SPOTS: Final = 1000
"""Larger spots first. Of a picture with more, say a printed page or gravel, the rest are left out."""

_LEAST_PART: Final = 3
"""Pixels. What is smaller is left out."""

_LEAST_HEIGHT: Final = 8
"""Pixels. What is lower cannot be read."""

_LOW: Final = 0.32
"""Of the usual height: what is lower is a dot, a comma, a dash or dust."""

_LOW_LOOP: Final = 0.2
"""The same of a spot with a hole in it: many write their 0 small."""

_CRUMB: Final = 0.1
"""Of the usual height: what is smaller is not even a part of a digit."""

_TALL: Final = 2.6
"""Times the usual height: what is higher is no digit but a frame, a fold, the edge of the paper."""

_LONG: Final = 5.0
"""Times the usual height: what is wider is no row of touching digits but a line."""

_SEVERAL: Final = 4
"""Digits, before one that is longer than half of the picture is taken for something else."""

_SPARSE: Final = 0.05
"""What fills no more than this of its box, and is large, is a frame."""

_SOLID: Final = 0.85
"""What fills this much of its box, and is not narrow, is a blot or a dark corner."""

_PART: Final = 0.8
"""Of the other's height: a spot that is higher is no part of the digit beside it, unless it lies below or above."""

_NEAR: Final = 0.12
"""Of the usual height: how far from the digit a part of it may be."""

_NEAR_LOOP: Final = 0.04
"""The same of a spot with a hole in it, which may be a 0 beside its neighbour."""

_ABOVE: Final = 0.22
"""Of the usual height: how far above or below the digit a bar that overlaps it sideways may be."""

_BAR: Final = 0.45
"""Of the digit's height: what is higher is no bar of it."""

_WHOLE: Final = 1.35
"""Times the usual height, or that of the higher part: a digit and its part together are not higher, nor wider."""


def find_digits(ink: NDArray[np.uint8]) -> Page:
    """The digits of a picture, lines from top to bottom, each from left to right.

    Spots of connected ink are digits; a bar of a 5 or a second stroke of a 4 that stands apart is joined to its digit;
    dots, dashes and what is much larger than the others is left out. Digits that touch each other stay one.

    Args:
        ink: uint8, shape (height, width), 0 paper to 255 ink.
    """
    whole = ink_box(ink)
    if whole is None:
        return Page((), 0)
    if max(ink.shape) < LEAST_PAGE:
        return Page((FoundDigit(whole, _cut(ink, whole)),), 1)
    spots, _ = ndimage.label(ink, structure=np.ones((3, 3)))
    groups = _grouped(spots, _spots(spots))
    ordered = reading_order([group.box for group in groups])
    digits = []
    for place, (number, line, space) in enumerate(ordered):
        if place == MOST_DIGITS:
            break
        group = groups[number]
        own = np.isin(_cut(spots, group.box), group.spots)
        digits.append(FoundDigit(group.box, np.where(own, _cut(ink, group.box), 0).astype(np.uint8), line, space))
    return Page(tuple(digits), len(ordered))


# ---- spots to digits
@dataclass
class _Group:
    """Spots that make up one digit."""

    box: Box
    spots: list[int]
    area: int
    holes: bool = False


def _spots(spots: NDArray[np.int32]) -> list[_Group]:
    """Each spot that can be a digit or a part of one."""
    areas = np.bincount(spots.ravel())
    places = ndimage.find_objects(spots)
    largest = np.argsort(areas[1:], kind="stable")[::-1][:_MOST_SPOTS] + 1
    groups = []
    for number in largest.tolist():
        rows, columns = places[number - 1]
        box = Box(rows.start, columns.start, rows.stop, columns.stop)
        if box.side >= _LEAST_PART:
            groups.append(_Group(box, [number], int(areas[number])))
    return groups


def _usual_height(groups: list[_Group], shape: tuple[int, ...]) -> float:
    """The height of the middle digit, where high ones count for more than low ones, which may be parts or dust."""
    high = [g for g in groups if g.box.height >= _LEAST_HEIGHT]
    inner = [g for g in high if not _at_edge(g.box, shape) and not _is_frame(g, shape)]
    small = [g for g in inner if g.box.side <= max(shape) / 2]
    chosen = small if len(small) >= _SEVERAL else inner or high
    heights = np.sort(np.array([g.box.height for g in chosen], np.float64))
    if not len(heights):
        return 0.0
    share = np.cumsum(heights**1.5)
    return float(heights[int(np.searchsorted(share, share[-1] / 2))])


def _grouped(spots: NDArray[np.int32], groups: list[_Group]) -> list[_Group]:
    """Digits: spots with the parts that belong to them."""
    height = _usual_height(groups, spots.shape)
    kept = [g for g in groups if g.box.side >= _CRUMB * height and not _is_too_large(g, height, spots.shape)]
    for group in kept:
        own = _cut(spots, group.box) == group.spots[0]
        group.holes = bool((ndimage.binary_fill_holes(own) & ~own).sum() > (_NEAR * height) ** 2)
    digits: list[_Group] = []
    while kept:
        kept.sort(key=lambda g: (-g.box.height, -g.area))
        part = kept.pop()
        owner = _owner(spots, part, kept, height)
        if owner is None:
            digits.append(part)
        else:
            owner.box = _around(owner.box, part.box)
            owner.spots += part.spots
            owner.area += part.area
    return [g for g in digits if g.box.height >= max(_LEAST_HEIGHT, (_LOW_LOOP if g.holes else _LOW) * height)]


def _is_too_large(group: _Group, height: float, shape: tuple[int, ...]) -> bool:
    box = group.box
    solid = group.area > _SOLID * box.height * box.width and 2 * min(box.height, box.width) > box.side
    at_edge = _at_edge(box, shape) and (box.height > _WHOLE * height or 6 * min(box.height, box.width) < box.side)
    return box.height > _TALL * height or box.width > _LONG * height or at_edge or (solid and box.side > _LOW * height)


def _is_frame(group: _Group, shape: tuple[int, ...]) -> bool:
    box = group.box
    return box.side > max(shape) / 2 and group.area < _SPARSE * box.height * box.width


def _at_edge(box: Box, shape: tuple[int, ...]) -> bool:
    return box.top == 0 or box.left == 0 or box.bottom == shape[0] or box.right == shape[1]


def _owner(spots: NDArray[np.int32], part: _Group, others: list[_Group], height: float) -> _Group | None:
    """The digit that a spot is a part of, the nearest one; None if it is one of its own."""
    nearest, owner = np.inf, None
    a = part.box
    for other in others:
        b = other.box
        if max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom) > height:
            continue
        limit = _reach(part, other, height)
        if limit > 0:
            distance = _distance(spots, part, other, limit)
            if distance < min(nearest, limit):
                nearest, owner = distance, other
    return owner


def _reach(part: _Group, other: _Group, height: float) -> float:
    """How far apart the ink of a spot and that of its digit may be, in pixels; 0 if they are none."""
    a, b = part.box, other.box
    whole, most = _around(a, b), _WHOLE * max(height, b.height)
    if whole.height > most or whole.width > most:
        return 0.0
    gap = max(a.top, b.top) - min(a.bottom, b.bottom)
    overlap = min(a.right, b.right) - max(a.left, b.left)
    if 2 * overlap >= a.width and a.height <= _BAR * b.height and gap <= _ABOVE * height:
        return float(max(a.width, b.height))  # one above the other: the gap was the measure
    near = _NEAR_LOOP if part.holes else _NEAR
    if a.height > _PART * b.height and overlap < _PART * a.width:
        return 0.0
    return near * height + 1


def _distance(spots: NDArray[np.int32], part: _Group, other: _Group, limit: float) -> float:
    """Pixels between the ink of two spots; infinite where it is more than `limit`."""
    reach = int(limit) + 1
    a, b = part.box, other.box
    window = Box(
        max(a.top - reach, b.top), max(a.left - reach, b.left),
        min(a.bottom + reach, b.bottom), min(a.right + reach, b.right),
    )  # fmt: skip
    if window.height <= 0 or window.width <= 0:
        return np.inf
    theirs = np.argwhere(np.isin(_cut(spots, window), other.spots)) + np.array([window.top, window.left])
    ours = np.argwhere(np.isin(_cut(spots, a), part.spots)) + np.array([a.top, a.left])
    if not len(theirs):
        return np.inf
    return float(cKDTree(ours).query(theirs, distance_upper_bound=limit)[0].min())


def _around(first: Box, second: Box) -> Box:
    return Box(
        min(first.top, second.top), min(first.left, second.left),
        max(first.bottom, second.bottom), max(first.right, second.right),
    )  # fmt: skip


def _cut(array: NDArray[T], box: Box) -> NDArray[T]:
    return array[box.top : box.bottom, box.left : box.right]
