"""What every file of tests of the window gets besides."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def widgets_are_collected_here() -> Iterator[None]:
    """Frees what a file of tests left in circles, on this thread: a later thread must not free widgets."""
    yield
    gc.collect()
