import os

import numpy as np
import pytest
from session_fakes import digit, listening_session, make_model

from mnist_gui.data.dataset import Split
from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.my_digits import MyDigitsStore
from mnist_gui.session.my_digits import MyDigits

DRAWING = Drawing((Stroke(np.array([[100.0, 20.0], [120.0, 240.0]]), 20.0),), least_side=10.0)


def image(number):
    """Another one for each number."""
    pixels = digit(number % 10)
    pixels[5, number % 28] = 200 + number // 28
    return pixels


@pytest.fixture
def session(tmp_path, qapp):
    session = listening_session(tmp_path)
    yield session
    assert session.close()


@pytest.fixture
def mine(session, qtbot):
    mine = MyDigits(session)
    qtbot.waitUntil(lambda: mine.ready)
    return mine


def test_that_a_digit_is_on_the_disk_when_it_is_kept(mine, tmp_path):
    kept = mine.add(image(7), DRAWING, 7, {"model": "M", "digit": 1, "probability": 0.5})
    assert mine.counts == (0, 0, 0, 0, 0, 0, 0, 1, 0, 0)
    again = MyDigitsStore(tmp_path / "my-digits.jsonl")  # another window: it only reads
    assert [found.key for found in again.digits] == [kept.key]
    assert again.digits[0].said == {"model": "M", "digit": 1, "probability": 0.5}
    np.testing.assert_array_equal(again.digits[0].drawing.strokes[0].points, DRAWING.strokes[0].points)
    again.close()


def test_that_a_digit_is_kept_once(mine):
    assert mine.add(image(7), None, 7) is not None
    assert mine.add(image(7), None, 1) is None
    assert mine.find(image(7)).label == 7


def test_that_the_grid_grows_and_shrinks_with_the_digits_and_the_selection_stays(mine, session):
    keys = [mine.add(image(number), None, number % 10).key for number in range(12)]
    mine.show()
    assert session.dataset is mine.dataset
    assert session.dataset.name == "My digits"
    session.select(4)
    selected = mine.selected
    for number in range(12, 20):
        mine.add(image(number), None, 3)
        assert mine.selected is not None
        assert mine.selected.key == selected.key
    mine.relabel(selected.key, 9)
    assert mine.selected.key == selected.key
    assert mine.selected.label == 9
    others = [key for key in keys if key != selected.key]
    mine.remove(others[:3])
    assert len(session.dataset) == 17
    assert mine.selected.key == selected.key
    mine.remove([selected.key])
    assert mine.selected is not None  # the next one, to go on deleting


def test_that_there_is_a_way_back_to_the_data_set_before(mine, session, tiny_dataset):
    session.take_dataset(None, tiny_dataset)
    mine.show()
    assert mine.shown
    mine.add(image(1), None, 1)
    assert mine.other is tiny_dataset
    mine.show_other()
    assert session.dataset is tiny_dataset
    assert not mine.shown


def test_that_left_out_digits_are_the_validation_split(mine):
    for number in range(40):
        mine.add(image(number), None, number % 10)
    left_out = sum(kept.left_out for kept in mine.digits)
    assert len(mine.dataset.labels_of(Split.VALIDATION)) == left_out > 0


def test_that_a_digit_that_could_not_be_written_is_told_and_not_there(mine, session, monkeypatch):
    mine.add(image(1), None, 1)

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert mine.add(image(2), None, 2) is None
    assert not mine.remove([mine.digits[0].key])
    assert len(mine.digits) == 1
    assert "No space left" in session.problems[0]


def test_that_a_second_window_looks_and_does_not_touch(mine, session, qtbot):
    mine.add(image(1), None, 1)
    second = MyDigits(session)
    qtbot.waitUntil(lambda: second.ready)
    assert not second.writable
    assert "another window" in second.trouble
    assert second.add(image(2), None, 2) is None
    assert len(second.digits) == 1
    assert any("another window" in notice for notice in session.notices)


def test_that_digits_that_cannot_be_read_are_told_and_the_file_stays(session, tmp_path, qtbot):
    path = tmp_path / "my-digits.jsonl"
    path.mkdir()
    mine = MyDigits(session)
    qtbot.waitUntil(lambda: bool(mine.trouble and session.problems))
    assert "cannot be opened" in mine.trouble
    assert mine.add(image(2), None, 2) is None
    mine.show()
    assert session.dataset is None


def test_that_a_file_merges_and_counts_what_was_there(mine, session, tmp_path, qtbot):
    for number in range(5):
        mine.add(image(number), None, number)
    path = tmp_path / "mine.jsonl"
    mine.export_strokes(path)
    qtbot.waitUntil(path.exists)
    mine.remove([kept.key for kept in mine.digits[:2]])
    with qtbot.waitSignal(mine.imported) as told:
        mine.import_from(path)
    assert len(told.args[0]) == 2
    assert "2 digits of mine.jsonl joined My digits; 3 were there already." in session.notices
    assert mine.counts[:5] == (1, 1, 1, 1, 1)


def test_that_a_bad_file_changes_nothing_and_is_told(mine, session, tmp_path, qtbot):
    mine.add(image(1), None, 1)
    (tmp_path / "bad.jsonl").write_text('{"strokes": [[[1, 2], [30, 40]]], "label": 3}\nhello\n')
    mine.import_from(tmp_path / "bad.jsonl")
    qtbot.waitUntil(lambda: bool(session.problems))
    assert "line 2" in session.problems[0]
    assert len(mine.digits) == 1


def test_that_idx_files_are_written_and_an_empty_set_is_not(mine, session, tmp_path, qtbot):
    mine.export_idx(tmp_path / "out")
    assert "empty" in session.notices[-1]
    mine.add(image(1), None, 1)
    mine.export_idx(tmp_path / "out")
    qtbot.waitUntil(lambda: any("written" in notice for notice in session.notices))
    assert (tmp_path / "out" / "train-labels-idx1-ubyte.gz").exists()


def test_that_a_model_is_not_needed(mine, session):
    session.take_model(make_model(), "made")
    mine.add(image(3), None, 3)
    mine.show()
    assert session.dataset is mine.dataset
