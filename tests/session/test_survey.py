import threading

import numpy as np
import pytest
from session_fakes import FakeClassifier, make_model

from mnist_gui.session.survey import CHUNK, Survey

COUNT = 3 * CHUNK + 7


@pytest.fixture
def images():
    images = np.zeros((COUNT, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(COUNT) % 10
    return images


@pytest.fixture
def make_survey(qapp):
    made = []

    def make(classifier=FakeClassifier):
        made.append(Survey(classifier))
        return made[-1]

    yield make
    for survey in made:
        survey.close()


def test_that_every_digit_is_read_in_its_place(make_survey, images, qtbot):
    survey, model = make_survey(), make_model()
    with qtbot.waitSignal(survey.finished) as signal:
        survey.start(model, images)
    assert signal.args[0] is model
    np.testing.assert_array_equal(signal.args[1].argmax(axis=1), images[:, 0, 0])
    assert survey.progress == 1.0


def test_that_progress_grows(make_survey, images, qtbot):
    survey, seen = make_survey(), []
    survey.progressed.connect(lambda: seen.append(survey.progress))
    with qtbot.waitSignal(survey.finished):
        survey.start(make_model(), images)
    assert seen == sorted(seen)
    assert len(seen) == 4


def test_that_a_new_survey_replaces_the_one_that_goes_on(make_survey, images, qtbot):
    gate, results = threading.Event(), []

    class Gated(FakeClassifier):
        def probabilities(self, images):
            assert gate.wait(5)
            return super().probabilities(images)

    survey, second = make_survey(Gated), make_model(0.1)
    survey.finished.connect(lambda model, _: results.append(model))
    survey.start(make_model(), images)
    survey.start(second, images)
    gate.set()
    qtbot.waitUntil(lambda: bool(results))
    assert results == [second]


def test_that_a_cancelled_survey_does_not_finish(make_survey, images, qtbot):
    gate, results = threading.Event(), []

    class Gated(FakeClassifier):
        def probabilities(self, images):
            assert gate.wait(5)
            return super().probabilities(images)

    survey = make_survey(Gated)
    survey.finished.connect(lambda model, _: results.append(model))
    survey.start(make_model(), images)
    survey.cancel()
    gate.set()
    survey.close()
    qtbot.wait(1)
    assert results == []
    assert survey.progress == 0.0


def test_that_a_fault_is_told(make_survey, images, qtbot):
    def refuse(model):
        raise ValueError("no")

    survey = make_survey(refuse)
    with qtbot.waitSignal(survey.failed) as signal:
        survey.start(make_model(), images)
    assert "no" in signal.args[0]
