"""Finding the files that belong together by their names."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats.idx import IdxPair

_IDX_NAME: Final = re.compile(r"(train|t10k|test)-(images|labels)[-.]idx([13])-ubyte(\.gz)?", re.IGNORECASE)
_OTHER_NAME: Final = re.compile(r".+\.(npz|pkl|pkl\.gz|pickle|pickle\.gz)", re.IGNORECASE)


def idx_files(paths: Iterable[Path]) -> dict[tuple[str, str], Path]:
    """The IDX files among `paths` by split ("train" or "test") and kind ("images" or "labels").

    Both spellings of the names count, packed or not; of two that hold the same the unpacked one is taken.
    """
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(paths, reverse=True):  # reverse: "name" comes after "name.gz" and replaces it
        match = _IDX_NAME.fullmatch(path.name)
        if match is not None:
            split = "train" if match[1].lower() == "train" else "test"
            found[split, match[2].lower()] = path
    return found


def idx_pairs(found: dict[tuple[str, str], Path], folder: Path) -> tuple[IdxPair, IdxPair | None, tuple[str, ...]]:
    """The training pair, the test pair where there is one, and what is to be said about a test file left out.

    Raises:
        DatasetError: the training pair is not complete.
    """
    for kind, rank in (("images", 3), ("labels", 1)):
        if ("train", kind) not in found:
            names = ", ".join(sorted(path.name for path in found.values()))
            raise DatasetError(
                f"{folder.name or folder}: expected train-{kind}-idx{rank}-ubyte (or .gz) beside {names}, found none."
            )
    training = IdxPair(found["train", "images"], found["train", "labels"])
    test = [found[key] for key in (("test", "images"), ("test", "labels")) if key in found]
    if len(test) == 2:
        return training, IdxPair(*test), ()
    return training, None, tuple(f"{path.name} was left out: its other half is missing." for path in test)


def other_files(paths: Iterable[Path]) -> list[Path]:
    """The files among `paths` whose names say that each is a whole data set: .npz and pickles."""
    return sorted(path for path in paths if _OTHER_NAME.fullmatch(path.name))
