import re

import pytest


@pytest.mark.parametrize(("split", "count"), [("train", 50_000), ("validation", 10_000), ("test", 10_000)])
def test_that_each_split_of_mnist_is_judged_with_all_its_digits(run, mnist_model, split, count):
    done = run("evaluate", mnist_model, "--split", split, "--json")
    assert done.code == 0
    assert done.err == ""
    (answer,) = done.lines
    assert list(answer) == ["error", "loss", "count", "split"]
    assert answer["split"] == split
    assert answer["count"] == count
    assert 5 < answer["error"] < 20
    assert 0.2 < answer["loss"] < 0.8


def test_that_the_test_split_is_what_is_judged_when_nothing_is_said_and_in_words(run, plain):
    done = run("evaluate", plain)
    assert done.code == 0
    assert "Softmax regression, seed 1 on MNIST, 10,000 test digits" in done.out
    assert "error " in done.out
    assert " %, loss 0." in done.out
    assert "unsure" not in done.out


def test_that_of_a_calibrated_model_it_is_said_how_often_it_is_unsure_and_how_far_off(run, mnist_model):
    done = run("evaluate", mnist_model, "--split", "validation")
    last = done.out.splitlines()[-1]
    unsure, gap = map(float, re.fullmatch(r"unsure of (.+) %, calibration error (.+) %", last).groups())
    assert 0.5 < unsure < 30
    assert 0 < gap < 20


def test_that_data_of_the_user_are_judged(run, mnist_model, files):
    (answer,) = run("evaluate", mnist_model, "--data", files, "--split", "test", "--json").lines
    assert answer["count"] == 20


def test_that_a_split_that_is_not_there_is_one_sentence(run, mnist_model, files_without_test):
    done = run("evaluate", mnist_model, "--data", files_without_test, "--json")
    assert done.code == 1
    assert done.out == ""
    assert "has no test digits." in done.err


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\0\0\0\0\0\0\0{}      "])
def test_that_a_file_that_is_no_model_is_one_sentence(run, tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    done = run("evaluate", path)
    assert done.code == 1
    assert done.err.startswith("mnist-gui evaluate: model.safetensors")
    assert done.err.count("\n") == 1


def test_that_a_missing_model_and_missing_data_are_one_sentence_each(run, mnist_model, tmp_path):
    assert "nothing.safetensors cannot be read" in run("evaluate", tmp_path / "nothing.safetensors").err
    done = run("evaluate", mnist_model, "--data", tmp_path / "nowhere")
    assert done.code == 1
    assert "nowhere" in done.err


def test_that_a_split_that_does_not_exist_is_wrong_use(run, mnist_model):
    assert run("evaluate", mnist_model, "--split", "training").code == 2
