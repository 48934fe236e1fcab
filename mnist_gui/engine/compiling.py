"""Compiling in a child process, so that it can be killed and nothing waits for it that need not.

Numba needs from half a minute to two minutes for a network that it has not seen, and cannot be interrupted. So a child
builds the same graphs on a handful of made-up digits, calls each function once and thereby fills the cache
that both processes share; the parent then loads the functions in about a second. The child is spawned, never forked: a
process whose threads run parallel code cannot be forked.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from mnist_gui.engine.config import TrainingConfig


class CompileError(Exception):
    """The child could not compile; the message is one sentence, the details are what it printed."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message)
        self.details = details


class CompileChild:
    """A running child; a context manager that leaves no process behind."""

    def __init__(self, config: TrainingConfig, threads: int) -> None:
        """Starts the child, unless the cache is known to hold the functions."""
        self._marker = _marker(config)
        self._process: subprocess.Popen[bytes] | None = None
        if self._marker.exists():
            return
        package_root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mnist_gui.engine.compiling", json.dumps(config.to_dict()), str(threads)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
        )

    @property
    def needed(self) -> bool:
        """Whether there is something to wait for."""
        return self._process is not None

    def wait(self, stopped: Callable[[], bool]) -> bool:
        """Waits for the child to finish.

        Args:
            stopped: asked twenty times a second; when it answers yes, the child is killed.

        Returns:
            Whether the cache is filled; False when the waiting was stopped.

        Raises:
            CompileError: the child failed.
        """
        if self._process is None:
            return not stopped()
        errors = b""
        while True:
            if stopped():
                self._process.kill()
                return False
            try:
                _, errors = self._process.communicate(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        if self._process.returncode:
            if stopped():  # Ctrl+C reaches the child as well, which may be the first to end
                return False
            text = errors.decode(errors="replace").strip()
            last = text.splitlines()[-1] if text else f"exit code {self._process.returncode}"
            raise CompileError(f"Compiling failed: {last}", text)
        self._marker.touch()
        return True

    def __enter__(self) -> "CompileChild":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


def _marker(config: TrainingConfig) -> Path:
    """The file that says that the functions of such a run are in the cache.

    The batch and all numbers are arguments of the compiled functions and compile nothing anew.
    """
    from mnist_gui.engine.backend import COMPILE_FOLDER

    parts = (config.architecture.line, config.updates, config.average > 0, config.augment)
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return COMPILE_FOLDER / f"{config.architecture.short_name}-{digest}.compiled"


def compile_here(config: TrainingConfig, threads: int) -> None:
    """Fills the cache with the functions of such a run; what the child does."""
    import numpy as np

    from mnist_gui.engine import backend
    from mnist_gui.engine.config import Device
    from mnist_gui.engine.functions import TrainingFunctions

    chosen = backend.choose(Device.CPU, threads)
    # Read-only like the arrays of a data set: Numba compiles anew for an array that may be written.
    images, labels = np.zeros((4, 28, 28), np.uint8), np.zeros(4, np.uint8)
    images.setflags(write=False)
    labels.setflags(write=False)
    with backend.thread_limits(chosen, convolutional=config.architecture.is_convolutional):
        functions = TrainingFunctions(chosen, config, images, labels)
        functions.set_pool(images, labels)
        functions.judge(np.arange(2, dtype=np.int32))
        functions.step(np.arange(2, dtype=np.int32))


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)  # the window goes first
    compile_here(TrainingConfig.from_dict(json.loads(sys.argv[1])), int(sys.argv[2]))
