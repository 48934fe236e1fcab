"""The command line as a process: what only shows in one."""

import json
import os
import signal
import subprocess
import sys

import pytest

from mnist_gui import __version__

WITHOUT_QT = "import sys; sys.modules['PyQt6'] = None; from mnist_gui.__main__ import main; sys.exit(main())"


def program(*arguments, code=None, **options):
    command = [sys.executable, *(("-c", code) if code else ("-m", "mnist_gui")), *map(str, arguments)]
    options = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run(command, **options)


def test_that_the_version_is_told():
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"mnist-gui {__version__}\n")


@pytest.mark.parametrize("command", [(), ("train",), ("evaluate",), ("classify",)], ids=lambda words: " ".join(words))
def test_that_help_fits_80_columns_and_tells_the_exit_codes(command):
    done = program(*command, "--help", env=os.environ | {"COLUMNS": "80"})
    assert done.returncode == 0
    assert done.stderr == ""
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "130 interrupted by Ctrl+C" in done.stdout


def test_that_a_word_that_is_no_command_is_wrong_use():
    done = program("learn")
    assert done.returncode == 2
    assert "invalid choice: 'learn'" in done.stderr


def test_that_without_qt_stroke_files_and_data_are_read_in_a_fresh_process(mnist_model, tmp_path, files):
    strokes = tmp_path / "one.jsonl"
    strokes.write_text('{"strokes": [[[0, 0], [0, 9]]]}\n')
    done = program("classify", strokes, "digit.png", "--checkpoint", mnist_model, "--json", code=WITHOUT_QT)
    assert done.returncode == 1
    assert "digit.png: pictures cannot be read without Qt" in done.stderr
    assert len(json.loads(done.stdout)["probabilities"]) == 10

    done = program("evaluate", mnist_model, "--data", files, "--json", code=WITHOUT_QT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["count"] == 20


@pytest.mark.slow
def test_that_without_qt_a_network_is_trained(files, tmp_path):
    done = program(
        "train", "--network", "softmax", "--updates", "sgd", "--epochs", 1, "--batch-size", 20, "--data", files,
        "--output", tmp_path, "--json", code=WITHOUT_QT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    end = json.loads(done.stdout.splitlines()[-1])
    assert end["event"] == "RunFinished"
    assert os.path.exists(end["checkpoint"])  # noqa: PTH110


@pytest.mark.parametrize("arguments", [(), ("--data", "somewhere"), ("screenshot", "somewhere")])
def test_that_without_qt_the_window_says_so_and_ends_with_code_2(arguments):
    done = program(*arguments, code=WITHOUT_QT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "PyQt6 is not installed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs process groups")
def test_that_ctrl_c_while_compiling_ends_the_run_in_good_order(files, tmp_path):
    """A terminal sends the signal to the compiling child as well."""
    command = ["train", "--network", "softmax", "--updates", "sgd", "--data", files, "--output", tmp_path, "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_gui", *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"MNIST_GUI_COMPILE_FOLDER": str(tmp_path / "cold")},
    )
    with process:
        for line in process.stdout:
            if '"compiling"' in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    end = json.loads(out.splitlines()[-1])
    assert end["event"] == "RunFinished"
    assert end["reason"] == "interrupted"
    assert end["checkpoint"] is None
    assert err == ""


@pytest.mark.skipif(os.name != "posix", reason="needs pipes that break")
def test_that_a_reader_of_the_output_that_goes_away_is_no_traceback(mnist_model, tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_text('{"strokes": [[[0, 0], [0, 9]]]}\n' * 600)
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_gui", "classify", str(path), "--checkpoint", str(mnist_model), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert err == ""
