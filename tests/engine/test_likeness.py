"""The detector of digit-likeness: its arithmetic, and what it says of digits and of other things."""

import time
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import correlate

from mnist_gui.data.dataset import Split
from mnist_gui.data.drawing import CANVAS_SIDE, Drawing, Stroke
from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import read_strokes
from mnist_gui.engine import checkpoint, likeness
from mnist_gui.engine.likeness import looks_like_two, strangeness_of
from mnist_gui.engine.prediction import Doubt, judged
from mnist_gui.resources import resource_path

SAMPLES = Path(__file__).parents[1] / "data" / "samples"


@pytest.fixture(scope="module")
def limit():
    """Of the bundled model."""
    return checkpoint.load(resource_path("models", "bundled.safetensors")).calibration.limit


@pytest.fixture(scope="module")
def letters():
    with np.load(SAMPLES / "letters.npz") as file:
        return file["images"]


def drawn(*strokes, width=40.0):
    """What the model sees of polylines on a canvas of 280."""
    return digit_image(Drawing(tuple(Stroke(np.array(stroke, np.float64), width) for stroke in strokes)))


def pair(first, second, gap=20):
    """Two 28x28 pictures drawn side by side on the canvas, each half as wide."""
    a, b = (image[:, image.any(axis=0)] for image in (first, second))
    wide = np.concatenate([a, np.zeros((28, gap // 5), np.uint8), b], axis=1).repeat(5, axis=0).repeat(5, axis=1)
    return digit_image(Drawing(picture=wide))


def by_definition(image, w):
    """The eleven scores of a picture in float64, from the definitions of convolution and max-pooling."""
    x = image[:, :, np.newaxis] / 255.0
    for name in ("conv1", "conv2", "conv3"):
        kernels, biases = w[f"{name}.W"], w[f"{name}.b"]
        maps = [correlate(x, kernels[..., k], mode="constant")[..., x.shape[2] // 2] for k in range(kernels.shape[3])]
        height, width = (side // 2 for side in x.shape[:2])
        cut = np.stack(maps, axis=-1)[: 2 * height, : 2 * width]
        x = np.maximum(cut.reshape(height, 2, width, 2, -1).max(axis=(1, 3)) + biases, 0)
    return x.ravel() @ w["dense1.W"] + w["dense1.b"]


def test_that_strangeness_is_the_log_odds_of_the_eleventh_class(mnist):
    w = {name: value.astype(np.float64) for name, value in likeness._weights().items()}
    noise = np.random.default_rng(5).integers(0, 256, (28, 28), dtype=np.uint8)
    for image in (noise, *mnist.images[:3]):
        scores = by_definition(image, w)
        p = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        assert strangeness_of(image[None])[0] == pytest.approx(np.log(p[10] / p[:10].sum()), rel=1e-3, abs=1e-3)


def test_that_many_pictures_get_what_they_get_alone(mnist):
    images = mnist.images[:253]
    together = strangeness_of(images)
    for index in (0, 99, 100, 252):
        assert strangeness_of(images[index : index + 1])[0] == pytest.approx(together[index], abs=1e-3)
    assert strangeness_of(images[:0]).shape == (0,)


def test_that_at_most_one_digit_in_two_hundred_is_strange(mnist, limit):
    for split in (Split.VALIDATION, Split.TEST):
        assert (strangeness_of(mnist.images_of(split)[::4]) > limit).mean() <= 0.008  # 0.43 and 0.54 % of all


def test_that_digits_made_with_a_pen_are_not_strange(limit):
    images = np.stack([digit_image(digit.drawing) for digit in read_strokes(SAMPLES / "made.jsonl")])
    assert (strangeness_of(images) <= limit).all()


def test_that_letters_of_hands_it_never_saw_are_strange(letters, limit):
    assert (strangeness_of(letters) > limit).mean() >= 0.8


def test_that_two_digits_side_by_side_are_refused_and_mostly_said_to_be_two(mnist):
    model = checkpoint.load(resource_path("models", "bundled.safetensors"))
    images = mnist.images_of(Split.TEST)
    pairs = np.stack([pair(a, b) for a, b in zip(images[:80:2], images[1:80:2], strict=True)])
    sure = np.tile(np.eye(10, dtype=np.float32)[3], (len(pairs), 1))
    found = judged(model, pairs, sure)
    assert np.mean([prediction.unsure for prediction in found]) >= 0.95
    assert np.mean([prediction.doubt == Doubt.TWO for prediction in found]) >= 0.85


def test_that_a_single_digit_seldom_looks_like_two(mnist):
    assert np.mean([looks_like_two(image) for image in mnist.images_of(Split.TEST)[:300]]) <= 0.01


def test_that_two_parts_that_are_no_two_digits_are_not_said_to_be_two():
    one_above_the_other = drawn([(60, 40), (220, 40)], [(60, 240), (220, 240)])
    with_a_dot = drawn([(80, 40), (80, 240)], [(200, 60), (200, 70)])
    with_a_dash = drawn([(60, 40), (60, 240)], [(140, 40), (240, 40)])
    side_by_side = drawn([(80, 40), (80, 240)], [(200, 40), (200, 240)])
    found = [looks_like_two(image) for image in (one_above_the_other, with_a_dot, with_a_dash, side_by_side)]
    assert found == [False, False, False, True]


def test_that_scribbles_are_strange(limit):
    generator = np.random.default_rng(2)
    images = np.stack([drawn(generator.uniform(20, 260, (40, 2)), width=12) for _ in range(5)])
    assert (strangeness_of(images) > limit).all()


def test_that_a_blank_and_a_dot_are_no_picture_at_all():
    assert digit_image(Drawing()) is None
    assert drawn([(CANVAS_SIDE / 2, CANVAS_SIDE / 2)]) is None


def test_that_most_letters_are_unsure_however_sure_the_classes_are(letters):
    model = checkpoint.load(resource_path("models", "bundled.safetensors"))
    sure = np.tile(np.eye(10, dtype=np.float32)[3], (len(letters), 1))
    assert np.mean([not p.unsure for p in judged(model, letters, sure)]) <= 0.2


def test_that_one_picture_takes_no_time_that_a_hand_would_notice(mnist):
    image = mnist.images[:1]
    strangeness_of(image)
    times = []
    for _ in range(100):
        start = time.thread_time()
        strangeness_of(image)
        times.append(time.thread_time() - start)
    assert min(times) < 4e-3  # 0.35 ms on a quiet machine
