"""How much slower LeNet trains because a window with curves is open.

Repeat with `pytest -m benchmark tests/benchmarks/test_window_rate.py -s`.
"""

import statistics

import pytest
from timing import measure_window, size

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(500)]

TARGET = 0.95


def test_that_the_window_costs_training_little(capsys):
    found = measure_window("rate", size(full=10, smoke=7), size(full=5, smoke=2))
    ratios = [window / alone for window, alone in zip(found["window"], found["headless"], strict=True)]
    with capsys.disabled():
        print(
            f"\nLeNet, steps a second: {statistics.median(found['window']):.1f} beside a living window,"
            f" {statistics.median(found['headless']):.1f} beside one that sleeps; median ratio"
            f" {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}), target {TARGET}"
        )
    assert statistics.median(ratios) > 0.5  # a median of short rounds on a machine with other work
