import threading

import numpy as np
import pytest
from session_fakes import FakeClassifier, digit, make_model

from mnist_gui.session.predictor import Predictor


class GatedClassifier(FakeClassifier):
    """Waits before each answer until it is let go."""

    gate: threading.Semaphore
    read: list[int]

    def probabilities(self, images):
        self.read.append(int(images[0, 0, 0]))
        assert self.gate.acquire(timeout=5)
        return super().probabilities(images)


@pytest.fixture
def gated():
    class Classifier(GatedClassifier):
        gate = threading.Semaphore(0)
        read: list[int] = []  # noqa: RUF012

    return Classifier


@pytest.fixture
def answers():
    return []


@pytest.fixture
def make_predictor(qapp, answers):
    made = []

    def make(classifier):
        predictor = Predictor(classifier, live={"live"})
        predictor.answered.connect(lambda asker, found, _model: answers.append((asker, found and found[0])))
        made.append((predictor, classifier))
        return predictor

    yield make
    for predictor, classifier in made:
        if hasattr(classifier, "gate"):
            classifier.gate.release(100)
        predictor.close()


def digits(answers):
    return [prediction.digit if prediction else None for _, prediction in answers]


def test_that_the_classifier_is_built_in_a_thread_of_its_own(make_predictor, answers, qtbot):
    FakeClassifier.built_in.clear()
    predictor = make_predictor(FakeClassifier)
    predictor.set_model(make_model())
    predictor.ask("one", digit(3)[None])
    qtbot.waitUntil(lambda: digits(answers) == [3])
    assert FakeClassifier.built_in == ["predictor"]


def test_that_a_request_overwrites_the_one_that_waits(make_predictor, gated, answers, qtbot):
    predictor = make_predictor(gated)
    predictor.set_model(make_model())
    predictor.ask("live", digit(1)[None])
    qtbot.waitUntil(lambda: gated.read == [1])
    for answer in (2, 3, 4):
        predictor.ask("live", digit(answer)[None])
    gated.gate.release(10)
    qtbot.waitUntil(lambda: digits(answers) == [1, 4])
    assert gated.read == [1, 4]


def test_that_a_late_answer_is_dropped_for_an_asker_who_shows_another_digit_by_now(
    make_predictor, gated, answers, qtbot
):
    predictor = make_predictor(gated)
    predictor.set_model(make_model())
    predictor.ask("other", digit(1)[None])
    qtbot.waitUntil(lambda: gated.read == [1])
    predictor.ask("other", digit(2)[None])
    gated.gate.release(10)
    qtbot.waitUntil(lambda: bool(answers))
    assert digits(answers) == [2]


def test_that_what_was_taken_back_is_not_answered(make_predictor, gated, answers, qtbot):
    predictor = make_predictor(gated)
    predictor.set_model(make_model())
    predictor.ask("live", digit(1)[None])
    qtbot.waitUntil(lambda: gated.read == [1])
    predictor.ask("live", None)
    gated.gate.release(10)
    predictor.ask("other", digit(2)[None])
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers[0] == ("live", None)
    assert answers[1][0] == "other"


def test_that_askers_do_not_overwrite_each_other(make_predictor, answers, qtbot):
    predictor = make_predictor(FakeClassifier)
    predictor.set_model(make_model())
    predictor.ask("one", digit(1)[None])
    predictor.ask("two", digit(2)[None])
    qtbot.waitUntil(lambda: {(asker, p.digit) for asker, p in answers} == {("one", 1), ("two", 2)})


def test_that_newer_weights_answer_the_newest_image_again(make_predictor, answers, qtbot):
    predictor = make_predictor(FakeClassifier)
    predictor.set_model(make_model(0.0))
    predictor.ask("one", digit(5)[None])
    qtbot.waitUntil(lambda: len(answers) == 1)
    predictor.set_model(make_model(0.2))
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers[1][1].confidence == pytest.approx(0.7)


def test_that_without_a_model_the_answer_is_none(make_predictor, answers):
    predictor = make_predictor(FakeClassifier)
    predictor.ask("one", digit(5)[None])
    assert answers == [("one", None)]


def test_that_a_fault_of_the_classifier_is_told_and_the_next_request_answered(make_predictor, answers, qtbot):
    class Faulty(FakeClassifier):
        def probabilities(self, images):
            if images[0, 0, 0] == 9:
                raise ValueError("nine is too hard")
            return super().probabilities(images)

    predictor = make_predictor(Faulty)
    predictor.set_model(make_model())
    with qtbot.waitSignal(predictor.failed) as signal:
        predictor.ask("one", digit(9)[None])
    assert "nine is too hard" in signal.args[0]
    assert "Traceback" in signal.args[1]
    predictor.ask("one", digit(8)[None])
    qtbot.waitUntil(lambda: digits(answers) == [8])


def test_that_a_fault_of_the_judgement_is_told_and_the_next_request_answered(
    make_predictor, answers, qtbot, monkeypatch
):
    def broken(*_):
        raise OSError("a file of the installation is damaged")

    predictor = make_predictor(FakeClassifier)
    predictor.set_model(make_model())
    with monkeypatch.context() as patch:
        patch.setattr("mnist_gui.session.predictor.judged", broken)
        with qtbot.waitSignal(predictor.failed) as signal:
            predictor.ask("canvas", digit(1)[None])
    assert "is damaged" in signal.args[0]
    predictor.ask("canvas", digit(2)[None])
    qtbot.waitUntil(lambda: digits(answers) == [2])


def test_that_the_image_may_be_changed_after_asking(make_predictor, answers, gated, qtbot):
    predictor = make_predictor(gated)
    predictor.set_model(make_model())
    image = digit(6)
    predictor.ask("one", image[None])
    image[:] = np.uint8(0)
    gated.gate.release(10)
    qtbot.waitUntil(lambda: digits(answers) == [6])
