"""IDX and gz files made to fill the memory or to take all the time there is."""

import gzip
import pickle
import struct
import time
import zlib

import numpy as np
import pytest
from dataset_files import Python2Pickler, digits, idx_bytes, write_idx

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.formats.pickled import parts_of_pickle

IMAGES, LABELS = digits(20)


@pytest.fixture
def folder(tmp_path):
    write_idx(tmp_path / "evil", (IMAGES, LABELS), packed=False)
    return tmp_path / "evil"


def put_images(folder, data):
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(data)
    return path


def bomb(head, mebibytes):
    """A gz file of `head` and many zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)  # may be repeated as it is
    checksum = zlib.crc32(bytes(mebibytes * 2**20), zlib.crc32(head))
    return start + zeros * mebibytes + b"\x03\x00" + struct.pack("<LL", checksum, len(head) + mebibytes * 2**20)


def test_that_a_bomb_is_a_gz_file_that_inflates_a_thousandfold():
    data = bomb(b"head", 3)
    assert gzip.decompress(data) == b"head" + bytes(3 * 2**20)
    assert len(data) < 3 * 2**20 / 900


GOOD_HEAD = struct.pack(">4I", 0x803, 20, 28, 28)
ATTACKS = {
    "256 MiB after a good header": lambda: bomb(GOOD_HEAD, 256),
    "256 MiB of zeros": lambda: bomb(b"", 256),
    "as many digits as the zeros make, labels disagree": lambda: bomb(struct.pack(">4I", 0x803, 300_000, 28, 28), 230),
    "ten streams of 30 MiB": lambda: bomb(GOOD_HEAD, 30) + bomb(b"", 30) * 9,
    "a hundred thousand empty streams": lambda: gzip.compress(b"") * 100_000,
    "empty streams after good data": lambda: gzip.compress(idx_bytes(IMAGES)) + gzip.compress(b"") * 100_000,
    "megabytes of empty blocks": lambda: gzip.compress(b"")[:10] + b"\0\0\0\xff\xff" * 4_000_000,
    "a bomb in a bomb": lambda: gzip.compress(bomb(GOOD_HEAD, 256), 9),
    "a header without end": lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"name" * 2_000_000,
    "a header of 2^32 - 1 digits": lambda: struct.pack(">4I", 0x803, 2**32 - 1, 28, 28) + bytes(784),
    "a header whose size wraps around": lambda: struct.pack(">4I", 0x803, 2**31, 2**31, 4) + bytes(784),
    "a header of what is just allowed": lambda: struct.pack(">4I", 0x803, 342_000, 28, 28) + bytes(784),
    "the same, packed": lambda: gzip.compress(struct.pack(">4I", 0x803, 342_000, 28, 28) + bytes(784)),
    "255 dimensions": lambda: b"\x00\x00\x08\xff" + b"\x00\x00\x00\x01" * 255 + b"\0",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_that_an_evil_file_is_refused_within_its_bounds(folder, bounded, name):
    path = put_images(folder, ATTACKS[name]())
    with bounded(seconds=0.5, mebibytes=16), pytest.raises(DatasetError, match=r"^train-.*: .* found "):
        open_dataset(path)


def test_that_a_bomb_alone_is_refused_by_the_door(tmp_path, bounded):
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(bomb(b"hello", 256))
    with bounded(seconds=0.5), pytest.raises(DatasetError, match="found something else"):
        open_dataset(path)


def test_that_labels_over_a_bomb_of_images_are_read_first(folder, bounded):
    """Labels are a thousandth of the work, so their mistakes are found before the images are inflated."""
    put_images(folder, bomb(struct.pack(">4I", 0x803, 300_000, 28, 28), 230))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.full(300_000, 11, np.uint8)))
    with bounded(seconds=0.2), pytest.raises(DatasetError, match="found label 11 at digit 0"):
        open_dataset(folder)


def mutate(data, random):
    data = bytearray(data)
    for _ in range(random.integers(1, 5)):
        at = int(random.integers(len(data))) if random.integers(2) else int(random.integers(min(40, len(data))))
        match random.integers(0, 4):
            case 0:
                data[at] = random.integers(256)
            case 1:
                data[at] ^= 1 << random.integers(8)
            case 2:
                del data[at : at + random.integers(1, 40)]
            case 3:
                data[at:at] = random.bytes(random.integers(1, 8))
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("count", [2_000, pytest.param(50_000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_that_mutated_idx_files_are_refused_or_read_and_nothing_else(folder, bounded, count):
    random = np.random.default_rng(count)
    slowest = refused = 0.0
    with bounded(seconds=count * 0.01, mebibytes=16):
        for good in (idx_bytes(IMAGES), gzip.compress(idx_bytes(IMAGES))):
            for _ in range(count // 2):
                path = put_images(folder, mutate(good, random))
                start = time.process_time()
                try:
                    open_dataset(path)
                except DatasetError:
                    refused += 1
                slowest = max(slowest, time.process_time() - start)
    assert slowest < 1.0
    assert refused > count / 4


@pytest.mark.parametrize("count", [2_000, pytest.param(50_000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_that_mutated_pickles_are_refused_or_read_and_nothing_else(tmp_path, bounded, canary, count):
    random = np.random.default_rng(count)
    pair = (IMAGES[:2].reshape(-1, 784) / np.float32(256), LABELS[:2].astype(np.int64))
    goods = [Python2Pickler(protocol).dumps((pair, pair)) for protocol in range(3)]
    goods += [pickle.dumps((pair, pair), protocol) for protocol in range(6)]
    path = tmp_path / "mnist.pkl"
    slowest = refused = 0.0
    with bounded(seconds=count * 0.01, mebibytes=16):
        for i in range(count):
            good = goods[i % len(goods)]
            # Nearly all bytes are pixels; most changes go to the steps around them.
            cut = int(random.integers(0, 400))
            path.write_bytes(mutate(good[:cut], random) + good[cut:] if cut else mutate(good, random))
            start = time.process_time()
            try:
                parts_of_pickle(path)
            except DatasetError:
                refused += 1
            slowest = max(slowest, time.process_time() - start)
    assert slowest < 1.0
    assert refused > count / 4
