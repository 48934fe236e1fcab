"""How soon a run ends when it is asked to, and the window with it.

Repeat with `pytest -m benchmark tests/benchmarks/test_window_stopping.py`.
"""

import pytest
from timing import in_words, measure_window, percentile, size

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(500)]


def test_that_stop_and_close_are_heard_at_once(capsys):
    found = measure_window("stopping", size(full=20, smoke=4))
    with capsys.disabled():
        print()
        for name in ("preparing", "training"):
            print(in_words(f"from Stop to the end of the run, {name}", found[name], "p95 250 ms"))
        print(f"closing while LeNet trains: {found['closing'][0]:.0f} ms; target 2000 ms")
    assert percentile(found["training"], 50) <= 250
    # PyTensor cannot be interrupted while it builds a graph, about a second at most for LeNet; compiling can.
    assert percentile(found["preparing"], 50) <= 3000
    assert found["closing"][0] <= 4000
