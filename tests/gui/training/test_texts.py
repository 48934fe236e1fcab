from pathlib import Path

import pytest
from scripted_session import typical_events

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import (
    HyperparameterChanged,
    Phase,
    PhaseChanged,
    Ready,
    RunFailed,
    RunFinished,
    RunStarted,
    StopReason,
)
from mnist_gui.engine.history import RunHistory
from mnist_gui.gui.training.readings import as_csv, change_text, reading_at
from mnist_gui.gui.training.texts import (
    digit_text,
    duration,
    error_text,
    loss_text,
    outcome_text,
    phase_text,
    plan_text,
    saved_text,
)
from mnist_gui.session.states import RunState


@pytest.fixture
def history():
    history = RunHistory()
    history.extend([RunStarted(TrainingConfig(epochs=20), 431_080, 391, 50_000), *typical_events(800)])
    return history


def test_that_augmentation_says_on_which_digit_it_is_shown_and_how_to_have_another(tiny_dataset):
    label = tiny_dataset.labels[7]
    assert digit_text(tiny_dataset, 7, selected=True) == f"Digit 7, a {label}. Strengths act at the next step."
    assert digit_text(tiny_dataset, 0, selected=False) == "The first digit. Select another one in Browse."


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (31.9, "00:31"), (3599, "59:59"), (3727, "1:02:07")])
def test_that_a_duration_reads_like_a_clock(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (2.3026, "2.30"),
        (0.04178, "0.0418"),
        (0.00041, "0.000410"),
        (12.34, "12.3"),
        (0, "0"),
        (float("nan"), "not finite"),
    ],
)
def test_that_a_loss_has_three_significant_digits(loss, text):
    assert loss_text(loss) == text


def test_that_an_error_has_hundredths_of_a_percent():
    assert error_text(0.9183) == "0.92 %"


def test_that_the_plan_counts_parameters_and_steps():
    assert plan_text(TrainingConfig(), 50_000) == "LeNet: 431,080 parameters, 390 steps an epoch"
    assert plan_text(TrainingConfig(network="softmax"), 0) == "Softmax regression: 7,850 parameters"


def test_that_each_phase_is_named_with_what_matters_in_it(history):
    assert phase_text(RunState.COMPILING, "LeNet for CPU", 14, None) == "Compiling LeNet for CPU, 00:14"
    assert phase_text(RunState.LOADING, "", 2, None) == "Loading the digits, 00:02"
    training = phase_text(RunState.TRAINING, "Numba on CPU, 2 threads", 99, history)
    assert training == "Training: Numba on CPU, 2 threads (no NVIDIA GPU was found)"
    meanwhile = "interpreter, compiling for CPU, 2 threads"
    history.extend([Ready("CPU, 2 threads", "", "interpreter", 0.4)])
    training = phase_text(RunState.TRAINING, meanwhile, 12, history)
    assert training == "Training on the interpreter while LeNet compiles, 00:12"
    assert phase_text(RunState.TRAINING, meanwhile, 12, history, 40.0).endswith("00:12 of about 00:40")
    history.extend([PhaseChanged(Phase.TESTING, "reading the test digits")])
    assert phase_text(RunState.TRAINING, "reading the test digits", 1, history).startswith("Testing: ")
    assert phase_text(RunState.IDLE, "", 0, history) == ""


@pytest.mark.parametrize("reason", StopReason)
def test_that_each_end_says_which_weights_were_kept_and_how_good_they_are(history, reason):
    history.extend([RunFinished(reason, 800, object(), 2.5, None, 60.0, "CPU")])
    text = outcome_text(history)
    assert "The best weights are those of epoch 2." in text
    assert "Validation error 2.50 %" in text


def test_that_a_missing_test_error_is_explained(history):
    history.outcome = RunFinished(StopReason.COMPLETED, 800, object(), 2.5, None, 60.0, "CPU")
    assert outcome_text(history).endswith("this data set has no test digits, so there is no test error.")
    history.outcome = RunFinished(StopReason.INTERRUPTED, 800, object(), 2.5, None, 60.0, "CPU")
    assert outcome_text(history).endswith("the test error is read only at the end of a run.")
    history.outcome = RunFinished(StopReason.COMPLETED, 800, object(), 2.5, 2.25, 60.0, "CPU")
    assert outcome_text(history).endswith("Validation error 2.50 %, test error 2.25 %.")


def test_that_a_run_stopped_before_its_first_weights_says_so():
    history = RunHistory()
    history.extend([RunFinished(StopReason.INTERRUPTED, 0, None, None, None, 3.0, "")])
    assert outcome_text(history) == "Stopped at step 0. There are no weights to keep yet."


def test_that_a_failure_is_told_in_its_own_words(history):
    history.extend([RunFailed("The loss is not finite. Try a smaller learning rate.", "", 800, None, None)])
    assert outcome_text(history) == "The loss is not finite. Try a smaller learning rate."


def test_that_the_home_folder_is_shortened_and_long_paths_can_break():
    assert saved_text(Path.home() / "runs" / "a.safetensors").replace("\u200b", "") == "Saved as ~/runs/a.safetensors"
    assert "\u200b" in saved_text(Path("/data/runs/a.safetensors"))


def test_that_a_reading_names_step_epoch_change_losses_and_the_last_validation(history):
    history.extend([HyperparameterChanged(500, "learning_rate", 0.005)])
    assert reading_at(history, 391).error == error_text(history.validations[0].error)
    assert reading_at(history, 390).error == ""
    assert reading_at(history, 391).place == "step 391, epoch 1.00"
    assert reading_at(history, 600).place == "step 600, epoch 1.53, learning rate 0.005"
    assert reading_at(history, 1).loss == f"{loss_text(history.losses[0])}, smoothed {loss_text(history.smoothed[0])}"


def test_that_abbreviations_stay_as_they_are_within_a_sentence():
    assert change_text(HyperparameterChanged(1, "weight_decay", 0.0001)) == "L2 penalty 0.0001"
    assert change_text(HyperparameterChanged(1, "momentum", 0.95)) == "momentum 0.95"


def test_that_the_csv_has_a_line_a_step_with_validations_and_the_settings_in_force(history):
    history.extend([HyperparameterChanged(500, "learning_rate", 0.005), HyperparameterChanged(700, "momentum", 0.5)])
    lines = [line.split(",") for line in as_csv(history).splitlines()]
    assert len(lines) == 801
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert [rows[n]["learning_rate"] for n in (0, 498, 499, 799)] == ["0.02", "0.02", "0.005", "0.005"]
    assert [rows[n]["momentum"] for n in (698, 699)] == ["0.9", "0.5"]
    assert float(rows[390]["validation_error_percent"]) == history.validations[0].error
    assert rows[391]["validation_error_percent"] == ""
    assert float(rows[17]["loss"]) == pytest.approx(history.losses[17], rel=1e-6)
