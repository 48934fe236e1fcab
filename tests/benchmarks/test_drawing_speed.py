"""How long a drawing takes from its strokes to the 28x28."""

import statistics
import time

import numpy as np
import pytest

from mnist_gui.data.drawing import LEAST_SIDE, Drawing, Stroke
from mnist_gui.data.ink import digit_image


def eight(points):
    """An 8 of one stroke with this many points."""
    t = np.linspace(0, 2 * np.pi, points)
    way = np.stack([140 + 55 * np.sin(2 * t), 140 - 90 * np.cos(t)], axis=1)
    return Drawing((Stroke(way, 26.0),), least_side=LEAST_SIDE)


@pytest.mark.benchmark
@pytest.mark.parametrize("points", [40, 120, 1000])
def test_that_a_drawing_becomes_an_image_in_two_milliseconds(points, capsys):
    drawing = eight(points)
    times = []
    for _ in range(200):
        start = time.thread_time()
        digit_image(drawing)
        times.append(1000 * (time.thread_time() - start))
    median = statistics.median(times)
    with capsys.disabled():
        print(f"\nstrokes to 28x28, {points} points: median {median:.2f} ms")
    # Processor time, so that other work on the machine does not count.
    assert median <= 3  # the figure is 2; cold caches and slow clocks on a shared machine have cost half as much again
