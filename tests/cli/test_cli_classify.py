import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_gui.engine import checkpoint

STROKES = Path(__file__).parents[1] / "data" / "samples" / "made.jsonl"


@pytest.fixture
def classify(run, mnist_model):
    def call(*arguments, **options):
        return run("classify", *arguments, "--checkpoint", mnist_model, **options)

    return call


def picture(path, image, *, dark_on_light=True):
    """A digit enlarged ten times, with the colours of paper and ink."""
    grey = np.kron(image, np.ones((10, 10), np.uint8))
    Image.fromarray(255 - grey if dark_on_light else grey).save(path)
    return path


def written(path, *lines):
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


@pytest.mark.parametrize("dark_on_light", [True, False], ids=["dark on light", "light on dark"])
@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "gif", "webp"])
def test_that_a_picture_of_a_digit_is_read(classify, tmp_path, digit_image_of, kind, dark_on_light):
    paths = [picture(tmp_path / f"{n}.{kind}", digit_image_of(n), dark_on_light=dark_on_light) for n in (0, 1, 7)]
    done = classify(*paths, "--json")
    assert done.code == 0
    assert [answer["digit"] for answer in done.lines] == [0, 1, 7]


def test_that_the_bundled_model_reads_where_no_other_is_named(run):
    done = run("classify", STROKES, "--json")
    answers = [line["digit"] for line in done.lines if "digit" in line]
    labels = [json.loads(line)["label"] for line in STROKES.read_text().splitlines()]
    assert done.code == 0
    assert np.mean(np.array(answers) == labels) > 0.9


def test_that_the_digits_of_a_page_are_read_one_by_one_in_their_order(classify, tmp_path, digit_image_of):
    digits = [np.kron(digit_image_of(n), np.ones((4, 4), np.uint8)) for n in (7, 1, 0, 4)]
    page = np.vstack([np.hstack(digits[:2]), np.hstack(digits[2:])])
    Image.fromarray(255 - page).save(tmp_path / "page.png")
    done = classify(tmp_path / "page.png", "--json")
    assert [answer["digit"] for answer in done.lines] == [7, 1, 0, 4]
    lines = classify(tmp_path / "page.png").out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"page.png, digit {n}" for n in (1, 2, 3, 4)]


def test_that_of_a_page_with_too_many_digits_the_first_are_read_and_the_rest_is_said(classify, tmp_path):
    page = np.full((1000, 1000), 255, np.uint8)
    for row in range(15):
        for column in range(20):
            page[20 + 60 * row : 60 + 60 * row, 20 + 48 * column : 28 + 48 * column] = 0
    Image.fromarray(page).save(tmp_path / "full.png")
    done = classify(tmp_path / "full.png", "--json")
    assert done.code == 1
    assert len(done.lines) == 200
    assert "expected at most 200 digits, found 300" in done.err


def test_that_an_answer_has_exactly_its_digit_whether_it_is_unsure_and_ten_probabilities(
    classify, tmp_path, digit_image_of
):
    done = classify(picture(tmp_path / "0.png", digit_image_of(0)), "--json")
    (answer,) = done.lines
    assert list(answer) == ["digit", "unsure", "probabilities"]
    assert answer["unsure"] is False
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert int(np.argmax(answer["probabilities"])) == answer["digit"]


@pytest.mark.parametrize("packed", [False, True])
def test_that_labelled_strokes_end_with_a_summary_that_fits_the_answers(classify, tmp_path, packed):
    path = STROKES
    if packed:
        path = tmp_path / "made.jsonl.gz"
        path.write_bytes(gzip.compress(STROKES.read_bytes()))
    *answers, summary = classify(path, "--json").lines
    assert len(answers) == 10
    confusion = np.array(summary["confusion"])
    assert list(summary) == ["count", "error", "confusion"]
    assert summary["count"] == 10 == confusion.sum()
    for label, answer in enumerate(answers):
        assert confusion[label, answer["digit"]] == 1
    assert summary["error"] == pytest.approx(100 - 10 * np.trace(confusion))


def test_that_many_digits_are_read_in_order_and_as_one_by_one(classify, tmp_path):
    lines = STROKES.read_text().splitlines()
    *answers, summary = classify(written(tmp_path / "many.jsonl", *(lines * 30)), "--json").lines
    alone = classify(STROKES, "--json").lines[:-1]
    assert [answer["digit"] for answer in answers] == [answer["digit"] for answer in alone] * 30
    assert summary["count"] == 300


def test_that_without_labels_there_is_no_summary(classify, tmp_path):
    path = written(tmp_path / "some.jsonl", {"strokes": [[[0, 0], [0, 9]]]}, {"strokes": [[[0, 0], [9, 9]]]})
    assert [set(line) for line in classify(path, "--json").lines] == [{"digit", "unsure", "probabilities"}] * 2


def test_that_a_blank_and_a_dot_are_no_digit_and_count_as_wrong(classify, tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("L", (100, 100), 255).save(blank)
    strokes = written(
        tmp_path / "dot.jsonl", {"strokes": [[[5, 5]]], "label": 1}, {"strokes": [[[0, 0], [0, 9]]], "label": 1}
    )
    first, dot, line, summary = classify(blank, strokes, "--json").lines
    for answer in (first, dot):
        assert answer == {"digit": None, "unsure": True, "probabilities": [0.1] * 10}
    assert line["digit"] is not None
    assert summary["count"] == 2
    assert sum(map(sum, summary["confusion"])) == 1
    assert summary["error"] == (50 if line["digit"] == 1 else 100)
    assert "blank.png: no digit" in classify(blank).out


def test_that_an_unsure_answer_keeps_its_digit(run, tmp_path, mnist_model, digit_image_of):
    from mnist_gui.engine.model import Model

    model = checkpoint.load(mnist_model)
    weights = {name: (array * np.float32(0.01)) for name, array in model.weights.items()}
    path = tmp_path / "faint.safetensors"
    checkpoint.save(Model(model.network, weights), path)
    shown = picture(tmp_path / "7.png", digit_image_of(7))
    (answer,) = run("classify", shown, "--checkpoint", path, "--json").lines
    assert answer["unsure"] is True
    assert answer["digit"] == 7
    assert "unsure" in run("classify", shown, "--checkpoint", path).out


def test_that_after_a_file_that_cannot_be_read_the_others_still_are(classify, tmp_path, digit_image_of):
    good = picture(tmp_path / "1.png", digit_image_of(1))
    bad = written(tmp_path / "bad.png", "<!doctype html>")
    done = classify(good, bad, tmp_path / "nothing.png", tmp_path, STROKES, "--json")
    assert done.code == 1
    assert len(done.lines) == 1 + 10 + 1
    assert done.err.count("\n") == 3
    assert "bad.png" in done.err
    assert "nothing.png" in done.err
    assert "Traceback" not in done.err


def test_that_the_digits_before_a_line_that_is_none_are_answered_and_counted(classify, tmp_path):
    lines = STROKES.read_text().splitlines()
    done = classify(written(tmp_path / "half.jsonl", *lines[:4], "seven", *lines[4:]), "--json")
    assert done.code == 1
    assert len(done.lines) == 5
    assert done.lines[-1]["count"] == 4
    assert "half.jsonl, line 5" in done.err


def test_that_without_json_each_line_says_where_the_digit_is_and_what_was_misread(classify):
    done = classify(STROKES)
    assert done.code == 0
    lines = done.out.splitlines()
    assert len(lines) == 11
    assert lines[0].startswith("made.jsonl, digit 1: ")
    misread = sum("(label " in line for line in lines)
    assert lines[-1] == f"10 labelled digits, {misread} misread: {10 * misread:.2f} %"


def test_that_pictures_without_qt_are_a_message_and_strokes_are_read(classify):
    def no_qt(_path):
        raise ModuleNotFoundError("No module named 'PyQt6'", name="PyQt6")

    done = classify("digit.png", STROKES, "--json", read_picture=no_qt)
    assert done.code == 1
    assert "digit.png: pictures cannot be read without Qt (No module named 'PyQt6')." in done.err
    assert len(done.lines) == 11


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_that_a_name_that_no_terminal_can_show_does_not_stop_the_reading(classify, tmp_path):
    path = tmp_path / "caf\udce9.jsonl"
    path.write_bytes(STROKES.read_bytes())
    done = classify(path)
    assert done.code == 0
    assert done.out.startswith("caf\\udce9.jsonl, digit 1: ")


def test_that_without_a_file_it_is_wrong_use(classify):
    assert classify().code == 2
