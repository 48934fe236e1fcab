import numpy as np
import pytest
from dataset_files import digits

from mnist_gui.data.dataset import Dataset, Split


def made(sizes=(5, 3, 2)):
    return Dataset("made", *digits(sum(sizes)), sizes)


def test_that_splits_are_numbered_one_after_another():
    dataset = made()
    assert [dataset.range_of(split) for split in Split] == [slice(0, 5), slice(5, 8), slice(8, 10)]
    assert [dataset.split_of(index) for index in (0, 4, 5, 7, 8, 9)] == [
        Split.TRAINING,
        Split.TRAINING,
        Split.VALIDATION,
        Split.VALIDATION,
        Split.TEST,
        Split.TEST,
    ]
    np.testing.assert_array_equal(dataset.images_of(Split.VALIDATION), dataset.images[5:8])
    np.testing.assert_array_equal(dataset.labels_of(Split.TEST), dataset.labels[8:])


@pytest.mark.parametrize("index", [-1, 10])
def test_that_there_is_no_split_of_a_digit_that_is_not_there(index):
    with pytest.raises(IndexError, match=f"digit {index}: the data set has 10 digits"):
        made().split_of(index)


def test_that_an_empty_split_holds_no_digit_and_no_test_is_said():
    dataset = made((4, 0, 0))
    assert not dataset.has_test
    assert dataset.split_of(3) is Split.TRAINING
    assert len(dataset.images_of(Split.TEST)) == 0


def test_that_the_arrays_cannot_be_written():
    dataset = made()
    with pytest.raises(ValueError, match="read-only"):
        dataset.images[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        dataset.labels_of(Split.TRAINING)[0] = 0


def test_that_impossible_arrays_are_refused_with_what_was_wanted_and_got():
    images, labels = digits(10)
    for arguments, message in (
        ((images[:9], labels, (5, 3, 2)), r"images must be uint8 of shape \(10, 28, 28\), got uint8 \(9, 28, 28\)"),
        ((images / 255, labels, (5, 3, 2)), "images must be uint8 .*, got float64"),
        ((images, labels[:9], (5, 3, 2)), r"labels must be uint8 of shape \(10,\), got uint8 \(9,\)"),
        ((images, labels | 8 | 2, (5, 3, 2)), r"labels must be 0 to 9, got 1\d"),
    ):
        with pytest.raises(ValueError, match=message):
            Dataset("made", *arguments)
