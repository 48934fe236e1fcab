"""Keeps Python's cycle collector from stopping the window: it stops all threads while it looks at objects."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

_lock = threading.Lock()
_holders = 0


@contextmanager
def collection_off() -> Iterator[None]:
    """Switches automatic garbage collection off while libraries load and graphs are built.

    Several threads may be inside at once: the last one to leave switches it on again.
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


def load_library(name: str) -> None:
    """Imports a module, and has the collector never look at what came with it.

    PyTensor and Numba make more than a hundred thousand objects, which live as long as the process. Looking at them
    takes about a tenth of a second: once when collection is on again after the import, and then every now and then.

    Args:
        name: of the module, as in an import statement.
    """
    if name in sys.modules:
        return
    with collection_off():
        import_module(name)
        gc.freeze()
