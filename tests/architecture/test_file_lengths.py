"""Rules for the files of the project; what breaks one is named."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400


def texts(folder: str) -> dict[str, str]:
    """The modules of a folder by their paths."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}


@pytest.fixture(scope="module")
def source():
    return texts("mnist_gui")


@pytest.fixture(scope="module")
def trees(source):
    return {name: ast.parse(text) for name, text in source.items()}


def test_that_modules_were_found(source):
    assert len(source) > 50


def test_that_no_module_is_longer_than_can_be_read_at_a_time(source):
    lengths = {name: len(text.splitlines()) for name, text in (source | texts("tests")).items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_that_every_module_says_what_it_is_for(trees):
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_that_nothing_is_called_that_takes_the_wrong_way_out(trees):
    wrong = {"processEvents", "terminate", "QSettings", "eval", "exec_"}
    calls = {
        (name, ast.unparse(node.func).rpartition(".")[2])
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert len(calls) > 1000
    assert [(name, call) for name, call in calls if call in wrong] == []


def test_that_nothing_is_left_for_later(source):
    later = re.compile(r"\b(TODO|FIXME|XXX|NotImplemented)\b")
    assert [name for name, text in source.items() if later.search(text)] == []


def test_that_every_workaround_gives_the_address_of_the_fault(source):
    lines = [(name, line) for name, text in source.items() for line in text.splitlines() if "WORKAROUND" in line]
    assert [(name, line) for name, line in lines if "https://" not in line] == []
