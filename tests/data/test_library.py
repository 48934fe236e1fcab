import gzip
import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from dataset_files import Python2Pickler, write_idx

from mnist_gui.data.dataset import Split
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.library import bundled_mnist
from mnist_gui.resources import resource_path

MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.mark.parametrize("name", MD5)
def test_that_the_bundled_files_are_the_original_mnist(name):
    data = gzip.decompress(resource_path("mnist", name).read_bytes())
    assert hashlib.md5(data, usedforsecurity=False).hexdigest() == MD5[name]


def test_that_credit_licence_and_checksums_lie_beside_the_data():
    text = resource_path("mnist", "README.md").read_text(encoding="utf-8")
    assert all(word in text for word in ("LeCun", "Cortes", "Burges", "Attribution-Share Alike 3.0", *MD5.values()))


def test_that_the_splits_are_those_of_mnist_pkl_gz(mnist):
    assert (mnist.name, mnist.sizes, mnist.notes, mnist.source) == ("MNIST", (50_000, 10_000, 10_000), (), None)
    assert mnist.labels[:6].tolist() == [5, 0, 4, 1, 9, 2]
    assert mnist.labels_of(Split.VALIDATION)[:6].tolist() == [3, 8, 6, 9, 6, 4]
    assert mnist.labels_of(Split.TEST)[:6].tolist() == [7, 2, 1, 0, 4, 1]
    assert np.bincount(mnist.labels_of(Split.TEST)).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip
    assert round(float(mnist.images[:60_000].mean()) / 255, 4) == 0.1307


def test_that_the_first_digit_is_a_five_with_its_known_pixels(mnist):
    assert mnist.images[0, 5, 12:24].tolist() == [3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc")
def test_that_reading_is_quick_and_keeps_no_second_copy():
    script = (
        "import time\nfrom pathlib import Path\nfrom mnist_gui.data.library import bundled_mnist\n"
        "def peak():\n"
        "    line, = (line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "    return int(line.split()[1]) * 1024\n"
        "before, start = peak(), time.process_time()\ndataset = bundled_mnist()\n"
        "print(time.process_time() - start, peak() - before)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment)
    seconds, growth = map(float, done.stdout.split())
    assert seconds < 2.0  # 0.35 on a quiet machine
    assert growth < 55e6 * 1.2


def test_that_mnist_is_known_by_its_content_wherever_it_lies(mnist, tmp_path):
    folder = tmp_path / "copied"
    train = (mnist.images[:60_000], mnist.labels[:60_000])
    write_idx(folder, train, "train", packed=False)
    write_idx(folder, (mnist.images[60_000:], mnist.labels[60_000:]), "t10k", packed=False)
    assert open_dataset(folder).name == "MNIST"
    write_idx(folder, (255 - train[0], train[1]), "train", packed=False)
    assert open_dataset(folder).name == "copied"


@pytest.mark.slow
def test_that_the_whole_mnist_pkl_gz_is_mnist_again(mnist, tmp_path):
    pairs = tuple(
        (mnist.images_of(split).reshape(-1, 784) / np.float32(256), mnist.labels_of(split).astype(np.int64))
        for split in Split
    )
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(Python2Pickler(2).dumps(pairs), 1))
    start = time.monotonic()
    dataset = open_dataset(path)
    assert time.monotonic() - start < 20
    assert (dataset.name, dataset.sizes, dataset.notes) == ("MNIST", mnist.sizes, ())
    np.testing.assert_array_equal(dataset.images, mnist.images)
    np.testing.assert_array_equal(dataset.labels, mnist.labels)


def test_that_two_readings_are_the_same(mnist):
    again = bundled_mnist()
    assert again.images is not mnist.images
    np.testing.assert_array_equal(again.labels, mnist.labels)
