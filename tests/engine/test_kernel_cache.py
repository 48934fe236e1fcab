"""What only a process of its own can show of the Numba kernels."""

import os
import subprocess
import sys
import tempfile
import time

import pytest

from mnist_gui.engine.compile_child import Order
from mnist_gui.engine.config import TrainingConfig, Updates

SCRIPT = """
import numpy as np
from mnist_gui.engine import backend
import pytensor
from numba.core import event
backend.load_compilers()
from mnist_gui.engine.ops.conv2d import conv2d
from mnist_gui.engine.ops.maxpool2d import max_pool2d

images = pytensor.shared(np.ones((40, 9, 9, 2), np.float32), shape=(None, 9, 9, 2))
kernels = pytensor.shared(np.ones((2, 2, 2, 3), np.float32), shape=(2, 2, 2, 3))
cost = max_pool2d(conv2d(images, kernels), 2).sum()
function = pytensor.function([], pytensor.grad(cost, [images, kernels]), mode="NUMBA")
with event.install_recorder("numba:compile") as compiled:
    of_images, of_kernels = function()
assert of_kernels.sum() == 40 * 16 * 8 * 3, of_kernels.sum()
print(len(compiled.buffer))
"""


def compilations(folder):
    """Runs the script, and says how often something was compiled and not found in the folder."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=True,
        timeout=150,
        capture_output=True,
        text=True,
        env=dict(os.environ, MNIST_GUI_COMPILE_FOLDER=str(folder), PYTHONWARNINGS="ignore"),
    )
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_that_a_second_process_compiles_nothing_and_that_holding_the_interpreter_lock_blocks_no_thread(tmp_path):
    """PyTensor's own linker, used here, holds the lock while the threads of the kernels look BLAS up."""
    assert compilations(tmp_path) > 0
    assert compilations(tmp_path) == 0


def child(folder, compiler="Numba", targets=None):
    """A process that compiles softmax regression into the folder."""
    work = tempfile.mkdtemp(dir=folder)
    order = Order(
        TrainingConfig(network="softmax", updates=Updates.SGD),
        compiler,
        "cpu",
        1,
        (400, 50, 50),
        targets or {1: ""},
        work,
    )
    return subprocess.Popen(
        [sys.executable, "-m", "mnist_gui.engine.compile_child", order.to_json()],
        env=dict(os.environ, MNIST_GUI_COMPILE_FOLDER=str(folder)),
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Its end, with what it said if that was a failure."""
    errors = process.communicate(timeout=400)[1]
    assert process.returncode == 0, errors


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_that_a_killed_child_and_damaged_files_cost_compiling_again_and_no_more(tmp_path):
    for enough in (1, 4, 12):
        process = child(tmp_path)
        while process.poll() is None and len(list(tmp_path.glob("*/numba/*.nbc"))) < enough:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        assert not list(tmp_path.glob("*/*.compiled")), "it does not say that it is there before it is"
    finish(child(tmp_path))
    (marker,) = tmp_path.glob("*/*.compiled")

    files = sorted(tmp_path.glob("*/numba/*.nbc"))
    whole = [path.read_bytes() for path in files]
    for number, (path, content) in enumerate(zip(files, whole, strict=True)):
        damaged = (b"", content[: len(content) // 2], b"garbage" * 100, content[:-1] + bytes([content[-1] ^ 1]))
        path.write_bytes(damaged[number % 4])
    marker.unlink()
    finish(child(tmp_path))
    assert marker.exists()
    functions = [path for path in files if "numba_funcified_fgraph" in path.name]
    assert functions
    assert all(len(path.read_bytes()) > 1000 for path in functions)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_a_child_killed_while_it_compiles_for_jax_leaves_nothing_half_done(tmp_path):
    targets = {1: "one", 2: "two"}
    for written in ("tmp*/jit_*", "*/*.compiled"):  # before and after the functions for single steps are there
        process = child(tmp_path, "JAX", targets)
        while process.poll() is None and not list(tmp_path.glob(written)):
            time.sleep(0.002)
        process.kill()
        process.communicate()
        whole = {path.name: path.read_bytes() for path in tmp_path.glob("*/jax/*")}
        assert len(list(tmp_path.glob("*/*.compiled"))) == (1 if whole else 0)
    finish(child(tmp_path, "JAX", targets))
    assert len(list(tmp_path.glob("*/*.compiled"))) == 2
    assert {path.name for path in tmp_path.glob("*/jax/*")} > set(whole)
