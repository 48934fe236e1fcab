"""An asker that records: every model is read, after everybody else, with rests between."""

import threading

import numpy as np
import pytest
from session_fakes import FakeClassifier, digit, make_model

from mnist_gui.session import recording
from mnist_gui.session.predictor import Predictor
from mnist_gui.session.recording import AT_ONCE, MOST_MODELS, Recording


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    monkeypatch.setattr(recording, "REST", 0.0)


class Gated(FakeClassifier):
    """Waits before each answer until it is let go; notes what it read, with which model."""

    def __init__(self, model):
        super().__init__(model)

    def probabilities(self, images):
        self.read.append((self.model.metadata.get("step"), images[:, 0, 0].tolist()))
        assert self.gate.acquire(timeout=5)
        return super().probabilities(images)


@pytest.fixture
def gated():
    class Classifier(Gated):
        gate = threading.Semaphore(0)
        read: list = []  # noqa: RUF012

    return Classifier


@pytest.fixture
def made(qapp):
    made = []
    yield made
    for predictor in made:
        gate = getattr(predictor._reader._make, "gate", None)
        if gate:
            gate.release(1000)
        predictor.close()


def make(made, classifier):
    predictor, answers = Predictor(classifier, live={"canvas"}, records={"pins"}), []
    predictor.answered.connect(
        lambda asker, found, model: answers.append(
            (asker, model and model.metadata.get("step"), found and [prediction.digit for prediction in found])
        )
    )
    made.append(predictor)
    return predictor, answers


def images(*digits):
    return np.stack([digit(answer) for answer in digits])


def test_that_every_model_is_read_and_not_the_newest_alone(made, gated, qtbot):
    predictor, answers = make(made, gated)
    predictor.set_model(make_model(0.0, step=0))
    predictor.ask("pins", images(1, 2))
    qtbot.waitUntil(lambda: len(gated.read) == 1)
    for step in (1, 2, 3, 4):
        predictor.set_model(make_model(0.01 * step, step=step))
    gated.gate.release(100)
    qtbot.waitUntil(lambda: len(answers) == 5)
    assert sorted(step for _, step, _ in answers) == [0, 1, 2, 3, 4]
    assert answers[1][1] == 4  # the newest first
    assert all(digits == [1, 2] for _, _, digits in answers)


def test_that_others_are_answered_between_two_parts_of_many_images(made, gated, qtbot):
    predictor, answers = make(made, gated)
    predictor.set_model(make_model())
    many = [n % 10 for n in range(3 * AT_ONCE)]
    predictor.ask("pins", images(*many))
    qtbot.waitUntil(lambda: len(gated.read) == 1)
    predictor.ask("canvas", images(7))
    gated.gate.release(100)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert [asker for asker, _, _ in answers] == ["canvas", "pins"]
    assert [len(digits) for _, digits in gated.read] == [AT_ONCE, 1, AT_ONCE, AT_ONCE]
    assert answers[1][2] == many


def test_that_answers_for_other_images_are_dropped(made, gated, qtbot):
    predictor, answers = make(made, gated)
    predictor.set_model(make_model(step=5))
    predictor.ask("pins", images(1))
    qtbot.waitUntil(lambda: len(gated.read) == 1)
    predictor.ask("pins", images(1, 2))
    gated.gate.release(100)
    qtbot.waitUntil(lambda: bool(answers))
    qtbot.wait(20)
    assert answers == [("pins", 5, [1, 2])]


def test_that_images_taken_back_are_not_read_any_more(made, gated, qtbot):
    predictor, answers = make(made, gated)
    predictor.set_model(make_model())
    predictor.ask("pins", images(1))
    qtbot.waitUntil(lambda: len(gated.read) == 1)
    predictor.ask("pins", None)
    predictor.set_model(make_model(0.1))
    gated.gate.release(100)
    predictor.ask("canvas", images(3))
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert [(asker, digits) for asker, _, digits in answers] == [("pins", None), ("canvas", [3])]
    assert len(gated.read) == 2


def test_that_a_fault_of_the_model_is_told_and_the_next_model_is_read(made, qtbot):
    class Faulty(FakeClassifier):
        def probabilities(self, images):
            if self.model.metadata.get("step") == 1:
                raise ValueError("this one cannot")
            return super().probabilities(images)

    predictor, answers = make(made, Faulty)
    predictor.ask("pins", images(4))
    assert answers == [("pins", None, None)]
    with qtbot.waitSignal(predictor.failed):
        predictor.set_model(make_model(step=1))
    predictor.set_model(make_model(step=2))
    qtbot.waitUntil(lambda: answers[-1] == ("pins", 2, [4]))


def waiting(recorder):
    steps = []
    while recorder.wait() < 1e9:
        model, part = recorder.next()
        recorder.take(recorder.number, model, np.zeros((len(part), 10), np.float32), 0.0)
        steps.append(model.metadata["step"])
    return steps


def test_that_of_too_many_models_the_first_ones_and_the_newest_are_read():
    recorder = Recording()
    recorder.ask(images(1), None)
    for step in range(1, 101):
        recorder.add(make_model(step=step))
    assert waiting(recorder) == [100, *range(MOST_MODELS - 1, 0, -1)]


def test_that_large_models_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(recording, "MOST_BYTES", 2 * 7850 * 4)
    recorder = Recording()
    recorder.ask(images(1), None)
    for step in range(1, 9):
        recorder.add(make_model(step=step))
    assert waiting(recorder) == [8, 1]


def test_that_another_run_drops_what_was_waiting():
    recorder = Recording()
    recorder.ask(images(1), None)
    for step in (5, 6, 0, 1):
        recorder.add(make_model(step=step))
    assert waiting(recorder) == [1, 0]


def test_that_another_run_drops_what_was_being_read():
    recorder = Recording()
    recorder.ask(images(1), make_model(step=5))
    model, part = recorder.next()
    recorder.add(make_model(step=0))
    assert recorder.take(recorder.number, model, np.zeros((len(part), 10), np.float32), 0.0) is None
    assert waiting(recorder)[-1] == 0


def test_that_between_two_readings_there_is_a_rest_but_not_before_new_images(monkeypatch):
    monkeypatch.setattr(recording, "REST", 20.0)
    recorder = Recording()
    recorder.ask(images(1), None)
    for step in (1, 2):
        recorder.add(make_model(step=step))
    model, part = recorder.next()
    recorder.take(recorder.number, model, np.zeros((len(part), 10), np.float32), 0.5)
    assert 9.5 < recorder.wait() <= 10.0
    recorder.ask(images(1, 2), model)
    assert recorder.wait() == 0.0
