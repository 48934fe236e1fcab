import threading
import time

import pytest

from mnist_gui.session.tasks import Tasks


@pytest.fixture
def tasks(qapp):
    tasks = Tasks()
    yield tasks
    tasks.close()


def test_that_the_answer_comes_to_the_asking_thread(tasks, qtbot):
    answers = []
    tasks.ask("name", threading.get_ident, lambda ident: answers.append((ident, threading.get_ident())), pytest.fail)
    assert tasks.busy("name")
    qtbot.waitUntil(lambda: bool(answers))
    worked_in, answered_in = answers[0]
    assert answered_in == threading.get_ident() != worked_in
    assert not tasks.busy("name")


def test_that_a_failure_comes_with_its_traceback(tasks, qtbot):
    failures = []
    tasks.ask("name", lambda: 1 / 0, pytest.fail, lambda error, details: failures.append((error, details)))
    qtbot.waitUntil(lambda: bool(failures))
    error, details = failures[0]
    assert isinstance(error, ZeroDivisionError)
    assert "1 / 0" in details


def test_that_a_newer_task_of_the_same_name_drops_the_answer_of_the_older(tasks, qtbot):
    gate, answers = threading.Event(), []
    tasks.ask("name", gate.wait, lambda _: answers.append("old"), pytest.fail)
    tasks.ask("name", lambda: "new", answers.append, pytest.fail)
    qtbot.waitUntil(lambda: answers == ["new"])
    gate.set()
    tasks.close()
    qtbot.wait(1)
    assert answers == ["new"]


def test_that_each_change_of_what_is_busy_is_told(tasks, qtbot):
    told = []
    tasks.busy_changed.connect(lambda: told.append(tasks.busy("name")))
    tasks.ask("name", lambda: 1, lambda _: None, pytest.fail)
    qtbot.waitUntil(lambda: told == [True, False])
    tasks.ask("name", lambda: 1, pytest.fail, pytest.fail)
    tasks.forget("name")
    assert told == [True, False, True, False]
    tasks.forget("name")  # there is none any more
    assert told == [True, False, True, False]


def test_that_a_forgotten_task_is_not_answered(tasks, qtbot):
    answers = []
    tasks.ask("name", lambda: 1, answers.append, pytest.fail)
    tasks.forget("name")
    tasks.close()
    qtbot.wait(1)
    assert answers == []


def test_that_closing_waits_for_a_function_that_writes(tasks):
    written, begun = [], threading.Event()

    def write():
        begun.set()
        time.sleep(0.05)
        written.append(1)

    tasks.ask("save", write, lambda _: None, pytest.fail)
    assert begun.wait(5)
    tasks.close()
    assert written == [1]
