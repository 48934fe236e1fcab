import subprocess
import sys

import numpy as np
import pytest

from mnist_gui.data.dataset import Split
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.backend import INTERPRETER
from mnist_gui.engine.classifier import READ_AT_ONCE, Classifier, error_and_loss
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.model import Model

NETWORKS = ("softmax", "dense 12, tanh, dense 10", "conv 5x5x3, relu, pool 2, dropout 0.5, dense 10")


def made_model(network, seed=0):
    random = np.random.default_rng(seed)
    shapes = parse(network).weights
    weights = {name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    return Model(network, {name: abs(w) if name.endswith("variance") else w for name, w in weights.items()})


@pytest.mark.parametrize("network", NETWORKS)
def test_that_the_probabilities_of_each_digit_sum_to_1(network, tiny_dataset):
    answers = Classifier(made_model(network)).probabilities(tiny_dataset.images[:30])
    assert answers.shape == (30, 10)
    assert answers.dtype == np.float32
    assert (answers >= 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_that_a_classifier_agrees_with_the_judge_of_a_run(network, tiny_dataset):
    model = made_model(network)
    images, labels = tiny_dataset.images_of(Split.VALIDATION), tiny_dataset.labels_of(Split.VALIDATION)
    functions = TrainingFunctions(INTERPRETER, TrainingConfig(network=network), images, labels)
    functions.network.set_weights(model.weights)
    functions.set_pool(images, labels)
    places = np.arange(20, dtype=np.int32)
    total, wrong, logits = functions.judge(places)
    classifier = Classifier(model)
    error, loss = error_and_loss(classifier.probabilities(images), labels)
    assert error == pytest.approx(100 * wrong / 20)
    assert loss == pytest.approx(total / 20, rel=1e-4)
    np.testing.assert_allclose(logits, classifier.logits(images), rtol=1e-4, atol=1e-4)


def test_that_the_answer_to_softmax_regression_is_the_one_by_hand(tiny_dataset):
    model = made_model("softmax")
    x = tiny_dataset.images[:5].reshape(5, 784) / 255
    scores = x @ model.weights["dense1.W"].astype(np.float64) + model.weights["dense1.b"]
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(Classifier(model).probabilities(tiny_dataset.images[:5]), expected, rtol=1e-4)


def test_that_many_digits_get_the_answers_they_get_alone(tiny_dataset):
    classifier = Classifier(made_model(NETWORKS[1]))
    images = np.concatenate([tiny_dataset.images, tiny_dataset.images])[: READ_AT_ONCE + 3]
    together = classifier.probabilities(images)
    assert len(together) == READ_AT_ONCE + 3
    for index in (0, READ_AT_ONCE - 1, READ_AT_ONCE, READ_AT_ONCE + 2):
        np.testing.assert_allclose(together[index], classifier.probabilities(images[index : index + 1])[0], rtol=1e-4)


def test_that_no_digits_get_no_answers():
    assert Classifier(made_model("softmax")).probabilities(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


@pytest.mark.parametrize("network", NETWORKS)
def test_that_another_model_of_the_same_network_takes_over_at_once(network, tiny_dataset):
    images = tiny_dataset.images[:10]
    first, second = made_model(network, 1), made_model(network, 2)
    classifier = Classifier(first)
    before = classifier.probabilities(images)
    classifier.set_model(second)
    assert classifier.model is second
    after = classifier.probabilities(images)
    assert not np.allclose(before, after)
    np.testing.assert_array_equal(after, Classifier(second).probabilities(images))
    classifier.set_model(first)
    np.testing.assert_array_equal(classifier.probabilities(images), before)


def test_that_a_model_of_another_network_is_refused_and_the_old_one_stays():
    classifier = Classifier(model := made_model(NETWORKS[1]))
    for other in (made_model("softmax"), made_model("dense 13, tanh, dense 10")):
        assert not classifier.fits(other)
        with pytest.raises(ValueError, match="this classifier is for `dense 12, tanh, dense 10`"):
            classifier.set_model(other)
    assert classifier.model is model


def test_that_error_is_in_percent_and_loss_in_nats_per_digit():
    answers = np.full((4, 10), 0.05, np.float32)
    answers[[0, 1, 2, 3], [3, 4, 5, 6]] = 0.55
    error, loss = error_and_loss(answers, np.array([3, 4, 5, 0], np.uint8))
    assert error == 25
    assert loss == pytest.approx(-(3 * np.log(0.55) + np.log(0.05)) / 4)


def test_that_the_loss_of_a_label_without_any_probability_is_large_and_finite():
    answers = np.eye(10, dtype=np.float32)[:1]
    error, loss = error_and_loss(answers, np.array([1], np.uint8))
    assert error == 100
    assert 80 < loss < 90


def test_that_a_classifier_can_be_the_first_thing_that_loads_pytensor():
    code = "import mnist_gui.engine.classifier, pytensor; assert pytensor.config.floatX == 'float32'"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
