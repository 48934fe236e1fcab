"""What only a process of its own can show of the Numba kernels."""

import os
import subprocess
import sys

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
