"""Both compilers, on each network: the same losses as the interpreter, and changes in the middle of a run."""

import errno
import os
import signal
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from short_runs import UPDATES, config_of, events_of, losses_of, only, short_run

from mnist_gui.engine import backend
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.compiling import CompileChild
from mnist_gui.engine.config import Device, Updates
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.events import PhaseChanged, Ready, RunFailed, RunStarted, StepsDone, Validated
from mnist_gui.engine.functions import TrainingFunctions


def losses(network, dataset, compiler, epochs=2):
    """The losses of each step and the validation losses of a short run."""
    events = events_of(config_of(network, epochs=epochs), dataset, compiler=compiler)
    return losses_of(events), np.array([event.loss for event in only(Validated, events)])


@pytest.mark.timeout(600)  # compiles everything when the cache is empty
@pytest.mark.parametrize("network", UPDATES)
def test_that_both_compilers_learn_the_same_as_the_interpreter(network, compiled_ahead, tiny_dataset):
    expected, expected_validation = losses(network, tiny_dataset, Compiler.INTERPRETER)
    assert len(expected) == 20
    for compiler in (Compiler.NUMBA, Compiler.JAX):
        found, found_validation = losses(network, tiny_dataset, compiler)
        np.testing.assert_allclose(found, expected, rtol=1e-3, err_msg=str(compiler))
        np.testing.assert_allclose(found_validation, expected_validation, rtol=1e-3, err_msg=str(compiler))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("network", UPDATES)
def test_that_compiled_runs_repeat_bit_for_bit(network, tiny_dataset):
    first, second = (losses(network, tiny_dataset, Compiler.NUMBA, epochs=1)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


# ---- the change from the interpreter to compiled functions
SOFTMAX = config_of("softmax", epochs=30)


@pytest.fixture(scope="module")
def compiled(tiny_dataset):
    """A run without a change; what it needs is in the cache from here on."""
    return losses_of(events_of(SOFTMAX, tiny_dataset))


@pytest.mark.timeout(600)
def test_that_a_run_begins_on_the_interpreter_goes_on_compiled_and_repeats_bit_for_bit(compiled, tiny_dataset):
    events = events_of(SOFTMAX, tiny_dataset, start_at_once=True)
    first, change = only(Ready, events)
    assert (first.compiler, first.step) == ("interpreter", 1)
    assert change.compiler == "Numba"
    assert 1 < change.step < 300
    assert events[-1].model.metadata["compilers"] == [[1, "interpreter"], [change.step, "Numba"]]
    again = events_of(SOFTMAX, tiny_dataset, change_at=change.step)
    assert [event.step for event in only(Ready, again)] == [1, change.step]
    np.testing.assert_array_equal(losses_of(again), losses_of(events))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", [1, 2, 150, 300, 301])
def test_that_a_change_leaves_no_break_in_the_curve(step, compiled, tiny_dataset):
    events = events_of(SOFTMAX, tiny_dataset, change_at=step)
    np.testing.assert_allclose(losses_of(events), compiled, rtol=1e-4)
    assert [event.step for event in only(Ready, events)] == ([1, step] if 1 < step < 301 else [1])


def test_that_a_run_begins_anew_with_smaller_batches_where_the_compiled_functions_lack_memory(
    compiled, monkeypatch, tiny_dataset
):
    learn = TrainingFunctions.learn

    def short_of_memory(self, batches, factors):
        if self.backend.compiler is Compiler.NUMBA and batches.shape[1] > 10:
            raise MemoryError
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", short_of_memory)
    events = events_of(replace(SOFTMAX, epochs=2), tiny_dataset, change_at=5)
    first, second = only(RunStarted, events)
    assert (first.config.batch_size, second.config.batch_size) == (20, 10)
    again = events[events.index(second) :]
    assert [event.step for event in only(Ready, again)] == [1, 5]
    assert len(losses_of(again)) == 2 * second.steps_per_epoch == 40


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_that_a_change_in_a_run_of_lenet_shows_in_no_loss_of_two_hundred_steps(mnist):
    """At this learning rate. At ten times as much, one weight moved by one unit in the last place already changes
    losses by percents within these steps: training itself makes more of a difference than rounding does.
    """
    config = replace(config_of("lenet", batch_size=128, epochs=1, learning_rate=0.002), updates=Updates.SGD)

    def stop(event, control):
        if isinstance(event, StepsDone) and event.first + len(event.losses) > 200:
            control.stop()

    plain, changed, again = (losses_of(events_of(config, mnist, stop, change_at=step))[:200] for step in (1, 60, 60))
    np.testing.assert_allclose(changed, plain, rtol=1e-4)
    np.testing.assert_array_equal(changed, again)


def test_that_the_first_point_does_not_wait_for_the_child(cold, monkeypatch, tiny_dataset):
    monkeypatch.setattr(CompileChild, "done", lambda _self: False)
    events = events_of(config_of("softmax"), tiny_dataset, start_at_once=True)
    assert [event.compiler for event in only(Ready, events)] == ["interpreter"]
    assert len(losses_of(events)) == 20
    assert "compiling" in only(PhaseChanged, events)[2].detail


def test_that_a_run_goes_on_where_nothing_can_be_compiled_and_says_why(cold, monkeypatch, tiny_dataset):
    def full(*_arguments, **_settings):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mnist_gui.engine.compiling.tempfile.TemporaryDirectory", full)
    events = events_of(config_of("softmax"), tiny_dataset, start_at_once=True)
    (ready,) = only(Ready, events)
    assert (ready.device, ready.compiler) == ("CPU", "interpreter")
    assert ready.reason == "Compiling could not begin: No space left on device."
    assert len(losses_of(events)) == 20
    end = short_run(config_of("softmax"), tiny_dataset)[-1]
    assert (type(end), end.message) == (RunFailed, ready.reason)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_that_a_run_whose_child_is_killed_goes_on_without_it_and_says_so_once(cold, monkeypatch, tiny_dataset):
    started = []
    start = CompileChild.__init__

    def remember(self, *arguments):
        start(self, *arguments)
        started.append(self._process.pid)

    def kill(event, _control):
        if isinstance(event, Ready):
            os.kill(started[0], signal.SIGKILL)
            os.waitid(os.P_PID, started[0], os.WEXITED | os.WNOWAIT)

    monkeypatch.setattr(CompileChild, "__init__", remember)
    events = events_of(config_of("softmax"), tiny_dataset, kill, start_at_once=True)
    assert len(losses_of(events)) == 20
    details = [event.detail for event in only(PhaseChanged, events)]
    assert [detail for detail in details if "without Numba: Compiling failed: exit code -9" in detail] == [details[3]]


@pytest.mark.parametrize("compiler", [Compiler.INTERPRETER, Compiler.NUMBA])
def test_that_building_functions_is_given_up_as_soon_as_it_is_asked(compiler, tiny_dataset):
    asked = []
    chosen = backend.choose(Device.CPU, 1, compiler)

    def stopped():
        asked.append(time.monotonic())
        return len(asked) > 10

    with pytest.raises(Stopped):
        TrainingFunctions(chosen, config_of("softmax"), tiny_dataset.images, tiny_dataset.labels, stopped)
    assert len(asked) == 11


def test_that_the_compile_folder_belongs_to_the_user_alone():
    assert backend.COMPILE_FOLDER.stat().st_mode & 0o077 == 0
    assert backend.pytensor.config.floatX == "float32"


def test_that_a_broken_jax_leaves_the_cpu(monkeypatch, tmp_path):
    (tmp_path / "jax.py").write_text("raise RuntimeError('jaxlib is of another version')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    monkeypatch.setattr(backend.Path, "exists", lambda _path: True)
    chosen = backend.choose(Device.AUTO, threads=1)
    assert chosen.compiler is Compiler.NUMBA
    assert chosen.reason == "no GPU: JAX cannot be loaded (jaxlib is of another version)"


def test_that_auto_falls_back_to_the_cpu_and_says_why(monkeypatch):
    monkeypatch.setattr(backend, "_why_no_gpu", lambda: "this computer has no NVIDIA driver")
    chosen = backend.choose(Device.AUTO, threads=1)
    assert chosen.compiler is Compiler.NUMBA
    assert chosen.device == "CPU, 1 thread"
    assert chosen.reason == "no GPU: this computer has no NVIDIA driver"
