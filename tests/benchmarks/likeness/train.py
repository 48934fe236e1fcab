"""Trains the detector of digit-likeness that travels with the application; run by hand, takes minutes.

    python tests/benchmarks/likeness/train.py FONTS OUTPUT.safetensors --omniglot FOLDER ... --quick-draw FOLDER

It learns ten classes from training digits of MNIST and the digits of the fonts, and an eleventh from letters of the
fonts, made symbols and scribbles, spoilt digits, and the scripts and doodles that are kept for development
(`non_digits.py`). `FONTS` is a folder of fonts made of handwriting. No script, no kind of doodle and no font that
judges the detector is among these.
"""

import argparse
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
from font_letters import CHARACTERS, DIGIT_SHAPED, letters_of
from made_non_digits import made_scribbles, made_symbols, spoilt_digits
from non_digits import Drawn, omniglot, quick_draw
from numpy.typing import NDArray
from PyQt6.QtGui import QGuiApplication
from safetensors.numpy import save_file
from scipy.ndimage import affine_transform, grey_dilation

from mnist_gui.data import library
from mnist_gui.data.dataset import CLASSES, Split
from mnist_gui.engine.likeness import features

BATCH = 256
HIDDEN = 128
DIGITS = 22_000
"""Of MNIST; the last 4,000 of them are made thicker."""

SHARES = {"letters": 0.20, "symbols": 0.22, "scribbles": 0.05, "spoilt": 0.2, "scripts": 0.2, "doodles": 0.13}
"""What the non-digits of a batch are; half of it are digits."""

Images = NDArray[np.uint8]


def varied(images: Images, generator: np.random.Generator) -> Images:
    """Each picture turned, sheared, scaled, shifted by up to a pixel."""
    found = []
    for image in images:
        angle, shear = generator.uniform(-0.2, 0.2, size=2)
        down, across = np.exp(generator.uniform(-0.1, 0.1, size=2))
        matrix = np.array([[np.cos(angle) * down, -np.sin(angle)], [np.sin(angle) + shear, np.cos(angle) * across]])
        middle = np.array([13.5, 13.5])
        offset = middle - matrix @ middle + generator.uniform(-1, 1, size=2)
        found.append(affine_transform(image, matrix, offset, order=1))
    return np.stack(found)


def thickened(images: Images, generator: np.random.Generator) -> Images:
    """Each picture with its strokes wider by up to two pixels."""
    cross = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
    share = generator.uniform(0.2, 0.7, (len(images), 1, 1))
    return (images * (1 - share) + grey_dilation(images, footprint=cross) * share).astype(np.uint8)


def _development(drawn: Iterable[Drawn]) -> Images:
    """The pictures that are not kept to judge."""
    return np.stack([image for group, image in drawn if group.startswith("development")])


def learn(
    parts: list[tuple[float, NDArray[np.float32], NDArray[np.intp]]], steps: int, generator: np.random.Generator
) -> dict[str, NDArray[np.float32]]:
    """A hidden layer with dropout, by AdamW (Loshchilov and Hutter 2019); gives a moving average of the weights.

    Args:
        parts: share of a batch, features of shape (n, 588) and classes of shape (n,), each.
        steps: minibatches.
        generator: of all that is random.
    """
    seen, count = parts[0][1].shape[1], CLASSES + 1
    w = [
        generator.normal(size=(seen, HIDDEN)).astype(np.float32) / np.float32(np.sqrt(seen)),
        np.zeros(HIDDEN, np.float32),
        generator.normal(size=(HIDDEN, count)).astype(np.float32) * np.float32(0.1),
        np.zeros(count, np.float32),
    ]
    means, squares = ([np.zeros_like(array) for array in w] for _ in range(2))
    average = [array.copy() for array in w]
    rows = np.arange(BATCH)
    for step in range(1, steps + 1):
        counts = generator.multinomial(BATCH, [share for share, _, _ in parts])
        chosen = [generator.integers(len(y), size=n) for n, (_, _, y) in zip(counts, parts, strict=True)]
        x = np.concatenate([x[i] for i, (_, x, _) in zip(chosen, parts, strict=True)])
        labels = np.concatenate([y[i] for i, (_, _, y) in zip(chosen, parts, strict=True)])
        x *= (generator.random(x.shape, np.float32) < 0.9) * np.float32(1 / 0.9)
        hidden = np.maximum(x @ w[0] + w[1], 0)
        kept = (generator.random(hidden.shape, np.float32) < 0.8) * np.float32(1 / 0.8)
        hidden *= kept
        p = hidden @ w[2] + w[3]
        p = np.exp(p - p.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[rows, labels] -= 1
        p /= BATCH
        back = (p @ w[2].T) * kept * (hidden > 0)
        rate = np.float32(3e-3 * min(1, step / 100) * (1 + np.cos(np.pi * (step - 1) / steps)) / 2)
        for k, gradient in enumerate((x.T @ back, back.sum(axis=0), hidden.T @ p, p.sum(axis=0))):
            means[k] += np.float32(0.1) * (gradient - means[k])
            squares[k] += np.float32(0.001) * (gradient * gradient - squares[k])
            size = np.sqrt(squares[k] / np.float32(1 - 0.999**step)) + np.float32(1e-8)
            decay = np.float32(1e-3) * w[k] if w[k].ndim > 1 else np.float32(0)
            w[k] -= rate * (means[k] / np.float32(1 - 0.9**step) / size + decay)
            average[k] += np.float32(0.01) * (w[k] - average[k])
    return dict(zip(("dense1.W", "dense1.b", "dense2.W", "dense2.b"), average, strict=True))


def main() -> None:
    """Makes the pictures (minutes), learns, writes the weights as float16."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--omniglot", type=Path, nargs="+", required=True, help="as for refusal.py")
    parser.add_argument("--quick-draw", type=Path, nargs="+", required=True, help="as for refusal.py")
    options = parser.parse_args()
    application = QGuiApplication([])
    glyphs = [glyph for path in sorted(options.fonts.iterdir()) for glyph in letters_of(path, CHARACTERS)]
    del application
    generator = np.random.default_rng(0)
    mnist = library.bundled_mnist()
    images, labels = mnist.images_of(Split.TRAINING), mnist.labels_of(Split.TRAINING).astype(int)
    chosen = generator.permutation(len(labels))[:DIGITS]
    thick = thickened(images[chosen[-4000:]], generator)
    font_digits = [(image, int(character)) for character, image in glyphs if character in "0123456789"]
    pictures = np.stack([image for image, _ in font_digits]).repeat(3, axis=0)
    digits = np.concatenate([images[chosen[:-4000]], thick, varied(pictures, generator)])
    classes = np.concatenate([labels[chosen], np.array([label for _, label in font_digits]).repeat(3)])
    spared = {*DIGIT_SHAPED, *"0123456789"}
    strokes = np.random.default_rng(1)
    scripts = _development(drawn for folder in options.omniglot for drawn in omniglot(folder))
    others = {
        "letters": np.stack([image for character, image in glyphs if character not in spared]),
        "symbols": np.stack(list(islice(made_symbols(strokes), 8_000))),
        "scribbles": np.stack(list(islice(made_scribbles(strokes), 1_500))),
        "spoilt": np.stack(list(islice(spoilt_digits(images, labels, np.random.default_rng(2)), 6_000))),
        "scripts": np.concatenate([scripts, varied(scripts, generator)]),
        "doodles": _development(drawn for folder in options.quick_draw for drawn in quick_draw(folder)),
    }
    parts = [(0.5, features(digits), classes)]
    parts += [
        (share / 2, features(others[name]), np.full(len(others[name]), CLASSES)) for name, share in SHARES.items()
    ]
    weights = learn(parts, options.steps, generator)
    save_file({name: value.astype(np.float16) for name, value in weights.items()}, options.output)


if __name__ == "__main__":
    main()
