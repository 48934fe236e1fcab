import json
from pathlib import Path

import pytest

from mnist_gui.data.dataset import DatasetError
from mnist_gui.session import stroke_reading
from mnist_gui.session.stroke_reading import StrokeFile

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "made.jsonl"
LINE = json.dumps({"strokes": [[[0, 0], [3, 9]]], "label": 4}) + "\n"


@pytest.fixture
def file(qapp):
    file = StrokeFile()
    yield file
    file.close()


def whole(qtbot, file, path):
    file.open(path)
    qtbot.waitUntil(lambda: file.complete)
    return file


def test_that_digits_are_made_of_the_lines_that_are_asked_for(file, qtbot):
    whole(qtbot, file, SAMPLE)
    assert len(file) == 10
    assert [file.digit(place).label for place in (9, 0, 3)] == [9, 0, 3]
    assert file.trouble == ""
    assert file.path == SAMPLE


def test_that_the_end_is_told_after_it_has_come(file, qtbot):
    seen = []
    file.grew.connect(lambda: seen.append((len(file), file.complete)))
    file.open(SAMPLE)
    qtbot.waitUntil(lambda: (10, True) in seen)


def test_that_a_file_can_be_closed_and_another_opened_while_it_is_read(file, qtbot, tmp_path):
    long = tmp_path / "long.jsonl"
    long.write_text(LINE * 200_000)
    for _ in range(3):
        file.open(long)
        file.close()
        assert (len(file), file.path, file.complete) == (0, None, True)
    file.open(long)
    whole(qtbot, file, SAMPLE)
    qtbot.wait(20)  # what the first had still to say is not heard any more
    assert len(file) == 10


def test_that_of_a_file_without_end_the_beginning_is_kept(file, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(stroke_reading, "MOST_BYTES", 1000)
    path = tmp_path / "long.jsonl"
    path.write_text(LINE * 100)
    whole(qtbot, file, path)
    assert 10 < len(file) < 30
    assert file.trouble == f"long.jsonl is long: its first {len(file)} digits are shown."


def test_that_a_line_that_would_take_long_to_read_is_refused(file, qtbot, tmp_path):
    path = tmp_path / "large.jsonl"
    path.write_text(LINE + json.dumps({"strokes": [[[i, i] for i in range(60_000)]]}) + "\n")
    whole(qtbot, file, path)
    with pytest.raises(DatasetError, match=r"large.jsonl, line 2: expected at most 524,288 bytes"):
        file.digit(1)


def test_that_a_file_that_is_none_is_a_sentence(file, qtbot, tmp_path):
    whole(qtbot, file, tmp_path / "nowhere.jsonl")
    assert "nowhere.jsonl" in file.trouble
    assert len(file) == 0
