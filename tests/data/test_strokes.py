import base64
import gzip
import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.ink import digit_image, stages
from mnist_gui.data.sampling import ink_box
from mnist_gui.data.strokes import (
    FILE_WIDTH,
    LINE_BYTES,
    MOST_POINTS,
    is_stroke_file,
    parse_line,
    read_strokes,
    stroke_line,
    stroke_lines,
    strokes_drawing,
)

SAMPLE = Path(__file__).parent / "samples" / "made.jsonl"


def written(folder, *lines):
    path = folder / "digits.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def test_that_a_file_gives_its_digits_in_order_with_their_labels():
    digits = list(read_strokes(SAMPLE))
    assert [digit.label for digit in digits] == list(range(10))
    assert [len(digit.strokes) for digit in digits] == [1, 1, 1, 1, 2, 2, 1, 1, 1, 1]
    assert digits[1].strokes[0].tolist() == [[38, 38], [56, 18], [54, 70], [52, 122]]


def test_that_a_gz_file_gives_the_same_digits(tmp_path):
    path = tmp_path / "digits.jsonl.gz"
    path.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    for packed, plain in zip(read_strokes(path), read_strokes(SAMPLE), strict=True):
        assert packed.label == plain.label
        assert all((a == b).all() for a, b in zip(packed.strokes, plain.strokes, strict=True))


def test_that_labels_other_keys_blank_lines_and_the_last_newline_are_optional(tmp_path):
    path = tmp_path / "digits.jsonl"
    path.write_text(
        '\n{"strokes": [[[1, 2.5]], []], "writer": "me"}\n\n{"label": null, "strokes": [[[0, 0], [1, 1]]]}'
    )
    first, second = read_strokes(path)
    assert first.label is None
    assert second.label is None
    assert [stroke.tolist() for stroke in first.strokes] == [[[1.0, 2.5]]]
    assert (first.writer, second.writer) == ("me", "")


def test_that_a_stroke_file_is_known_by_its_name():
    assert is_stroke_file(Path("a/B.JSONL"))
    assert is_stroke_file(Path("pen.jsonl.gz"))
    assert not is_stroke_file(Path("train-images-idx3-ubyte.gz"))
    assert not is_stroke_file(Path("digit.json"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("seven", "line 2: expected a digit as JSON, found something else"),
        ('{"strokes": [[[1, NaN]]]}', "line 2: expected a digit as JSON.*NaN is no number"),
        ('{"strokes": [[[1, Infinity]]]}', "Infinity is no number"),
        ('{"strokes": [[[1, 1e400]]]}', "expected points .* found \\[1, inf\\]"),
        ('{"strokes": [[[1, 1' + "0" * 400 + "]]]}", "expected points"),
        ("[" * 100_000, "line 2: expected a digit as JSON"),
        ("[1, 2]", 'expected an object with the key "strokes", found a list'),
        ('{"label": 3}', "found an object without it"),
        ('{"strokes": []}', "at least one point, found none"),
        ('{"strokes": [[], []]}', "at least one point, found none"),
        ('{"strokes": 5}', "expected strokes as lists of points, found a number"),
        ('{"strokes": [[5, 6]]}', "expected points \\[x, y\\] .* found 5"),
        ('{"strokes": [[[1, 2, 3]]]}', "found \\[1, 2, 3\\]"),
        ('{"strokes": [[["1", 2]]]}', "expected points"),
        ('{"strokes": [[[true, 2]]]}', "expected points"),
        ('{"strokes": [[[1, 2]]], "label": 10}', "expected a label 0 to 9, found 10"),
        ('{"strokes": [[[1, 2]]], "label": true}', "expected a label 0 to 9, found True"),
        ('{"strokes": [[[1, 2]]], "label": "7"}', "expected a label 0 to 9, found 7"),
        ({"strokes": [[[0, 0]] * (MOST_POINTS + 1)]}, "expected at most 100,000 points, found 100,001"),
        (" " * (LINE_BYTES + 2**21), "line 2: expected at most .* bytes on a line"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_that_a_line_that_is_no_digit_is_named_with_what_was_expected_and_found(tmp_path, line, message):
    path = written(tmp_path, {"strokes": [[[0, 0], [1, 1]]]}, line)
    with pytest.raises(DatasetError, match=message) as caught:
        list(read_strokes(path))
    assert "digits.jsonl" in str(caught.value)
    assert len(str(caught.value)) < 200


def test_that_an_empty_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="found no digit"):
        list(read_strokes(written(tmp_path, "", "  ")))
    with pytest.raises(DatasetError, match=r"nowhere\.jsonl"):
        list(read_strokes(tmp_path / "nowhere.jsonl"))


@pytest.mark.parametrize("digit", list(read_strokes(SAMPLE)), ids=lambda digit: str(digit.label))
def test_that_strokes_of_a_file_are_drawn_as_wide_as_those_of_mnist(digit):
    result = stages(strokes_drawing(digit.strokes))
    assert ink_box(result.image).side == 20
    width = strokes_drawing(digit.strokes).strokes[0].width
    assert width * result.raster.scale * 20 / result.square.side == pytest.approx(FILE_WIDTH, rel=0.01)


def test_that_the_unit_and_the_place_of_the_strokes_do_not_matter():
    for digit in read_strokes(SAMPLE):
        image = digit_image(strokes_drawing(digit.strokes))
        for scale, shift in ((1e-3, 0.0), (37.0, -512.0), (0.5, 1e5)):
            other = digit_image(strokes_drawing([stroke * scale + shift for stroke in digit.strokes]))
            assert np.abs(other.astype(int) - image).max() <= 3


def test_that_a_file_with_a_lone_point_gives_no_digit():
    assert digit_image(strokes_drawing([np.array([[5.0, 5.0]])])) is None


def canvas_drawing():
    """Strokes of one width, of a width that changes, and one that erases, above a picture."""
    rng = np.random.default_rng(5)
    way = rng.uniform(20, 260, (9, 2))
    widths = rng.uniform(9, 31, 9)
    strokes = (
        Stroke(rng.uniform(20, 260, (5, 2)), 26.1),
        Stroke(way, float(widths.max()), widths=widths),
        Stroke(rng.uniform(20, 260, (3, 2)), 40.0, erase=True),
        Stroke(np.array([[1 / 3, 2 / 3]]), 7.7),
    )
    return Drawing(strokes, rng.integers(0, 256, (280, 280), np.uint8), 10.0)


def test_that_a_drawing_written_and_read_is_the_same_to_the_last_bit(tmp_path):
    drawing = canvas_drawing()
    path = tmp_path / "drawn.jsonl"
    path.write_text(stroke_line(drawing, 4) + stroke_line(drawing, None, writer="me"))
    first, second = read_strokes(path)
    assert (first.label, second.label) == (4, None)
    for read in (first.drawing, second.drawing):
        assert read.least_side == drawing.least_side
        assert (read.picture == drawing.picture).all()
        for one, other in zip(read.strokes, drawing.strokes, strict=True):
            assert (one.points == other.points).all()
            assert (one.radii == other.radii).all()
            assert (one.width, one.erase, one.widths is None) == (other.width, other.erase, other.widths is None)
        assert (digit_image(read) == digit_image(drawing)).all()
    assert len(first.strokes) == 3  # what takes ink away is no stroke of the pen


def test_that_a_picture_without_strokes_is_a_digit_too():
    picture = np.full((3, 4), 7, np.uint8)
    read = parse_line(stroke_line(Drawing(picture=picture)).encode(), "here")
    assert (read.drawing.picture == picture).all()
    assert read.strokes == ()


DOT = [[1, 2]]


def in_base64(data):
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "line",
    [
        {"strokes": [DOT, DOT], "widths": [3]},
        {"strokes": [DOT], "widths": 3},
        {"strokes": [DOT], "widths": [0]},
        {"strokes": [DOT], "widths": [[]]},
        {"strokes": [DOT], "widths": [[1, 2]]},
        {"strokes": [DOT], "widths": ["wide"]},
        {"strokes": [DOT], "widths": [1e10]},
        {"strokes": [DOT], "widths": [3], "erase": [1]},
        {"strokes": [DOT], "widths": [3], "erase": []},
        {"strokes": [DOT], "widths": [3], "erase": [True]},
        {"strokes": [DOT], "widths": [3], "least_side": -1},
        {"strokes": [], "picture": 5},
        {"strokes": [], "picture": {"rows": 0, "columns": 3, "ink": ""}},
        {"strokes": [], "picture": {"rows": 99999, "columns": 3, "ink": ""}},
        {"strokes": [], "picture": {"rows": 2, "columns": 3, "ink": "!"}},
        {"strokes": [], "picture": {"rows": 2, "columns": 3}},
        {"strokes": [], "picture": {"rows": 2, "columns": 3, "ink": in_base64(b"no zlib")}},
        {
            "strokes": [],
            "picture": {"rows": 2, "columns": 3, "ink": in_base64(zlib.compress(bytes(7)))},
        },
        {
            "strokes": [],
            "picture": {"rows": 2, "columns": 3, "ink": in_base64(zlib.compress(bytes(5)))},
        },
    ],
    ids=str,
)
def test_that_a_drawing_that_makes_no_sense_is_refused_with_its_line(line):
    with pytest.raises(DatasetError, match="here: expected"):
        parse_line(json.dumps(line).encode(), "here")


def test_that_a_packed_picture_is_never_unpacked_beyond_its_size():
    bomb = in_base64(zlib.compress(bytes(50 * 2**20)))
    with pytest.raises(DatasetError, match="another number"):
        parse_line(json.dumps({"strokes": [], "picture": {"rows": 2, "columns": 2, "ink": bomb}}).encode(), "here")


def test_that_a_million_points_are_refused_before_they_are_parsed(monkeypatch):
    line = b'{"strokes":[[' + b",".join([b"[1,2]"] * 1_000_000) + b"]]}"
    monkeypatch.setattr("mnist_gui.data.strokes.json.loads", lambda *_a, **_k: pytest.fail("was parsed"))
    with pytest.raises(DatasetError, match="at most 100,000 points"):
        parse_line(line, "here")


def test_that_lines_come_with_their_numbers_and_without_being_read(tmp_path):
    path = written(tmp_path, "", {"strokes": [[[0, 0]]]}, "  ", "nonsense")
    assert [(number, line.strip()) for number, line in stroke_lines(path)] == [
        (2, b'{"strokes": [[[0, 0]]]}'),
        (4, b"nonsense"),
    ]
