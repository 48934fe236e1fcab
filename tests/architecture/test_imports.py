"""Contracts that import-linter cannot see: what importing a module really loads."""

import subprocess
import sys

import pytest

HEAVY = ("pytensor", "jax", "numba", "pyqtgraph", "scipy")


LIGHT = (
    "architecture", "checkpoint", "config", "control", "events", "history", "model", "prediction", "presets",
    "processors", "runs", "schedules", "threefry", "warping",
)  # fmt: skip
"""The half of the engine that the window and the command line may load before anything is to be computed."""


def loaded_by(statement: str) -> set[str]:
    """Names of the modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["mnist_gui.app", "mnist_gui.session.session", "mnist_gui.gui.menus"])
def test_that_opening_the_window_loads_no_heavy_library(module):
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert loaded.isdisjoint(HEAVY)


def test_that_the_session_loads_only_the_core_of_qt():
    loaded = loaded_by("import mnist_gui.session.session")
    assert "PyQt6.QtCore" in loaded
    assert loaded.isdisjoint({"PyQt6.QtGui", "PyQt6.QtWidgets"})


@pytest.mark.parametrize("module", ["mnist_gui.cli", "mnist_gui.__main__", "mnist_gui.preflight"])
def test_that_the_command_line_starts_without_qt_and_without_heavy_libraries(module):
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert not {name for name in loaded if name.split(".")[0] in ("PyQt6", *HEAVY)}


def test_that_the_light_half_of_the_engine_loads_neither_qt_nor_heavy_libraries():
    modules = [f"mnist_gui.engine.{name}" for name in LIGHT]
    loaded = loaded_by(f"import {', '.join(modules)}")
    assert loaded >= set(modules)
    assert not {name for name in loaded if name.split(".")[0] in ("PyQt6", *HEAVY)}
