"""What the networks become on a GPU: every preset's functions compiled for an NVIDIA H200, without having one.

Repeat with `pytest -m benchmark tests/benchmarks/test_gpu_compile.py -s`, with `mnist-gui[cuda]` installed; a GPU is
not needed. Small networks keep a GPU waiting for its next kernel more than computing, so their number says how quick
a step can be. Which kernels multiply matrices is tuned on the device itself; there the number may be another.
"""

import importlib.util

import pytest
from side_by_side import Worker

from mnist_gui.engine.architecture import Convolution
from mnist_gui.engine.presets import PRESETS

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(580)]

MOST_KERNELS = {"softmax": 20, "mlp": 40, "lenet": 55, "one-epoch": 60, "flagship": 125}
"""Of a step: a few more than there are now, so that an operation that falls apart into many is noticed."""


@pytest.fixture(scope="module")
def worker():
    if importlib.util.find_spec("jax_plugins") is None:
        pytest.skip("JAX for CUDA is not installed (pip install 'mnist-gui[cuda]'). Nothing was compiled for a GPU.")
    with Worker("our_gpu_compile_worker.py", CUDA_VISIBLE_DEVICES="-1") as worker:
        assert worker.ask("prepare")["name"] == "NVIDIA H200"
        yield worker


@pytest.mark.parametrize("name", PRESETS)
def test_that_a_preset_compiles_for_a_gpu(name, worker, capsys):
    config = PRESETS[name].config
    found = worker.ask("compile", config=config.to_dict(), steps=130, digits=50_000)
    kernels, convolutions = found["kernels"], found["convolutions"]
    with capsys.disabled():
        step = f"{kernels:3d} kernels and {convolutions:2d} convolutions a step"
        reading = "{} kernels and {} convolutions to read 2,500 digits".format(*found["reading"])
        print(f"\n{name:9s} {step}, {reading}; 130 steps compile in {found['seconds']:.1f} s")
    layers = sum(isinstance(layer.spec, Convolution) for layer in config.architecture.layers)
    assert found["reading"][1] == layers
    assert convolutions == max(0, 3 * layers - 1), "one forward and two back, but none to the images"
    assert kernels <= MOST_KERNELS[name]
