import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from session_fakes import digit, listening_session, make_model

from mnist_gui.engine.control import Stopped
from mnist_gui.session.fine_tuning import FineTuning, TuningState, Watched
from mnist_gui.session.my_digits import MyDigits


class Tuner:
    """Tunes when it is let; knows what it was given."""

    def __init__(self):
        self.go_on = threading.Event()
        self.model = make_model(0.5, name="Softmax + my digits")
        self.stopped = False

    def __call__(self, model, learnt, left_out, known, others, *, progress, stopped):
        self.given = SimpleNamespace(model=model, learnt=learnt, left_out=left_out, known=known, others=others)
        progress("learning", 0.5)
        while not self.go_on.wait(0.01):
            if stopped():
                self.stopped = True
                raise Stopped
        if self.model is None:
            raise ValueError("no good")
        return SimpleNamespace(after=self.model)


@pytest.fixture
def session(tmp_path, qapp, tiny_dataset):
    session = listening_session(tmp_path)
    session.take_dataset(None, tiny_dataset)
    session.take_model(make_model(name="Softmax"), "made")
    yield session
    assert session.close()


@pytest.fixture
def mine(session, qtbot):
    mine = MyDigits(session)
    qtbot.waitUntil(lambda: mine.ready)
    session.take_dataset(None, session.dataset)
    for number in range(12):
        pixels = digit(number % 10)
        pixels[9, number] = 255
        mine.add(pixels, None, number % 10)
    return mine


@pytest.fixture
def tuner():
    return Tuner()


@pytest.fixture
def tuning(session, mine, tuner):
    return FineTuning(session, mine, tuner)


def test_that_nothing_changes_before_the_result_is_kept(tuning, tuner, session, mine, qtbot, tmp_path):
    before = session.model
    pinned = Watched(digit(4), 4, "Pin 1")
    assert tuning.start([pinned])
    qtbot.waitUntil(lambda: tuning.share == 0.5)
    assert tuning.what == "learning"
    tuner.go_on.set()
    qtbot.waitUntil(lambda: tuning.state is TuningState.DONE)
    assert session.model is before
    assert not (tmp_path / "runs").exists()
    assert tuner.given.known is mine.other
    assert len(tuner.given.learnt) + len(tuner.given.left_out) == 12
    np.testing.assert_array_equal(tuner.given.others, digit(4)[None])
    with qtbot.waitSignal(session.saved):
        tuning.keep()
    assert session.model is tuner.model
    assert session.model_source == "tuned: Softmax + my digits"
    assert tuning.state is TuningState.IDLE
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_that_a_discarded_result_leaves_the_model(tuning, tuner, session, qtbot):
    before = session.model
    tuner.go_on.set()
    tuning.start()
    qtbot.waitUntil(lambda: tuning.state is TuningState.DONE)
    tuning.discard()
    assert tuning.state is TuningState.IDLE
    assert tuning.result is None
    assert session.model is before


def test_that_cancelling_is_at_once_and_ends_the_thread(tuning, tuner, qtbot):
    tuning.start()
    qtbot.waitUntil(lambda: tuning.share == 0.5)
    began = time.perf_counter()
    tuning.cancel()
    assert time.perf_counter() - began < 1
    assert tuning.state is TuningState.IDLE
    qtbot.waitUntil(lambda: tuner.stopped)


def test_that_a_late_result_of_a_cancelled_one_is_dropped(tuning, tuner, session, qtbot):
    tuning.start()
    qtbot.waitUntil(lambda: tuning.share == 0.5)
    tuner.go_on.set()
    tuning.cancel()
    qtbot.wait(50)
    assert tuning.state is TuningState.IDLE


def test_that_what_breaks_is_told(tuning, tuner, session, qtbot):
    tuner.model = None
    tuner.go_on.set()
    tuning.start()
    qtbot.waitUntil(lambda: bool(session.problems))
    assert session.problems == ["The model could not be tuned: no good"]
    assert tuning.state is TuningState.IDLE


def test_that_it_says_what_is_missing(session, mine, tuner):
    tuning = FineTuning(session, mine, tuner)
    session.take_model(None, "")
    assert not tuning.start()
    assert "no model" in session.notices[-1]
    session.take_model(make_model(), "made")
    mine.remove([kept.key for kept in mine.digits])
    assert not tuning.start()
    assert "My digits" in session.notices[-1]


def test_that_closing_ends_it(tuning, qtbot):
    tuning.start()
    qtbot.waitUntil(lambda: tuning.share == 0.5)  # the session is closed by its fixture
