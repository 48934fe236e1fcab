"""Files of compiled functions that are cut short, spoilt or missing count as not there."""

import pickle

import numpy as np
import pytest
from numba.core import types

from mnist_gui.engine import kernel_files
from mnist_gui.engine.kernel_files import KernelFiles

KEY = ((types.float32[::1], types.intp), ("x86_64", "some-processor", "+avx"), ("code", "cells"))
OTHER = ((types.float32[:], types.intp), *KEY[1:])
CODE = ("machine code", b"\x00\x01" * 1000)


@pytest.fixture
def files(tmp_path):
    return KernelFiles(tmp_path, "kernel-123.py311", 0)


def the_file(folder):
    (path,) = folder.iterdir()
    return path


def test_that_what_was_saved_is_found_by_another_process_under_its_key_only(files, tmp_path):
    files.save(KEY, CODE)
    another = KernelFiles(tmp_path, "kernel-123.py311", 0)
    assert another.load(pickle.loads(pickle.dumps(KEY))) == CODE
    assert another.load(OTHER) is None
    assert KernelFiles(tmp_path, "kernel-124.py311", 0).load(KEY) is None
    assert KernelFiles(tmp_path, "kernel-123.py311", 1).load(KEY) is None


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 500, -1])
def test_that_a_file_that_was_cut_short_is_not_there_and_is_written_anew(length, files, tmp_path):
    files.save(KEY, CODE)
    path = the_file(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    assert files.load(KEY) is None
    files.save(KEY, CODE)
    assert files.load(KEY) == CODE


def test_that_a_file_with_one_wrong_bit_anywhere_is_not_there(files, tmp_path):
    files.save(KEY, CODE)
    path = the_file(tmp_path)
    whole = path.read_bytes()
    for position in np.random.default_rng(0).integers(0, len(whole), 50):
        spoilt = bytearray(whole)
        spoilt[position] ^= 4
        path.write_bytes(bytes(spoilt))
        assert files.load(KEY) is None


def test_that_two_processes_that_save_at_once_lose_nothing_of_each_other(tmp_path):
    """Numba's own files share an index, which the slower one overwrites."""
    first, second = (KernelFiles(tmp_path, "kernel-123.py311", 0) for _ in range(2))
    first.save(KEY, CODE)
    second.save(OTHER, "other code")
    assert second.load(KEY) == CODE
    assert first.load(OTHER) == "other code"


def test_that_a_folder_that_cannot_be_written_to_is_no_failure(tmp_path):
    files = KernelFiles(tmp_path / "gone", "kernel", 0)
    files.save(KEY, CODE)
    assert files.load(KEY) is None
    assert [path.name for path in kernel_files.lost if path.parent == tmp_path / "gone"]
    assert not [path for path in kernel_files.used if path.parent == tmp_path / "gone"]


def test_that_forgetting_a_function_leaves_others(files, tmp_path):
    files.save(KEY, CODE)
    other = KernelFiles(tmp_path, "kernel-999.py311", 0)
    other.save(KEY, CODE)
    files.flush()
    assert files.load(KEY) is None
    assert other.load(KEY) == CODE
