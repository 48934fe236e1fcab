import json

import numpy as np
import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from session_fakes import FakeClassifier, digit, make_model, scripted_train

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.history import RunHistory
from mnist_gui.engine.prediction import Prediction
from mnist_gui.session.pins import Pins
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings
from mnist_gui.session.states import Asker, RunState


class AskedSession(QObject):
    """The part of a session that pins use; the test answers."""

    all_answered = pyqtSignal(str, object, object)
    model_changed = pyqtSignal()
    history_extended = pyqtSignal()
    run_changed = pyqtSignal()
    notice = pyqtSignal(str)

    def __init__(self, settings, folder):
        super().__init__()
        self.settings, self.runs = settings, folder / "runs"
        self.model = self.history = None
        self.run_state = RunState.IDLE
        self.asked, self.ends, self.notices = [], [], []
        self.notice.connect(self.notices.append)

    def ask_all(self, asker, images):
        assert asker == Asker.PINS
        self.asked.append(images)

    def at_close(self, end):
        self.ends.append(end)

    def take_model(self, model):
        self.model = model
        self.model_changed.emit()

    def answer(self, model, *shares):
        """Each pin is a 3 with such a share."""
        rows = []
        for share in shares:
            row = np.full(10, (1 - share) / 9, np.float32)
            row[3] = share
            rows.append(Prediction(row))
        self.all_answered.emit(Asker.PINS, tuple(rows), model)

    def begin_run(self):
        self.history, self.run_state = RunHistory(), RunState.TRAINING
        self.history_extended.emit()


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def session(qapp, settings, tmp_path):
    session = AskedSession(settings, tmp_path)
    yield session
    for end in session.ends:
        end()


@pytest.fixture
def pins(session):
    return Pins(session)


def pin(pins, answer, **more):
    return pins.pin(digit(answer), more.get("drawing"), more.get("label"), more.get("title", f"digit {answer}"))


def titles(pins):
    return [one.title for one in pins.pins]


def close(session):
    for end in session.ends:
        end()
    session.ends.clear()


# ---- the pins
def test_that_a_pinned_digit_is_read_with_those_before_it(pins, session):
    pin(pins, 1)
    pin(pins, 2)
    assert [len(images) for images in session.asked] == [1, 2]
    np.testing.assert_array_equal(session.asked[-1], np.stack([digit(1), digit(2)]))


def test_that_the_same_digit_is_pinned_once(pins, session):
    first = pin(pins, 1)
    assert pin(pins, 1) is first
    assert len(pins.pins) == len(session.asked) == 1


def test_that_a_removed_pin_comes_back_in_its_place_with_its_curve(pins, session):
    numbers = [pin(pins, answer).number for answer in (1, 2, 3)]
    session.begin_run()
    model = make_model(step=4)
    session.take_model(model)
    session.answer(model, 0.2, 0.3, 0.4)
    pins.unpin(numbers[1])
    assert titles(pins) == ["digit 1", "digit 3"]
    assert len(session.asked[-1]) == 2
    assert pins.removed.title == "digit 2"
    pins.restore()
    assert titles(pins) == ["digit 1", "digit 2", "digit 3"]
    assert pins.curve(numbers[1]).steps.tolist() == [4]
    assert pins.removed is None
    pins.restore()


def test_that_the_last_pin_taken_away_ends_the_reading(pins, session):
    pins.unpin(pin(pins, 1).number)
    assert session.asked[-1] is None


def test_that_pins_are_moved(pins):
    numbers = [pin(pins, answer).number for answer in (1, 2, 3)]
    pins.move(numbers[2], 0)
    assert titles(pins) == ["digit 3", "digit 1", "digit 2"]
    pins.move(numbers[2], 99)
    assert titles(pins) == ["digit 1", "digit 2", "digit 3"]


def test_that_a_pin_is_labelled_and_called_otherwise_without_being_read_again(pins, session):
    number = pin(pins, 1).number
    pins.set_label(number, 7)
    pins.set_title(number, "  Anna's seven ")
    pins.set_title(number, " ")
    assert (pins.pins[0].label, pins.pins[0].title) == (7, "Anna's seven")
    assert len(session.asked) == 1
    with pytest.raises(ValueError):
        pins.set_label(number, 10)


# ---- what models say of them
def test_that_weights_of_a_run_become_a_curve_and_other_models_do_not(pins, session):
    number = pin(pins, 1).number
    opened = make_model(step=9_000)
    session.take_model(opened)
    session.answer(opened, 0.8)
    assert len(pins.curve(number)) == 0
    assert pins.answer(number).confidence == pytest.approx(0.8)
    session.begin_run()
    for step in (0, 10, 20):
        model = make_model(step=step)
        session.take_model(model)
        session.answer(model, 0.1 + step / 100)
    assert pins.curve(number).steps.tolist() == [0, 10, 20]
    assert pins.answer(number).confidence == pytest.approx(0.3)
    session.run_state = RunState.IDLE
    kept = make_model(step=10)
    session.take_model(kept)
    session.answer(kept, 0.2)
    assert pins.curve(number).steps.tolist() == [0, 10, 20]
    assert pins.curve(number).at(10)[1][3] == pytest.approx(0.2)
    assert pins.answer(number).confidence == pytest.approx(0.2)


def test_that_weights_read_late_fill_the_curve_and_leave_the_answer(pins, session):
    number = pin(pins, 1).number
    session.begin_run()
    early, late = make_model(step=1), make_model(step=2)
    session.take_model(early)
    session.take_model(late)
    session.answer(late, 0.9)
    session.answer(early, 0.4)
    assert pins.curve(number).steps.tolist() == [1, 2]
    assert pins.answer(number).confidence == pytest.approx(0.9)


def test_that_weights_read_after_the_end_of_the_run_leave_the_answer_of_the_kept_ones(pins, session):
    number = pin(pins, 1).number
    session.begin_run()
    last, kept = make_model(step=30), make_model(step=20)
    session.take_model(last)
    session.run_state = RunState.IDLE
    session.take_model(kept)
    session.answer(kept, 0.7)
    session.answer(last, 0.6)
    assert pins.curve(number).steps.tolist() == [30]
    assert pins.answer(number).confidence == pytest.approx(0.7)


def test_that_a_new_run_begins_new_curves_and_old_weights_read_late_stay_out(pins, session, qtbot):
    number = pin(pins, 1).number
    session.begin_run()
    old = make_model(step=500)
    session.take_model(old)
    session.answer(old, 0.9)
    with qtbot.waitSignal(pins.run_begun):
        session.begin_run()
    new = make_model(step=0)
    session.take_model(new)
    session.answer(old, 0.9)
    assert len(pins.curve(number)) == 0
    session.answer(new, 0.1)
    assert pins.curve(number).steps.tolist() == [0]


def test_that_a_digit_pinned_in_the_middle_of_a_run_has_a_curve_from_there(pins, session):
    first = pin(pins, 1).number
    session.begin_run()
    model = make_model(step=50)
    session.take_model(model)
    session.answer(model, 0.5)
    second = pin(pins, 2).number
    session.answer(model, 0.5, 0.6)
    assert pins.curve(first).steps.tolist() == pins.curve(second).steps.tolist() == [50]


def test_that_without_a_model_there_are_no_answers(pins, session):
    number = pin(pins, 1).number
    model = make_model()
    session.take_model(model)
    session.answer(model, 0.5)
    session.all_answered.emit(Asker.PINS, None, None)
    assert pins.answer(number) is None


def test_that_answers_for_others_are_not_mistaken(pins, session):
    number = pin(pins, 1).number
    session.take_model(make_model())
    session.all_answered.emit(Asker.CANVAS, (), session.model)
    assert pins.answer(number) is None


# ---- the file
def test_that_pins_come_back_at_the_next_start_with_their_strokes(pins, session, settings, tmp_path):
    strokes = (Stroke(np.array([[1.5, 2.25], [3.0, 1 / 3]]), 26.0), Stroke(np.array([[9.0, 9.0]]), 40.0, erase=True))
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    pin(pins, 7, drawing=Drawing(strokes, picture, 10.0), label=7, title="Anna’s 7")
    pin(pins, 2)
    pins.move(pins.pins[1].number, 0)
    close(session)
    again = Pins(AskedSession(settings, tmp_path))
    assert titles(again) == ["digit 2", "Anna’s 7"]
    back = again.pins[1]
    np.testing.assert_array_equal(back.image, digit(7))
    assert back.label == 7
    assert (back.drawing.least_side, back.drawing.strokes[1].erase) == (10.0, True)
    np.testing.assert_array_equal(back.drawing.picture, picture)
    np.testing.assert_array_equal(back.drawing.strokes[0].points, strokes[0].points)
    assert len(again._session.asked[0]) == 2
    assert pin(again, 3).number == 3
    close(again._session)


def test_that_pinning_in_a_hurry_saves_all_of_them(pins, session, settings, tmp_path):
    for answer in range(10):
        pin(pins, answer)
    close(session)
    assert len(Pins(AskedSession(settings, tmp_path)).pins) == 10


def test_that_pins_made_while_a_file_is_written_are_saved_without_waiting_for_the_end(pins, tmp_path, qtbot):
    for answer in range(10):
        pin(pins, answer)
    path = tmp_path / "pins.json"
    qtbot.waitUntil(lambda: path.exists() and len(json.loads(path.read_text())["pins"]) == 10)


@pytest.mark.parametrize("content", [b"{", b"[1]", b'{"pins": 3}', b"\xff\xfe", b"[" * 100_000])
def test_that_a_damaged_file_is_kept_and_told_of(session, settings, tmp_path, content):
    path = tmp_path / "pins.json"
    path.write_bytes(content)
    pins = Pins(session)
    assert pins.pins == ()
    kept = list(tmp_path.glob("pins.corrupt-*.json"))
    assert len(kept) == 1
    assert kept[0].read_bytes() == content
    assert kept[0].name in settings.notices[0]
    pin(pins, 1)
    close(session)
    assert len(Pins(AskedSession(settings, tmp_path)).pins) == 1


def test_that_a_damaged_entry_costs_no_other_and_the_file_is_kept(pins, session, settings, tmp_path):
    for answer in range(5):
        pin(pins, answer)
    close(session)
    path = tmp_path / "pins.json"
    content = json.loads(path.read_text())
    content["pins"][0]["label"] = 12
    content["pins"][1]["image"] = content["pins"][1]["image"][4:]
    content["pins"][2] = None
    content["pins"][3]["drawing"] = {"strokes": [{"points": 3, "width": 1}]}
    path.write_text(json.dumps(content))
    again = Pins(AskedSession(settings, tmp_path))
    assert titles(again) == ["digit 4"]
    assert "4 of 5" in settings.notices[0]
    assert len(list(tmp_path.glob("pins.corrupt-*.json"))) == 1


def test_that_pins_that_cannot_be_saved_are_told_of(pins, session, tmp_path, qtbot):
    (tmp_path / "pins.json").mkdir()
    pin(pins, 1)
    qtbot.waitUntil(lambda: bool(session.notices))
    assert "not saved" in session.notices[0]


# ---- with a real session
def test_that_a_run_of_a_session_gives_every_pin_its_curve(settings, tmp_path, tiny_dataset, monkeypatch, qtbot):
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    session = Session(settings, train=scripted_train, make_classifier=FakeClassifier, runs=tmp_path / "runs")
    try:
        pins = Pins(session)
        with qtbot.waitSignal(session.dataset_changed):
            session.open_dataset(None)
        numbers = [pin(pins, answer).number for answer in (4, 6)]
        with qtbot.waitSignal(session.saved, timeout=10_000):
            session.start_training(TrainingConfig(network="softmax", updates=Updates.SGD, epochs=2))

        def read_with_the_kept_weights():  # they have 0.9 less their bias of 0.01
            answer = pins.answer(numbers[1])
            return answer is not None and answer.confidence == pytest.approx(0.89)

        qtbot.waitUntil(read_with_the_kept_weights)
        qtbot.waitUntil(lambda: len(pins.curve(numbers[0])) > 1)
        assert [pins.answer(number).digit for number in numbers] == [4, 6]
        assert pins.curve(numbers[0]).steps.tolist() == pins.curve(numbers[1]).steps.tolist()
        assert pins.curve(numbers[0]).steps[-1] <= 20
    finally:
        assert session.close()
