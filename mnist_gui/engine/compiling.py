"""Compiling in a child process, so that it can be killed and nothing waits for it that need not.

Numba needs from half a minute to two minutes for a network that it has not seen, JAX some seconds for each of its
functions, and neither can be interrupted. So a child builds the same graphs on made-up digits and fills the cache
that both processes share; the parent then loads the functions in about a second. The child is spawned, never forked: a
process whose threads run parallel code cannot be forked.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from mnist_gui.engine.backend import Backend
from mnist_gui.engine.compile_cache import compile_folder, is_compiled
from mnist_gui.engine.compile_child import Order
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.launching import launch_sizes


class CompileError(Exception):
    """The child could not compile; the message is one sentence, the details are what it printed."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message)
        self.details = details


class CompileChild:
    """A running child; a context manager that leaves no process behind."""

    def __init__(self, config: TrainingConfig, backend: Backend, sizes: tuple[int, int, int]) -> None:
        """Starts the child, unless the cache is known to hold the functions.

        Args:
            config: settings of the run.
            backend: compiler and device.
            sizes: digits of the training, validation and test split.

        Raises:
            CompileError: it cannot be started, as on a full disk.
        """
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._config = config
        launches = launch_sizes(backend.compiler, config, sizes[0])
        targets = {launch: backend.target(config, sizes, launch) for launch in launches}
        self._missing = {launch: targets[launch] for launch in launches if not is_compiled(config, targets[launch])}
        if not self._missing:
            return
        try:
            self._start(config, backend, sizes)
        except OSError as error:
            self._close()
            raise CompileError(f"Compiling could not begin: {error.strerror or error}.", "") from error

    def _start(self, config: TrainingConfig, backend: Backend, sizes: tuple[int, int, int]) -> None:
        # The parent's, so that it goes whatever becomes of the child; on the same disk as the cache.
        self._folder = tempfile.TemporaryDirectory(dir=compile_folder(), ignore_cleanup_errors=True)
        compiler, platform, threads = str(backend.compiler), backend.platform, backend.threads
        order = Order(config, compiler, platform, threads, sizes, self._missing, self._folder.name)
        package_root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `__exit__`; a pipe would fill up
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mnist_gui.engine.compile_child", order.to_json()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env=os.environ | {"PYTHONPATH": path},
        )

    @property
    def needed(self) -> bool:
        """Whether there was something to compile."""
        return self._process is not None

    def done(self, launch: int = 1) -> bool:
        """Whether the functions for so many steps in one call are in the cache; returns at once.

        Raises:
            CompileError: the child failed.
        """
        if launch not in self._missing:
            return True
        assert self._process is not None, "something is missing, so there is a child"
        code = self._process.poll()  # asked first: what it wrote, it wrote before it ended
        if is_compiled(self._config, self._missing[launch]):
            del self._missing[launch]
            return True
        if code:
            assert self._errors is not None
            self._errors.seek(0)
            text = self._errors.read().decode(errors="replace").strip()
            last = text.splitlines()[-1] if text else f"exit code {code}"
            raise CompileError(f"Compiling failed: {last}", text)
        return code == 0  # and there is no place for a cache that both share: then the parent compiles

    def has(self, launch: int) -> bool:
        """Whether the functions for so many steps in one call are in the cache, whatever became of the child."""
        try:
            return self.done(launch)
        except CompileError:
            return False

    def wait(self, stopped: Callable[[], bool]) -> bool:
        """Waits until the functions for single steps are in the cache.

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
        self._close()

    def _close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._errors is not None:
            self._errors.close()
        if self._folder is not None:
            self._folder.cleanup()
