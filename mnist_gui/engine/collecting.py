"""Keeps Python's cycle collector quiet while many objects are made."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0


@contextmanager
def collection_off() -> Iterator[None]:
    """Switches automatic garbage collection off while libraries load and graphs are built.

    A full collection stops all threads; with the hundred thousands of objects that PyTensor makes, that is long enough
    for a window to stutter. Several threads may be inside at once: the last one to leave switches it on again.
    """
    global _holders
    with _lock:
        _holders += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if not _holders:
                gc.enable()
