import os
import sys
import threading

import pytest
from session_fakes import scripted_train

from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import Phase, PhaseChanged, RunFailed, RunFinished, RunStarted, StepsDone
from mnist_gui.session.runner import TrainingRunner

CONFIG = TrainingConfig(network="softmax", updates=Updates.SGD, epochs=3)


def collect(runner):
    batches = []
    runner.events_ready.connect(batches.append)
    return batches


def test_that_every_event_arrives_once_and_in_order(tiny_dataset, qtbot):
    runner = TrainingRunner(scripted_train, interval_ms=1)
    batches = collect(runner)
    with qtbot.waitSignal(runner.ended):
        runner.start(CONFIG, tiny_dataset, Control())
    events = [event for batch in batches for event in batch]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert [event.first for event in events if isinstance(event, StepsDone)] == list(range(1, 31))
    assert not runner.running


def test_that_the_terminal_event_does_not_wait_for_the_clock(tiny_dataset, qtbot):
    runner = TrainingRunner(scripted_train, interval_ms=60_000)
    batches = collect(runner)
    with qtbot.waitSignal(runner.ended, timeout=3000):
        runner.start(CONFIG, tiny_dataset, Control())
    assert isinstance(batches[-1][-1], RunFinished)


def test_that_what_a_run_is_doing_does_not_wait_for_the_clock(tiny_dataset, qtbot):
    seen = threading.Event()

    def train(config, dataset, emit, control, threads):
        emit(StepsDone(1, (2.3,), 1, 0.0, 0.0))
        emit(PhaseChanged(Phase.TRAINING, "numba on cpu"))
        assert seen.wait(3)
        scripted_train(config, dataset, emit, control, threads)

    runner = TrainingRunner(train, interval_ms=60_000)
    batches = collect(runner)
    with qtbot.waitSignal(runner.events_ready, timeout=3000):
        runner.start(CONFIG, tiny_dataset, Control())
    assert [type(event) for event in batches[0]] == [StepsDone, PhaseChanged]
    with qtbot.waitSignal(runner.ended):
        seen.set()


def test_that_losses_wait_for_the_clock(tiny_dataset, qtbot):
    told = threading.Event()

    def train(config, dataset, emit, control, threads):
        for step in range(1, 100):
            emit(StepsDone(step, (2.3,), 1, 0.0, 0.0))
        told.set()
        control.wait_for_turn(lambda: None, lambda: None)
        emit(RunFailed("over", "", 99, None, None))

    runner = TrainingRunner(train, interval_ms=60_000)
    batches = collect(runner)
    control = Control(paused=True)
    runner.start(CONFIG, tiny_dataset, control)
    assert told.wait(3)
    qtbot.wait(50)
    assert batches == []
    with qtbot.waitSignal(runner.ended):
        control.stop()
    assert len(batches) == 1


def test_that_training_does_not_run_on_the_gui_thread(tiny_dataset, qtbot):
    ran_in = []

    def train(config, dataset, emit, control, threads):
        ran_in.append((threading.get_ident(), threads))
        scripted_train(config, dataset, emit, control, threads)

    runner = TrainingRunner(train, interval_ms=1)
    with qtbot.waitSignal(runner.ended):
        runner.start(CONFIG, tiny_dataset, Control(), threads=3)
    ident, threads = ran_in[0]
    assert ident != threading.get_ident()
    assert threads == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only threads of Linux have a niceness each")
def test_that_a_run_lets_the_window_go_first(tiny_dataset, qtbot):
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    found = []

    def train(*arguments):
        found.append(niceness())
        scripted_train(*arguments)

    runner, before = TrainingRunner(train, interval_ms=1), niceness()
    with qtbot.waitSignal(runner.ended):
        runner.start(CONFIG, tiny_dataset, Control())
    assert found == [max(10, before)]
    assert niceness() == before


def test_that_a_training_function_that_raises_ends_in_a_failed_run(tiny_dataset, qtbot):
    def train(config, dataset, emit, control, threads):
        raise OSError("disk on fire")

    runner = TrainingRunner(train, interval_ms=1)
    batches = collect(runner)
    with qtbot.waitSignal(runner.ended):
        runner.start(CONFIG, tiny_dataset, Control())
    (failed,) = batches[-1]
    assert isinstance(failed, RunFailed)
    assert "disk on fire" in failed.message


def test_that_a_training_function_that_says_nothing_ends_in_a_failed_run(tiny_dataset, qtbot):
    runner = TrainingRunner(lambda *_: None, interval_ms=1)
    batches = collect(runner)
    with qtbot.waitSignal(runner.ended):
        runner.start(CONFIG, tiny_dataset, Control())
    assert isinstance(batches[-1][-1], RunFailed)


def test_that_closing_stops_the_run_and_hands_on_its_end(tiny_dataset, qtbot):
    runner = TrainingRunner(scripted_train, interval_ms=60_000)
    batches = collect(runner)
    runner.start(TrainingConfig(epochs=10_000, patience=0), tiny_dataset, Control())
    assert runner.close()
    assert isinstance(batches[-1][-1], RunFinished)
    assert not runner.running


def test_that_closing_in_vain_says_so(tiny_dataset, qtbot):
    gate = threading.Event()

    def deaf(config, dataset, emit, control, threads):
        assert gate.wait(5)
        scripted_train(config, dataset, emit, control, threads)

    runner = TrainingRunner(deaf, interval_ms=1)
    runner.start(CONFIG, tiny_dataset, Control())
    assert not runner.close(timeout_ms=10)
    gate.set()
    assert runner.close()


def test_that_two_runs_at_once_are_refused(tiny_dataset, qtbot):
    runner = TrainingRunner(scripted_train, interval_ms=1)
    runner.start(CONFIG, tiny_dataset, Control())
    with pytest.raises(RuntimeError, match="already"):
        runner.start(CONFIG, tiny_dataset, Control())
    assert runner.close()
