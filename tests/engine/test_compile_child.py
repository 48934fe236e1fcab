"""Compiling in a child, which can be killed and may die."""

import json
import os
import signal
import time
from threading import Timer

import numpy as np
import psutil
import pytest
from short_runs import config_of, events_of, losses_of, only, short_run

from mnist_gui.engine import backend, compile_cache
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.compiling import CompileChild, CompileError
from mnist_gui.engine.config import Device, TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import Phase, PhaseChanged, Ready, RunFinished, StopReason

NUMBA = backend.choose(Device.CPU, 1, Compiler.NUMBA)
SIZES = (200, 50, 50)


def test_that_stopping_kills_the_compiling_child_and_leaves_nothing_of_it(cold, tiny_dataset):
    config = TrainingConfig(network="softmax", updates=Updates.RMSPROP)
    with CompileChild(config, NUMBA, SIZES) as child:
        assert child.needed
        process = psutil.Process(child._process.pid)
        asked = time.monotonic()
        assert not child.wait(lambda: time.monotonic() - asked > 0.5)
        assert time.monotonic() - asked < 2
    assert not process.is_running()
    assert not cold.exists()

    # The same through a whole run: stop arrives while the child is at work.
    control = Control()
    original = CompileChild.wait

    def stop_soon(self, stopped):
        control.stop()
        return original(self, stopped)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompileChild, "wait", stop_soon)
        events = short_run(config, tiny_dataset, control)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].reason is StopReason.INTERRUPTED
    assert not only(Ready, events)


def test_that_a_child_that_dies_is_a_failure_with_its_last_words(cold, monkeypatch):
    monkeypatch.setattr(TrainingConfig, "to_dict", lambda _self: {"network": "transformer 9"})
    with (
        CompileChild(TrainingConfig(), NUMBA, SIZES) as child,
        pytest.raises(CompileError, match=r"Compiling failed: .*transformer"),
    ):
        child.wait(lambda: False)
    assert not cold.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_that_a_child_killed_from_outside_is_a_failure_too(cold):
    with CompileChild(TrainingConfig(network="softmax"), NUMBA, SIZES) as child:
        os.kill(child._process.pid, signal.SIGKILL)
        with pytest.raises(CompileError, match="exit code -9"):
            child.wait(lambda: False)


# ---- the same for JAX
JAX_RUN = config_of("softmax", epochs=5, batch_size=25)


def run_that_changes_to_jax(dataset, caplog):
    """Its events, and how many of the two functions that it needs were found in the cache."""
    caplog.clear()
    with caplog.at_level("DEBUG", "jax._src.compiler"):
        events = events_of(JAX_RUN, dataset, change_at=20, compiler=Compiler.JAX)
    return events, caplog.text.count("cache hit for 'jit_jax_funcified_fgraph'")


@pytest.mark.timeout(600)
def test_that_a_run_begins_on_the_interpreter_and_goes_on_with_what_a_child_compiled_for_jax(tiny_dataset, caplog):
    events, found = run_that_changes_to_jax(tiny_dataset, caplog)
    assert found == 2, "the child had compiled learning and judging"
    assert [(event.step, event.compiler) for event in only(Ready, events)] == [(1, "interpreter"), (20, "JAX")]
    assert events[-1].model.metadata["compilers"] == [[1, "interpreter"], [20, "JAX"]]
    plain = events_of(JAX_RUN, tiny_dataset, compiler=Compiler.INTERPRETER)
    np.testing.assert_allclose(losses_of(events), losses_of(plain), rtol=1e-4)


@pytest.mark.timeout(600)
def test_that_a_damaged_file_of_jax_is_compiled_anew(tiny_dataset, caplog):
    run_that_changes_to_jax(tiny_dataset, caplog)
    chosen = backend.choose(Device.CPU, 0, Compiler.JAX)
    with CompileChild(JAX_RUN, chosen, tiny_dataset.sizes) as child:
        assert not child.needed
    files = json.loads(compile_cache.marker(JAX_RUN, chosen.target(JAX_RUN, tiny_dataset.sizes, 1)).read_text())
    for name in files:
        file = compile_cache.compile_folder() / name
        file.write_bytes(file.read_bytes()[:100])
    with CompileChild(JAX_RUN, chosen, tiny_dataset.sizes) as child:
        assert child.needed
        assert child.wait(lambda: False)
    assert run_that_changes_to_jax(tiny_dataset, caplog)[1] == 2


def test_that_stop_is_heard_while_jax_compiles(cold, tiny_dataset):
    asked = []
    folders = set(compile_cache.compile_folder().glob("tmp*"))

    def stop_soon(event, control):
        def stop():
            asked.append(time.monotonic())
            control.stop()

        if isinstance(event, PhaseChanged) and event.phase is Phase.COMPILING:
            Timer(0.5, stop).start()

    events = events_of(JAX_RUN, tiny_dataset, stop_soon, compiler=Compiler.JAX)
    assert time.monotonic() - asked[0] < 2
    assert events[-1].reason is StopReason.INTERRUPTED
    assert set(compile_cache.compile_folder().glob("tmp*")) <= folders, "the child's folder is gone"
