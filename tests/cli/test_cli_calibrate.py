import json

import numpy as np
import pytest
from dataset_files import write_idx

from mnist_gui.engine import checkpoint


@pytest.fixture(scope="module")
def part(tmp_path_factory, mnist):
    """A folder with digits of MNIST: 6,000 for training and validation, 1,000 for test."""
    folder = tmp_path_factory.mktemp("data") / "part"
    for name, digits in {"train": slice(6000), "t10k": slice(60_000, 61_000)}.items():
        write_idx(folder, (mnist.images[digits], mnist.labels[digits]), name)
    return folder


def test_that_a_saved_model_is_calibrated_and_its_answers_stay(run, plain, part, tmp_path):
    path = tmp_path / "calibrated.safetensors"
    done = run("calibrate", plain, path, "--data", part)
    assert done.code == 0
    assert "on part, 1,000 validation digits" in done.out
    assert "calibration error" in done.out
    before, after = checkpoint.load(plain), checkpoint.load(path)
    assert before.calibration is None
    assert after.calibration.count == 1000
    assert after.calibration.error_after < after.calibration.error_before
    assert after.calibration.temperature != 1
    for name, array in before.weights.items():
        np.testing.assert_array_equal(after.weights[name], array)
    assert {**after.metadata, "calibration": None} == {**before.metadata, "calibration": None}


def test_that_it_can_replace_the_file_and_says_its_figures_as_json(run, plain, part):
    (found,) = run("calibrate", plain, plain, "--data", part, "--json").lines
    assert checkpoint.load(plain).calibration.to_dict() == found
    (again,) = run("calibrate", plain, plain, "--data", part, "--json").lines
    assert again == found


def test_that_too_few_validation_digits_are_one_sentence_and_write_nothing(run, plain, files, tmp_path):
    done = run("calibrate", plain, tmp_path / "new.safetensors", "--data", files)
    assert done.code == 1
    assert "too few validation digits" in done.err
    assert not (tmp_path / "new.safetensors").exists()


def test_that_what_is_no_digit_is_called_unsure_and_unlike_any_digit(run, plain, part, tmp_path):
    path = tmp_path / "calibrated.safetensors"
    run("calibrate", plain, path, "--data", part)
    points = np.random.default_rng(2).uniform(0, 260, (60, 2)).tolist()
    shown = tmp_path / "scribble.jsonl"
    shown.write_text(json.dumps({"strokes": [points]}))
    assert "unlike any digit" in run("classify", shown, "--checkpoint", path).out
    (answer,) = run("classify", shown, "--checkpoint", path, "--json").lines
    assert answer["unsure"] is True
    assert "unlike" not in run("classify", shown, "--checkpoint", plain).out


def test_that_a_calibrated_model_is_judged_by_how_far_it_can_be_believed_too(run, mnist_model, plain, part):
    assert checkpoint.load(mnist_model).calibration.count == 500
    assert "calibration error" in run("evaluate", mnist_model, "--data", part).out
    assert "calibration error" not in run("evaluate", plain, "--data", part).out
