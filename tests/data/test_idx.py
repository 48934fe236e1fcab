import gzip
import struct

import numpy as np
import pytest
from dataset_files import digits, idx_bytes, write_idx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import open_dataset

IMAGES, LABELS = digits(30)
WEB_PAGE = b"\n<!DOCTYPE html><html><head><title>MNIST</title></head><body>Download</body></html>"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "made"
    write_idx(folder, (IMAGES, LABELS), packed=False)
    return folder


def put(folder, kind, data):
    rank = 3 if kind == "images" else 1
    (folder / f"train-{kind}-idx{rank}-ubyte").write_bytes(data)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(training=st.integers(2, 40), test=st.integers(0, 10), packed=st.booleans(), separator=st.sampled_from("-."))
def test_that_digits_come_back_bit_by_bit_from_every_spelling(tmp_path_factory, training, test, packed, separator):
    folder = tmp_path_factory.mktemp("digits")
    first, second = digits(training, 1), digits(test, 2)
    write_idx(folder, first, "train", separator=separator, packed=packed)
    if test:
        write_idx(folder, second, "t10k", separator=separator, packed=packed)
    dataset = open_dataset(folder)
    np.testing.assert_array_equal(dataset.images, np.concatenate([first[0], second[0]]))
    np.testing.assert_array_equal(dataset.labels, np.concatenate([first[1], second[1]]))
    validation = max(1, training // 6)
    assert dataset.sizes == (training - validation, validation, test)


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("images", b"", r"expected IDX images \(magic number 0x00000803\), found an empty file\."),
        ("labels", b"", r"expected IDX labels \(magic number 0x00000801\), found an empty file\."),
        ("images", b"\x00\x00\x08", r"expected IDX images .*, found 0x000008\."),
        ("images", b"RIFF" + bytes(100), r"expected IDX images .*, found 0x52494646\."),
        ("images", idx_bytes(LABELS), r"expected IDX images .*, found IDX labels \(0x00000801\)\."),
        ("labels", idx_bytes(IMAGES), r"expected IDX labels .*, found IDX images \(0x00000803\)\."),
        ("images", b"\x00\x00\x0d\x03" + bytes(12), r"expected IDX images .*, found 0x00000d03\."),
        ("images", idx_bytes(IMAGES)[:9], r"expected IDX images .*, found a file that ends within its header\."),
        ("images", idx_bytes(IMAGES)[:-1], r"expected 23,520 bytes after the header, found 23,519; it is truncated\."),
        ("images", idx_bytes(IMAGES) + b"x", r"expected the data to end after 23,536 bytes, found trailing bytes\."),
        ("labels", idx_bytes(LABELS) + b"x", r"expected the data to end after 38 bytes, found trailing bytes\."),
        ("labels", idx_bytes(LABELS[:-1]), r"expected 30 labels as train-images-idx3-ubyte has images, found 29\."),
        ("labels", idx_bytes(LABELS | 8), r"expected labels 0 to 9, found label \d+ at digit \d+\."),
        ("images", idx_bytes(IMAGES[:, :14]), r"expected images of 28 x 28 pixels, found 14 x 28\."),
        ("images", idx_bytes(IMAGES[:0]), r"expected digits, found a header that announces none\."),
        (
            "images",
            struct.pack(">4I", 0x803, 2**32 - 1, 28, 28) + bytes(100),
            r"at most 268,435,456 bytes .*, found a header that announces 4,294,967,295 digits \([\d,]+ bytes\)\.",
        ),
        ("images", struct.pack(">4I", 0x803, 30, 2**32 - 1, 28), r"28 x 28 pixels, found 4,294,967,295 x 28\."),
        ("images", WEB_PAGE, r"expected IDX images .*, found a web page; save the file itself"),
        (
            "images",
            gzip.compress(WEB_PAGE, mtime=0),
            r"expected IDX images .*, found a web page; save the file itself",
        ),
        ("images", gzip.compress(idx_bytes(IMAGES), mtime=0)[:-9], r"expected a whole gz file, .* it is truncated\."),
        (
            "images",
            gzip.compress(idx_bytes(IMAGES)[:-5], mtime=0),
            r"after the header, found 23,515; it is truncated\.",
        ),
        (
            "images",
            gzip.compress(struct.pack(">4I", 0x803, 300_000, 28, 28), mtime=0),
            r"found a file too small to hold them",
        ),
        (
            "images",
            gzip.compress(idx_bytes(IMAGES) + bytes(9), mtime=0),
            r"end after 23,536 bytes, found trailing bytes\.",
        ),
    ],
)
def test_that_a_bad_file_is_one_sentence_with_its_name_and_what_was_found(folder, kind, data, sentence):
    put(folder, kind, data)
    rank = 3 if kind == "images" else 1
    with pytest.raises(DatasetError, match=rf"^train-{kind}-idx{rank}-ubyte: .*{sentence}") as caught:
        open_dataset(folder)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_that_a_web_page_saved_as_gz_is_recognised(folder):
    (folder / "train-labels-idx1-ubyte").unlink()
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(WEB_PAGE)
    with pytest.raises(DatasetError, match=r"^train-labels-idx1-ubyte\.gz: expected IDX labels .*, found a web page"):
        open_dataset(folder)


def test_that_files_are_closed_after_an_error(folder, monkeypatch):
    opened = []
    from mnist_gui.data.formats.compressed import ByteSource

    original = ByteSource.__init__

    def remember(self, path):
        original(self, path)
        opened.append(self)

    monkeypatch.setattr(ByteSource, "__init__", remember)
    put(folder, "labels", b"")
    with pytest.raises(DatasetError):
        open_dataset(folder)
    assert len(opened) == 2
    assert all(source._file.closed for source in opened)
