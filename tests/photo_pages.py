"""Synthetic photographs of pages: real digits on paper that is lit, lined, turned and compressed as asked."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from scipy import ndimage

from mnist_gui.data.paper import ink_of
from mnist_gui.data.segmentation import find_digits


@dataclass(frozen=True)
class Look:
    """How a page is made and photographed.

    Attributes:
        height, width: of the picture, in pixels.
        digit: height of the boxes of 28 pixels that digits come in, in pixels; varied by a tenth.
        gap: between neighbours, as part of that.
        paper, ink: reflectance, 0 black to 1 white.
        gradient: how much darker the darkest corner is, 0 to 1.
        shadow: how much darker a half of the page is, 0 to 1; its edge crosses the writing.
        softness: of the shadow's edge, in pixels.
        noise: standard deviation, in grey levels.
        quality: of JPEG; 0 is no compression.
        ruled, checked: distance of printed lines in pixels; 0 is none.
        line: reflectance of those lines, as part of the paper's.
        turned: degrees.
        blur: standard deviation in pixels.
    """

    height: int = 700
    width: int = 1000
    digit: float = 72
    gap: float = 0.25
    paper: float = 0.9
    ink: float = 0.2
    gradient: float = 0.0
    shadow: float = 0.0
    softness: float = 6.0
    noise: float = 0.0
    quality: int = 0
    ruled: int = 0
    checked: int = 0
    line: float = 0.75
    turned: float = 0.0
    blur: float = 0.0


@dataclass(frozen=True, eq=False)
class MadePage:
    """A picture and what is on it.

    Attributes:
        grey: uint8, shape (height, width), brightness.
        truth: int32, the same shape: number of the digit whose ink a pixel is, from 1; 0 is paper.
        labels: of the digits, by number less 1, in the order of reading.
    """

    grey: np.ndarray
    truth: np.ndarray
    labels: np.ndarray


def make_page(images, labels, look, rng, most=10_000):
    """A page full of digits, uint8 of shape (n, side, side), or of as many as there are."""
    ink = np.zeros((look.height, look.width), np.float32)
    truth = np.zeros(ink.shape, np.int32)
    used = []
    side = look.digit * 1.1
    margin = int(look.digit * 0.5)
    for top in np.arange(margin, look.height - margin - 1.25 * side, 1.3 * side):
        left = margin + rng.uniform(0, look.digit)
        while left + side < look.width - margin and len(used) < min(most, len(images)):
            image = images[len(used)]
            tall = look.digit * rng.uniform(0.9, 1.1)
            drawn = np.clip(ndimage.zoom(image.astype(np.float32) / 255, tall / len(image), order=3), 0, 1)
            drawn = np.clip((drawn - 0.5) * 1.6 + 0.5, 0, 1)  # a pen's edge is sharper than an enlarged one
            columns = np.flatnonzero((drawn > 0.3).any(axis=0))
            drawn = drawn[:, columns[0] : columns[-1] + 1]
            y, x = int(top + rng.uniform(0, 0.12 * side)), int(left)
            place = np.s_[y : y + drawn.shape[0], x : x + drawn.shape[1]]
            ink[place] = np.maximum(ink[place], drawn)
            truth[place][drawn > 0.3] = len(used) + 1
            used.append(labels[len(used)])
            left += drawn.shape[1] + look.digit * look.gap * rng.uniform(0.7, 1.3)
    printed = np.ones(ink.shape, np.float32)
    for distance, across in ((look.ruled or look.checked, False), (look.checked, True)):
        for start in range(distance // 2, ink.shape[across] if distance else 0, max(distance, 1)):
            (printed.T if across else printed)[start : start + 2] = look.line
    if look.turned:
        ink = ndimage.rotate(ink, look.turned, reshape=False, order=1)
        printed = ndimage.rotate(printed, look.turned, reshape=False, order=1, mode="nearest")
        truth = ndimage.rotate(truth, look.turned, reshape=False, order=0)
    reflected = look.paper * printed * (1 - ink) + look.ink * ink
    if look.blur:
        reflected = ndimage.gaussian_filter(reflected, look.blur)
    y, x = np.mgrid[: look.height, : look.width] / max(look.height, look.width)
    light = 1 - look.gradient * (0.6 * x + 0.4 * y)
    edge = (0.5 * look.width + 0.35 * (np.arange(look.height)[:, None] - look.height / 2)) - np.arange(look.width)
    light = light * (1 - look.shadow / (1 + np.exp(-np.clip(edge / look.softness, -50, 50))))
    grey = 255 * reflected * light + rng.normal(0, 1, ink.shape) * look.noise
    grey = np.clip(grey + 0.5, 0, 255).astype(np.uint8)
    return MadePage(compressed(grey, look.quality) if look.quality else grey, truth, np.array(used))


def compressed(grey, quality):
    """The same after JPEG."""
    from PIL import Image

    buffer = BytesIO()
    Image.fromarray(grey).save(buffer, "jpeg", quality=quality)
    return np.array(Image.open(buffer))


def found_on(page, *, lossless=False):
    """What is found on a made page."""
    return find_digits(ink_of(page.grey, lossless=lossless))


@dataclass(frozen=True)
class Score:
    """What became of the digits of pages.

    Attributes:
        digits: how many there were.
        exact: found, alone and whole.
        merged: found with a neighbour.
        split: found in parts.
        missed: not found.
        extra: found where there is none.
        pairs: for each exact one, its number from 0 on the page and its place in what was found.
    """

    digits: int
    exact: int
    merged: int
    split: int
    missed: int
    extra: int
    pairs: tuple = ()


def score(page, found):
    """Compares what was found with what there is, by whose ink it is."""
    owner = np.zeros(page.truth.shape, np.int32)
    for number, digit in enumerate(found.digits, start=1):
        box = digit.box
        part = owner[box.top : box.bottom, box.left : box.right]
        part[digit.ink > 0] = number
    count, places = len(page.labels), len(found.digits)
    shared = np.bincount((page.truth * (places + 1) + owner).ravel(), minlength=(count + 1) * (places + 1))
    shared = shared.reshape(count + 1, places + 1)
    total = shared[1:].sum(axis=1)
    share = shared[1:, 1:] / np.maximum(total, 1)[:, None]
    exact, merged, split, missed, pairs = 0, 0, 0, 0, []
    for number in range(count):
        parts = np.flatnonzero(share[number] >= 0.1)
        if not total[number] or share[number].sum() < 0.5:
            missed += 1
        elif len(parts) > 1:
            split += 1
        elif (share[:, parts[0]] >= 0.25).sum() > 1:
            merged += 1
        else:
            exact += 1
            pairs.append((number, int(parts[0])))
    extra = int(((share >= 0.1).sum(axis=0) == 0).sum())
    return Score(count, exact, merged, split, missed, extra, tuple(pairs))
