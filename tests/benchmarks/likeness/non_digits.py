"""Drawings of real people that are no digits, read from where their owners publish them, to judge a model by.

Omniglot (Lake, Salakhutdinov and Tenenbaum 2015; MIT licence): letters of 50 scripts, each drawn by 20 people; the
folder `strokes_background_small1` (or 2) of its repository. "Quick, Draw!" (Google; CC BY 4.0): doodles; a folder of
its simplified `.ndjson` files.

Letters and doodles that have the shape of a digit are kept apart by name: nobody can tell a lone O from a 0. They were
named by their looks or their names alone, not by what a model made of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import strokes_drawing

DEVELOPMENT: Final = ("Balinese", "Greek", "Korean", "Tagalog")
"""Scripts that decisions may be made on; the others only judge. Of the doodles these are every other name."""

_DIGIT_SHAPED_LETTERS: Final = {
    "Greek": "02 04 06 09 14 15 18",  # beta, delta, zeta, iota, xi, omicron, sigma
    "Korean": "21 22 27 28 33 37",
    "Tagalog": "03 04 16",
    "Latin": "02 07 09 12 15 17 19 25 26",  # b g i l o q s y z
    "Japanese_(katakana)": "01 08 24 27 37 42 43 46",
    "Sanskrit": "13 27 37",
    "Early_Aramaic": "02 03 04 06 10 12 13 14 16 17 20",
}
_DIGIT_SHAPED_DOODLES: Final = (
    "arm axe banana balloon baseball_bat belt bottlecap bracelet bread bucket cactus cell_phone circle crayon"
    " donut ear eraser fence finger foot golf_club hand hat hot_air_balloon knife light_bulb line lollipop"
    " matches moon necklace pear pencil rainbow rifle sailboat screwdriver shovel snake snowman spoon steak"
    " stitches sword tennis_racquet toe tooth wine_glass yoga"
    " apple asparagus blueberry boomerang candle clarinet elbow feather flashlight frying_pan garden_hose hexagon"
    " hockey_stick hourglass key knee leg lighter lightning marker microphone nail nose octagon onion paintbrush"
    " paper_clip peanut pliers pond popsicle potato river saxophone screwdriver sleeping_bag snorkel snowman"
    " stethoscope stop_sign string_bean swan toothbrush traffic_light waterslide"
)

Drawn = tuple[str, NDArray[np.uint8]]
"""The name of a group, and an image, uint8 of shape (28, 28)."""


def omniglot(folder: Path) -> Iterator[Drawn]:
    """Every letter of a folder of strokes; a group is a script, or what of it is shaped as a digit."""
    for path in sorted(folder.glob("*/character*/*.txt")):
        script, number = path.parts[-3], path.parts[-2].removeprefix("character")
        image = digit_image(strokes_drawing(_omniglot_strokes(path)))
        if number in _DIGIT_SHAPED_LETTERS.get(script, "").split():
            group = f"digit-shaped: {script}"
        elif script in DEVELOPMENT:
            group = f"development: {script}"
        else:
            group = script
        if image is not None:
            yield group, image


def quick_draw(folder: Path) -> Iterator[Drawn]:
    """Every doodle of a folder of `.ndjson` files."""
    for index, path in enumerate(sorted(folder.glob("*.ndjson"))):
        name = path.stem.replace(" ", "_")
        group = "squiggles" if name == "squiggle" else "doodles"
        if name in _DIGIT_SHAPED_DOODLES.split():
            group = "digit-shaped: doodles"
        elif index % 2 == 0:
            group = "development: doodles"
        for line in path.read_text().splitlines():
            strokes = [np.array(stroke[:2], np.float64).T for stroke in json.loads(line)["drawing"]]
            image = digit_image(strokes_drawing(strokes))
            if image is not None:
                yield group, image


def _omniglot_strokes(path: Path) -> list[NDArray[np.float64]]:
    """Lines are `x,y,t` with y up, between `START` and `BREAK` after each stroke."""
    strokes: list[list[tuple[float, float]]] = [[]]
    for line in path.read_text().splitlines():
        if line == "BREAK":
            strokes.append([])
        elif line != "START":
            x, y, _ = line.split(",")
            strokes[-1].append((float(x), -float(y)))
    return [np.array(stroke) for stroke in strokes if stroke]
