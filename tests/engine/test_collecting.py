"""The cycle collector, which stops all threads while it looks at objects."""

import gc
import sys
import threading

import pytest

from mnist_gui.engine.collecting import collection_off, load_library


def test_that_collection_is_off_inside_and_on_again_after_the_last_of_several_has_left():
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with collection_off():
            entered.set()
            leave.wait(5)

    other = threading.Thread(target=hold)
    with collection_off():
        other.start()
        assert entered.wait(5)
        assert not gc.isenabled()
    assert not gc.isenabled()
    leave.set()
    other.join(5)
    assert gc.isenabled()


def test_that_collection_is_on_again_after_a_fault():
    with pytest.raises(ValueError, match="it"), collection_off():
        raise ValueError("it")
    assert gc.isenabled()


def test_that_what_came_with_a_library_is_never_looked_at(tmp_path, monkeypatch):
    (tmp_path / "many_objects.py").write_text(
        "import gc\nrunning = gc.isenabled()\nmade = [[] for _ in range(5000)]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = gc.get_freeze_count()
    try:
        load_library("many_objects")
        frozen = gc.get_freeze_count()
        load_library("many_objects")  # is there
        assert gc.get_freeze_count() == frozen >= before + 5000
        assert not sys.modules["many_objects"].running
        assert gc.isenabled()
    finally:
        sys.modules.pop("many_objects", None)
        gc.unfreeze()
