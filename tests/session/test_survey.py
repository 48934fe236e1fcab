import itertools
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


def test_that_what_was_read_so_far_can_be_used(make_survey, images, qtbot):
    gate = threading.Semaphore(0)

    class Gated(FakeClassifier):
        def probabilities(self, images):
            assert gate.acquire(timeout=5)
            return super().probabilities(images)

    survey = make_survey(Gated)
    survey.start(make_model(), images)
    assert survey.going_on
    gate.release()
    qtbot.waitUntil(lambda: survey.count == CHUNK)
    read = ~np.isnan(survey.predictions[:, 0])
    assert read.tolist() == [True] * CHUNK + [False] * (COUNT - CHUNK)
    np.testing.assert_array_equal(survey.predictions[:CHUNK].argmax(axis=1), images[:CHUNK, 0, 0])
    with pytest.raises(ValueError, match="read-only"):
        survey.predictions[0] = 0
    gate.release(10)


class Noting(FakeClassifier):
    """Notes the chunks that it reads by the number in their second pixel."""

    read: list = []  # noqa: RUF012

    def probabilities(self, images):
        self.read.append(images[:, 0, 1].tolist())
        return super().probabilities(images)


def numbered():
    """2,000 images, each with a tenth of its number in its second pixel."""
    images = np.zeros((2000, 28, 28), np.uint8)
    images[:, 0, 1] = np.arange(2000) // 10
    return images


def test_that_some_digits_are_read_first(make_survey, qtbot):
    Noting.read.clear()
    survey = make_survey(Noting)
    with qtbot.waitSignal(survey.finished):
        survey.start(make_model(), numbered(), np.arange(1000, 1000 + CHUNK))
    assert Noting.read[0] == (np.arange(1000, 1000 + CHUNK) // 10).tolist()
    assert sorted(itertools.chain(*Noting.read)) == sorted((np.arange(2000) // 10).tolist())


def test_that_another_order_keeps_what_was_read_and_reads_nothing_twice(make_survey, qtbot):
    gate = threading.Semaphore(0)

    class Gated(Noting):
        def probabilities(self, images):
            answers = super().probabilities(images)
            assert gate.acquire(timeout=5)
            return answers

    Noting.read.clear()
    survey = make_survey(Gated)
    survey.start(make_model(), numbered())
    qtbot.waitUntil(lambda: len(Noting.read) == 1)
    survey.prefer(np.arange(1999, 1499, -1))
    with qtbot.waitSignal(survey.finished):
        gate.release(100)
    assert min(Noting.read[1]) >= 150
    assert sorted(itertools.chain(*Noting.read)) == sorted((np.arange(2000) // 10).tolist())


def test_that_a_halted_survey_reads_no_more_until_it_goes_on(make_survey, images, qtbot):
    gate = threading.Semaphore(0)

    class Gated(FakeClassifier):
        def probabilities(self, images):
            assert gate.acquire(timeout=5)
            return super().probabilities(images)

    survey = make_survey(Gated)
    survey.start(make_model(), images)
    survey.halt()
    gate.release(10)
    qtbot.wait(30)
    assert survey.count <= CHUNK
    assert not survey.going_on
    with qtbot.waitSignal(survey.finished) as signal:
        survey.go_on()
    np.testing.assert_array_equal(signal.args[1].argmax(axis=1), images[:, 0, 0])


def test_that_reading_can_be_tried_again_after_a_fault(make_survey, images, qtbot):
    class Moody(FakeClassifier):
        broken = True

        def probabilities(self, images):
            if self.broken:
                type(self).broken = False
                raise ValueError("not now")
            return super().probabilities(images)

    survey = make_survey(Moody)
    with qtbot.waitSignal(survey.failed):
        survey.start(make_model(), images)
    assert not survey.going_on
    with qtbot.waitSignal(survey.finished):
        survey.go_on()
    assert survey.progress == 1.0


def test_that_a_fault_is_told(make_survey, images, qtbot):
    def refuse(model):
        raise ValueError("no")

    survey = make_survey(refuse)
    with qtbot.waitSignal(survey.failed) as signal:
        survey.start(make_model(), images)
    assert "no" in signal.args[0]
