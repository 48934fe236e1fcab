"""Gathers the pictures that the detector of digit-likeness learns from; run by hand, takes minutes.

    python tests/benchmarks/likeness/pictures.py FONTS SCRIPTS OUTPUT.npz --omniglot FOLDER ... --quick-draw FOLDER

`FONTS` is a folder of fonts made of handwriting, `SCRIPTS` one with fonts of the world's scripts (Debian's package
`fonts-noto-core`). No script, no kind of doodle and no font that judges the detector (`refusal.py`) is among what is
written.
"""

import argparse
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from font_letters import CHARACTERS, DIGIT_SHAPED, letters_of
from made_non_digits import made_scribbles, made_symbols, spoilt_digits
from non_digits import Drawn, omniglot, quick_draw
from numpy.typing import NDArray
from PyQt6.QtGui import QGuiApplication, QRawFont
from redrawn_digits import redrawn

from mnist_gui.data import library
from mnist_gui.data.dataset import Split
from mnist_gui.engine.variants import with_variants

REDRAWN, SYMBOLS, SCRIBBLES, SPOILT = 25_000, 26_000, 4_000, 24_000
"""How many are made of each kind."""

VARIANTS: Final = 30.0
"""Percent of the ones and of the nines that are redrawn with a flag or a hook, too; see `variants`."""

_MOST_OF_A_SCRIPT: Final = 150
_JUDGES: Final = ("Devanagari", "Aramaic", "Phoenician", "Samaritan", "Palmyrene", "Nabataean", "Hatran", "Elymaic")
"""Scripts that judge, and their nearest relatives."""

_NOT_TAKEN: Final = (*_JUDGES, "NotoSans-", "NotoSerif-", "Display", "Tangut", "SignWriting")
_LETTERS: Final = [
    chr(code)
    for block in ((0x370, 0x2000), (0x2100, 0x2E00), (0xA000, 0xAC00), (0x10000, 0x1FB00))
    for code in range(*block)
    if unicodedata.category(chr(code)) in ("Lo", "Lu", "Ll", "So", "Sm")
]
"""Letters and symbols; numerals are none of them, nor are Latin letters, kana and kanji."""

Images = NDArray[np.uint8]


def scripts_of(folder: Path, generator: np.random.Generator) -> Iterator[Images]:
    """Letters of each script, at most 150 of one font. Needs an application."""
    for path in sorted(folder.rglob("*-Regular.ttf")):
        one_of_many = "Tifinagh" in path.name and path.name != "NotoSansTifinagh-Regular.ttf"
        if one_of_many or any(name in path.name for name in _NOT_TAKEN):
            continue
        font = QRawFont(str(path), 20)
        glyphs = ((character, font.glyphIndexesForString(character)) for character in _LETTERS)
        letters = [character for character, found in glyphs if len(found) == 1 and found[0]]
        if len(letters) > _MOST_OF_A_SCRIPT:
            letters = list(generator.choice(letters, _MOST_OF_A_SCRIPT, replace=False))
        for _, image in letters_of(path, "".join(letters)):
            yield image


def _development(drawn: Iterable[Drawn]) -> Images:
    """The pictures that are not kept to judge."""
    return np.stack([image for group, image in drawn if group.startswith("development")])


def main() -> None:
    """Writes uint8 arrays of shape (n, 28, 28): digits of fonts and redrawn ones with their labels, and non-digits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--omniglot", type=Path, nargs="+", required=True, help="as for refusal.py")
    parser.add_argument("--quick-draw", type=Path, nargs="+", required=True, help="as for refusal.py")
    options = parser.parse_args()
    application = QGuiApplication([])
    glyphs = [glyph for path in sorted(options.fonts.iterdir()) for glyph in letters_of(path, CHARACTERS)]
    scripts = np.stack(list(scripts_of(options.scripts, np.random.default_rng(0))))
    del application
    digits = [(image, int(character)) for character, image in glyphs if character in "0123456789"]
    spared = {*DIGIT_SHAPED, *"0123456789"}
    mnist = library.bundled_mnist()
    images, labels = mnist.images_of(Split.TRAINING), mnist.labels_of(Split.TRAINING).astype(int)
    strokes, pens = np.random.default_rng(1), np.random.default_rng(3)
    varied = with_variants(mnist, VARIANTS, 0)
    chosen = pens.permutation(varied.sizes[0])[:REDRAWN]
    np.savez(
        options.output,
        digits=np.stack([image for image, _ in digits]),
        labels=np.array([label for _, label in digits], np.uint8),
        redrawn=redrawn(varied.images_of(Split.TRAINING)[chosen], pens),
        redrawn_labels=varied.labels_of(Split.TRAINING)[chosen],
        letters=np.stack([image for character, image in glyphs if character not in spared]),
        scripts=scripts,
        symbols=np.stack(list(islice(made_symbols(strokes), SYMBOLS))),
        scribbles=np.stack(list(islice(made_scribbles(strokes), SCRIBBLES))),
        spoilt=np.stack(list(islice(spoilt_digits(images, labels, np.random.default_rng(2)), SPOILT))),
        written=_development(drawn for folder in options.omniglot for drawn in omniglot(folder)),
        doodles=_development(drawn for folder in options.quick_draw for drawn in quick_draw(folder)),
    )


if __name__ == "__main__":
    main()
