"""What every attack is measured with: its time, its peak of memory, and a canary that must stay away."""

import contextlib
import sys
import time
from pathlib import Path

import pytest


def _peak_bytes():
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@pytest.fixture
def bounded():
    """A context that fails when its body takes longer, or grows this process more, than it may."""

    @contextlib.contextmanager
    def limit(seconds=1.0, mebibytes=16):
        measure = sys.platform.startswith("linux")
        if measure:
            Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is in use
        before = _peak_bytes() if measure else 0
        start = time.process_time()
        yield
        used, grown = time.process_time() - start, (_peak_bytes() if measure else 0) - before
        assert used <= seconds, f"took {used:.2f} s, {seconds} s are allowed"
        assert grown <= mebibytes * 2**20, f"grew by {grown / 2**20:.1f} MiB, {mebibytes} MiB are allowed"

    return limit


@pytest.fixture
def canary(tmp_path):
    """A file that code hidden in another file would make."""
    path = tmp_path / "canary"
    yield path
    assert not path.exists(), "code out of a file was executed"
