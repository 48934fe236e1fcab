"""The training loop, on the interpreter and on few digits: nothing is compiled here."""

import pickle
import threading
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from short_runs import losses_of, only, part_of, short_run

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import Device, TrainingConfig, Updates
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Paused,
    Phase,
    PhaseChanged,
    Ready,
    Resumed,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    Validated,
    WeightsReady,
)
from mnist_gui.engine.functions import Judged, TrainingFunctions

CONFIG = TrainingConfig(network="softmax", updates=Updates.SGD, learning_rate=0.1, batch_size=50, epochs=3, patience=0)
run = partial(short_run, compiler=Compiler.INTERPRETER)


def test_that_a_run_tells_its_story_from_start_to_exactly_one_end(few):
    events = run(CONFIG, few)
    assert isinstance(events[0], RunStarted)
    assert events[0].parameters == 7850
    assert events[0].steps_per_epoch == 10
    assert [event.phase for event in only(PhaseChanged, events)] == list(Phase)
    assert len(only(Ready, events)) == 1
    assert [event.step for event in only(Validated, events)] == [10, 20, 30]
    assert len(losses_of(events)) == 30
    firsts = [event.first for event in only(StepsDone, events)]
    assert firsts == sorted(firsts)
    assert firsts[0] == 1
    for told in only(StepsDone, events):
        assert (told.first - 1) // 10 + 1 <= told.epoch == (told.first + len(told.losses) - 2) // 10 + 1
    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.reason is StopReason.COMPLETED
    assert end.step == 30
    assert len(only(RunFinished | RunFailed, events)) == 1


def test_that_a_run_knows_how_long_it_took_and_what_made_its_steps(few):
    began = time.monotonic()
    events = run(CONFIG, few)
    took, end = time.monotonic() - began, events[-1]
    (ready,) = only(Ready, events)
    assert 0 < ready.seconds < end.seconds <= took
    assert end.model.metadata["compilers"] == [[1, ready.compiler]]


def test_that_the_first_call_of_a_function_says_nothing_of_the_speed(few):
    first, *others = only(StepsDone, run(CONFIG, few))
    assert first.digits_per_second == first.seconds == 0
    assert others[-1].digits_per_second > 0


def test_that_every_event_survives_a_pickle(few):
    for event in run(CONFIG, few):
        copy = pickle.loads(pickle.dumps(event))
        assert type(copy) is type(event)


def test_that_the_loss_falls_and_the_digits_are_learnt(few):
    events = run(replace(CONFIG, epochs=20), few)
    losses = losses_of(events)
    assert losses[0] == pytest.approx(np.log(10), rel=0.2)
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:3])
    assert events[-1].validation_error < 30
    assert events[-1].test_error < 35


def test_that_the_same_seed_gives_the_same_losses_bit_for_bit_and_another_seed_others(few):
    first, second, other = (losses_of(run(replace(CONFIG, seed=seed), few)) for seed in (3, 3, 4))
    assert first == second
    assert first != other


def test_that_every_epoch_sees_each_training_digit_once_and_never_another(few, monkeypatch):
    seen = []
    learn = TrainingFunctions.learn

    def look(self, batches, factors):
        seen.extend(batches.copy())
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", look)
    run(replace(CONFIG, epochs=2), few)
    for epoch in (seen[:10], seen[10:]):
        assert sorted(np.concatenate(epoch)) == list(range(500))
    assert list(np.concatenate(seen[:10])) != list(np.concatenate(seen[10:]))


def test_that_training_and_choosing_never_touch_the_test_digits(few):
    spoilt = Dataset("part", few.images.copy(), few.labels.copy(), few.sizes)
    images = few.images.copy()
    images[600:] = np.random.default_rng(0).integers(0, 256, (100, 28, 28), np.uint8)
    spoilt = Dataset("part", images, few.labels.copy(), few.sizes)
    honest, blind = run(CONFIG, few), run(CONFIG, spoilt)
    assert losses_of(honest) == losses_of(blind)
    assert [event.error for event in only(Validated, honest)] == [event.error for event in only(Validated, blind)]
    assert honest[-1].test_error != blind[-1].test_error


def test_that_the_model_of_the_end_is_the_one_with_the_lowest_validation_error(few):
    """A learning rate that grows spoils what was learnt: the last weights are not the best."""

    def spoil(event, control):
        if isinstance(event, Validated) and event.step == 100:
            control.set_live("learning_rate", 10.0)

    events = run(replace(CONFIG, epochs=20), few, on_event=spoil)
    validated = only(Validated, events)
    best = min(validated, key=lambda event: event.error)
    end = events[-1]
    assert end.validation_error == best.error < validated[-1].error
    assert end.model.metadata["step"] == best.step

    from mnist_gui.engine.classifier import Classifier, error_and_loss

    error, loss = error_and_loss(
        Classifier(end.model).probabilities(few.images_of(Split.VALIDATION)), few.labels_of(Split.VALIDATION)
    )
    assert error == pytest.approx(best.error)
    assert loss == pytest.approx(best.loss, rel=1e-4)


def test_that_a_stopped_run_keeps_its_best_weights_and_does_not_read_the_test_digits(few):
    def stop(event, control):
        if isinstance(event, Validated) and event.step == 20:
            control.stop()

    events = run(replace(CONFIG, epochs=1000), few, on_event=stop)
    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.reason is StopReason.INTERRUPTED
    assert end.step == 20
    assert end.validation_error == min(event.error for event in only(Validated, events))
    assert end.test_error is None
    assert end.model is not None
    assert Phase.TESTING not in [event.phase for event in only(PhaseChanged, events)]


def test_that_a_run_stopped_before_its_first_validation_hands_over_its_latest_weights(few):
    control = Control(paused=True, steps=3)

    def stop(event, control):
        if isinstance(event, Paused) and event.step == 3:
            control.stop()

    end = run(CONFIG, few, control, stop)[-1]
    assert end.step == 3
    assert end.model is not None
    assert end.validation_error is None


def test_that_a_run_stopped_before_its_first_step_has_no_model(few):
    control = Control()
    control.stop()
    end = run(CONFIG, few, control)[-1]
    assert isinstance(end, RunFinished)
    assert (end.step, end.model) == (0, None)


def test_that_one_step_is_one_minibatch_and_then_the_run_waits(few):
    control = Control(paused=True, steps=1)
    done = threading.Event()
    pauses = []

    def watch(event, control):
        if isinstance(event, Paused):
            pauses.append(event.step)
            if event.step == 1:
                control.step()
            else:
                done.set()
                control.stop()

    events = run(CONFIG, few, control, watch)
    assert done.is_set()
    assert pauses == [1, 2]
    assert len(losses_of(events)) == 2


def test_that_a_paused_run_goes_on_as_if_it_had_not_been_paused(few):
    def pause_and_resume(event, control):
        if isinstance(event, WeightsReady | StepsDone) and not paused:
            paused.append(event)
            control.pause()
        if isinstance(event, Paused):
            control.resume()

    paused: list = []
    events = run(replace(CONFIG, epochs=40), few, on_event=pause_and_resume)
    assert only(Paused, events)
    assert only(Resumed, events)
    assert losses_of(events) == losses_of(run(replace(CONFIG, epochs=40), few))


def test_that_a_learning_rate_changed_while_running_acts_at_the_next_step_and_is_an_event(few):
    """A rate of next to nothing freezes the weights: from there on the epoch's validation does not change."""

    def freeze(event, control):
        if isinstance(event, Validated) and event.step == 10:
            control.set_live("learning_rate", 1e-6)

    events = run(replace(CONFIG, epochs=4), few, on_event=freeze)
    assert only(HyperparameterChanged, events) == [HyperparameterChanged(11, "learning_rate", 1e-6)]
    validations = only(Validated, events)
    assert validations[1].loss == pytest.approx(validations[0].loss, rel=1e-4)
    assert validations[3].loss == pytest.approx(validations[0].loss, rel=1e-4)


def test_that_a_run_without_progress_stops_early(few):
    events = run(replace(CONFIG, epochs=50, patience=2, learning_rate=1e-6), few)
    end = events[-1]
    assert end.reason is StopReason.EARLY_STOPPED
    assert end.step == 30
    assert end.test_error is not None


def test_that_validation_every_n_steps_comes_every_n_steps_and_after_the_last(few):
    events = run(replace(CONFIG, epochs=2, validate_every=8), few)
    assert [event.step for event in only(Validated, events)] == [8, 16, 20]


def test_that_a_loss_that_is_not_finite_ends_the_run_with_a_hint_and_the_best_weights(few):
    def explode(event, control):
        if isinstance(event, Validated) and event.step == 20:
            control.set_live("learning_rate", 1e30)

    events = run(replace(CONFIG, network="dense 8, relu, dense 10", epochs=50), few, on_event=explode)
    end = events[-1]
    assert isinstance(end, RunFailed)
    assert "no longer finite" in end.message
    assert "try 1e+29" in end.message
    assert end.step <= 24
    assert end.validation_error == min(event.error for event in only(Validated, events))
    assert all(np.isfinite(array).all() for array in end.model.weights.values())


def test_that_weights_that_are_not_finite_are_never_the_best(few, monkeypatch):
    look, judge = [], TrainingFunctions.judge

    def spoil(self, places):
        look.append(self)
        if len(look) == 2:
            self.reader.parameters["dense1.b"].set_value(np.full(10, np.inf, np.float32))
            return Judged(1.0, 0, np.zeros((len(places), 10), np.float32))
        return judge(self, places)

    monkeypatch.setattr(TrainingFunctions, "judge", spoil)
    end = run(CONFIG, few)[-1]
    assert isinstance(end, RunFailed)
    assert "no longer finite after step 20" in end.message
    assert end.model.metadata["step"] == 10


def test_that_a_batch_larger_than_the_data_fails_in_one_sentence(few):
    end = run(replace(CONFIG, batch_size=501), few)[-1]
    assert isinstance(end, RunFailed)
    assert end.message == "The batch size 501 is larger than the 500 training digits."


def test_that_a_device_that_is_not_there_fails_in_one_sentence(few, monkeypatch):
    monkeypatch.setattr("mnist_gui.engine.backend._why_no_gpu", lambda: "this computer has no NVIDIA driver")
    end = run(replace(CONFIG, device=Device.CUDA), few)[-1]
    assert isinstance(end, RunFailed)
    assert end.message == "No NVIDIA GPU can be used: this computer has no NVIDIA driver"


def test_that_without_test_digits_there_is_no_test_error_and_no_test_phase(few):
    events = run(CONFIG, part_of(few, 500, 100, 0))
    assert events[-1].test_error is None
    assert Phase.TESTING not in [event.phase for event in only(PhaseChanged, events)]


def test_that_whatever_breaks_the_run_ends_with_an_event(few, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("for the test")

    monkeypatch.setattr("mnist_gui.engine.functions.TrainingFunctions.judge", broken)
    end = run(CONFIG, few)[-1]
    assert isinstance(end, RunFailed)
    assert end.message == "ZeroDivisionError: for the test"
    assert "Traceback" in end.details


def test_that_snapshots_of_the_weights_are_copies(few, monkeypatch):
    monkeypatch.setattr("mnist_gui.engine.reporting.SNAPSHOT_SECONDS", 0.0)
    snapshots = only(WeightsReady, run(CONFIG, few))
    assert [snapshot.step for snapshot in snapshots] == list(range(31))
    assert [snapshot.model.metadata["step"] for snapshot in snapshots] == list(range(31))
    first, last = snapshots[0].model.weights["dense1.W"], snapshots[-1].model.weights["dense1.W"]
    assert not np.array_equal(first, last)


def test_that_the_first_and_the_last_weights_of_a_run_are_shown_however_short_it_is(few, monkeypatch):
    monkeypatch.setattr("mnist_gui.engine.reporting.SNAPSHOT_SECONDS", 1e9)
    monkeypatch.setattr("mnist_gui.engine.reporting.FIRST_SNAPSHOT_SECONDS", 1e9)
    assert [snapshot.step for snapshot in only(WeightsReady, run(CONFIG, few))] == [0, 30]


def test_that_stop_is_heard_while_functions_are_built(few):
    def stop(event, control):
        if isinstance(event, PhaseChanged) and event.phase is Phase.COMPILING:
            control.stop()

    events = run(CONFIG, few, on_event=stop)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].step == 0
    assert not only(Ready, events)
