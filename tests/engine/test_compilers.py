"""Both compilers, on each network: the same losses as the interpreter, and compiling that can be killed."""

import os
import signal
import time

import numpy as np
import psutil
import pytest

from mnist_gui.engine import backend, compile_cache
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.compiling import CompileChild, CompileError
from mnist_gui.engine.config import Device, TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import Phase, PhaseChanged, Ready, RunFinished, StepsDone, StopReason, Validated
from mnist_gui.engine.trainer import train

UPDATES = {"softmax": Updates.SGD, "dense 30, tanh, dense 10": Updates.ADAM, "lenet": Updates.NESTEROV}


def losses(network, dataset, compiler, epochs=2):
    """The losses of each step and the validation losses of a short run."""
    config = TrainingConfig(
        network=network,
        updates=UPDATES[network],
        learning_rate=0.01,
        batch_size=20,
        epochs=epochs,
        patience=0,
        device=Device.CPU,
    )
    events = []
    train(config, dataset, events.append, Control(), compiler=compiler)
    assert isinstance(events[-1], RunFinished), events[-1]
    steps = [loss for event in events if isinstance(event, StepsDone) for loss in event.losses]
    return np.array(steps), np.array([event.loss for event in events if isinstance(event, Validated)])


@pytest.mark.timeout(600)  # compiles everything when the cache is empty
@pytest.mark.parametrize("network", list(UPDATES))
def test_that_both_compilers_learn_the_same_as_the_interpreter(network, tiny_dataset):
    expected, expected_validation = losses(network, tiny_dataset, Compiler.INTERPRETER)
    assert len(expected) == 20
    for compiler in (Compiler.NUMBA, Compiler.JAX):
        found, found_validation = losses(network, tiny_dataset, compiler)
        np.testing.assert_allclose(found, expected, rtol=1e-3, err_msg=str(compiler))
        np.testing.assert_allclose(found_validation, expected_validation, rtol=1e-3, err_msg=str(compiler))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("network", list(UPDATES))
def test_that_compiled_runs_repeat_bit_for_bit(network, tiny_dataset):
    first, second = (losses(network, tiny_dataset, Compiler.NUMBA, epochs=1)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.fixture
def cold(monkeypatch, tmp_path):
    """No function counts as compiled."""
    monkeypatch.setattr(compile_cache, "marker", lambda _config: tmp_path / "marker")
    return tmp_path / "marker"


def test_that_stopping_kills_the_compiling_child_within_a_quarter_of_a_second(cold, tiny_dataset):
    control = Control()
    events = []
    begun = []

    def stop_while_compiling(event):
        events.append(event)
        if isinstance(event, PhaseChanged) and event.phase is Phase.COMPILING:
            begun.append(time.monotonic())

    config = TrainingConfig(network="softmax", updates=Updates.RMSPROP)
    with CompileChild(config, 1) as child:
        assert child.needed
        process = psutil.Process(child._process.pid)
        asked = time.monotonic()
        assert not child.wait(lambda: time.monotonic() - asked > 0.5)
        assert time.monotonic() - asked < 0.75
    assert not process.is_running()
    assert not cold.exists()

    # The same through a whole run: stop arrives while the child is at work.
    original = CompileChild.wait

    def stop_soon(self, stopped):
        control.stop()
        return original(self, stopped)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompileChild, "wait", stop_soon)
        train(config, tiny_dataset, stop_while_compiling, control)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].reason is StopReason.INTERRUPTED
    assert not [event for event in events if isinstance(event, Ready)]


def test_that_a_child_that_dies_is_a_failure_with_its_last_words(cold, monkeypatch):
    monkeypatch.setattr(TrainingConfig, "to_dict", lambda _self: {"network": "transformer 9"})
    with (
        CompileChild(TrainingConfig(), 1) as child,
        pytest.raises(CompileError, match=r"Compiling failed: .*transformer"),
    ):
        child.wait(lambda: False)
    assert not cold.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_that_a_child_killed_from_outside_is_a_failure_too(cold):
    with CompileChild(TrainingConfig(network="softmax"), 1) as child:
        os.kill(child._process.pid, signal.SIGKILL)
        with pytest.raises(CompileError, match="exit code -9"):
            child.wait(lambda: False)


def test_that_the_compile_folder_belongs_to_the_user_alone():
    assert backend.COMPILE_FOLDER.stat().st_mode & 0o077 == 0
    assert backend.pytensor.config.floatX == "float32"


def test_that_auto_falls_back_to_the_cpu_and_says_why(monkeypatch):
    monkeypatch.setattr(backend, "_why_no_gpu", lambda: "this computer has no NVIDIA driver")
    chosen = backend.choose(Device.AUTO, threads=1)
    assert chosen.compiler is Compiler.NUMBA
    assert chosen.device == "CPU, 1 thread"
    assert chosen.reason == "no GPU: this computer has no NVIDIA driver"
