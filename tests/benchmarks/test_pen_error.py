"""The command that judges pen strokes, on made lines and with a reader that needs no model."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mnist_gui.data.procedure import DEFAULT, STAGES
from mnist_gui.data.strokes import LabelledStrokes
from tests.benchmarks import pen_error

UPRIGHT = [[[50, 10], [50, 90]]]
LEVEL = [[[10, 50], [90, 50]]]
DOT = [[[5, 5]]]


def read_upright_as_one(images):
    """1 where the ink is higher than wide, 7 elsewhere."""
    high = images.any(axis=2).sum(axis=1)
    wide = images.any(axis=1).sum(axis=1)
    return np.where(high > wide, 1, 7)


@pytest.fixture
def path(tmp_path):
    lines = [(1, "ada", UPRIGHT), (1, "ada", LEVEL), (7, "bob", LEVEL), (8, "", DOT), (None, "bob", LEVEL)]
    file = tmp_path / "made.jsonl"
    file.write_text("\n".join(json.dumps({"label": a, "writer": b, "strokes": c}) for a, b, c in lines))
    return file


def test_that_errors_are_by_digit_by_writer_and_by_pen(path, capsys):
    pen_error.main([str(path), "--json", "--widths", "2", "4"], lambda _: read_upright_as_one)
    (line,) = capsys.readouterr().out.splitlines()
    first, second = json.loads(line)["reports"]
    assert (first["width"], second["width"]) == (2, 4)
    assert first["error"] == 50
    assert first["digits"] == [None, 50, None, None, None, None, None, 0, 100, None]
    assert first["writers"] == {"ada": 50, "bob": 0}
    assert first["confusions"] == {"1 read as 7": 1, "8 read as -": 1}


def test_that_each_stage_is_switched_in_turn(path, capsys):
    pen_error.main([str(path), "--compare", "--widths", "2.85"], lambda _: read_upright_as_one)
    text = capsys.readouterr().out
    assert text.count("made.jsonl, 4 digits") == 1 + len(STAGES)
    assert "  2 writers at 2.85 px: 50 % have none misread" in text
    assert "worst ada 50.0 %, bob 0.0 %" in text
    for stage in STAGES:
        assert f"digits, {stage} {'off' if getattr(DEFAULT, stage) else 'on'}\n" in text


def test_that_a_procedure_is_read_from_words():
    assert pen_error.procedure_from("") == DEFAULT
    assert pen_error.procedure_from("contrast=off") == replace(DEFAULT, contrast=False)
    with pytest.raises(ValueError, match="found 'kontrast=off'"):
        pen_error.procedure_from("kontrast=off")


def test_that_the_pen_has_the_width_asked_for():
    digits = [LabelledStrokes((np.array(UPRIGHT[0], np.float64),), 1)]
    thin, thick = (next(pen_error.drawn(digits, width, replace(DEFAULT, width=False))) for width in (2.0, 6.0))
    assert thick[14].sum() == pytest.approx(3 * thin[14].sum(), rel=0.05)
