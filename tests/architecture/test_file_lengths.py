"""Rules for the files of the project."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "mnist_gui").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
SOURCE = [path for path in MODULES if path.is_relative_to(ROOT / "mnist_gui")]
NAMES = [str(path.relative_to(ROOT)) for path in SOURCE]
LONGEST = 400


def calls(path: Path) -> set[str]:
    """The dotted or plain names that a module calls."""
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}


def test_that_modules_were_found():
    assert len(SOURCE) > 50


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_that_no_module_is_longer_than_can_be_read_at_a_time(path):
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", SOURCE, ids=NAMES)
def test_that_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text())), "no docstring"


@pytest.mark.parametrize("path", SOURCE, ids=NAMES)
def test_that_nothing_is_called_that_takes_the_wrong_way_out(path):
    last_names = {name.rpartition(".")[2] for name in calls(path)}
    assert last_names.isdisjoint({"processEvents", "terminate", "QSettings", "eval", "exec_"})


@pytest.mark.parametrize("path", SOURCE, ids=NAMES)
def test_that_nothing_is_left_for_later(path):
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplemented)\b", path.read_text())


@pytest.mark.parametrize("path", SOURCE, ids=NAMES)
def test_that_every_workaround_gives_the_address_of_the_fault(path):
    for line in path.read_text().splitlines():
        assert "WORKAROUND" not in line or "https://" in line
