"""How much memory the window takes with everything open.

Repeat with `pytest -m slow tests/benchmarks/test_window_memory.py`.
"""

import pytest
from timing import measure_window, size


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_that_everything_open_stays_under_600_mb(capsys):
    found = measure_window("memory", size(full=15, smoke=5))
    with capsys.disabled():
        print("\nresident memory:", ", ".join(f"{name} {value:.0f} MB" for name, value in found.items()), "(600 MB)")
    assert max(found.values()) < 600
