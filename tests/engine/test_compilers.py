"""Both compilers, on each network: the same losses as the interpreter, changes in the middle of a run, and compiling
that can be killed.
"""

import json
import os
import signal
import time
from dataclasses import replace
from threading import Timer

import numpy as np
import psutil
import pytest
from short_runs import UPDATES, config_of

from mnist_gui.data.dataset import Split
from mnist_gui.engine import backend, compile_cache
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.compiling import CompileChild, CompileError
from mnist_gui.engine.config import Device, Schedule, TrainingConfig, Updates
from mnist_gui.engine.control import Control, Stopped
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Phase,
    PhaseChanged,
    Ready,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    Validated,
)
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.launching import LaunchSize, launch_sizes
from mnist_gui.engine.trainer import train


def events_of(config, dataset, on_event=lambda _event, _control: None, **how):
    """What a run says; `on_event` sees each event as it comes."""
    events, control = [], Control()

    def emit(event):
        events.append(event)
        on_event(event, control)

    train(config, dataset, emit, control, **how)
    assert isinstance(events[-1], RunFinished), events[-1]
    return events


def only(kind, events):
    return [event for event in events if isinstance(event, kind)]


def losses_of(events):
    return np.array([loss for event in only(StepsDone, events) for loss in event.losses])


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


# ---- looks at the digits of a split
def test_that_the_digits_of_a_split_stay_on_the_device_until_others_are_read(tiny_dataset):
    chosen = backend.choose(Device.CPU, 1, Compiler.JAX)
    images, labels = tiny_dataset.images_of(Split.TRAINING), tiny_dataset.labels_of(Split.TRAINING)
    places, wrong = np.arange(20, dtype=np.int32), {}
    for one in (chosen, backend.INTERPRETER):
        functions, stored = TrainingFunctions(one, config_of("softmax"), images, labels), []
        for split in (Split.VALIDATION, Split.VALIDATION, Split.TEST, Split.VALIDATION):
            functions.set_pool(tiny_dataset.images_of(split), tiny_dataset.labels_of(split))
            stored.append(functions._graph.pool_images.container.storage[0])
            wrong.setdefault(split, set()).add(functions.judge(places)[1])
        assert stored[0] is stored[1]
        assert len({id(pool) for pool in stored}) == 3
    assert [len(found) for found in wrong.values()] == [1, 1], "both read the digits they were given"


def test_that_a_gpu_reads_more_digits_in_a_call(tiny_dataset):
    functions = TrainingFunctions(backend.INTERPRETER, config_of("softmax"), tiny_dataset.images, tiny_dataset.labels)
    for platform, lengths in (("cpu", [500] * 12), ("gpu", [2500, 2500, 1000])):
        functions.backend = replace(functions.backend, platform=platform)
        parts = list(functions.parts(6000))
        assert [len(part) for part in parts] == lengths
        np.testing.assert_array_equal(np.concatenate(parts), np.arange(6000))


# ---- launches of several steps
@pytest.mark.timeout(600)
def test_that_steps_made_in_launches_are_those_made_one_by_one(monkeypatch, tiny_dataset):
    """The rule's state, the counter of steps, averaged weights and fading strengths go on inside a launch as well."""
    monkeypatch.setattr("mnist_gui.engine.launching.FEW", 4)
    monkeypatch.setattr(LaunchSize, "took", grow_at_once)
    launches = []
    learn = TrainingFunctions.learn

    def look(self, batches, factors):
        launches.append(len(batches))
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", look)
    config = config_of(
        "dense 30, tanh, dense 10", epochs=4, validate_every=7, average=0.9, schedule=Schedule.COSINE,
        augment=True, fade=80.0,
    )  # fmt: skip

    def change(event, control):
        if isinstance(event, Validated) and event.step == 14:
            control.set_live("learning_rate", 0.002)

    found = events_of(config, tiny_dataset, change, compiler=Compiler.JAX)
    assert launches[:7] == [1, 4, 1, 1, 1, 1, 1]  # up to the validation, then up to the end of the epoch
    assert launches.count(4) >= 5
    expected = events_of(config, tiny_dataset, change, compiler=Compiler.INTERPRETER)
    np.testing.assert_allclose(losses_of(found), losses_of(expected), rtol=1e-3)
    assert only(HyperparameterChanged, found) == only(HyperparameterChanged, expected)
    looks = [[(event.step, event.error) for event in only(Validated, events)] for events in (found, expected)]
    assert looks[0] == looks[1]


def grow_at_once(self, size, seconds, left):
    self._largest = 1
    return True


@pytest.mark.parametrize(
    ("digits", "validate_every", "expected"),
    [
        (50_000, 0, (1, 16, 130)),  # 390 steps, in three
        (50_000, 100, (1, 16, 100)),
        (50_000, 400, (1, 16, 130)),
        (128 * 24, 0, (1, 16, 24)),
        (128 * 16, 0, (1, 16)),
        (128 * 15, 0, (1,)),
    ],
)
def test_that_launches_divide_what_lies_between_two_looks(digits, validate_every, expected):
    config = TrainingConfig(network="lenet", batch_size=128, validate_every=validate_every)
    assert launch_sizes(Compiler.JAX, config, digits) == expected
    assert launch_sizes(Compiler.NUMBA, config, digits) == (1,)


def test_that_launches_grow_while_they_are_short_and_pay_and_shrink_where_memory_is_short():
    compiled = {16}
    launches = LaunchSize((1, 16, 128), compiled.__contains__)
    assert launches.choose(390) == 1
    assert not launches.took(1, 2.0, 10_000), "the first one compiles"
    assert launches.took(1, 0.001, 10_000)
    assert launches.choose(390) == 16
    assert launches.choose(15) == 1
    launches.took(16, 3.0, 10_000)
    launches.took(16, 0.016, 10_000)  # 128 would take 0.128 s
    assert launches.choose(390) == 16
    launches.took(16, 0.0016, 10_000)  # ten thousand steps take 1 s, less than compiling
    assert launches.choose(390) == 16
    launches.took(16, 0.0016, 100_000)
    assert launches.choose(390) == 16, "the other is not compiled yet"
    compiled.add(128)
    launches.took(16, 0.0016, 100_000)
    assert launches.choose(390) == 128
    assert launches.shrink()
    assert launches.choose(390) == 16
    assert launches.shrink()
    assert launches.choose(390) == 1
    assert not launches.shrink()


# ---- compiling in a child
NUMBA = backend.choose(Device.CPU, 1, Compiler.NUMBA)
SIZES = (200, 50, 50)


@pytest.fixture
def cold(monkeypatch, tmp_path):
    """No function counts as compiled."""
    monkeypatch.setattr(compile_cache, "marker", lambda _config, _target: tmp_path / "marker")
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
    with CompileChild(config, NUMBA, SIZES) as child:
        assert child.needed
        process = psutil.Process(child._process.pid)
        asked = time.monotonic()
        assert not child.wait(lambda: time.monotonic() - asked > 0.5)
        assert time.monotonic() - asked < 2
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


def test_that_the_compile_folder_belongs_to_the_user_alone():
    assert backend.COMPILE_FOLDER.stat().st_mode & 0o077 == 0
    assert backend.pytensor.config.floatX == "float32"


def test_that_auto_falls_back_to_the_cpu_and_says_why(monkeypatch):
    monkeypatch.setattr(backend, "_why_no_gpu", lambda: "this computer has no NVIDIA driver")
    chosen = backend.choose(Device.AUTO, threads=1)
    assert chosen.compiler is Compiler.NUMBA
    assert chosen.device == "CPU, 1 thread"
    assert chosen.reason == "no GPU: this computer has no NVIDIA driver"
