import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QEventPoint

from mnist_gui.gui.canvas.fingers import PEN_NEAR_S, STILL, TAP_S, Act, Fingers

DOWN, MOVE, UP = QEventPoint.State.Pressed, QEventPoint.State.Updated, QEventPoint.State.Released


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fingers(clock):
    return Fingers(clock)


def at(x, y=50.0):
    return QPointF(x, y)


def test_that_one_finger_draws(fingers):
    acts = [fingers.follow(4, state, at(x)) for state, x in ((DOWN, 10), (MOVE, 40), (MOVE, 90), (UP, 95))]
    assert acts == [Act.PRESS, Act.DRAG, Act.DRAG, Act.END]
    assert not fingers.drawing


def test_that_a_second_finger_is_ignored_while_the_first_draws(fingers, clock):
    assert fingers.follow(1, DOWN, at(10)) is Act.PRESS
    clock.now += 2 * TAP_S
    assert fingers.follow(2, DOWN, at(200)) is Act.NOTHING
    assert fingers.follow(2, MOVE, at(250)) is Act.NOTHING
    assert fingers.follow(1, MOVE, at(60)) is Act.DRAG
    assert fingers.follow(2, UP, at(250)) is Act.NOTHING
    assert fingers.follow(1, UP, at(70)) is Act.END


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_that_two_fingers_that_tap_take_back(fingers, clock, order):
    assert fingers.follow(1, DOWN, at(10)) is Act.PRESS
    clock.now += 0.05
    assert fingers.follow(2, DOWN, at(120)) is Act.NOTHING
    assert fingers.follow(1, MOVE, at(12)) is Act.NOTHING  # a finger never rests wholly
    clock.now += 0.1
    assert fingers.follow(order[0], UP, at(12 if order[0] == 1 else 120)) is Act.NOTHING
    assert fingers.follow(order[1], UP, at(12 if order[1] == 1 else 120)) is Act.UNDO


def test_that_two_fingers_that_stay_or_move_do_not_tap(fingers, clock):
    fingers.follow(1, DOWN, at(10))
    fingers.follow(2, DOWN, at(120))
    clock.now += 2 * TAP_S
    assert fingers.follow(2, UP, at(120)) is Act.NOTHING
    assert fingers.follow(1, UP, at(10)) is Act.LIFT
    fingers.follow(1, DOWN, at(10))
    fingers.follow(2, DOWN, at(120))
    assert fingers.follow(1, MOVE, at(12 + STILL)) is Act.DRAG
    assert fingers.follow(2, UP, at(120)) is Act.NOTHING
    assert fingers.follow(1, UP, at(60)) is Act.END


def test_that_three_fingers_do_not_tap(fingers):
    for number in (1, 2, 3):
        fingers.follow(number, DOWN, at(50 * number))
    acts = [fingers.follow(number, UP, at(50 * number)) for number in (1, 2, 3)]
    assert acts == [Act.END, Act.NOTHING, Act.NOTHING]


def test_that_a_hand_beside_a_pen_does_nothing(fingers, clock):
    fingers.see_pen()
    clock.now += PEN_NEAR_S / 2
    assert [fingers.follow(1, state, at(9)) for state in (DOWN, MOVE, UP)] == [Act.NOTHING] * 3
    clock.now += PEN_NEAR_S
    assert fingers.follow(1, DOWN, at(9)) is Act.PRESS


def test_that_a_touch_that_the_system_takes_away_is_forgotten(fingers):
    fingers.follow(1, DOWN, at(9))
    fingers.forget()
    assert not fingers.drawing
    assert fingers.follow(2, DOWN, at(30)) is Act.PRESS
