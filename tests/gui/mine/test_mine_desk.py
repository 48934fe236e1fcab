"""My digits in the whole window."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from session_fakes import listening_session, make_model

from mnist_gui.app import open_window
from mnist_gui.data.dataset import Dataset
from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.engine.calibration import Calibration
from mnist_gui.engine.tuning import Compared
from mnist_gui.gui.browser.grid import DigitGrid
from mnist_gui.gui.canvas.answer import Answer
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.mine.collection import next_label
from mnist_gui.gui.mine.result_words import remarks, rows, watched_rows
from mnist_gui.session.fine_tuning import TuningState, Watched


def drawing(number):
    """Another one for each number below 60."""
    points = np.array([[60.0, 20.0], [120.0 + 2 * number, 240.0], [60.0, 200.0 - number]])
    return Drawing((Stroke(points, 20.0),), least_side=10.0)


@pytest.fixture
def session(tmp_path, qapp, tiny_dataset):
    session = listening_session(tmp_path)
    yield session
    assert session.close()


@pytest.fixture
def window(session, theme, qtbot, tiny_dataset):
    window = open_window(session, theme)
    window.resize(1366, 768)
    with qtbot.waitSignal(window.painted):
        window.show()
    session.take_dataset(None, tiny_dataset)
    session.take_model(make_model(name="Softmax"), "made")
    qtbot.waitUntil(lambda: window.mine.digits.ready)
    yield window
    window.close()
    sip.delete(window)


@pytest.fixture
def mine(window):
    return window.mine


def draw(window, number):
    window.canvas.set_drawing(drawing(number), "drawing")


def keep(window, *labels):
    start = len(window.mine.digits.digits)
    for place, label in enumerate(labels, start=start):
        draw(window, place)
        assert window.mine.keeping.keep(label)


def press(qtbot, window, key):
    canvas = window.findChild(DrawingCanvas)
    window.rooms.draw.go_to()
    canvas.setFocus()
    QApplication.processEvents()
    qtbot.keyClick(canvas, key)


def test_that_one_key_says_what_the_drawing_is_and_undo_takes_it_back(window, mine, session, qtbot):
    draw(window, 1)
    press(qtbot, window, Qt.Key.Key_7)
    kept = mine.digits.digits[0]
    assert kept.label == 7
    np.testing.assert_array_equal(kept.image, window.canvas.image)
    np.testing.assert_array_equal(kept.drawing.strokes[0].points, drawing(1).strokes[0].points)
    assert session.notices[-1] == "Kept as 7 (1 digit). Ctrl+Z takes it back."
    assert window.canvas.image is not None  # the drawing stays
    window.canvas.undo_stack.undo()
    assert mine.digits.digits == ()
    window.canvas.undo_stack.redo()
    assert mine.digits.counts[7] == 1


def test_that_another_key_corrects_the_label_and_that_can_be_undone(window, mine):
    draw(window, 1)
    assert mine.keeping.keep(7)
    assert not mine.keeping.keep(7)
    assert mine.keeping.keep(1)
    assert [digit.label for digit in mine.digits.digits] == [1]
    window.canvas.undo_stack.undo()
    assert [digit.label for digit in mine.digits.digits] == [7]


def test_that_the_newest_stroke_is_in_what_is_kept(window, mine):
    for number in range(8):  # quicker than the drawing is read
        draw(window, number)
        assert mine.keeping.keep(number)
    assert len(mine.digits.digits) == 8


def test_that_nothing_and_a_digit_of_the_grid_cannot_be_kept(window, mine, session, qtbot):
    button = window.findChild(QPushButton, "it_is_a")
    assert not button.isEnabled()
    assert not mine.keeping.keep(3)
    window.show_in_draw(0)
    assert not button.isEnabled()
    assert not mine.keeping.keep(3)
    assert "Draw a digit first" in session.notices[-1]
    draw(window, 1)
    qtbot.waitUntil(button.isEnabled)
    next(action for action in button.menu().actions() if action.text() == "4").trigger()
    assert mine.digits.counts[4] == 1


def test_that_the_grid_shows_them_live_and_the_way_back_is_one_click(window, mine, session, tiny_dataset):
    back = window.findChild(QPushButton, "mine_back")
    assert not back.isVisible()
    mine.show()
    assert window.findChild(QLabel, "empty_title").text() == "My digits is empty"
    window.findChild(QPushButton, "empty_action").click()
    assert window.rooms.draw.isVisible()
    keep(window, 3, 4, 5)
    assert window.findChild(QLabel, "digit_count").text() == "3 digits"
    assert back.isVisible()
    back.click()
    assert session.dataset is tiny_dataset
    assert not back.isVisible()


def test_that_a_digit_of_the_grid_is_taken_away_and_relabelled_by_keys_and_menu(window, mine, session, qtbot):
    keep(window, 3, 4, 5)
    mine.show()
    window.rooms.browse.go_to()
    session.select(1)
    key = mine.digits.selected.key
    grid = window.findChild(DigitGrid)
    grid.setFocus()
    QApplication.processEvents()
    qtbot.keyClick(grid, Qt.Key.Key_9, Qt.KeyboardModifier.AltModifier)
    assert mine.digits.selected.key == key
    assert mine.digits.selected.label == 9
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert len(session.dataset) == 2
    stack = window.canvas.undo_stack
    stack.undo()
    stack.undo()
    assert sorted(digit.label for digit in mine.digits.digits) == [3, 4, 5]
    menu = QMenu(window)
    window.browser.menu_opened.emit(menu)
    texts = [action.text() for action in menu.actions()]
    assert "It &is a" in texts
    next(action for action in menu.actions() if action.text().startswith("&Take")).trigger()
    assert len(mine.digits.digits) == 2


def test_that_the_menu_of_another_data_set_is_as_it_was(window, session):
    session.select(0)
    menu = QMenu(window)
    window.browser.menu_opened.emit(menu)
    assert menu.actions() == []


def test_that_a_collection_asks_for_the_rarest_and_clears_for_the_next(window, mine):
    mine.collect()
    assert mine.strip.isVisible()
    for number in range(20):
        asked = mine.strip.asked
        assert mine.digits.counts[asked] == min(mine.digits.counts)
        assert window.findChild(QLabel, "collection_prompt").text() == f"Draw a {asked}"
        draw(window, number)
        window.findChild(QPushButton, "collection_next").click()
        assert window.canvas.drawing.strokes == ()
    assert mine.digits.counts == (2,) * 10
    assert window.findChild(QLabel, "collection_progress").text() == "30 to go"


def test_that_what_was_on_the_canvas_before_is_not_kept_as_what_is_asked_for(window, mine, session, qtbot):
    draw(window, 3)
    mine.collect()
    assert window.canvas.drawing.strokes == ()
    press(qtbot, window, Qt.Key.Key_Return)
    assert mine.digits.digits == ()
    mine.strip.finish()
    window.canvas.undo_stack.undo()
    assert len(window.canvas.drawing.strokes) == 1


def test_that_a_collection_puts_a_digit_of_the_grid_away_and_ends_when_one_is_shown(window, mine):
    window.canvas.show_digit(5)
    mine.collect()
    assert window.canvas.label is None
    assert mine.strip.active
    window.canvas.show_digit(5)
    assert not mine.strip.active


def test_that_what_undo_takes_back_is_said(window, mine, session):
    told = []
    session.notice.connect(told.append)
    draw(window, 1)
    mine.keeping.keep(3)
    window.canvas.undo_stack.undo()
    assert told[-1] == "Undone: keeping a 3."


def test_that_enter_accepts_what_was_drawn(window, mine, qtbot):
    mine.collect()
    asked = mine.strip.asked
    draw(window, 1)
    press(qtbot, window, Qt.Key.Key_Return)
    assert mine.digits.counts[asked] == 1
    mine.strip.finish()
    draw(window, 2)
    press(qtbot, window, Qt.Key.Key_Return)
    assert sum(mine.digits.counts) == 1


def test_that_back_takes_the_last_digit_back_with_its_drawing(window, mine):
    mine.collect()
    first = mine.strip.asked
    draw(window, 1)
    mine.strip.accept()
    draw(window, 2)  # begun, and given up
    mine.strip.back()
    assert mine.digits.digits == ()
    assert mine.strip.asked == first
    np.testing.assert_array_equal(window.canvas.drawing.strokes[0].points, drawing(1).strokes[0].points)


def test_that_a_finished_collection_leaves_everything_as_it_was(window, mine):
    mine.collect()
    hide = window.findChild(QPushButton, "collection_finish")
    mine.strip._hidden.setChecked(True)
    assert not window.findChild(Answer).isVisible()
    hide.click()
    assert window.findChild(Answer).isVisible()
    assert not mine.strip.isVisible()
    draw(window, 1)
    mine.keeping.keep(3)
    assert window.canvas.drawing.strokes != ()


def test_that_the_goal_offers_to_learn(window, mine):
    mine.collect()
    mine.strip._goal.setValue(1)
    for number in range(10):
        draw(window, number)
        mine.strip.accept()
    assert "Goal reached" in window.findChild(QLabel, "collection_progress").text()
    assert window.findChild(QPushButton, "collection_tune").isVisible()


def test_that_the_next_digit_is_one_of_the_rarest_and_not_the_same_again():
    chance = random.Random(0)
    assert next_label((1, 0, 1, 1, 1, 1, 1, 1, 1, 1), 1, chance) == 1
    found = {next_label((0,) * 10, 4, chance) for _ in range(200)}
    assert found == set(range(10)) - {4}


# ---- fine-tuning
def sure(*answers):
    return np.eye(10, dtype=np.float32)[list(answers)]


def result(left_out=12, steps=30, total=4):
    labels = np.arange(left_out, dtype=np.uint8) % 10
    wrong = sure(*((labels + 1) % 10)) if left_out else np.empty((0, 10), np.float32)
    right = sure(*labels) if left_out else wrong
    known = Compared(np.array([1, 2, 3, 4], np.uint8), sure(1, 2, 3, 9), sure(1, 2, 9, 4), total)
    return SimpleNamespace(
        after=make_model(0.5, name="Softmax + my digits", dataset="MNIST"),
        left_out=Compared(labels, wrong, right, left_out),
        learnt_from=Compared(labels, wrong, right, left_out),
        validation=known,
        others_before=sure(1),
        others_after=sure(7),
        steps=steps,
        steps_made=steps,
        seconds=20.0,
        chosen_by_left_out=left_out >= 10,
    )


def test_that_forgetting_is_shown_and_not_only_its_balance():
    assert rows(result())[2] == ("MNIST, validation (4)", "1 of 4", "1 of 4", "as many")
    assert any(sentence.startswith("Forgotten: 1 of 4") for sentence in remarks(result()))
    assert rows(result())[0] == ("My digits, left out (12)", "100 %", "0 %", "12 fewer misread")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (result(left_out=4), "too few for an error in percent"),
        (result(left_out=0), "None of My digits was left out"),
        (result(left_out=12), "flatters"),
        (result(steps=0), "the weights are as they were"),
        (result(total=9), "Time was up"),
        (result(), "no calibration"),
    ],
)
def test_that_what_one_must_know_is_said(made, words):
    assert any(words in sentence for sentence in remarks(made))


def test_that_a_calibrated_model_is_not_said_to_have_no_calibration():
    tuned = result()
    tuned.after = tuned.after.with_calibration(Calibration(temperature=1.3))
    assert not any("calibration" in sentence for sentence in remarks(tuned))


def test_that_a_pinned_digit_is_told_before_and_after():
    pin = Watched(np.zeros((28, 28), np.uint8), 7, "Drawing 1")
    assert watched_rows(result(), [pin]) == [("Drawing 1, a 7", "1 (100 %)", "7 (100 %)", "now right")]


def test_that_fine_tuning_is_seen_and_kept(window, mine, session, qtbot):
    given = []

    def tune(model, learnt, left_out, known, others, *, progress, stopped):
        given.append((len(learnt), len(others)))
        progress("learning, step 1 of at most 2", 0.5)
        return result()

    mine.tuning._tune = tune
    keep(window, *range(10))
    draw(window, 50)
    window.pinning.pin_shown()
    mine.tune()
    qtbot.waitUntil(lambda: mine.tuning.state is TuningState.DONE)
    assert mine.window.isVisible()
    assert not mine.window.isModal()
    assert mine.window.focusWidget() is mine.window.findChild(QPushButton, "tuning_keep")
    assert given[0][1] == 1
    texts = {label.text() for label in mine.window.findChildren(QLabel)}
    assert {"My digits, left out (12)", "12 fewer misread", "Drawing 1"} <= texts
    before = session.model
    assert before.name == "Softmax"
    with qtbot.waitSignal(session.saved):
        mine.window.findChild(QPushButton, "tuning_keep").click()
    assert session.model.name == "Softmax + my digits"
    assert not mine.window.isVisible()


def test_that_closing_the_result_discards_it(window, mine, session, qtbot):
    mine.tuning._tune = lambda *_a, **_k: result()
    keep(window, *range(10))
    before = session.model
    mine.tune()
    qtbot.waitUntil(lambda: mine.tuning.state is TuningState.DONE)
    mine.window.close()
    assert mine.tuning.state is TuningState.IDLE
    assert session.model is before


def test_that_an_empty_data_set_can_be_read_and_sorted(window, mine, session, qtbot):
    session.request_predictions()
    mine.show()
    assert isinstance(session.dataset, Dataset)
    QApplication.processEvents()
    keep(window, 3)
    qtbot.waitUntil(lambda: session.predictions is not None and session.predictions_progress == 1)
    assert session.problems == []
