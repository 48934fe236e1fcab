"""Keeps the memory of a training step for the next one, instead of giving it back to the system in between."""

import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = (-1, 128 << 20)
_MMAP_THRESHOLD: Final = (-3, 32 << 20)
"""Parameters of `mallopt` (see its manual page) and their values in bytes."""


def keep_freed_memory() -> None:
    """Tells the C library to keep up to 128 MiB of what was freed; does nothing where it is not GNU's.

    A step of LeNet makes and frees images of some megabytes. Got from the system each time, with all pages to be
    cleared anew, they take a quarter of its time.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in (_MMAP_THRESHOLD, _TRIM_THRESHOLD):
            mallopt(parameter, value)
