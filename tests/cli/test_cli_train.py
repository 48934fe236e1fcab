import io
import json
import os
import signal
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest

from mnist_gui.cli.options import make_parser
from mnist_gui.cli.progress import Progress
from mnist_gui.cli.train import config_from
from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.events import Phase, PhaseChanged, Ready, RunStarted, StepsDone, Validated
from mnist_gui.engine.presets import PRESETS, SUGGESTED_LEARNING_RATE

SHORT = ("train", "--network", "softmax", "--epochs", 2, "--batch-size", 20, "--device", "cpu")


@pytest.fixture
def train(run, interpreted, files, tmp_path):
    def call(*arguments):
        return run(*SHORT, "--data", files, "--output", tmp_path / "out", *arguments)

    return call


def config_of(*arguments):
    return config_from(make_parser().parse_args(["train", *arguments]))


def test_that_every_setting_of_a_run_is_an_option_and_reaches_it():
    given = {
        "network": "conv 5x5x4, relu, dense 10", "updates": "adamw", "learning_rate": 0.5, "momentum": 0.25,
        "square_decay": 0.9, "batch_size": 7, "schedule": "one-cycle", "warm_up": 0.2, "drop": 0.3, "drop_every": 4,
        "weight_decay": 0.125, "label_smoothing": 0.1, "average": 0.99, "augment": True, "shift": 1.5, "rotation": 7.0,
        "scale": 3.0, "shear": 2.0, "elastic": 0.5, "fade": 40.0, "variants": 4.0, "epochs": 3, "patience": 2,
        "validate_every": 9, "seed": 12, "device": "cpu",
    }  # fmt: skip
    assert list(given) == [item.name for item in fields(TrainingConfig)]
    assert not [name for name, value in TrainingConfig().to_dict().items() if given[name] == value]
    options = {f"--{name.replace('_', '-')}": value for name, value in given.items()}
    arguments = [[option] if value is True else [option, str(value)] for option, value in options.items()]
    assert config_of(*(word for words in arguments for word in words)).to_dict() == given
    assert config_of("--no-augment").augment is False


@pytest.mark.parametrize("preset", list(PRESETS))
def test_that_a_preset_is_overruled_by_options_and_only_by_those(preset):
    expected = PRESETS[preset].config
    assert config_of("--preset", preset) == expected
    assert config_of("--seed", "77", "--preset", preset) == replace(expected, seed=77)
    assert config_of("--preset", preset, "--updates", "sgd") == replace(expected, updates=Updates.SGD)


def test_that_without_options_the_settings_are_those_of_the_window():
    assert config_of() == TrainingConfig()


@pytest.mark.parametrize("updates", list(Updates))
def test_that_the_learning_rate_fits_the_updates_unless_it_is_given(updates):
    assert config_of("--updates", updates).learning_rate == SUGGESTED_LEARNING_RATE[updates]
    assert config_of("--updates", updates, "--learning-rate", "0.3").learning_rate == 0.3
    assert config_of("--updates", updates, "--square-decay", "0.5").square_decay == 0.5


def test_that_json_is_one_event_a_line_from_the_start_of_the_run_to_its_end(train, tmp_path):
    done = train("--json")
    assert done.code == 0
    assert done.err == ""
    names = [line["event"] for line in done.lines]
    assert names[0] == "RunStarted"
    assert done.lines[0]["config"]["network"] == "softmax"
    assert {"PhaseChanged", "Ready", "StepsDone", "Validated"} <= set(names)
    assert "WeightsReady" not in names
    assert sum(len(line["losses"]) for line in done.lines if line["event"] == "StepsDone") == 2 * 9
    end = done.lines[-1]
    assert end["event"] == "RunFinished"
    assert end["reason"] == "completed"
    assert 0 <= end["validation_error"] <= 100
    assert 0 <= end["test_error"] <= 100
    assert end["seconds"] > 0
    assert end["device"].startswith("CPU")
    path = Path(end["checkpoint"])
    assert path.is_absolute()
    assert path.parent == tmp_path / "out"
    model = checkpoint.load(path)
    assert model.network == "dense 10"
    assert model.metadata["test_error"] == end["test_error"]


def test_that_the_same_seed_prints_the_same_losses_and_another_seed_others(train):
    def losses(seed):
        lines = train("--json", "--seed", seed).lines
        return [loss for line in lines if line["event"] == "StepsDone" for loss in line["losses"]]

    first = losses(4)
    assert first == losses(4)
    assert first != losses(5)


def test_that_without_a_terminal_a_run_is_told_in_plain_lines(train):
    done = train()
    assert done.code == 0
    assert done.err == ""
    assert "\x1b" not in done.out
    for part in ("Softmax regression, 7,850 parameters", "compiling: ", "epoch  1.00  validation error", "epoch  2.00",
                 "Done after 18 steps", "test error", "saved as /"):  # fmt: skip
        assert part in done.out


def test_that_two_runs_of_one_second_do_not_overwrite_each_other(train):
    paths = {train("--json").lines[-1]["checkpoint"] for _ in range(3)}
    assert len(paths) == 3
    assert all(Path(path).exists() for path in paths)


def test_that_without_output_a_run_is_saved_where_the_window_saves_its_runs(run, interpreted, files):
    from mnist_gui.engine.runs import runs_folder

    end = run(*SHORT, "--data", files, "--json").lines[-1]
    assert Path(end["checkpoint"]).parent == runs_folder()


def test_that_data_without_test_digits_give_no_test_error_and_it_is_said(
    run, interpreted, files_without_test, tmp_path
):
    arguments = (*SHORT, "--data", files_without_test, "--output", tmp_path)
    done = run(*arguments, "--json")
    assert done.code == 0
    assert done.lines[-1]["test_error"] is None
    assert "test" in done.err
    assert "There is no test error: the data set has no test digits." in run(*arguments).out


def test_that_a_run_that_fails_ends_with_its_event_a_message_and_code_1(train):
    done = train("--json", "--updates", "sgd", "--learning-rate", 10, "--weight-decay", 1, "--epochs", 50)
    assert done.code == 1
    assert done.lines[-1]["event"] == "RunFailed"
    assert "no longer finite" in done.err
    assert done.err.startswith("mnist-gui train: ")
    assert done.err.count("\n") == 1


def test_that_a_batch_larger_than_the_data_is_a_failed_run(train):
    done = train("--json", "--batch-size", 5000)
    assert done.code == 1
    assert done.lines[-1]["event"] == "RunFailed"
    assert "larger than" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--epochs", 0), ("--learning-rate", "nan"), ("--momentum", 1.5), ("--seed", -1), ("--drop", "nan"),
        ("--warm-up", "inf"), ("--label-smoothing", 0.6), ("--average", 1), ("--drop-every", 0), ("--shift", -1),
    ],
)  # fmt: skip
def test_that_a_setting_outside_its_limits_is_wrong_use(train, arguments):
    done = train(*arguments)
    assert done.code == 2
    assert " must be " in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        ("conv 5x5x20, poool 2", "Layer 2, `poool 2`, is not known: did you mean `pool`?"),
        ("transformer", "Layer 1, `transformer`, is not known"),
        ("dense 30, relu", "The last layer must be `dense 10`, one unit for each digit, not `relu`."),
        ("pool 2, conv 15x15x3, dense 10", "the kernel does not fit, the image is 14x14 pixels here."),
        ("", "Layer 1 is empty"),
    ],
)
def test_that_a_network_that_does_not_fit_is_wrong_use_and_its_layer_is_named(train, network, sentence):
    done = train("--network", network)
    assert done.code == 2
    assert done.err.startswith("mnist-gui train: The network does not fit. ")
    assert sentence in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""


def test_that_a_network_of_ones_own_is_trained_and_named_in_its_one_spelling(train):
    end = train("--network", " Dense 6,RELU, dense 10", "--epochs", 1, "--json").lines[-1]
    assert checkpoint.load(Path(end["checkpoint"])).network == "dense 6, relu, dense 10"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--schedule", "warm"),
        ("--preset", "none"),
        ("--epochs", "many"),
        ("--threads", 0),
        ("--epoch", 3),
        ("--what",),
    ],
)
def test_that_an_option_that_is_not_there_is_wrong_use(train, arguments):
    done = train(*arguments)
    assert done.code == 2
    assert "usage:" in done.err


def test_that_a_folder_that_cannot_be_written_is_found_before_training(run, files, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    for folder in (blocked, blocked / "below"):
        done = run(*SHORT, "--data", files, "--output", folder, "--json")
        assert done.code == 1
        assert done.out == ""
        assert f"{folder}: no model can be saved there" in done.err


def test_that_a_model_that_cannot_be_saved_is_a_failed_run(train, monkeypatch):
    def full(_model, _path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    done = train("--json")
    assert done.code == 1
    assert done.lines[-1]["event"] == "RunFailed"
    assert done.lines[-1]["checkpoint"] is None
    assert "No space left on device" in done.err


def test_that_data_that_cannot_be_read_end_with_one_sentence(run, tmp_path):
    done = run("train", "--data", tmp_path / "nowhere", "--output", tmp_path)
    assert done.code == 1
    assert "nowhere" in done.err
    assert "Traceback" not in done.err


def test_that_ctrl_c_saves_the_best_weights_and_ends_with_code_130(train, monkeypatch):
    from mnist_gui.cli.event_lines import EventLines

    tell = EventLines.tell

    def press(self, event, saved):
        tell(self, event, saved)
        if isinstance(event, Validated) and event.epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(EventLines, "tell", press)
    before = signal.getsignal(signal.SIGINT)
    done = train("--json", "--epochs", 1000)
    assert signal.getsignal(signal.SIGINT) is before
    assert done.code == 130
    end = done.lines[-1]
    assert end["event"] == "RunFinished"
    assert end["reason"] == "interrupted"
    assert end["test_error"] is None
    assert end["validation_error"] is not None
    assert checkpoint.load(Path(end["checkpoint"])).metadata["step"] == 9


def test_that_a_second_ctrl_c_does_not_wait_and_still_saves_the_best_weights(train, monkeypatch, tmp_path):
    from mnist_gui.cli.event_lines import EventLines

    tell = EventLines.tell

    def press_twice(self, event, saved):
        tell(self, event, saved)
        if isinstance(event, Validated):
            # The second when the first has been heard: the system counts two that wait as one.
            first = signal.getsignal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            while signal.getsignal(signal.SIGINT) is first:
                time.sleep(0.01)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(EventLines, "tell", press_twice)
    # A shell starts what runs in the background deaf to it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    done = train("--json", "--epochs", 1000)
    signal.signal(signal.SIGINT, before)
    assert done.code == 130
    assert done.lines[-1]["event"] == "RunFailed"
    assert checkpoint.load(Path(done.lines[-1]["checkpoint"])).metadata["step"] == 9


def test_that_a_terminal_of_80_columns_shows_loss_error_speed_and_time_left_in_one_line(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout", screen)
    for name, value in {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}.items():
        monkeypatch.setenv(name, value)
    progress = Progress(TrainingConfig())
    try:
        progress.tell(RunStarted(TrainingConfig(), 1000, 390, 50_000), None)
        progress.tell(PhaseChanged(Phase.COMPILING, "LeNet for CPU, 2 threads"), None)
        progress.tell(Ready("CPU, 2 threads", "the CPU was asked for", "Numba", 40.0), None)
        progress.tell(Validated(390, 1.0, 0.1, 12.34, True), None)
        progress.tell(StepsDone(391, (0.5, 0.5), 2, 12_345.0, 83.0), None)
        progress._bar.refresh()
    finally:
        progress.close()
    text = screen.getvalue()
    assert "loss 0.5000  validation 12.34 %  12,345 digits/s 12:22 left" in text
    assert "epoch 2 of 10 " in text
    assert "best so far" in text
    assert "…" not in text


def test_that_events_hold_nothing_that_json_cannot(train):
    for line in train("--json").out.splitlines():
        assert json.loads(line, parse_constant=pytest.fail)["event"]
