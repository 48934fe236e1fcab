import errno
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.ink import digit_image
from mnist_gui.data.kept_digit import KeptDigit
from mnist_gui.data.my_digits import MyDigitsStore, StoreError
from mnist_gui.data.strokes import stroke_line

DRAWING = Drawing(
    (
        Stroke(np.array([[40.25, 30.5], [150.0, 33.0], [90.0, 240.0]]), 20.0),
        Stroke(np.array([[60.0, 130.0], [130.0, 128.0]]), 12.0, widths=np.array([8.0, 12.0])),
    ),
    least_side=10.0,
)


def made(number, label=None):
    """A digit that no other number has."""
    image = np.random.default_rng(number).integers(0, 256, (28, 28), np.uint8)
    return KeptDigit(image, number % 10 if label is None else label)


def drawn(label=7):
    image = digit_image(DRAWING)
    return KeptDigit(image, label, stroke_line(DRAWING), "2026-01-02T03:04:05Z", {"model": "M", "digit": 1})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "my-digits.jsonl"


@pytest.fixture
def open_store(path):
    opened = []

    def open_store():
        opened.append(MyDigitsStore(path))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()


def reopened(store, open_store):
    store.close()
    return open_store()


def keys(store):
    return [digit.key for digit in store.digits]


def test_that_a_kept_digit_comes_back_with_everything_that_is_known_of_it(store, open_store):
    store.add([drawn(), made(3)])
    first, second = reopened(store, open_store).digits
    assert first.label == 7
    assert first.time == "2026-01-02T03:04:05Z"
    assert first.said == {"model": "M", "digit": 1}
    np.testing.assert_array_equal(first.image, digit_image(DRAWING))
    for stroke, again in zip(DRAWING.strokes, first.drawing.strokes, strict=True):
        np.testing.assert_array_equal(stroke.points, again.points)
        assert stroke.width == again.width
    np.testing.assert_array_equal(first.drawing.strokes[1].widths, DRAWING.strokes[1].widths)
    assert second.drawing is None


def test_that_removing_bringing_back_and_relabelling_come_back_too(store, open_store):
    store.add(made(number) for number in range(4))
    before = keys(store)
    store.remove(before[1:3])
    store.restore(before[2:3])
    store.relabel(before[0], 9)
    after = reopened(store, open_store)
    assert keys(after) == [before[0], before[2], before[3]]
    assert [digit.label for digit in after.digits] == [9, 2, 3]
    assert after.notes == []


def test_that_a_digit_that_is_there_is_not_added_twice_and_one_taken_away_is(store):
    assert store.add([made(1), made(1)]) == [store.digits[0]]
    assert store.add([made(1)]) == []
    store.remove(keys(store))
    assert len(store.add([made(1)])) == 1
    assert len(store.digits) == 1


def test_that_a_kill_at_any_byte_of_the_last_line_loses_no_digit_before_it(store, path, open_store):
    store.add([drawn(4), made(2)])
    kept = keys(store)
    whole = path.stat().st_size
    store.add([KeptDigit(np.full((28, 28), 200, np.uint8), 5)])
    store.close()
    data = path.read_bytes()
    for end in range(whole, len(data) + 1):
        path.write_bytes(data[:end])
        again = open_store()
        complete = end == len(data)
        assert keys(again)[:2] == kept
        assert len(again.digits) == 2 + complete
        assert bool(again.notes) == (whole < end < len(data))
        if end % 97 == 0 or complete:  # and the log goes on
            again.add([made(6)])
            again = reopened(again, open_store)
            assert len(again.digits) == 3 + complete
            assert again.notes == []
        again.close()


def test_that_a_damaged_line_costs_one_digit_and_is_said(store, path, open_store):
    store.add(made(number) for number in range(3))
    before = keys(store)
    store.close()
    lines = path.read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b'"label":1', b'"label":4')
    path.write_bytes(b"\n".join(lines))
    again = open_store()
    assert keys(again) == [before[0], before[2]]
    assert again.notes == ["A line of my-digits.jsonl cannot be read; the other digits are all there."]
    assert path.read_bytes() == b"\n".join(lines)


@pytest.mark.parametrize("fails", ["write", "fsync"])
def test_that_a_full_disk_changes_nothing_and_the_next_digit_is_kept(store, path, open_store, monkeypatch, fails):
    store.add([made(1)])
    before = path.read_bytes()
    real = os.write

    def half(handle, data):
        """Some bytes still find room."""
        if len(data) > 10:
            return real(handle, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, fails, half if fails == "write" else full)
        with pytest.raises(StoreError, match="No space left on device"):
            store.add([made(2)])
        with pytest.raises(StoreError, match="not kept"):
            store.remove(keys(store))
    assert len(store.digits) == 1
    assert path.read_bytes() == before
    store.add([made(3)])
    again = reopened(store, open_store)
    assert [digit.label for digit in again.digits] == [1, 3]
    assert again.notes == []


def test_that_what_a_failed_write_left_is_overwritten_even_where_it_could_not_be_cut_off(
    store, open_store, monkeypatch
):
    store.add([made(1)])
    with monkeypatch.context() as patch:
        cut = os.ftruncate
        calls = []

        def once(handle, size):
            calls.append(size)
            if len(calls) > 1:
                raise OSError(errno.EIO, "Input/output error")
            cut(handle, size)

        def full(_handle):
            raise OSError(errno.EIO, "Input/output error")

        patch.setattr(os, "ftruncate", once)
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError):
            store.add([made(2)])
    store.add([made(3)])
    assert [digit.label for digit in reopened(store, open_store).digits] == [1, 3]


def test_that_a_second_window_reads_and_says_so(store, open_store):
    store.add([made(1)])
    second = open_store()
    assert not second.writable
    assert len(second.digits) == 1
    assert "another window" in second.notes[0]
    with pytest.raises(StoreError, match="another window"):
        second.add([made(2)])
    store.close()
    assert open_store().writable


def test_that_a_killed_process_keeps_what_it_accepted_and_leaves_no_lock(path, open_store):
    program = (
        "import os, signal, sys, numpy as np; from pathlib import Path;"
        "from mnist_gui.data.kept_digit import KeptDigit; from mnist_gui.data.my_digits import MyDigitsStore;"
        "store = MyDigitsStore(Path(sys.argv[1]));"
        "[store.add([KeptDigit(np.full((28, 28), n + 1, np.uint8), n)]) for n in range(5)];"
        "os.kill(os.getpid(), signal.SIGKILL) if hasattr(signal, 'SIGKILL') else os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode != 0
    store = open_store()
    assert store.writable
    assert [digit.label for digit in store.digits] == [0, 1, 2, 3, 4]
    assert store.notes == []


def test_that_a_log_of_a_newer_version_is_left_as_it_is(store, path, open_store, monkeypatch):
    store.close()
    monkeypatch.setattr("mnist_gui.data.my_digits.VERSION", 2)
    path.unlink()
    open_store().close()
    monkeypatch.undo()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="version 2"):
        open_store()
    assert path.read_bytes() == before


def test_that_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot be opened"):
        MyDigitsStore(tmp_path / "file" / "my-digits.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        MyDigitsStore(tmp_path / "folder.jsonl")


def test_that_a_log_of_many_dead_lines_is_written_anew_as_a_whole(store, path, open_store):
    store.add(made(number) for number in range(5))
    last = keys(store)[-1]
    for _ in range(101):
        store.remove([last])
        store.restore([last])
    before, size = keys(store), path.stat().st_size
    again = reopened(store, open_store)
    assert keys(again) == before
    assert path.stat().st_size < size
    again.add([made(9)])
    assert keys(reopened(again, open_store)) == [*before, made(9).key]


def test_that_ten_thousand_digits_are_opened_soon(store, open_store):
    line = stroke_line(Drawing((Stroke(np.random.default_rng(0).random((40, 2)) * 280, 20.0),)))
    images = np.repeat(np.arange(1, 10_001, dtype="<u4").view(np.uint8).reshape(10_000, 4), 196, axis=1)
    store.add(KeptDigit(image, number % 10, line) for number, image in enumerate(images.reshape(-1, 28, 28)))
    store.close()
    began = time.process_time()
    again = open_store()
    assert time.process_time() - began < 5  # 0.7 on a quiet machine
    assert len(again.digits) == 10_000


def test_that_about_a_quarter_is_left_out_and_always_the_same_ones():
    digits = [made(number) for number in range(400)]
    assert 70 < sum(digit.left_out for digit in digits) < 130
    assert [digit.left_out for digit in digits] == [made(number, 3).left_out for number in range(400)]


@pytest.mark.parametrize(
    "arguments",
    [(np.zeros((28, 28), np.uint8), 1), (np.ones((28, 27), np.uint8), 1), (np.ones((28, 28), np.uint8), 10)],
)
def test_that_what_is_no_digit_is_refused(arguments):
    with pytest.raises(ValueError, match=r"image|label"):
        KeptDigit(*arguments)
