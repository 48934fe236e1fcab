"""What the benchmarks share: their size, numbers in words, other work on the machine, the window in a process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

SMOKE = os.environ.get("MNIST_GUI_BENCHMARK") == "smoke"
"""Few rounds, enough to see that a benchmark works and nothing is slower by far; set by the checks of each change."""

_BUSY = "import hashlib\nwhile True: hashlib.pbkdf2_hmac('sha256', b'', b'', 1_000_000)"


def size(full: int, smoke: int) -> int:
    """Rounds, or seconds, of a benchmark."""
    return smoke if SMOKE else full


def alarm(target: float) -> float:
    """Where a benchmark fails: so far beyond its target that the code must have become slower.

    Whether a target is met is read from the printed line, on a machine without other work. The same code has taken 1.7
    times as long on another machine.
    """
    return 2.5 * target


def percentile(times: Sequence[float], percent: float) -> float:
    """The value that so many percent of the times do not exceed."""
    return float(np.percentile(times, percent, method="higher"))


def in_words(name: str, times: Sequence[float], target: str = "") -> str:
    """One line: the middle, the late and the latest of times in milliseconds."""
    words = (
        f"{name}: median {percentile(times, 50):.1f} ms, p95 {percentile(times, 95):.1f} ms,"
        f" p99 {percentile(times, 99):.1f} ms, worst {max(times):.1f} ms, n {len(times)}"
    )
    return f"{words}; target {target}" if target else words


@contextmanager
def busy_processors(count: int) -> Iterator[None]:
    """So many processes that compute in C and share nothing with this one."""
    processes = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure_window(what: str, *arguments: object, timeout: float = 400, **environment: str) -> dict:
    """Opens the real window in a process of its own and has it measured there.

    Args:
        what: a function of `real_window`.
        arguments: of that function, as text.
        timeout: seconds until the process is killed.
        environment: variables that are different for this process.

    Returns:
        What that function returned.
    """
    script = Path(__file__).with_name("real_window.py")
    root = str(script.parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, str(script), what, *map(str, arguments)],
        stdout=subprocess.PIPE, timeout=timeout, text=True, check=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )  # fmt: skip
    return json.loads(done.stdout)
