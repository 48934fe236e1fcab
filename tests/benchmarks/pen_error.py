"""How many digits of pen strokes a model misreads: `python tests/benchmarks/pen_error.py FILE... [--compare]`.

Strokes without a width are redrawn with several pens and read: in all, by digit and by writer. `--compare` reads them
once more with each stage of the procedure switched the other way. Nothing is fitted to the files here.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.ink import digit_image
from mnist_gui.data.procedure import DEFAULT, STAGES, Procedure
from mnist_gui.data.strokes import FILE_WIDTH, LabelledStrokes, read_strokes, strokes_drawing

WIDTHS = (1.5, 2.0, FILE_WIDTH, 4.0, 6.0)
"""Pens in pixels of the 20x20."""

CONFUSIONS = 12
WORST = 5

Read = Callable[[NDArray[np.uint8]], NDArray[np.intp]]
"""The digits that a model reads in images, uint8 of shape (n, 28, 28); shape (n,)."""


@dataclass(frozen=True)
class Report:
    """Errors in percent of the digits of one file, drawn with one pen.

    Attributes:
        width: of the pen, in pixels of the 20x20.
        error: of all digits.
        digits: of each label, 0 to 9; None where there is none.
        writers: of each writer by name; empty where the file names none.
        confusions: "9 read as 4" and how often, the most frequent first; "-" is what is no digit.
    """

    width: float
    error: float
    digits: list[float | None]
    writers: dict[str, float] = field(default_factory=dict)
    confusions: dict[str, int] = field(default_factory=dict)


def drawn(digits: Sequence[LabelledStrokes], width: float, procedure: Procedure) -> Iterator[NDArray[np.uint8] | None]:
    """The 28x28 of each digit, drawn with a pen of `width` pixels of the 20x20."""
    return (digit_image(strokes_drawing(digit.strokes, width), procedure) for digit in digits)


def answers(images: Iterable[NDArray[np.uint8] | None], read: Read) -> NDArray[np.intp]:
    """What is read in each image; -1 where there is none."""
    images = list(images)
    found = np.full(len(images), -1, np.intp)
    there = np.array([image is not None for image in images], bool)
    if there.any():
        found[there] = read(np.stack([image for image in images if image is not None]))
    return found


def report(digits: Sequence[LabelledStrokes], found: NDArray[np.intp], width: float) -> Report:
    """Sums up what was read; every digit has a label."""
    labels = np.array([digit.label for digit in digits], np.intp)
    writers = np.array([digit.writer for digit in digits])
    wrong = found != labels
    pairs = Counter(
        f"{label} read as {answer if answer >= 0 else '-'}"
        for label, answer in zip(labels[wrong], found[wrong], strict=True)
    )
    return Report(
        width,
        percent(wrong),
        [percent(wrong[labels == digit]) if (labels == digit).any() else None for digit in range(10)],
        {str(name): percent(wrong[writers == name]) for name in np.unique(writers) if name},
        dict(pairs.most_common(CONFUSIONS)),
    )


def percent(wrong: NDArray[np.bool_]) -> float:
    """How many are true."""
    return 100 * float(wrong.mean())


def procedure_from(text: str) -> Procedure:
    """The default procedure with some stages switched, as "contrast=off".

    Raises:
        ValueError: a stage or a state is unknown.
    """
    changes = {}
    for part in filter(None, text.split(",")):
        name, _, state = part.partition("=")
        if name not in STAGES or state not in ("on", "off"):
            raise ValueError(f"expected STAGE=on or STAGE=off with a stage of {', '.join(STAGES)}, found {part!r}")
        changes[name] = state == "on"
    return replace(DEFAULT, **changes)


def procedures(base: Procedure, compare: bool) -> dict[str, Procedure]:
    """The procedure to judge, and where they are to be compared, one for each stage switched the other way."""
    states = ", ".join(f"{name} {'on' if on else 'off'}" for name, on in base.to_dict().items())
    found = {states: base}
    if compare:
        for name, on in base.to_dict().items():
            found[f"{name} {'off' if on else 'on'}"] = replace(base, **{name: not on})
    return found


def table(reports: Sequence[Report]) -> str:
    """A file's errors in columns: one row a pen, then the writers and the confusions of the middle pen."""
    number = "{:7.2f}".format
    rows = ["    pen   error " + "".join(f"{digit:7d}" for digit in range(10))]
    rows += [
        f"{one.width:7.2f} {number(one.error)} "
        + "".join("      -" if value is None else number(value) for value in one.digits)
        for one in reports
    ]
    middle = min(reports, key=lambda one: abs(one.width - FILE_WIDTH))
    if middle.writers:
        errors = np.array(list(middle.writers.values()))
        worst = sorted(middle.writers.items(), key=lambda item: -item[1])[:WORST]
        rows.append(
            f"  {len(errors)} writers at {middle.width:.2f} px: {percent(errors == 0):.0f} % have none misread,"
            f" median {np.median(errors):.2f} %, p90 {np.percentile(errors, 90):.2f} %, standard deviation"
            f" {errors.std():.2f}; worst {', '.join(f'{name} {error:.1f} %' for name, error in worst)}"
        )
    if middle.confusions:
        rows.append("  " + ", ".join(f"{what} {often}x" for what, often in middle.confusions.items()))
    return "\n".join(rows)


def reader(path: Path | None) -> Read:
    """What reads digits: a model from a file, or the bundled one."""
    from mnist_gui.engine import checkpoint
    from mnist_gui.engine.classifier import Classifier
    from mnist_gui.resources import resource_path

    classifier = Classifier(checkpoint.load(path or resource_path("models", "bundled.safetensors")))
    return lambda images: classifier.probabilities(images).argmax(axis=1)


def main(arguments: Sequence[str] | None = None, make_reader: Callable[[Path | None], Read] = reader) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="pen strokes, .jsonl or .jsonl.gz")
    parser.add_argument("--widths", nargs="+", type=float, default=WIDTHS, help="pens in pixels of the 20x20")
    parser.add_argument("--procedure", type=procedure_from, default=DEFAULT, help="for example width=off")
    parser.add_argument("--compare", action="store_true", help="also with each stage switched the other way")
    parser.add_argument("--model", type=Path, help="by default the bundled one")
    parser.add_argument("--json", action="store_true", help="one line of JSON a file and procedure")
    chosen = parser.parse_args(arguments)
    read = make_reader(chosen.model)
    for path in chosen.files:
        digits = [digit for digit in read_strokes(path) if digit.label is not None]
        if not digits:
            sys.exit(f"{path.name}: expected labels, found none")
        for name, procedure in procedures(chosen.procedure, chosen.compare).items():
            reports = [
                report(digits, answers(drawn(digits, width, procedure), read), width) for width in chosen.widths
            ]
            if chosen.json:
                print(json.dumps({"file": path.name, "procedure": procedure.to_dict(), **_all(reports)}), flush=True)
            else:
                print(f"{path.name}, {len(digits):,} digits, {name}\n{table(reports)}\n", flush=True)


def _all(reports: Sequence[Report]) -> dict[str, object]:
    return {"reports": [asdict(one) for one in reports]}


if __name__ == "__main__":
    main()
