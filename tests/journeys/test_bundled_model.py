"""The model that travels with the application: what it is, and how it reads raw and redrawn digits."""

import numpy as np
import pytest

from mnist_gui.data.dataset import Split
from mnist_gui.data.drawing import Drawing, Stroke, picture_drawing
from mnist_gui.data.ink import digit_image
from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.resources import resource_path


@pytest.fixture(scope="module")
def model():
    return checkpoint.load(resource_path("models", "bundled.safetensors"))


@pytest.fixture(scope="module")
def classifier(model):
    from mnist_gui.engine.classifier import Classifier

    return Classifier(model)


def percent_misread(classifier, images, labels):
    return 100 * float((classifier.probabilities(images).argmax(axis=1) != labels).mean())


def test_that_the_bundled_model_says_how_it_was_made(model):
    config = TrainingConfig.from_dict(model.metadata["config"])
    assert config.architecture.line == model.network
    assert model.metadata["dataset"] == "MNIST"
    assert 0 < model.metadata["validation_error"] < 1.2
    assert 0 < model.metadata["test_error"] < 1.2
    assert resource_path("models", "bundled.safetensors").stat().st_size < 3_000_000


@pytest.mark.slow
def test_that_the_bundled_model_has_the_test_error_that_it_claims(classifier, model, mnist):
    error = percent_misread(classifier, mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST))
    assert error == pytest.approx(model.metadata["test_error"], abs=0.011)  # one digit near a tie


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_the_test_set_redrawn_through_the_canvas_is_read_as_well_as_the_raw_one(classifier, mnist):
    images, labels = mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST)
    redrawn = np.stack([digit_image(picture_drawing(image)) for image in images])
    raw_error, error = (percent_misread(classifier, pictures, labels) for pictures in (images, redrawn))
    print(f"\ntest set: raw {raw_error:.2f} %, redrawn through the canvas {error:.2f} % misread")
    assert error <= raw_error + 0.5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_drawings_keep_their_answer_at_any_size(classifier, made_strokes):
    """The made digits, each slanted and jittered twenty ways, on canvases of different sizes."""
    generator = np.random.default_rng(4)
    same = total = 0
    for strokes in made_strokes:
        for _ in range(20):
            shear, jitter = generator.uniform(-0.3, 0.3), generator.normal(scale=1.5, size=(len(strokes), 1, 2))
            points = [
                stroke @ np.array([[1, 0], [shear, 1]]) + shift for stroke, shift in zip(strokes, jitter, strict=True)
            ]
            span = np.concatenate(points)
            unit = 220 / max(np.ptp(span, axis=0))
            pictures = [
                digit_image(Drawing(tuple(Stroke(p * unit * scale, 26 * scale) for p in points)))
                for scale in (1.0, 0.8, 0.5, 0.3)
            ]
            answers = classifier.probabilities(np.stack(pictures)).argmax(axis=1)
            same += int((answers[1:] == answers[0]).sum())
            total += 3
    print(f"\nsame answer at another size: {100 * same / total:.1f} %")
    assert same / total >= 0.99


@pytest.fixture(scope="module")
def made_strokes():
    """Ten digits drawn by hand for the tests, each a list of float64 arrays (n, 2)."""
    from pathlib import Path

    from mnist_gui.data.strokes import read_strokes

    path = Path(__file__).parents[1] / "data" / "samples" / "made.jsonl"
    return [[np.asarray(stroke, np.float64) for stroke in digit.strokes] for digit in read_strokes(path)]
