from PyQt6 import sip
from PyQt6.QtCore import QObject

from mnist_gui.session.throttle import Throttle


def test_that_the_first_call_goes_through_at_once_and_the_newest_at_the_end(qtbot):
    calls = []
    owner = QObject()
    throttle = Throttle(calls.append, 20, owner)
    for number in range(5):
        throttle(number)
    assert calls == [0]
    qtbot.waitUntil(lambda: calls == [0, 4])


def test_that_another_interval_holds_from_the_next_call_on(qtbot):
    calls = []
    owner = QObject()
    throttle = Throttle(calls.append, 10_000, owner)
    throttle.set_interval(20)
    for number in range(3):
        throttle(number)
    qtbot.waitUntil(lambda: calls == [0, 2], timeout=2000)


def test_that_flush_makes_the_waiting_call_once(qtbot):
    calls = []
    owner = QObject()
    throttle = Throttle(calls.append, 20, owner)
    throttle(1)
    throttle(2)
    throttle.flush()
    throttle.flush()
    assert calls == [1, 2]


def test_that_a_cancelled_call_is_not_made(qtbot):
    calls = []
    owner = QObject()
    throttle = Throttle(calls.append, 1, owner)
    throttle(1)
    throttle(2)
    throttle.cancel()
    qtbot.waitUntil(lambda: not throttle._timer.isActive())
    assert calls == [1]


def test_that_a_waiting_call_ends_with_its_owner(qtbot):
    calls = []
    owner = QObject()
    throttle = Throttle(calls.append, 1, owner)
    throttle(1)
    throttle(2)
    sip.delete(owner)
    qtbot.wait(10)
    assert calls == [1]
