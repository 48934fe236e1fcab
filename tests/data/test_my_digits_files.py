import gzip

import numpy as np
import pytest

from mnist_gui.data.dataset import DatasetError, Split
from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.ink import digit_image
from mnist_gui.data.kept_digit import KeptDigit
from mnist_gui.data.my_digits_files import LABELS_FILE, dataset_of, read_digits, write_idx, write_strokes
from mnist_gui.data.strokes import read_strokes, stroke_line


def drawn(number):
    points = np.array([[100.0, 20.0], [120.0 + number, 240.0], [60.0, 200.0 - number]])
    drawing = Drawing((Stroke(points, 20.0),), least_side=10.0)
    return KeptDigit(digit_image(drawing), number % 10, stroke_line(drawing), "2026-01-02T03:04:05Z")


@pytest.fixture
def digits():
    return [drawn(number) for number in range(11)] + [KeptDigit(np.full((28, 28), 9, np.uint8), 4)]


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.jsonl.gz"])
def test_that_a_stroke_file_brings_every_digit_back(digits, tmp_path, name):
    write_strokes(digits, tmp_path / name)
    again = read_digits(tmp_path / name)
    assert [digit.key for digit in again] == [digit.key for digit in digits]
    assert [(digit.label, digit.time, bool(digit.strokes)) for digit in again] == [
        (digit.label, digit.time, bool(digit.strokes)) for digit in digits
    ]
    np.testing.assert_array_equal(again[3].drawing.strokes[0].points, digits[3].drawing.strokes[0].points)


def test_that_a_stroke_file_can_be_replayed(digits, tmp_path):
    write_strokes(digits, tmp_path / "mine.jsonl")
    for line, digit in zip(read_strokes(tmp_path / "mine.jsonl"), digits, strict=True):
        assert line.label == digit.label
        if digit.strokes:
            np.testing.assert_array_equal(digit_image(line.drawing), digit.image)


def test_that_idx_files_are_a_data_set_to_every_reader_and_come_back(digits, tmp_path):
    write_idx(digits, tmp_path / "mine")
    opened = open_dataset(tmp_path / "mine")
    np.testing.assert_array_equal(opened.images, np.stack([digit.image for digit in digits]))
    for path in (tmp_path / "mine", tmp_path / "mine" / LABELS_FILE):
        again = read_digits(path)
        assert [(digit.key, digit.label) for digit in again] == [(digit.key, digit.label) for digit in digits]


def test_that_a_single_digit_is_enough(digits, tmp_path):
    write_idx(digits[:1], tmp_path / "mine")
    assert [digit.key for digit in read_digits(tmp_path / "mine")] == [digits[0].key]


def test_that_left_out_digits_are_the_validation_split(digits):
    dataset, keys = dataset_of(digits)
    left_out = {digit.key for digit in digits if digit.left_out}
    assert left_out
    assert set(keys[dataset.range_of(Split.VALIDATION)]) == left_out
    by_key = {digit.key: digit for digit in digits}
    for image, label, key in zip(dataset.images, dataset.labels, keys, strict=True):
        assert by_key[key].label == label
        np.testing.assert_array_equal(by_key[key].image, image)


def test_that_no_digits_are_an_empty_data_set():
    dataset, keys = dataset_of([])
    assert len(dataset) == 0
    assert keys == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "no digit"),
        ("a.jsonl", b"hello\n", "line 1"),
        ("a.jsonl", b'{"strokes": [[[1, 2], [30, 40]]]}\n', "label"),
        ("a.jsonl", b'{"strokes": [[[1, 2]]], "label": 3}\n', "lone dot"),
        ("a.jsonl", b'{"strokes": [[[1, NaN], [30, 40]]], "label": 3}\n', "line 1"),
        ("a.jsonl.gz", gzip.compress(b"hello\n", mtime=0)[:-6], "a.jsonl.gz"),
        (LABELS_FILE, b"hello", "train-images"),
        ("a.txt", b"hello", "a.txt"),
    ],
)
def test_that_a_bad_file_is_told_in_a_sentence(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=words):
        read_digits(tmp_path / name)


def test_that_a_missing_file_is_told_in_a_sentence(tmp_path):
    for name in ("a.jsonl", LABELS_FILE, "folder"):
        with pytest.raises(DatasetError, match=name.split("-")[0]):
            read_digits(tmp_path / name)
