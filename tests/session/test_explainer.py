"""The owner of the explanations, with stand-ins for what looks into a network."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from session_fakes import FakeClassifier, scripted_train

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.explanation import Cover, Look, ValueMap
from mnist_gui.engine.model import Model
from mnist_gui.session import explaining_thread
from mnist_gui.session.explainer import Explainer, FeaturesState, Step
from mnist_gui.session.explaining_thread import ExplainingThread, Wish
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings
from mnist_gui.session.states import RunState

ALL = frozenset(Step)


def network(line="dense 3, relu, dense 10", value=0.0):
    return Model(line, {n: np.full(s, value, np.float32) for n, s in parse(line).weights.items()})


def image(ink):
    return np.full((28, 28), ink, np.uint8)


class FakeInsight:
    """Says what it was asked; can be held up."""

    log: list[tuple] = []  # noqa: RUF012 - one list for all, cleared by the fixture
    held = threading.Event()
    let_go = threading.Event()
    broken = False

    def __init__(self, model):
        self.model = model
        self.log.append(("made", threading.current_thread().name))

    def set_model(self, model):
        self.model = model

    def look(self, image):
        self.log.append(("look", int(image[0, 0]), self.model))
        if self.broken:
            raise ValueError("broken")
        probabilities = np.zeros(10, np.float32)
        probabilities[image[0, 0] % 10] = 1
        return Look(self.model, image, probabilities, (), np.full(3, image[0, 0], np.float32))

    def saliency(self, image, digit, probability):
        self.log.append(("saliency", int(image[0, 0]), digit))
        return ValueMap(image, digit, np.zeros((28, 28), np.float32), probability)

    def occlusion(self, image, digit, cover, stopped):
        self.log.append(("occlusion", int(image[0, 0]), digit, cover))
        if image[0, 0] == 99:
            self.held.set()
            self.let_go.wait(10)
            if stopped():
                self.log.append(("given up",))
                return None
        return ValueMap(image, digit, np.zeros((14, 14), np.float32), 1.0)


class FakeFeatures:
    """The mean ink as three equal features; can be held up."""

    made: list[str] = []  # noqa: RUF012
    hold = False
    let_go = threading.Event()

    def __init__(self, model):
        self.made.append(threading.current_thread().name)

    def of(self, images):
        if self.hold:
            self.let_go.wait(10)
        return np.repeat(images.mean(axis=(1, 2), dtype=np.float32)[:, None], 3, axis=1)


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    FakeInsight.log.clear()
    FakeFeatures.made.clear()
    for event in (FakeInsight.held, FakeInsight.let_go, FakeFeatures.let_go):
        event.clear()
    monkeypatch.setattr(FakeInsight, "broken", False)
    monkeypatch.setattr(FakeFeatures, "hold", False)


@pytest.fixture
def digits():
    """500 training digits: digit i is all i // 2 ink and labelled i % 10."""
    images = np.repeat(np.arange(500) // 2, 28 * 28).astype(np.uint8).reshape(500, 28, 28)
    return Dataset("plain", images, (np.arange(500) % 10).astype(np.uint8), (500, 0, 0))


@pytest.fixture
def session(tmp_path, qapp):
    session = Session(
        Settings(tmp_path / "settings.json"), train=scripted_train, make_classifier=FakeClassifier, runs=tmp_path
    )
    yield session
    assert session.close()


@pytest.fixture
def explainer(session):
    return Explainer(session, session, make_insight=FakeInsight, make_features=FakeFeatures)


@pytest.fixture
def ready(session, explainer, digits):
    """The explainer of a session with a data set and a model."""
    session.take_dataset(None, digits)
    session.take_model(network(), "made")
    return explainer


def collected(explainer):
    found = {}
    explainer.looked.connect(lambda look: found.update(look=look))
    explainer.mapped.connect(lambda step, result: found.update({step: result}))
    explainer.resembled.connect(lambda step, result: found.update({step: result}))
    return found


def names():
    return [entry[0] for entry in FakeInsight.log]


def test_that_all_that_is_wanted_is_found(ready, qtbot):
    found = collected(ready)
    ready.set_image(image(7))
    ready.want(ALL)
    qtbot.waitUntil(lambda: set(found) == {"look", *ALL})
    assert found["look"].digit == 7
    assert found[Step.SALIENCY].digit == found[Step.OCCLUSION].digit == 7
    assert set(found[Step.PIXELS].of_all.indices[:2].tolist()) == {14, 15}
    assert found[Step.PIXELS].of_all.distances[0] == 0
    assert found[Step.FEATURES].of_class[3].indices[0] == 13
    assert FakeInsight.log[0] == ("made", "explainer")
    assert FakeFeatures.made == ["feature survey"]


def test_that_nothing_is_computed_while_nothing_is_wanted(ready, qtbot):
    ready.set_image(image(7))
    ready.set_image(image(8))
    qtbot.wait(30)
    assert FakeInsight.log == []
    assert FakeFeatures.made == []
    found = collected(ready)
    ready.want({Step.PIXELS})
    qtbot.waitUntil(lambda: Step.PIXELS in found)
    assert names() == ["made", "look"]
    assert FakeFeatures.made == []
    ready.want(())
    ready.set_image(image(9))
    qtbot.wait(30)
    assert names() == ["made", "look"]


def test_that_nothing_is_computed_twice(ready, session, qtbot):
    found = collected(ready)
    ready.set_image(image(7))
    ready.want({Step.LOOK, Step.SALIENCY, Step.OCCLUSION})
    qtbot.waitUntil(lambda: Step.OCCLUSION in found)
    session.run_changed.emit()
    ready.choose(None, Cover.PAPER)
    ready.choose(None, Cover.GREY)
    qtbot.waitUntil(lambda: len(FakeInsight.log) == 5)
    ready.choose(2, Cover.GREY)
    qtbot.waitUntil(lambda: len(FakeInsight.log) == 7)
    assert names() == ["made", "look", "saliency", "occlusion", "occlusion", "saliency", "occlusion"]
    assert FakeInsight.log[-1] == ("occlusion", 7, 2, Cover.GREY)


def test_that_the_newest_digit_wins_and_an_occlusion_map_of_an_older_one_is_given_up(ready, qtbot):
    found = collected(ready)
    ready.want({Step.OCCLUSION})
    ready.set_image(image(99))
    qtbot.waitUntil(FakeInsight.held.is_set)
    ready.set_image(image(1))
    ready.set_image(image(2))
    FakeInsight.let_go.set()
    qtbot.waitUntil(lambda: Step.OCCLUSION in found)
    assert ("given up",) in FakeInsight.log
    assert ("occlusion", 2, 2, Cover.PAPER) in FakeInsight.log
    assert not any(entry[1:2] == (1,) for entry in FakeInsight.log)
    assert found[Step.OCCLUSION].image[0, 0] == 2


def test_that_a_look_and_its_saliency_follow_a_pen_that_does_not_rest(ready, qtbot):
    found = collected(ready)
    ready.want(ALL)
    start = time.monotonic()
    while time.monotonic() - start < 0.6:
        ready.set_image(image(3))
        qtbot.wait(2)
    assert names().count("saliency") >= 3
    assert abs(names().count("look") - names().count("saliency")) <= 1
    qtbot.waitUntil(lambda: Step.OCCLUSION in found)


def test_that_a_digit_that_was_taken_away_is_not_answered(ready, qtbot):
    found = collected(ready)
    ready.want({Step.OCCLUSION})
    ready.set_image(image(99))
    qtbot.waitUntil(FakeInsight.held.is_set)
    found.clear()
    ready.set_image(None)
    FakeInsight.let_go.set()
    qtbot.wait(30)
    assert found == {}


def test_that_another_model_is_looked_into_and_its_features_are_computed(ready, session, qtbot):
    found = collected(ready)
    ready.set_image(image(7))
    ready.want(ALL)
    qtbot.waitUntil(lambda: Step.FEATURES in found)
    other = network(value=1.0)
    found.clear()
    session.take_model(other, "other")
    assert ready.features_state is FeaturesState.COMPUTING
    qtbot.waitUntil(lambda: Step.FEATURES in found)
    assert found["look"].model is other
    assert Step.PIXELS not in found
    assert names().count("made") == 1
    wider = network("dense 4, relu, dense 10")
    session.take_model(wider, "wider")
    qtbot.waitUntil(lambda: found["look"].model is wider)
    assert names().count("made") == 2


def test_that_another_data_set_is_searched_anew(ready, session, digits, qtbot):
    found = collected(ready)
    ready.set_image(image(7))
    ready.want(ALL)
    qtbot.waitUntil(lambda: Step.FEATURES in found)
    found.clear()
    session.take_dataset(None, replace(digits, images=digits.images[::-1].copy()))
    qtbot.waitUntil(lambda: {Step.FEATURES, Step.PIXELS} <= set(found))
    assert set(found[Step.PIXELS].of_all.indices[:2].tolist()) == {485, 484}
    assert set(found[Step.FEATURES].of_all.indices[:2].tolist()) == {485, 484}


def test_that_a_look_is_delivered_although_the_data_set_came_meanwhile(explainer, session, digits, monkeypatch, qtbot):
    found = collected(explainer)
    session.take_model(network(), "made")
    explainer.want(ALL)
    explainer.set_image(image(7))
    session.take_dataset(None, digits)
    qtbot.waitUntil(lambda: set(found) == {"look", *ALL})


@pytest.mark.parametrize(
    ("line", "state"),
    [("dense 10", FeaturesState.NO_LAYER), ("dense 1025, relu, dense 10", FeaturesState.TOO_WIDE)],
)
def test_that_features_that_cannot_be_had_say_why(ready, session, line, state, qtbot):
    found = collected(ready)
    session.take_model(network(line), "made")
    ready.want(ALL)
    ready.set_image(image(7))
    qtbot.waitUntil(lambda: Step.OCCLUSION in found)
    assert ready.features_state is state
    assert Step.FEATURES not in found
    assert FakeFeatures.made == []


def test_that_without_a_model_there_are_no_features(explainer):
    assert explainer.features_state is FeaturesState.NOTHING


def test_that_features_are_dropped_when_a_run_starts_and_computed_when_it_has_ended(ready, session, qtbot):
    found = collected(ready)
    ready.set_image(image(7))
    ready.want(ALL)
    qtbot.waitUntil(lambda: ready.features_state is FeaturesState.READY)
    session.step_training(TrainingConfig(epochs=1))
    qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED)
    assert ready.features_state in (FeaturesState.RUN, FeaturesState.NO_LAYER)
    assert ready._survey.neighbours is None
    found.clear()
    session.stop_training()
    qtbot.waitUntil(lambda: session.run_state is RunState.IDLE)
    # The script trains softmax regression, which has no hidden layer; this is what a run of another one leaves.
    session.take_model(network(value=2.0), "trained")
    qtbot.waitUntil(lambda: Step.FEATURES in found)
    assert len(FakeFeatures.made) == 2


def test_that_a_computation_of_features_tells_its_progress_and_can_be_given_up(ready, session, monkeypatch, qtbot):
    monkeypatch.setattr(FakeFeatures, "hold", True)
    ready.want(ALL)
    assert ready.features_state is FeaturesState.WAITING
    assert FakeFeatures.made == []
    ready.set_image(image(7))
    qtbot.waitUntil(lambda: len(FakeFeatures.made) == 1)
    assert ready.features_state is FeaturesState.COMPUTING
    seen = []
    ready.features_changed.connect(lambda: seen.append(ready.features_progress))
    session.take_model(network(value=1.0), "other")
    monkeypatch.setattr(FakeFeatures, "hold", False)
    FakeFeatures.let_go.set()
    qtbot.waitUntil(lambda: ready.features_state is FeaturesState.READY)
    assert seen == sorted(seen)
    assert {0.25, 0.5, 1.0} <= set(seen)
    assert len(FakeFeatures.made) == 2


def test_that_a_model_that_cannot_be_looked_into_is_said_once(ready, session, monkeypatch, qtbot):
    monkeypatch.setattr(FakeInsight, "broken", True)
    said = []
    ready.failed.connect(lambda *words: said.append(words))
    ready.want({Step.LOOK})
    ready.set_image(image(7))
    qtbot.waitUntil(lambda: len(said) == 1)
    ready.set_image(image(8))
    session.take_model(network(value=1.0), "the same network")
    qtbot.wait(30)
    assert len(said) == 1
    assert "broken" in said[0][0]
    monkeypatch.setattr(FakeInsight, "broken", False)
    found = collected(ready)
    session.take_model(network("dense 4, relu, dense 10"), "another")
    qtbot.waitUntil(lambda: "look" in found)


@pytest.fixture
def thread(qapp):
    thread = ExplainingThread(FakeInsight)
    yield thread
    thread.close()


def test_that_beside_training_newer_weights_are_taken_about_once_a_second(thread, monkeypatch, qtbot):
    monkeypatch.setattr(explaining_thread, "LEAST_BESIDE_TRAINING", 0.2)
    wish = Wish(image(1), network(), steps=frozenset({Step.LOOK}), beside_training=True)
    start = time.monotonic()
    while time.monotonic() - start < 0.9:
        thread.wish(replace(wish, model=network()))
        qtbot.wait(5)
    looks, most = names().count("look"), 1 + (time.monotonic() - start) / 0.2
    assert 2 <= looks <= most
    newest = network()
    thread.wish(replace(wish, model=newest))
    qtbot.waitUntil(lambda: FakeInsight.log[-1] == ("look", 1, newest))


def test_that_beside_training_the_thread_rests_most_of_the_time(thread, monkeypatch, qtbot):
    def slow(self, image):
        FakeInsight.log.append(("look",))
        start = time.thread_time()
        while time.thread_time() - start < 0.01:
            pass
        return Look(self.model, image, np.zeros(10, np.float32), (), None)

    monkeypatch.setattr(FakeInsight, "look", slow)
    wish = Wish(image(1), network(), steps=frozenset({Step.LOOK}), beside_training=True)
    start = time.monotonic()
    while time.monotonic() - start < 0.7:
        thread.wish(replace(wish, image=image(1)))
        qtbot.wait(2)
    assert names().count("look") <= 6
