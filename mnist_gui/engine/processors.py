"""The processors that there are for this program; light, so that the window may ask as well."""

import os


def cpu_count() -> int:
    """Number of processors that this process may use, 1 at least; fewer than the machine's under `taskset`."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
