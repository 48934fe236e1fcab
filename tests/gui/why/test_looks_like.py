"""The nearest training digits, with a stand-in for what finds them."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QComboBox, QLabel
from why_tools import found_of, look_of, model_of

from mnist_gui.gui.why.digit_row import DigitRow, Neighbour
from mnist_gui.gui.why.likeness import Likeness
from mnist_gui.session.explainer import FeaturesState, Step

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def likeness(session, explainer, theme, qtbot):
    likeness = Likeness(session, explainer, theme)
    qtbot.addWidget(likeness)
    likeness.resize(560, 500)
    likeness.show()
    return likeness


@pytest.fixture
def filled(likeness, session, explainer):
    explainer.looked.emit(look_of(answer=7, second=9))
    for step in (Step.PIXELS, Step.FEATURES):
        explainer.resembled.emit(step, found_of(session.dataset.labels[:200]))
    return likeness


def row(likeness, step, number):
    return likeness.findChild(DigitRow, f"why_{step}_row_{number}")


def text(likeness, name):
    return likeness.findChild(QLabel, name).text()


def test_that_the_nearest_of_the_answer_stand_above_those_of_the_runner_up(filled):
    for step in (Step.PIXELS, Step.FEATURES):
        above, below = (row(filled, step, number).neighbours for number in (0, 1))
        assert [one.index for one in above] == [7, 17, 27, 37, 47, 57, 67, 77]
        assert {one.label for one in above} == {7}
        assert [one.index for one in below] == [9, 19, 29, 39, 49, 59, 69, 79]
        assert above[0].distance == 1.25
        assert (text(filled, f"why_{step}_name_0"), text(filled, f"why_{step}_name_1")) == ("7", "not 9")


def test_that_it_is_said_what_the_nearest_of_all_are(filled):
    said = text(filled, "why_pixels_note")
    assert said.startswith("Of the 8 nearest of all, 1 is 0, 1 is 1")


def test_that_any_class_can_be_compared_with(filled, explainer):
    box = filled.findChild(QComboBox, "why_other")
    box.setCurrentIndex(box.findData(3))
    assert {one.label for one in row(filled, Step.PIXELS, 1).neighbours} == {3}
    explainer.looked.emit(look_of(answer=7, second=1))
    assert {one.label for one in row(filled, Step.PIXELS, 1).neighbours} == {3}
    box.setCurrentIndex(0)
    assert {one.label for one in row(filled, Step.PIXELS, 1).neighbours} == {1}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (FeaturesState.RUN, "After the run"),
        (FeaturesState.NO_LAYER, "no hidden layer"),
        (FeaturesState.WAITING, "as soon as there is a digit"),
        (FeaturesState.COMPUTING, "25 % computed"),
    ],
)
def test_that_it_is_said_why_the_hidden_layer_cannot_be_asked(filled, explainer, state, said):
    explainer.features_state, explainer.features_progress = state, 0.25
    explainer.features_changed.emit()
    assert said in text(filled, "why_features_note")
    assert row(filled, Step.FEATURES, 0).isHidden()
    assert not row(filled, Step.PIXELS, 0).isHidden()


def test_that_a_layer_that_is_too_wide_is_named_with_its_width(filled, session, explainer):
    session.model = model_of("dense 2000, relu, dense 10")
    explainer.features_state = FeaturesState.TOO_WIDE
    explainer.features_changed.emit()
    assert "2,000 values" in text(filled, "why_features_note")


def test_that_the_digits_of_another_data_set_are_found_for_the_same_look(filled, session, explainer):
    session.dataset_changed.emit()
    assert row(filled, Step.PIXELS, 0).neighbours == ()
    explainer.resembled.emit(Step.PIXELS, found_of(session.dataset.labels[:100]))
    assert len(row(filled, Step.PIXELS, 0).neighbours) == 8


def test_that_without_a_model_or_digits_the_reason_is_said(filled, session):
    session.dataset = None
    session.dataset_changed.emit()
    assert "no training digits" in text(filled, "why_pixels_note")
    session.model = None
    filled.clear()
    assert "no model" in text(filled, "why_pixels_note")


@pytest.fixture
def digits(theme, tiny_dataset, qtbot):
    digits = DigitRow(theme)
    qtbot.addWidget(digits)
    digits.resize(8 * 60 + 4, 80)
    digits.show()
    digits.show_neighbours(
        tuple(Neighbour(100 + i, tiny_dataset.images[i], int(tiny_dataset.labels[i]), i / 2) for i in range(8))
    )
    return digits


def events(digits):
    seen = []
    for name in ("pressed", "chosen", "opened"):
        getattr(digits, name).connect(lambda index, name=name: seen.append((name, index)))
    return seen


def test_that_a_click_chooses_once_it_is_clear_that_no_second_one_comes(digits, qtbot):
    seen = events(digits)
    qtbot.mouseClick(digits, LEFT, pos=digits.place_of(2).center())
    assert seen == [("pressed", 102)]
    qtbot.waitUntil(lambda: seen == [("pressed", 102), ("chosen", 102)], timeout=2000)


def test_that_a_double_click_opens_and_does_not_choose(digits, qtbot):
    seen = events(digits)
    qtbot.mouseClick(digits, LEFT, pos=digits.place_of(3).center())
    qtbot.mouseDClick(digits, LEFT, pos=digits.place_of(3).center())
    qtbot.wait(QApplication.doubleClickInterval() + 50)
    assert seen == [("pressed", 103), ("opened", 103)]


def test_that_a_click_beside_the_digits_does_nothing(digits, qtbot):
    seen = events(digits)
    digits.show_neighbours(digits.neighbours[:2])
    qtbot.mouseClick(digits, LEFT, pos=digits.place_of(2).center())
    qtbot.mouseClick(digits, Qt.MouseButton.RightButton, pos=QPoint(5, 5))
    assert seen == []


def test_that_the_keyboard_reaches_every_digit(digits, qtbot):
    seen = events(digits)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Return):
        qtbot.keyClick(digits, key)
    assert seen == [("pressed", 102), ("chosen", 102), ("opened", 102)]


def test_that_a_narrow_row_shows_fewer_digits_and_takes_no_click_for_the_others(digits, qtbot):
    digits.resize(200, 80)
    seen = events(digits)
    qtbot.mouseClick(digits, LEFT, pos=digits.place_of(3).center())
    for _ in range(9):
        qtbot.keyClick(digits, Qt.Key.Key_Right)
    qtbot.keyClick(digits, Qt.Key.Key_Space)
    assert seen == [("pressed", 102), ("chosen", 102)]


def test_that_projector_mode_enlarges_the_digits(digits, theme):
    before = digits.minimumSizeHint().height()
    theme.set_scale(1.5)
    assert digits.place_of(0).width() == 84
    assert digits.minimumSizeHint().height() >= before + 28


def test_that_index_label_and_distance_are_copied(digits):
    assert digits.numbers().splitlines()[3] == "103\t3\t1.5000"
