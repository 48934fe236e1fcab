"""How long the window is kept from answering while LeNet trains beside it.

Repeat with `pytest -m benchmark tests/benchmarks/test_window_gaps.py`.
"""

import pytest
from timing import alarm, in_words, measure_window, percentile, size

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(500)]


TARGETS = {
    "preparing": "worst 100 ms",
    "compiling": "p99 16.7 ms, worst 50 ms",
    "training": "p99 16.7 ms, worst 50 ms",
}


def test_that_training_leaves_the_window_free(capsys, tmp_path):
    """With empty caches, so that a child compiles beside the first steps."""
    found = measure_window("gaps", size(full=20, smoke=8), MNIST_GUI_COMPILE_FOLDER=str(tmp_path))
    gaps = found["gaps"]
    training, busy = gaps["training"], gaps["busy"]
    ratio = percentile(training["whole"], 99) / percentile(busy["whole"], 99)
    with capsys.disabled():
        print()
        for name, both in gaps.items():
            print(in_words(f"gaps of a 5 ms timer, {name}", both["whole"], TARGETS.get(name, "")))
            print(in_words("  without waiting for a processor", both["own"]))
        print(f"p99 in training is {ratio:.2f} times that beside as many processes that compute")
        print(f"LeNet beside the window: {found['digits_per_second']:,.0f} digits/s")
    assert sorted(gaps["preparing"]["own"])[-2] <= alarm(100)  # one of some thousands may be the machine's
    for name in ("compiling", "training"):
        assert percentile(gaps[name]["own"], 99) <= alarm(16.7)
        assert sorted(gaps[name]["own"])[-2] <= alarm(50)
