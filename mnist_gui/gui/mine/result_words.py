"""What came of fine-tuning, in rows of words."""

from collections.abc import Sequence
from typing import NamedTuple

from mnist_gui.engine.tuning import FEW, Compared, Tuned
from mnist_gui.session.fine_tuning import Watched


class Row(NamedTuple):
    """A line of the comparison.

    Attributes:
        what: which digits, and how many.
        before: percent misread, and how many.
        after: the same.
        change: in words, not by a colour.
    """

    what: str
    before: str
    after: str
    change: str


def rows(tuned: Tuned) -> list[Row]:
    """My digits left out, My digits learnt from, and the validation digits of the data set that the model knew."""
    parts = (
        ("My digits, left out", tuned.left_out),
        ("My digits, learnt from", tuned.learnt_from),
        (f"{tuned.after.metadata.get('dataset', 'known digits')}, validation", tuned.validation),
    )
    return [_row(what, compared) for what, compared in parts]


def _row(what: str, compared: Compared) -> Row:
    count = len(compared)
    if not count:
        return Row(f"{what} (none)", "–", "–", "")
    of = f"{count:,}" if count == compared.total else f"{count:,} of {compared.total:,}"
    before, after = compared.misread_before, compared.misread_after
    difference = after - before
    if not difference:
        change = "as many"
    else:
        change = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} misread"
    return Row(f"{what} ({of})", _error(before, count), _error(after, count), change)


def _error(misread: int, count: int) -> str:
    if count < FEW:
        return f"{misread} of {count}"
    decimals = 2 if count >= 1000 else 1 if count >= 100 else 0
    return f"{100 * misread / count:.{decimals}f} %"


def remarks(tuned: Tuned) -> list[str]:
    """What one must know to read the rows, each one sentence."""
    said = []
    left_out, known = tuned.left_out, tuned.validation
    if tuned.steps == 0:
        said.append("No step made it better on both kinds of digits: the weights are as they were.")
    if not len(left_out):
        said.append("None of My digits was left out, so nothing here tells how it reads new ones of yours.")
    elif len(left_out) < FEW:
        said.append(
            f"{len(left_out)} left-out digits are too few for an error in percent: with {FEW} or more it begins to"
            " mean something."
        )
    elif tuned.chosen_by_left_out:
        said.append("The left-out digits also chose the step to stop at, which flatters their error a little.")
    if known.newly_misread:
        said.append(
            f"Forgotten: {known.newly_misread:,} of {len(known):,} validation digits that were read right before are"
            " misread now."
        )
    else:
        said.append(f"Nothing forgotten: none of {len(known):,} validation digits read right before is misread now.")
    if len(known) < known.total:
        said.append("Time was up before all validation digits were read; those that were are a random part.")
    if tuned.after.calibration is None:
        said.append("The tuned model has no calibration: its probabilities may be surer than they should be.")
    return said


def watched_rows(tuned: Tuned, watched: Sequence[Watched]) -> list[Row]:
    """Each pinned digit: what it was read as and how surely, before and after."""
    found = []
    for one, before, after in zip(watched, tuned.others_before, tuned.others_after, strict=True):
        texts = [f"{p.argmax()} ({100 * p.max():.0f} %)" for p in (before, after)]
        change = ""
        if one.label is not None:
            right = [int(p.argmax()) == one.label for p in (before, after)]
            change = {
                (True, True): "right",
                (False, False): "wrong",
                (False, True): "now right",
                (True, False): "now wrong",
            }[right[0], right[1]]
        elif before.argmax() != after.argmax():
            change = "another answer"
        label = "" if one.label is None else f", a {one.label}"
        found.append(Row(f"{one.title}{label}", texts[0], texts[1], change))
    return found
