import gzip
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from dataset_files import digits, idx_bytes, write_idx

from mnist_gui.data.dataset import DatasetError, Split
from mnist_gui.data.formats import open_dataset

TRAIN, TEST = digits(30, 1), digits(7, 2)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "my digits"
    write_idx(folder, TRAIN, "train")
    write_idx(folder, TEST, "t10k")
    return folder


def test_that_a_folder_of_four_files_has_three_splits(folder):
    dataset = open_dataset(folder)
    assert (dataset.name, dataset.sizes, dataset.source, dataset.notes) == ("my digits", (25, 5, 7), folder, ())
    np.testing.assert_array_equal(dataset.images_of(Split.TEST), TEST[0])
    np.testing.assert_array_equal(dataset.labels_of(Split.VALIDATION), TRAIN[1][25:])


@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
@pytest.mark.parametrize("split", ["train", "t10k"])
def test_that_any_of_the_four_files_finds_the_other_three(folder, split, kind):
    path = folder / f"{split}-{kind}-ubyte.gz"
    dataset = open_dataset(path)
    assert dataset.sizes == (25, 5, 7)
    assert dataset.source == path
    assert dataset.name == "my digits"


def test_that_spellings_may_be_mixed_and_test_may_be_called_test(folder):
    (folder / "t10k-images-idx3-ubyte.gz").rename(folder / "test-images.idx3-ubyte.gz")
    (folder / "train-labels-idx1-ubyte.gz").rename(folder / "TRAIN-LABELS.IDX1-UBYTE.GZ")
    assert open_dataset(folder).sizes == (25, 5, 7)


def test_that_of_a_packed_and_an_unpacked_file_the_one_that_was_chosen_is_read(folder):
    other = (TRAIN[0], (TRAIN[1] + 1) % 10)
    write_idx(folder, other, "train", packed=False)
    np.testing.assert_array_equal(open_dataset(folder).labels[:30], other[1])
    np.testing.assert_array_equal(open_dataset(folder / "train-labels-idx1-ubyte.gz").labels[:30], TRAIN[1])
    np.testing.assert_array_equal(open_dataset(folder / "train-labels-idx1-ubyte").labels[:30], other[1])


def test_that_without_test_files_there_is_a_note_and_no_test_split(folder):
    for path in folder.glob("t10k*"):
        path.unlink()
    dataset = open_dataset(folder)
    assert dataset.sizes == (25, 5, 0)
    assert not dataset.has_test
    assert dataset.notes == ("my digits has no test digits, so there is no test error.",)


def test_that_half_a_test_pair_is_left_out_and_named(folder):
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    dataset = open_dataset(folder)
    assert not dataset.has_test
    assert dataset.notes[0] == "t10k-images-idx3-ubyte.gz was left out: its other half is missing."


@pytest.mark.parametrize("missing", ["labels-idx1", "images-idx3"])
def test_that_training_files_must_come_in_pairs(folder, missing):
    (folder / f"train-{missing}-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match=rf"^my digits: expected train-{missing}-ubyte \(or \.gz\) beside t10k"):
        open_dataset(folder)


def test_that_test_files_alone_are_no_data_set(folder):
    for path in folder.glob("train*"):
        path.unlink()
    with pytest.raises(DatasetError, match=r"^my digits: expected train-images-idx3-ubyte \(or \.gz\) beside"):
        open_dataset(folder / "t10k-images-idx3-ubyte.gz")


def test_that_one_digit_is_too_few(tmp_path):
    write_idx(tmp_path / "one", digits(1))
    with pytest.raises(DatasetError, match=r"^one: expected digits to train and to validate with, found 0 and 1"):
        open_dataset(tmp_path / "one")


def test_that_a_missing_path_is_named_whole(tmp_path):
    for name in ("missing", "train-images-idx3-ubyte.gz"):
        path = tmp_path / name
        with pytest.raises(DatasetError, match="expected a file or folder, found nothing of that name") as caught:
            open_dataset(path)
        assert str(caught.value).startswith(str(path))


def test_that_an_empty_folder_has_no_data(tmp_path):
    (tmp_path / "notes.txt").write_text("no digits")
    with pytest.raises(DatasetError, match=r"expected a data set \(.*\), found a folder without such files"):
        open_dataset(tmp_path)


def test_that_a_folder_with_one_archive_is_that_archive(tmp_path):
    pair = digits(12)
    np.savez(tmp_path / "mine.npz", x_train=pair[0], y_train=pair[1])
    assert open_dataset(tmp_path).name == "mine"
    shutil.copy(tmp_path / "mine.npz", tmp_path / "other.npz")
    with pytest.raises(DatasetError, match=r"found several \(mine\.npz, other\.npz\); open one of these files"):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", r"found an empty file\."),
        (b"hello", r"found something else \(it begins with 0x68656c6c\)\."),
        (b"<html><body>404</body></html>", r"found a web page; save the file itself, not the page about it\."),
        (
            gzip.compress(b"<!doctype html><p>404", mtime=0),
            r"found a web page; save the file itself, not the page about it\.",
        ),
        (gzip.compress(b"", mtime=0), r"found an empty file\."),
        (gzip.compress(b"hello", mtime=0)[:-3], r"truncated\."),
        (idx_bytes(TRAIN[0]), r"expected one of the names train-images-idx3-ubyte, .*, found another name\."),
    ],
)
@pytest.mark.parametrize("name", ["mnist.pkl.gz", "digits.npz", "digits"])
def test_that_what_a_file_is_is_told_by_its_content(tmp_path, name, data, sentence):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DatasetError, match=f"^{name}: .*{sentence}$"):
        open_dataset(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_that_a_file_which_may_not_be_read_is_said_so(folder):
    path = folder / "train-images-idx3-ubyte.gz"
    path.chmod(0)
    with pytest.raises(DatasetError, match="found no permission to read it"):
        open_dataset(path)


def test_that_a_denied_file_gives_the_sentence_also_to_the_superuser(folder, monkeypatch):
    def denied(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    for method, name in (("open", r"train-images-idx3-ubyte\.gz"), ("iterdir", "my digits")):
        with monkeypatch.context() as patched:
            patched.setattr(Path, method, denied)
            with pytest.raises(DatasetError, match=rf"{name}: .*found no permission to read it\.$"):
                open_dataset(folder)


def test_that_a_relative_path_is_made_absolute(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert open_dataset(Path("train-labels-idx1-ubyte.gz")).name == "my digits"
    assert open_dataset(Path()).source == folder
