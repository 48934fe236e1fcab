"""How near the kernels of the convolution come to the processor's rate for matrix products, at real shapes.

That rate is the one of a single thread, as a run leaves BLAS no more, times the number of threads: two threads that
share a core reach less together.
"""

import statistics
import time

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.ops.conv2d import Conv2DImagesGradient, Conv2DKernelsGradient, conv2d

from timing import size  # isort: skip
import pytensor  # isort: skip

BATCH = 128
SHAPES = {
    "LeNet, first": ((28, 28, 1), (5, 5, 1, 20), 0),
    "LeNet, second": ((12, 12, 20), (5, 5, 20, 50), 0),
    "flagship, 3x3x64 of 32": ((12, 12, 32), (3, 3, 32, 64), 1),
    "flagship, 3x3x64": ((12, 12, 64), (3, 3, 64, 64), 1),
    "flagship, 3x3x96": ((6, 6, 96), (3, 3, 96, 96), 1),
}


def numbers(*shape):
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return pytensor.shared(values, shape=(None, *shape[1:]) if shape[0] == BATCH else shape)


def kernels_of(images, kernels, padding):
    """The three sums of a convolution as compiled functions by name, and their multiplications and additions."""
    (h, w, _), (kh, kw, c, o) = images, kernels
    oh, ow = h + 2 * padding - kh + 1, w + 2 * padding - kw + 1
    x, k, y = numbers(BATCH, *images), numbers(*kernels), numbers(BATCH, oh, ow, o)
    sums = {
        "result": conv2d(x, k, padding),
        "kernels' gradient": Conv2DKernelsGradient(padding)(x, y),
    }
    if c > 1:  # nobody wants the gradient of the digits themselves
        sums["images' gradient"] = Conv2DImagesGradient(padding)(k, y)
    chosen = backend.choose(backend.Device.CPU)
    return {name: chosen.function([], sum_) for name, sum_ in sums.items()}, 2 * BATCH * oh * ow * kh * kw * c * o


def seconds(function):
    before = time.perf_counter()
    function()
    return time.perf_counter() - before


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_share_of_the_matrix_product_rate(capsys):
    chosen = backend.choose(backend.Device.CPU)
    square = np.ones((1024, 1024), np.float32)
    with backend.thread_limits(chosen):
        lines = []
        for shape, arguments in list(SHAPES.items())[: size(len(SHAPES), 1)]:
            functions, operations = kernels_of(*arguments)
            for function in functions.values():
                function()
            times = {name: [] for name in ["sgemm", *functions]}
            for _ in range(size(15, 5)):
                times["sgemm"].append(seconds(lambda: square @ square))
                for name, function in functions.items():
                    times[name].append(seconds(function))
            rate = chosen.threads * 2 * len(square) ** 3 / statistics.median(times["sgemm"])
            for name in functions:
                reached = operations / statistics.median(times[name])
                lines.append(f"{shape}, {name}: {reached / 1e9:.0f} GFLOP/s, {reached / rate:.0%} of {rate / 1e9:.0f}")
                assert reached > 0.02 * rate  # an alarm: the machine may be busy with something else
    with capsys.disabled():
        print("", *lines, sep="\n")
