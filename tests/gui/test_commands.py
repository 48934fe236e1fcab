import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QMenuBar

from mnist_gui.gui.actions import Actions
from mnist_gui.gui.commands import COMMANDS, MENUS, Situation, shortcut_rows, shortcut_table
from mnist_gui.session.states import RunState

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def bar(qtbot):
    bar = QMenuBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def actions(bar):
    actions = Actions(bar)
    actions.fill(bar)
    return actions


def test_that_every_command_has_a_name_of_its_own():
    assert max(Counter(command.id for command in COMMANDS).values()) == 1


def test_that_every_key_gives_one_command_only():
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.shortcuts]
    assert all(keys)
    assert [key for key, count in Counter(keys).items() if count > 1] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_that_every_command_explains_itself_in_at_most_two_sentences(command):
    assert command.tip.endswith(".")
    assert len(re.findall(r"\.(?:\s|$)", command.tip)) <= 2


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_that_every_command_is_in_its_menu(command, actions):
    assert command.menu.partition("/")[0] in MENUS
    action = actions[command.id]
    assert action in actions.menus[command.menu].actions()
    assert action.text() == command.title
    assert action.statusTip() == command.tip
    assert [key.toString() for key in action.shortcuts()] == [
        QKeySequence(key).toString() for key in command.shortcuts
    ]


def test_that_the_key_stands_in_the_tip(actions):
    assert actions["start"].toolTip().endswith("(F5)")


def test_that_every_menu_can_be_opened_from_the_keyboard(actions):
    titles = [actions.menus[name].title() for name in MENUS]
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert len(set(letters)) == len(MENUS)


def enabled(actions, situation):
    actions.update(situation)
    return {command.id for command in COMMANDS if actions[command.id].isEnabled()}


def test_that_what_needs_something_waits_for_it(actions):
    nothing = Situation()
    waiting = {
        "save_model",
        "undo",
        "redo",
        "copy_digit",
        "go_to",
        "open_digit",
        "draw_on_digit",
        "pin_digit",
        "fine_tune",
        "start",
        "pause",
        "step",
        "stop",
    }
    assert enabled(actions, nothing) == {command.id for command in COMMANDS} - waiting
    assert "save_model" in enabled(actions, replace(nothing, model=True))
    assert {"go_to", "start", "step"} <= enabled(actions, replace(nothing, dataset=True))
    assert {"copy_digit", "open_digit", "draw_on_digit"} <= enabled(actions, replace(nothing, selection=True))
    assert "undo" in enabled(actions, replace(nothing, can_undo=True))
    assert "redo" in enabled(actions, replace(nothing, can_redo=True))


@pytest.mark.parametrize(
    ("run", "possible"),
    [
        (RunState.IDLE, {"start", "step", "open_model", "bundled_model"}),
        (RunState.LOADING, {"stop"}),
        (RunState.COMPILING, {"stop"}),
        (RunState.TRAINING, {"pause", "step", "stop"}),
        (RunState.PAUSED, {"pause", "step", "stop"}),
        (RunState.STOPPING, set()),
    ],
)
def test_that_a_run_allows_only_what_makes_sense(actions, run, possible):
    about_runs = {"start", "pause", "step", "stop", "open_model", "bundled_model"}
    assert enabled(actions, Situation(dataset=True, run=run)) & about_runs == possible


def test_that_a_bound_command_calls_its_function_and_a_switch_gives_its_state(actions):
    seen = []
    actions.bind("about", lambda: seen.append("about"))
    actions.bind_switch("projector", seen.append)
    actions["about"].trigger()
    actions["projector"].trigger()
    actions["projector"].trigger()
    assert seen == ["about", True, False]
    assert "about" not in actions.unbound
    assert "start" in actions.unbound


def test_that_the_list_of_shortcuts_holds_every_key_once():
    rows = shortcut_rows()
    assert len(rows) == sum(bool(command.shortcuts) for command in COMMANDS)
    assert ("Help", "Keyboard shortcuts", "F1 or Ctrl+/") in [row[:3] for row in rows]


def test_that_the_table_of_the_readme_is_the_list_of_commands():
    assert shortcut_table() in README.read_text()
