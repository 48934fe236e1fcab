"""Looking into real, tiny networks."""

from functools import cache

import numpy as np
import pytest

from mnist_gui.engine.architecture import NAMED, parse
from mnist_gui.engine.calibration import Calibration
from mnist_gui.engine.classifier import Classifier
from mnist_gui.engine.explaining import Features, Insight
from mnist_gui.engine.explanation import CELL, PATCH, Cover, features_width, hidden_stages
from mnist_gui.engine.model import Model

LINES = (
    "dense 10",
    "pool 2, bn, dense 10",
    "dense 12, relu, dense 10",
    "dense 9, bn, tanh, dropout 0.5, dense 7, relu, dense 10",
    "conv 5x5x3, relu, pool 2, conv 3x3x4 same, bn, pool 2, relu, dense 10",
    "conv 3x3x2, pool 3, dense 6, dense 10",
)


@cache
def model_of(line, seed=0):
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in parse(line).weights.items():
        weights[name] = (0.4 * rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1]) or 1)).astype(np.float32)
        if name.endswith((".variance", ".gamma")):
            weights[name] = np.abs(weights[name]) + np.float32(0.5)
    return Model(line, weights)


@cache
def insight_into(model):
    return Insight(model)


@cache
def classifier_of(model):
    return Classifier(model)


@pytest.fixture
def image(tiny_dataset):
    return tiny_dataset.images[3]


def softened(model, image):
    """Logits but for a constant."""
    return np.log(classifier_of(model).probabilities(image[None])[0].astype(np.float64))


@pytest.mark.parametrize("line", LINES)
def test_that_the_look_ends_at_the_answer_of_the_classifier(line, image):
    model = model_of(line)
    look = insight_into(model).look(image)
    np.testing.assert_allclose(look.probabilities, classifier_of(model).probabilities(image[None])[0], rtol=1e-4)
    assert look.digit == look.probabilities.argmax()


def test_that_probabilities_are_as_sure_as_the_calibration_has_them(image):
    model = model_of(LINES[4]).with_calibration(Calibration(temperature=3.0))
    insight, read = Insight(model), Classifier(model).probabilities(image[None])[0]
    np.testing.assert_allclose(insight.look(image).probabilities, read, rtol=1e-4)
    assert insight.occlusion(image, 2, Cover.PAPER).probability == pytest.approx(read[2], rel=1e-4)
    assert read[2] != pytest.approx(insight_into(model_of(LINES[4])).look(image).probabilities[2], rel=1e-2)


def test_that_each_hidden_layer_is_seen_behind_its_activation_and_before_its_pooling(image):
    look = insight_into(model_of(LINES[4])).look(image)
    assert [(layer.title, layer.values.shape) for layer in look.layers] == [
        ("conv 5x5x3, relu", (24, 24, 3)),
        ("conv 3x3x4 same, bn, pool 2, relu", (6, 6, 4)),
    ]
    assert all(layer.is_map and layer.values.min() == 0 < layer.values.max() for layer in look.layers)
    assert look.templates is None


def test_that_a_layer_without_activation_is_seen_as_it_is(image):
    look = insight_into(model_of(LINES[5])).look(image)
    assert [(layer.title, layer.values.shape) for layer in look.layers] == [
        ("conv 3x3x2", (26, 26, 2)),
        ("dense 6", (6,)),
    ]
    assert look.layers[1].values.min() < 0


@pytest.mark.parametrize("line", LINES[2:])
def test_that_features_are_what_the_last_layer_gets(line, image, tiny_dataset):
    model = model_of(line)
    features = Features(model).of(tiny_dataset.images[:5])
    assert features.shape == (5, features_width(model.architecture))
    assert features.dtype == np.float32
    np.testing.assert_allclose(insight_into(model).look(image).features, features[3], rtol=1e-4, atol=1e-6)
    last = model.architecture.layers[-1].name
    logits = features[3] @ model.weights[f"{last}.W"] + model.weights[f"{last}.b"]
    expected = np.exp(logits - logits.max())
    np.testing.assert_allclose(insight_into(model).look(image).probabilities, expected / expected.sum(), rtol=1e-4)


def test_that_a_network_without_hidden_layer_has_no_features(image):
    assert hidden_stages(parse("softmax")) == []
    assert features_width(parse("softmax")) == 0
    assert insight_into(model_of("dense 10")).look(image).features is None
    with pytest.raises(ValueError, match="no hidden layer"):
        Features(model_of("dense 10"))


def test_that_the_width_of_the_last_hidden_layer_is_known_before_anything_is_computed():
    assert [features_width(parse(name)) for name in NAMED] == [0, 500, 500, 256, 864]


def test_that_the_templates_of_softmax_regression_are_its_weights(image):
    model = model_of("dense 10")
    templates = insight_into(model).look(image).templates
    np.testing.assert_allclose(templates, model.weights["dense1.W"].T.reshape(10, 28, 28), rtol=1e-6)


def test_that_templates_times_the_digit_make_the_logits_of_a_network_without_hidden_layers(image):
    model = model_of("pool 2, dense 10")
    templates = insight_into(model).look(image).templates
    logits = (templates * (image / 255)).sum(axis=(1, 2)) + model.weights["dense1.b"]
    expected = softened(model, image)
    np.testing.assert_allclose(logits - logits[0], expected - expected[0], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("line", LINES)
def test_that_saliency_is_what_a_little_more_ink_does_to_the_logit(line, image):
    model = model_of(line)
    insight = insight_into(model)
    saliency = insight.saliency(image, 4, 0.5)
    assert (saliency.digit, saliency.probability, saliency.values.shape) == (4, 0.5, (28, 28))
    others = insight.slopes(image, range(10))
    np.testing.assert_allclose(others[4], saliency.values, rtol=1e-5, atol=1e-7)
    # Differences of log-probabilities are differences of logits.
    rng = np.random.default_rng(1)
    before = softened(model, image)
    right = 0
    for row, column in rng.integers(4, 24, (12, 2)):
        inked = image.copy()
        inked[row, column] += 1 if inked[row, column] < 255 else 0
        change = softened(model, inked) - before
        expected = (others[4] - others[0])[row, column] / 255
        right += np.isclose(change[4] - change[0], expected, rtol=0.2, atol=2e-5)
    assert right >= 10  # a pixel may be at a kink of ReLU or change places in a pooling window


@pytest.mark.parametrize("cover", list(Cover))
def test_that_occlusion_is_the_fall_of_the_probability_when_a_place_is_covered(cover, image):
    model = model_of(LINES[4])
    found = insight_into(model).occlusion(image, 2, cover)
    classifier = classifier_of(model)
    whole = classifier.probabilities(image[None])[0, 2]
    assert found.probability == pytest.approx(whole, rel=1e-5)
    around = (PATCH - CELL) // 2
    for row, column in ((0, 0), (5, 6), (13, 13), (3, 10)):
        covered = image.copy()
        covered[max(2 * row - around, 0) : 2 * row + 2 + around, max(2 * column - around, 0) : 2 * column + 4] = (
            cover.ink
        )
        fall = whole - classifier.probabilities(covered[None])[0, 2]
        assert found.values[row, column] == pytest.approx(fall, abs=1e-6)
    assert np.abs(found.values).max() > 0


def test_that_covering_paper_with_paper_changes_nothing():
    found = insight_into(model_of("dense 10")).occlusion(np.zeros((28, 28), np.uint8), 2, Cover.PAPER)
    assert not found.values.any()


def test_that_an_occlusion_map_can_be_given_up(image):
    asked = []
    assert (
        insight_into(model_of("dense 10")).occlusion(image, 2, Cover.GREY, lambda: len(asked) > 2 or asked.append(1))
        is None
    )
    assert len(asked) == 3


def test_that_other_weights_of_the_same_network_are_taken_and_another_network_is_refused(image):
    first, second = model_of(LINES[2]), model_of(LINES[2], seed=1)
    insight = Insight(first)
    insight.set_model(second)
    assert insight.model is second
    np.testing.assert_array_equal(insight.look(image).probabilities, Insight(second).look(image).probabilities)
    with pytest.raises(ValueError, match="this is for"):
        insight.set_model(model_of("dense 10"))
