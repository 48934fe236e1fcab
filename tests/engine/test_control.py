"""What is asked of a run from another thread."""

import threading

import pytest

from mnist_gui.engine.control import Control


def turns(control: Control, wanted: int) -> tuple[threading.Thread, list[str]]:
    """A loop in a thread that notes its turns, pauses and resumptions."""
    log: list[str] = []

    def loop() -> None:
        for _ in range(wanted):
            if not control.wait_for_turn(lambda: log.append("paused"), lambda: log.append("resumed")):
                log.append("stopped")
                return
            log.append("turn")

    thread = threading.Thread(target=loop)
    thread.start()
    return thread, log


def test_that_a_loop_nobody_disturbs_gets_its_turns():
    thread, log = turns(Control(), 3)
    thread.join(5)
    assert log == ["turn"] * 3


def test_that_a_paused_loop_makes_exactly_the_steps_asked_for():
    control = Control(paused=True, steps=1)
    control.step()
    thread, log = turns(control, 10)
    while "paused" not in log:
        threading.Event().wait(0.001)
    control.stop()
    thread.join(5)
    assert log == ["turn", "turn", "paused", "stopped"]


def test_that_a_step_of_a_running_loop_pauses_it_after_one_turn():
    control = Control()
    control.step()
    thread, log = turns(control, 10)
    while "paused" not in log:
        threading.Event().wait(0.001)
    assert log == ["turn", "paused"]
    control.resume()
    thread.join(5)
    assert log == ["turn", "paused", "resumed", *["turn"] * 9]


def test_that_stopping_ends_a_paused_loop_without_a_word_of_resuming():
    control = Control(paused=True)
    thread, log = turns(control, 10)
    while "paused" not in log:
        threading.Event().wait(0.001)
    control.stop()
    thread.join(5)
    assert log == ["paused", "stopped"]


def test_that_the_newest_value_of_a_live_setting_wins_and_is_taken_once():
    control = Control()
    control.set_live("learning_rate", 0.1)
    control.set_live("learning_rate", 0.2)
    assert control.take_live() == {"learning_rate": 0.2}
    assert control.take_live() == {}


def test_that_a_setting_that_is_not_live_is_refused_by_name():
    with pytest.raises(ValueError, match=r"batch_size cannot be changed.*learning_rate"):
        Control().set_live("batch_size", 3)
