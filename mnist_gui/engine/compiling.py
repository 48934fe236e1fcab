"""Compiling in a child process, so that it can be killed and nothing waits for it that need not.

Numba needs from half a minute to two minutes for a network that it has not seen, and cannot be interrupted. So a child
builds the same graphs on a handful of made-up digits, calls each function once and thereby fills the cache
that both processes share; the parent then loads the functions in about a second. The child is spawned, never forked: a
process whose threads run parallel code cannot be forked.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from mnist_gui.engine import compile_cache
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
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        if compile_cache.is_compiled(config):
            return
        package_root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `__exit__`; a pipe would fill up
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mnist_gui.engine.compiling", json.dumps(config.to_dict()), str(threads)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env=os.environ | {"PYTHONPATH": path},
        )

    @property
    def needed(self) -> bool:
        """Whether there was something to compile."""
        return self._process is not None

    def done(self) -> bool:
        """Whether the cache is filled; returns at once.

        Raises:
            CompileError: the child failed.
        """
        if self._process is None:
            return True
        code = self._process.poll()
        if code is None:
            return False
        if code:
            assert self._errors is not None
            self._errors.seek(0)
            text = self._errors.read().decode(errors="replace").strip()
            last = text.splitlines()[-1] if text else f"exit code {code}"
            raise CompileError(f"Compiling failed: {last}", text)
        return True

    def wait(self, stopped: Callable[[], bool]) -> bool:
        """Waits for the child to finish.

        Args:
            stopped: asked twenty times a second; when it answers yes, the child is killed.

        Returns:
            Whether the cache is filled; False when the waiting was stopped.

        Raises:
            CompileError: the child failed.
        """
        while not stopped():
            try:
                if self.done():
                    return True
            except CompileError:
                if stopped():  # Ctrl+C reaches the child as well, which may be the first to end
                    break
                raise
            assert self._process is not None, "without a child all is done"
            try:
                self._process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
        if self._process is not None:
            self._process.kill()
        return False

    def __enter__(self) -> "CompileChild":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._errors is not None:
            self._errors.close()


def compile_here(config: TrainingConfig, threads: int) -> None:
    """Fills the cache with the functions of such a run; what the child does."""
    import numpy as np

    from mnist_gui.engine import backend
    from mnist_gui.engine.config import Device
    from mnist_gui.engine.functions import TrainingFunctions

    began = time.monotonic()
    chosen = backend.choose(Device.CPU, threads)
    # Read-only like the arrays of a data set: Numba compiles anew for an array that may be written.
    images, labels = np.zeros((4, 28, 28), np.uint8), np.zeros(4, np.uint8)
    images.setflags(write=False)
    labels.setflags(write=False)
    with backend.thread_limits(chosen, convolutional=config.architecture.is_convolutional):
        functions = TrainingFunctions(chosen, config, images, labels)
        for _ in range(2):  # what the first step leaves behind might be of another type than what it found
            functions.step(np.arange(2, dtype=np.int32))
        functions.set_pool(images, labels)
        functions.judge(np.arange(2, dtype=np.int32))
    from mnist_gui.engine import kernel_files

    compile_cache.mark_compiled(config, kernel_files.used)
    if any("numba_funcified_fgraph" in path.name for path in kernel_files.written):  # not the parts of it alone
        compile_cache.remember_cost(config, time.monotonic() - began)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(max(0, 10 - os.nice(0)))  # the window goes first
    compile_here(TrainingConfig.from_dict(json.loads(sys.argv[1])), int(sys.argv[2]))
