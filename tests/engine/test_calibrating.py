"""Calibration of whole models, by itself and at the end of a run; on the interpreter."""

import numpy as np
import pytest
from short_runs import events_of

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.calibrating import AFTER_A_RUN, calibrated
from mnist_gui.engine.calibration import expected_calibration_error
from mnist_gui.engine.classifier import READ_AT_ONCE, Classifier
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.events import Phase, PhaseChanged, StopReason
from mnist_gui.engine.model import Model


@pytest.fixture(scope="module")
def part(mnist):
    """The first 1,000 training, 400 validation and 100 test digits of MNIST."""
    places = np.r_[0:1000, 50_000:50_400, 60_000:60_100]
    return Dataset("part of MNIST", mnist.images[places], mnist.labels[places], (1000, 400, 100))


def trained(dataset, **how):
    config = TrainingConfig(network="softmax", batch_size=100, epochs=4)
    return events_of(config, dataset, compiler=Compiler.INTERPRETER, **how)


def is_measuring(event):
    return isinstance(event, PhaseChanged) and event.phase == Phase.TESTING and "how sure" in event.detail


def test_that_a_run_ends_with_a_calibrated_model(part):
    events = trained(part)
    model = events[-1].model
    found = model.calibration
    assert found.count == 400
    assert found.limit is not None
    assert [is_measuring(event) for event in events].count(True) == 1
    images, labels = part.images_of(Split.VALIDATION), part.labels_of(Split.VALIDATION)
    answers = Classifier(model).probabilities(images)
    assert expected_calibration_error(answers, labels) == pytest.approx(found.error_after, abs=0.3)


def test_that_a_run_stopped_while_it_is_calibrated_is_complete_without_that(part):
    events = trained(part, on_event=lambda event, control: is_measuring(event) and control.stop())
    end = events[-1]
    assert end.reason == StopReason.COMPLETED
    assert end.test_error is not None
    assert end.model.calibration is None


def test_that_a_run_with_few_validation_digits_calibrates_nothing(mnist):
    places = np.r_[0:500, 50_000:50_100]
    few = Dataset("few", mnist.images[places], mnist.labels[places], (500, 100, 0))
    events = trained(few)
    assert events[-1].model.calibration is None
    assert not any(map(is_measuring, events))


def test_that_it_can_be_broken_off_between_two_calls(part):
    model = trained(part)[-1].model
    calls = []

    def check():
        calls.append(None)
        if len(calls) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        calibrated(model, part, check=check)
    assert len(calls) == 2
    assert calibrated(model, part, most=300).calibration.count == 300
    assert READ_AT_ONCE < AFTER_A_RUN


def test_that_a_temperature_changes_how_sure_a_model_is_and_never_its_answer(part):
    random = np.random.default_rng(0)
    shapes = parse("softmax").weights
    weights = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    model = calibrated(Model("softmax", weights), part)
    assert model.calibration.temperature > 2  # it guesses, so it must not be sure
    images = part.images_of(Split.TEST)
    before, after = (
        Classifier(model.with_calibration(None)).probabilities(images),
        Classifier(model).probabilities(images),
    )
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))
    assert after.max(axis=1).mean() < before.max(axis=1).mean() - 0.1
