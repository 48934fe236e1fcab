"""Runs for which there is too little memory, on the interpreter and on few digits."""

from dataclasses import replace
from functools import partial

import pytest
from short_runs import losses_of, only, part_of, short_run

from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import PhaseChanged, RunFailed, RunFinished, RunStarted
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.history import RunHistory

CONFIG = TrainingConfig(network="softmax", updates=Updates.SGD, learning_rate=0.1, batch_size=50, epochs=3, patience=0)
run = partial(short_run, compiler=Compiler.INTERPRETER)
SAID = "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes"


class XlaRuntimeError(RuntimeError):
    """What JAX raises, by its words."""


@pytest.mark.parametrize("error", [MemoryError, XlaRuntimeError])
@pytest.mark.parametrize(("fits", "tried"), [(60, [200, 100, 50]), (100, [200, 100]), (49, [200, 100, 50])])
def test_that_without_memory_for_the_first_step_the_batch_is_halved_twice(error, fits, tried, few, monkeypatch):
    learn = TrainingFunctions.learn

    def short_of_memory(self, batches, factors):
        if batches.shape[1] > fits:
            raise error(SAID)
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", short_of_memory)
    events = run(replace(CONFIG, batch_size=200, epochs=1), few)
    starts = only(RunStarted, events)
    assert [start.config.batch_size for start in starts] == tried
    end = events[-1]
    if fits < 50:
        assert isinstance(end, RunFailed)
        assert end.message == "There is not enough memory for batches of 50; a smaller batch or network needs less."
    else:
        assert len(losses_of(events)) == starts[-1].steps_per_epoch
        assert end.model.metadata["config"]["batch_size"] == tried[-1]
        told = [event.detail for event in only(PhaseChanged, events) if "not enough memory" in event.detail]
        assert len(told) == len(tried) - 1
        history = RunHistory()
        history.extend(events)
        assert history.steps_per_epoch == starts[-1].steps_per_epoch


def test_that_a_setting_changed_while_running_stays_changed_when_the_batch_is_halved(few, monkeypatch):
    learn = TrainingFunctions.learn

    def short_of_memory(self, batches, factors):
        if batches.shape[1] > 100:
            raise MemoryError
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", short_of_memory)
    control = Control()
    control.set_live("learning_rate", 0.005)
    events = run(replace(CONFIG, batch_size=200, epochs=1), few, control)
    assert [start.config.learning_rate for start in only(RunStarted, events)] == [0.1, 0.005]
    plain = run(replace(CONFIG, batch_size=100, epochs=1, learning_rate=0.005), few)
    assert losses_of(events) == losses_of(plain)


def test_that_digits_are_read_in_smaller_handfuls_where_memory_is_short(few, monkeypatch):
    judge, lengths = TrainingFunctions.judge, []

    def short_of_memory(self, places):
        lengths.append(len(places))
        if len(places) > 30:
            raise MemoryError
        return judge(self, places)

    plain = run(CONFIG, few)[-1]
    monkeypatch.setattr(TrainingFunctions, "judge", short_of_memory)
    end = run(CONFIG, few)[-1]
    assert isinstance(end, RunFinished)
    assert (end.validation_error, end.test_error) == (plain.validation_error, plain.test_error)
    assert lengths[:3] == [100, 50, 25]
    assert max(lengths[2:]) == 25, "what did not fit is not tried again"


def test_that_where_not_even_a_handful_can_be_read_the_run_ends_in_words(few, monkeypatch):
    def short_of_memory(_self, _places):
        raise RuntimeError(SAID)

    monkeypatch.setattr(TrainingFunctions, "judge", short_of_memory)
    end = run(CONFIG, few)[-1]
    assert isinstance(end, RunFailed)
    assert "not enough memory" in end.message


def test_that_a_finished_run_stays_finished_without_memory_to_calibrate_its_model(mnist, monkeypatch):
    def short_of_memory(*_arguments, **_settings):
        raise MemoryError

    monkeypatch.setattr("mnist_gui.engine.trainer.calibrated", short_of_memory)
    end = run(CONFIG, part_of(mnist, 500, 300, 100))[-1]
    assert isinstance(end, RunFinished)
    assert end.test_error is not None
    assert end.model.calibration is None


def test_that_a_launch_without_memory_is_made_step_by_step_with_the_same_digits(few, monkeypatch):
    plain = losses_of(run(CONFIG, few))
    learn, tried = TrainingFunctions.learn, []

    def short_of_memory(self, batches, factors):
        tried.append(len(batches))
        if len(batches) > 1:
            raise MemoryError
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", short_of_memory)
    monkeypatch.setattr("mnist_gui.engine.trainer.launch_sizes", lambda *_arguments: (1, 10))
    assert losses_of(run(CONFIG, few)) == plain
    assert tried.count(10) == 1, "a whole epoch, at the beginning of one"


def test_that_without_memory_for_variants_the_run_ends_in_words(few, monkeypatch):
    def short_of_memory(*_arguments):
        raise MemoryError

    monkeypatch.setattr("mnist_gui.engine.trainer.with_variants", short_of_memory)
    end = run(replace(CONFIG, variants=50.0), few)[-1]
    assert isinstance(end, RunFailed)
    assert "not enough memory" in end.message
