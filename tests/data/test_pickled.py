import gzip
import os
import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
from dataset_files import Python2Pickler, digits

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import limits, open_dataset, pickled
from mnist_gui.data.formats.pickled import parts_of_pickle, read_pickled

UINT8 = [digits(12, 1), digits(3, 2), digits(5, 3)]
ALL_IMAGES = np.concatenate([images for images, _ in UINT8])
ALL_LABELS = np.concatenate([labels for _, labels in UINT8])


def as_published(scale=256):
    """The digits as in mnist.pkl.gz: float32 of shape (n, 784), k/256, and int64 labels."""
    return tuple((im.reshape(-1, 784) / np.float32(scale), labels.astype(np.int64)) for im, labels in UINT8)


@pytest.fixture
def save(tmp_path):
    def write(data, name="mnist.pkl.gz"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(data, 1) if name.endswith(".gz") else data)
        return path

    return write


def test_that_the_file_is_read_through_the_door_with_its_own_splits(save):
    dataset = open_dataset(save(Python2Pickler(2).dumps(as_published())))
    assert (dataset.name, dataset.sizes, dataset.notes) == ("mnist", (12, 3, 5), ())
    np.testing.assert_array_equal(dataset.images, ALL_IMAGES)
    np.testing.assert_array_equal(dataset.labels, ALL_LABELS)


@pytest.mark.parametrize("protocol", [0, 1, 2])
@pytest.mark.parametrize("container", [tuple, list])
def test_that_pickles_of_python_2_are_read(save, protocol, container):
    value = container(container(pair) for pair in as_published())
    parts = parts_of_pickle(save(Python2Pickler(protocol).dumps(value), "mnist.pkl"))
    np.testing.assert_array_equal(parts.images, ALL_IMAGES)
    np.testing.assert_array_equal(parts.labels, ALL_LABELS)
    assert (parts.training, parts.validation, parts.test) == (12, 3, 5)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("module", ["numpy._core.", "numpy.core."], ids=["NumPy 2", "NumPy 1"])
@pytest.mark.parametrize("readonly", [True, False])
def test_that_pickles_of_python_3_are_read(save, protocol, module, readonly):
    value = as_published()
    for array in (array for pair in value for array in pair):
        array.flags.writeable = not readonly
    data = pickle.dumps(value, protocol)
    if protocol < 4:
        data = data.replace(b"numpy._core.", module.encode())
    else:  # names have their length before them
        for name in (b"numpy._core.multiarray", b"numpy._core.numeric"):
            other = name.replace(b"numpy._core.", module.encode())
            data = data.replace(bytes([len(name)]) + name, bytes([len(other)]) + other)
    parts = parts_of_pickle(save(data))
    np.testing.assert_array_equal(parts.images, ALL_IMAGES)
    np.testing.assert_array_equal(parts.labels, ALL_LABELS)


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize(
    "change",
    [
        lambda x: (x * np.float32(256)).astype(np.uint8),
        lambda x: np.asfortranarray(x),
        lambda x: x.astype(">f8"),
        lambda x: x * np.float32(256) / np.float32(255),
        lambda x: x.reshape(-1, 28, 28),
    ],
    ids=["uint8", "Fortran", "big-endian", "k/255", "28x28"],
)
def test_that_other_types_orders_and_scales_give_the_same_images(save, protocol, change):
    value = tuple((change(images), labels.astype(np.uint8)) for images, labels in as_published())
    np.testing.assert_array_equal(parts_of_pickle(save(pickle.dumps(value, protocol))).images, ALL_IMAGES)


def test_that_two_pairs_are_training_and_test(save):
    parts = parts_of_pickle(save(pickle.dumps(as_published()[::2])))
    assert (parts.training, parts.validation, parts.test) == (12, None, 5)


@pytest.mark.parametrize(
    "value",
    [
        (),
        as_published()[:1],
        as_published() * 2,
        [1, 2],
        "text",
        None,
        as_published()[0][0],
        (as_published()[0], (1, 2)),
        (as_published()[0], as_published()[1] * 2),
        (((as_published(),),), 1),
        {"train": as_published()[0]},
        (as_published()[0], {"x": 1}),
        (as_published()[0], 1.5),
        (as_published()[0], (np.array(["a", "b"]), np.array([1, 2]))),
        (as_published()[0], (np.array([object()], object), np.array([1, 2]))),
    ],
    ids=[f"value {i}" for i in range(15)],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_that_anything_else_is_refused_in_one_sentence(save, value, protocol):
    if protocol == 4 and isinstance(value, tuple) and len(value) == 2 and "object" in repr(value):
        value = (value[0], (np.array([None], object), value[1][1]))
    with pytest.raises(DatasetError, match=r"^mnist\.pkl\.gz: expected a pickle with two or three pairs .*, found "):
        parts_of_pickle(save(pickle.dumps(value, protocol)))


def test_that_labels_and_counts_are_checked(save):
    (images, labels), *rest = as_published()
    for wrong, sentence in (
        (labels + 5, "expected labels 0 to 9, found label"),
        (labels[1:], "expected 12 labels as"),
    ):
        with pytest.raises(DatasetError, match=rf"^mnist\.pkl\.gz: training labels: {sentence}"):
            open_dataset(save(pickle.dumps(((images, wrong), *rest))))


def test_that_trailing_bytes_and_truncation_are_refused(save):
    data = Python2Pickler(2).dumps(as_published())
    with pytest.raises(DatasetError, match="found trailing bytes"):
        parts_of_pickle(save(data + b"x"))
    for keep in (0, 1, 3, 100, 10_000, len(data) - 1):
        with pytest.raises(DatasetError, match=r"found its end too early; it is truncated\.$"):
            parts_of_pickle(save(data[:keep]))


@pytest.mark.skipif(os.name != "posix", reason="the limit is of POSIX")
def test_that_the_memory_of_the_process_is_limited(save):
    script = (
        "import runpy\nfrom mnist_gui.data.formats import limits\nlimits.CHILD_MEMORY_BYTES = 2**20\n"
        "runpy.run_module('mnist_gui.data.formats.pickle_child', run_name='__main__')\n"
    )
    path = save(pickle.dumps(((np.zeros((60_000, 784), np.uint8), np.zeros(60_000, np.uint8)), *as_published()[1:])))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, env=environment, check=False)
    assert b"found more than the memory allowed for them" in done.stdout


def test_that_a_process_which_takes_too_long_is_ended(save, monkeypatch):
    monkeypatch.setattr(limits, "CHILD_SECONDS", 0.01)
    start = time.monotonic()
    with pytest.raises(DatasetError, match=r"^mnist\.pkl\.gz: .* found one that ended the process which reads it \("):
        read_pickled(save(pickle.dumps(as_published())))
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no JSON\n",
        b"[]\n",
        b'{"counts": [1, 2], "notes": []}\n',
        b'{"counts": ["x", null, 3], "notes": []}\n',
        b'{"counts": [12, 3, 5], "notes": []}\nshort',
        b'{"counts": [-1, 3, 5], "notes": []}\n',
        b'{"counts": [1000000000, null, 0], "notes": []}\n',
        b'{"counts": [2, null, 0], "notes": []}\n' + bytes(1568) + b"\x0a\x00",
        b"x" * 200_000,
    ],
)
def test_that_nonsense_from_the_process_is_an_error_too(save, monkeypatch, tmp_path, answer):
    path = save(pickle.dumps(as_published()))
    (tmp_path / "answer").write_bytes(answer)
    program = [
        sys.executable,
        "-c",
        f"import sys; sys.stdout.buffer.write(open({str(tmp_path / 'answer')!r}, 'rb').read())",
    ]
    real = subprocess.Popen
    monkeypatch.setattr(pickled.subprocess, "Popen", lambda command, **options: real(program, **options))
    with pytest.raises(DatasetError, match=r"^mnist\.pkl\.gz: "):
        read_pickled(path)


def test_that_the_process_is_found_from_any_folder(save, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").write_text("raise SystemExit('a file in the current folder was imported')")
    assert len(open_dataset(save(pickle.dumps(as_published())))) == 20
