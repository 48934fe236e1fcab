"""How long a drawing takes from its strokes to the 28x28."""

import time

import numpy as np
import pytest

from mnist_gui.data.drawing import LEAST_SIDE, Drawing, Stroke
from mnist_gui.data.ink import digit_image
from tests.benchmarks.timing import alarm, in_words, percentile, size


def eight(points, pen):
    """An 8 of one stroke with this many points, which a thick pen makes be drawn anew with a thinner one."""
    t = np.linspace(0, 2 * np.pi, points)
    way = np.stack([140 + 55 * np.sin(2 * t), 140 - 90 * np.cos(t)], axis=1)
    return Drawing((Stroke(way, pen),), least_side=LEAST_SIDE)


def work_of(drawing, rounds):
    """Processor time of each, in milliseconds, so that other work on the machine does not count."""
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        digit_image(drawing)
        times.append(1000 * (time.thread_time() - start))
    return times


@pytest.mark.benchmark
@pytest.mark.parametrize("pen", [26.0, 60.0], ids=["usual pen", "thick pen"])
@pytest.mark.parametrize("points", [40, 120, 1000])
def test_that_a_drawing_becomes_an_image_in_two_milliseconds(points, pen, capsys):
    times = work_of(eight(points, pen), size(400, 100))
    with capsys.disabled():
        print("\n" + in_words(f"strokes to 28x28, {points} points, pen {pen:.0f}", times, "2 ms"))
    assert percentile(times, 50) <= alarm(2)


@pytest.mark.benchmark
def test_that_a_scribble_of_two_hundred_strokes_is_read_between_two_moves_of_the_pen(capsys):
    rng = np.random.default_rng(1)
    ways = (np.cumsum(rng.normal(scale=4, size=(40, 2)), axis=0) + rng.uniform(40, 240, 2) for _ in range(200))
    scribble = Drawing(tuple(Stroke(way, 10.0) for way in ways), least_side=LEAST_SIDE)
    times = work_of(scribble, size(50, 10))
    with capsys.disabled():
        print("\n" + in_words("strokes to 28x28, 200 strokes of 40 points", times))
    assert percentile(times, 50) <= 100
