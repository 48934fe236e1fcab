"""Numbers that are nearly zero are zero while kernels of a run compute, and only then."""

import threading

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import Device
from mnist_gui.engine.denormals import denormals_are_zero

import numba  # isort: skip

TINY = np.full(64, 1e-30, np.float32)


@numba.njit(parallel=True)
def shared_out(values, factor, results):
    for i in numba.prange(len(values)):
        results[i] = values[i] * factor


def in_a_new_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def product():
    results = np.ones_like(TINY)
    shared_out(TINY, np.float32(1e-10), results)
    return results


@pytest.mark.parametrize("compiler", [Compiler.NUMBA, Compiler.INTERPRETER])
def test_that_all_threads_of_a_run_take_them_for_zero_where_numba_computes(compiler):
    chosen = backend.choose(Device.CPU, 2, compiler)

    def run():
        with backend.thread_limits(chosen):
            return product()

    expected = 0 if compiler is Compiler.NUMBA else np.float32(1e-40)
    np.testing.assert_array_equal(in_a_new_thread(run), np.full(len(TINY), expected, np.float32))


def test_that_arguments_count_as_zero_too():
    denormal = np.full(8, 1e-40, np.float32)
    with denormals_are_zero():
        np.testing.assert_array_equal(denormal * np.float32(1e10), np.zeros(8))
    assert (denormal * np.float32(1e10) > 0).all()


def test_that_the_thread_is_left_as_it_was():
    one, tiny = np.float32(1.0), np.float32(1e-30)
    with pytest.raises(KeyError), denormals_are_zero():
        raise KeyError
    assert tiny * np.float32(1e-10) > 0
    with denormals_are_zero():
        with denormals_are_zero():
            pass
        assert tiny * np.float32(1e-10) == 0
    assert one / np.float32(3) == np.float32(1 / 3)
