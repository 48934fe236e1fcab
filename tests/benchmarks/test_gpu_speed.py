"""An epoch of LeNet on an NVIDIA GPU, here by JAX and in PyTorch with CUDA graphs, with TF32 and without in both.

Repeat with `pytest -m benchmark tests/benchmarks/test_gpu_speed.py -s`, with `mnist-gui[cuda]` installed and
MNIST_GUI_TORCH_CUDA_PYTHON naming a Python that has PyTorch for CUDA (see `peers/README.md`). What is timed is the
training of an epoch between events, as a user sees it: from one look at the validation digits to the last loss before
the next. Without a GPU a few small epochs run on JAX's CPU device, which shows that all of it works and no speed.
"""

import statistics
from contextlib import ExitStack

import pytest
from side_by_side import TORCH, TORCH_CUDA, Worker, digits_file, interpreter, median_ratio

from mnist_gui.engine import backend
from mnist_gui.engine.architecture import NAMED
from mnist_gui.engine.backend import Compiler, DeviceError
from mnist_gui.engine.config import Device, TrainingConfig

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(580)]

BATCH = 128
TARGET_MS = 60.0
"""Of an epoch of 50,000 digits on an H200."""


def gpu():
    """Whether there is one, and why not."""
    try:
        return backend.choose(Device.CUDA).device, ""
    except DeviceError as error:
        return "", str(error)


def epochs_here(device, tf32, digits, epochs):
    """Seconds of each epoch but the first."""
    precision = "tensorfloat32" if tf32 else "highest"
    config = TrainingConfig(network="lenet", device=device, batch_size=BATCH, epochs=epochs, patience=0)
    with Worker("our_run_worker.py", JAX_DEFAULT_MATMUL_PRECISION=precision) as worker:
        worker.ask("prepare", threads=0, sizes=(digits, 500, 0))
        return worker.ask("complete", config=config.to_dict(), compiler=str(Compiler.JAX))


@pytest.mark.parametrize("tf32", [False, True])
def test_that_an_epoch_on_the_gpu_is_as_fast_as_cuda_graphs(tf32, tmp_path, capsys):
    device, problem = gpu()
    if not device:
        pytest.skip(f"{problem} The speed on the GPU was not measured.")
    rounds, ours, theirs = 3, [], []
    python = interpreter(TORCH_CUDA)
    with ExitStack() as stack:
        peer = None
        if python:
            peer = stack.enter_context(Worker("torch_cuda_worker.py", python))
            digits = str(digits_file(tmp_path, 50_000))
            name = peer.ask("prepare", line=NAMED["lenet"], batch=BATCH, digits=digits, tf32=tf32)
            assert name["cuda"], f"{python} sees no GPU"
        for _ in range(rounds):
            # The first epochs of a run may still compile for larger launches.
            ours += epochs_here(Device.CUDA, tf32, 50_000, epochs=20)["epochs"][-10:]
            if peer:
                answers = [peer.ask("epoch") for _ in range(20)][-10:]
                theirs += [answer["seconds"] * (50_000 // BATCH) / answer["steps"] for answer in answers]
    median = 1000 * statistics.median(ours)
    with capsys.disabled():
        print(f"\nLeNet on {device}, batch {BATCH}, 50,000 digits, TF32 {'on' if tf32 else 'off'}")
        print(f"  ours     {median:7.1f} ms an epoch, best {1000 * min(ours):.1f}; target {TARGET_MS:g} ms on an H200")
        if theirs:
            ratio = median_ratio(theirs, ours)
            print(f"  PyTorch  {1000 * statistics.median(theirs):7.1f} ms, best {1000 * min(theirs):.1f}")
            print(f"  ours is {ratio:.2f} times as fast; target 1")
    assert not theirs or median_ratio(theirs, ours) > 0.5


def test_that_the_script_works_without_a_gpu(capsys):
    found = epochs_here(Device.CPU, False, 128 * 24, epochs=3)
    with capsys.disabled():
        print(f"\nLeNet, {found['device']}, no figure of a GPU: {len(found['epochs'])} small epochs timed")
    assert found["device"].startswith("JAX")
    assert len(found["epochs"]) == 2
    assert min(found["epochs"]) > 0


def test_that_the_peer_works_without_a_gpu(tmp_path):
    python = interpreter(TORCH_CUDA) or interpreter(TORCH)
    if not python:
        pytest.skip(f"neither {TORCH_CUDA} nor {TORCH} names an interpreter (see peers/README.md)")
    with Worker("torch_cuda_worker.py", python) as worker:
        digits = str(digits_file(tmp_path, 128 * 6))
        worker.ask("prepare", line=NAMED["lenet"], batch=BATCH, digits=digits, tf32=False, steps_at_once=2)
        assert worker.ask("epoch")["steps"] == 6
