"""What every test gets: no screen, no folder of the user, and a check that nothing is left running."""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
_FOLDERS = Path(tempfile.mkdtemp(prefix="mnist-gui-tests-"))
for _name in ("CONFIG", "DATA", "STATE"):
    os.environ[f"XDG_{_name}_HOME"] = str(_FOLDERS / _name.lower())
# Compiled functions are kept between runs of the tests, beside what pytest keeps. Set before any import: the engine
# takes its folder when it is loaded, which the conftest of its tests does.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / ".pytest_cache" / "xdg")

import numpy as np  # noqa: E402
import psutil  # noqa: E402
import pytest  # noqa: E402
from PyQt6.QtCore import QThread  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402

from mnist_gui.data.dataset import Dataset  # noqa: E402
from mnist_gui.gui.theme import Theme, ThemeMode  # noqa: E402


def pytest_unconfigure() -> None:
    shutil.rmtree(_FOLDERS, ignore_errors=True)


def _children() -> set[psutil.Process]:
    """Child processes that run, without the helper that multiprocessing keeps for itself."""
    found: set[psutil.Process] = set()
    if not _may_have_children():
        return found
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(child.cmdline()):
                found.add(child)
    return found


def _may_have_children() -> bool:
    """The short way to "no" where the system has one, since every test asks twice."""
    lists = list(Path("/proc/self/task").glob("*/children"))
    for path in lists:
        with contextlib.suppress(OSError):  # that thread has just ended
            if path.read_text():
                return True
    return not lists


@pytest.fixture(autouse=True)
def nothing_is_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a thread of Qt, a thread of Python or a child process behind."""
    started: list[QThread] = []
    start = QThread.start

    def remember(thread: QThread, *arguments: object) -> None:
        started.append(thread)
        start(thread, *arguments)

    monkeypatch.setattr(QThread, "start", remember)
    threads, children = set(threading.enumerate()), _children()
    yield
    left: list[str] = []
    for thread in started:
        with contextlib.suppress(RuntimeError):  # its C++ half is gone, so it has ended
            if thread.isRunning():
                left.append(f"QThread {thread.objectName()}")
    for thread in set(threading.enumerate()) - threads:
        # A thread of Qt that ran Python code stays listed as a dummy after its end.
        if not isinstance(thread, threading._DummyThread):
            thread.join(1.0)
            if thread.is_alive():
                left.append(f"thread {thread.name}")
    _, alive = psutil.wait_procs(_children() - children, timeout=1.0)
    left += [f"process {child.pid}" for child in alive]
    assert not left, f"left running: {', '.join(left)}"


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme, installed."""
    theme = Theme(ThemeMode.LIGHT)
    theme.install(qapp)
    yield theme
    theme.blockSignals(True)  # the widgets of the test are gone
    theme.set_scale(1.0)


@pytest.fixture(scope="session")
def tiny_dataset() -> Dataset:
    """240 made digits, 20 training and 2 validation and 2 test of each class: a bar whose place is the label.

    The digits of each split are in the order 0, 1, ..., 9, 0, 1, ..., so that the label of digit i is i % 10.
    """
    labels = np.tile(np.arange(10, dtype=np.uint8), 24)
    images = np.zeros((240, 28, 28), np.uint8)
    noise = np.random.default_rng(0).integers(0, 64, images.shape, np.uint8)
    for image, label in zip(images, labels, strict=True):
        row = 4 + 2 * int(label)
        image[row : row + 2, 4:24] = 191
    images[:, 4:24, 4:24] += noise[:, 4:24, 4:24]
    return Dataset("made digits", images, labels, (200, 20, 20))


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The bundled MNIST: 70,000 digits."""
    from mnist_gui.data.library import bundled_mnist

    return bundled_mnist()
