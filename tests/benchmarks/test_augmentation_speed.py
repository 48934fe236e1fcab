"""What augmentation and dropout cost a step of 128 digits, and the preview the window.

Repeat with `pytest -m benchmark tests/benchmarks/test_augmentation_speed.py -s`. The processor time is that of all
threads together: on a busy machine it says more than the clock does.
"""

import time

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.augment import augmented
from mnist_gui.engine.ops.dropout import dropout
from mnist_gui.engine.processors import cpu_count
from mnist_gui.engine.warping import NAMES, preview
from tests.benchmarks.timing import in_words, size

import pytensor  # isort: skip

pytestmark = pytest.mark.benchmark

ROUNDS = size(200, 20)
STRENGTHS = dict(zip(NAMES, (2.0, 10.0, 10.0, 5.0, 1.5), strict=True))
SEED, STEP = np.uint32(1), np.uint32(2)


def measured(name, work, target):
    """Prints the times of a piece of work, and gives the median of its processor time in milliseconds."""
    start = time.process_time()
    work()
    print(f"{name}: first call {time.process_time() - start:.1f} s of processor time (less if compiled before)")
    clock, processor = [], []
    for _ in range(ROUNDS):
        starts = time.perf_counter(), time.process_time()
        work()
        clock.append(1000 * (time.perf_counter() - starts[0]))
        processor.append(1000 * (time.process_time() - starts[1]))
    print(in_words(name, clock, f"{target} ms"))
    print(in_words(f"{name}, processor", processor))
    return np.median(processor)


@pytest.mark.timeout(300)
def test_that_augmentation_and_dropout_are_a_small_part_of_a_step(mnist):
    cpu = backend.Backend(backend.Compiler.NUMBA, "CPU", "", cpu_count())
    images = pytensor.shared(np.ascontiguousarray(mnist.images[:128]))
    strengths = {name: pytensor.shared(np.float32(value)) for name, value in STRENGTHS.items()}
    inputs = pytensor.shared(np.ones((128, 14, 14, 32), np.float32))
    warp = cpu.function([], augmented(images, strengths, SEED, STEP))
    drop = cpu.function([], dropout(inputs, 0.3, SEED, STEP, 1))
    with backend.thread_limits(cpu):
        assert measured("128 digits changed", warp, 1.5) < 5
        strengths["elastic"].set_value(np.float32(0))
        assert measured("128 digits changed, none bent", warp, 1.0) < 5
        assert measured("dropout of 803,000 numbers", drop, 1.5) < 5


def test_that_the_preview_of_a_digit_is_there_at_once(mnist):
    assert measured("12 forms of a digit", lambda: preview(mnist.images[0], STRENGTHS, 1, 12), 5) < 20
