"""What only a process of its own can show of the Numba kernels."""

import json
import os
import subprocess
import sys
import time

import pytest

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


def child(folder):
    """A process that compiles softmax regression into the folder."""
    config = json.dumps({"network": "softmax", "updates": "sgd"})
    return subprocess.Popen(
        [sys.executable, "-m", "mnist_gui.engine.compiling", config, "1"],
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
