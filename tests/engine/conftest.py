"""The tests of the engine import PyTensor as the application does: settings first."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from short_runs import UPDATES, config_of, part_of

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine import backend, compile_cache
from mnist_gui.engine.compiling import CompileChild
from mnist_gui.engine.config import Device

_children: pytest.StashKey[list[CompileChild]] = pytest.StashKey()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Has the networks compiled on another processor while the tests before them run."""
    wanted = [item for item in session.items if "compiled_ahead" in getattr(item, "fixturenames", ())]
    if not wanted or session.config.option.collectonly:
        return
    numba = backend.choose(Device.CPU, 0, backend.Compiler.NUMBA)
    stack = ExitStack()
    session.config.add_cleanup(stack.close)
    session.config.stash[_children] = [
        stack.enter_context(CompileChild(config_of(network), numba, (200, 20, 20))) for network in reversed(UPDATES)
    ]


@pytest.fixture(scope="session")
def compiled_ahead(request: pytest.FixtureRequest) -> None:
    """All networks are compiled by Numba."""
    for child in request.config.stash[_children]:
        with child:
            child.wait(lambda: False)


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No function counts as compiled; the file that would say so, in a folder of its own."""
    monkeypatch.setattr(compile_cache, "marker", lambda _config, _target: tmp_path / "marker")
    return tmp_path / "marker"


@pytest.fixture(scope="session")
def few(mnist: Dataset) -> Dataset:
    """The first 500 training, 100 validation and 100 test digits of MNIST."""
    return part_of(mnist, 500, 100, 100)
