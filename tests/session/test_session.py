from dataclasses import replace

import numpy as np
import pytest
from session_fakes import FakeClassifier, digit, make_model, scripted_train

from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.events import (
    Paused,
    Phase,
    PhaseChanged,
    Resumed,
    RunFailed,
    RunFinished,
    RunStarted,
    StepsDone,
    StopReason,
    WeightsReady,
)
from mnist_gui.engine.history import RunHistory
from mnist_gui.session.run import Run
from mnist_gui.session.session import Asker, RunState, Session
from mnist_gui.session.settings import Settings

CONFIG = TrainingConfig(network="softmax", updates=Updates.SGD, epochs=2)
ENDLESS = TrainingConfig(network="softmax", updates=Updates.SGD, epochs=10_000, patience=0)


@pytest.fixture
def make_session(tmp_path):
    made = []

    def make(train=scripted_train):
        session = Session(
            Settings(tmp_path / "settings.json"), train=train, make_classifier=FakeClassifier, runs=tmp_path / "runs"
        )
        made.append(session)
        return session

    yield make
    for session in made:
        assert session.close()


@pytest.fixture
def session(make_session, tiny_dataset, monkeypatch, qtbot):
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    session = make_session()
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    return session


@pytest.fixture
def model_file(tmp_path):
    path = tmp_path / "some.safetensors"
    checkpoint.save(make_model(0.0, name="Softmax", test_error=7.5), path)
    return path


def open_model(session, path, qtbot):
    with qtbot.waitSignal(session.model_changed):
        session.open_model(path)


def wait_for(qtbot, session, state):
    qtbot.waitUntil(lambda: session.run_state is state, timeout=5000)


# ---- data set
def test_that_a_data_set_is_read_in_the_background_and_named_meanwhile(make_session, tiny_dataset, monkeypatch, qtbot):
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    session = make_session()
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
        assert session.loading == "MNIST"
        assert session.dataset is None
    assert session.loading == ""
    assert session.dataset is tiny_dataset


def test_that_what_a_reader_noticed_in_a_data_set_is_told(make_session, tiny_dataset, monkeypatch, qtbot):
    odd = replace(tiny_dataset, notes=("One thing was odd.", "Another was, too."))
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: odd)
    session, told = make_session(), []
    session.notice.connect(told.append)
    session.open_dataset(None)
    qtbot.waitUntil(lambda: told == ["One thing was odd.", "Another was, too."])


def test_that_a_file_that_is_no_data_set_leaves_the_present_one_and_says_why(session, tiny_dataset, tmp_path, qtbot):
    bad = tmp_path / "train-images-idx3-ubyte"
    bad.write_bytes(b"<html>")
    with qtbot.waitSignal(session.problem) as signal:
        session.open_dataset(bad)
    sentence, details = signal.args
    assert "train-images-idx3-ubyte" in sentence
    assert details == ""
    assert session.dataset is tiny_dataset
    assert session.loading == ""
    assert session.settings.values.recent_datasets == []


def test_that_another_data_set_ends_the_selection(session, qtbot):
    session.select(3)
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    assert session.selection is None


def test_that_a_digit_that_does_not_exist_cannot_be_selected(session):
    with pytest.raises(IndexError):
        session.select(240)


# ---- model
def test_that_an_opened_model_is_named_by_its_file_and_remembered(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    assert session.model_source == "some.safetensors: Softmax, 7.50 % test error"
    assert session.settings.values.recent_models == [str(model_file)]


def test_that_a_damaged_model_leaves_the_present_one(session, model_file, tmp_path, qtbot):
    open_model(session, model_file, qtbot)
    before = session.model
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(model_file.read_bytes()[:-1])
    with qtbot.waitSignal(session.problem) as signal:
        session.open_model(damaged)
    assert "damaged.safetensors" in signal.args[0]
    assert session.model is before


def test_that_a_saved_model_can_be_opened_again(session, model_file, tmp_path, qtbot):
    open_model(session, model_file, qtbot)
    with qtbot.waitSignal(session.saved) as signal:
        session.save_model(tmp_path / "copy")
    assert signal.args == [tmp_path / "copy.safetensors"]
    assert checkpoint.load(tmp_path / "copy.safetensors").metadata["test_error"] == 7.5


def test_that_a_model_that_cannot_be_saved_is_a_problem_that_is_told(session, model_file, tmp_path, qtbot):
    open_model(session, model_file, qtbot)
    with qtbot.waitSignal(session.problem) as signal:
        session.save_model(tmp_path / "no such folder" / "model.safetensors")
    assert "not saved" in signal.args[0]


# ---- reading digits
def test_that_an_image_is_answered_by_the_model(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    with qtbot.waitSignal(session.answered) as signal:
        session.ask(Asker.CANVAS, digit(7))
    assert signal.args[0] == "canvas"
    assert signal.args[1].digit == 7


def test_that_several_images_are_answered_together_and_again_by_the_next_model(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    images = np.stack([digit(7), digit(2), digit(5)])
    with qtbot.waitSignal(session.all_answered) as signal:
        session.ask_all(Asker.PINS, images)
    asker, predictions, model = signal.args
    assert asker == "pins"
    assert [prediction.digit for prediction in predictions] == [7, 2, 5]
    assert model is session.model
    with qtbot.waitSignal(session.all_answered) as signal:
        session.open_model(model_file)
    assert signal.args[0] == "pins"
    assert signal.args[2] is not model


def test_that_without_a_model_the_answer_is_none_and_comes_when_there_is_one(session, model_file, qtbot):
    with qtbot.waitSignal(session.answered) as signal:
        session.ask(Asker.BROWSER, digit(4))
    assert signal.args == ["browser", None]
    with qtbot.waitSignal(session.answered) as signal:
        session.open_model(model_file)
    assert signal.args[1].digit == 4


def test_that_the_whole_data_set_is_read_on_request(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    assert session.predictions is None
    session.request_predictions()
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0)
    assert session.predictions.shape == (240, 10)
    np.testing.assert_allclose(session.predictions.sum(axis=1), 1.0, rtol=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        session.predictions[0] = 0


def test_that_another_model_makes_predictions_stale_and_has_them_read_again(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    session.request_predictions()
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0)
    first = session.predictions
    open_model(session, model_file, qtbot)
    assert session.predictions_progress < 1.0
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0)
    assert session.predictions is not first


def test_that_reading_all_digits_can_be_stopped_and_continued(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    session.request_predictions()
    session.reading.stop()
    assert session.reading.stopped
    qtbot.wait(20)
    assert session.predictions_progress <= 1.0
    session.request_predictions()
    assert session.reading.stopped or session.predictions_progress == 1.0
    session.reading.resume()
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0)
    assert not np.isnan(session.predictions).any()


def test_that_another_data_set_drops_the_predictions_of_the_old_one(session, model_file, qtbot):
    open_model(session, model_file, qtbot)
    session.request_predictions()
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0)
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0 and session.predictions is not None)


# ---- the run
def test_that_a_finished_run_is_saved_by_itself_and_its_model_taken(session, tmp_path, qtbot):
    with qtbot.waitSignal(session.saved) as signal:
        session.start_training(CONFIG)
    assert session.run_state is RunState.IDLE
    assert session.history.step == 20
    assert signal.args[0].parent == tmp_path / "runs"
    assert checkpoint.load(signal.args[0]).metadata["validation_error"] == 9.0
    assert session.model.metadata["validation_error"] == 9.0
    assert session.settings.values.training == CONFIG.to_dict()


def test_that_while_a_run_goes_on_its_newest_weights_are_the_model(session, qtbot):
    with qtbot.waitSignal(session.model_changed):
        session.start_training(ENDLESS)
    assert session.model_source.startswith("in training, step ")
    session.stop_training()
    assert session.run_state is RunState.STOPPING
    wait_for(qtbot, session, RunState.IDLE)


def test_that_two_runs_of_the_same_second_are_saved_in_two_files(session, tmp_path, qtbot):
    for _ in range(2):
        with qtbot.waitSignal(session.saved):
            session.start_training(CONFIG)
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_that_a_stopped_run_keeps_its_best_weights(session, qtbot):
    with qtbot.waitSignal(session.model_changed):
        session.start_training(ENDLESS)
    with qtbot.waitSignal(session.saved):
        session.stop_training()
    assert session.model.metadata["validation_error"] == 9.0


def test_that_a_step_without_a_run_starts_one_that_pauses_after_one_minibatch(session, qtbot):
    session.step_training(CONFIG)
    wait_for(qtbot, session, RunState.PAUSED)
    assert session.history.step == 1
    session.step_training(CONFIG)
    qtbot.waitUntil(lambda: session.history.step == 2)
    wait_for(qtbot, session, RunState.PAUSED)
    session.resume_training()
    wait_for(qtbot, session, RunState.IDLE)
    assert session.history.step == 20


def test_that_a_run_can_be_paused(session, qtbot):
    session.start_training(ENDLESS)
    wait_for(qtbot, session, RunState.TRAINING)
    session.pause_training()
    wait_for(qtbot, session, RunState.PAUSED)
    step = session.history.step
    session.stop_training()
    wait_for(qtbot, session, RunState.IDLE)
    assert session.history.step == step


def test_that_starting_while_a_run_goes_on_changes_nothing(session, qtbot):
    session.start_training(ENDLESS)
    history = session.history
    session.start_training(CONFIG)
    assert session.history is history
    session.stop_training()
    wait_for(qtbot, session, RunState.IDLE)


def test_that_a_run_that_was_stopped_before_its_first_step_gives_the_old_model_back(
    make_session, tiny_dataset, model_file, monkeypatch, qtbot
):
    def wait(config, dataset, emit, control, threads):
        control.pause()
        emit(PhaseChanged(Phase.COMPILING, "for ever"))
        control.wait_for_turn(lambda: None, lambda: None)
        emit(RunFinished(StopReason.INTERRUPTED, 0, None, None, None, 0.0, "CPU"))

    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    session = make_session(wait)
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    open_model(session, model_file, qtbot)
    before = session.model, session.model_source
    session.start_training(CONFIG)
    wait_for(qtbot, session, RunState.COMPILING)
    session.stop_training()
    wait_for(qtbot, session, RunState.IDLE)
    assert (session.model, session.model_source) == before


def test_that_a_failed_run_tells_its_problem_and_gives_the_old_model_back(
    make_session, tiny_dataset, model_file, monkeypatch, qtbot
):
    def fail(config, dataset, emit, control, threads):
        emit(RunStarted(config, 7850, 10, 200))
        emit(WeightsReady(1, make_model(0.5, step=1)))
        raise ValueError("out of cheese")

    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    session = make_session(fail)
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    open_model(session, model_file, qtbot)
    before, seen = (session.model, session.model_source), []
    session.model_changed.connect(lambda: seen.append(session.model_source))
    with qtbot.waitSignal(session.problem) as signal:
        session.start_training(CONFIG)
    assert "out of cheese" in signal.args[0]
    assert "Traceback" in signal.args[1]
    assert isinstance(session.history.outcome, RunFailed)
    assert seen == ["in training, step 1", before[1]]
    assert (session.model, session.model_source) == before
    wait_for(qtbot, session, RunState.IDLE)


def test_that_closing_while_a_run_goes_on_saves_its_best_weights(session, tmp_path, qtbot):
    with qtbot.waitSignal(session.model_changed):
        session.start_training(ENDLESS)
    qtbot.waitUntil(lambda: session.history.step >= 10)
    assert session.close()
    (saved,) = (tmp_path / "runs").iterdir()
    assert checkpoint.load(saved).metadata["validation_error"] == 9.0


def test_that_a_run_is_not_started_without_digits(make_session, qtbot):
    session = make_session()
    with qtbot.waitSignal(session.notice):
        session.start_training(CONFIG)
    assert session.run_state is RunState.IDLE


def test_that_a_model_cannot_be_opened_over_one_in_training(session, model_file, qtbot):
    session.start_training(ENDLESS)
    with qtbot.waitSignal(session.notice) as told:
        session.open_model(model_file)
    assert "stop the run to open another one" in told.args[0]
    session.stop_training()
    wait_for(qtbot, session, RunState.IDLE)
    assert "some.safetensors" not in session.model_source


def test_that_companions_are_ended_with_the_session(session):
    ended = []
    session.at_close(lambda: ended.append("pins"))
    session.close()
    assert ended == ["pins"]


def test_that_a_pause_does_not_restart_the_clock_of_the_phase(qapp, monkeypatch):
    now = 100.0
    monkeypatch.setattr("mnist_gui.session.run.time.monotonic", lambda: now)
    run = Run()
    run.history = RunHistory()
    run._take([PhaseChanged(Phase.TRAINING, "interpreter, compiling")])
    now = 110.0
    run._take([Paused(5)])
    assert run.state is RunState.PAUSED
    now = 115.0
    run._take([Resumed(5)])
    assert run.state is RunState.TRAINING
    assert run.phase_seconds == pytest.approx(15.0)


@pytest.mark.parametrize("together", [True, False])
def test_that_a_run_that_begins_anew_has_a_new_history(together, qapp):
    run = Run()
    run.history = RunHistory()
    first = [RunStarted(CONFIG, 7850, 10, 200), StepsDone(1, (2.0, 1.0), 1, 1000.0, 0.1)]
    second = [RunStarted(CONFIG, 7850, 20, 200), StepsDone(1, (3.0,), 1, 1000.0, 0.1)]
    for events in [first + second] if together else [first, second]:
        run._take(events)
    assert run.history.steps_per_epoch == 20
    assert run.history.losses.tolist() == [3.0]
