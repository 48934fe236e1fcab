"""How many steps a device makes in one call, where calling costs more than computing."""

from collections.abc import Callable
from typing import Final

from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import TrainingConfig

FEW: Final = 16
"""Steps that one call makes while it is found out how quick they are."""

MANY: Final = 128
"""Steps, or so, that one call makes at most."""

LAUNCH_SECONDS: Final = 0.05
"""A launch may take this long: twenty times a second the run is heard of, and listens."""


def launch_sizes(compiler: Compiler, config: TrainingConfig, digits: int) -> tuple[int, ...]:
    """How many steps one call may make, from the smallest.

    The largest divides an epoch, or what lies between two looks at the validation digits, into equal parts as far as
    it can: what is left over goes step by step, and each of these costs as much time as several within a launch.

    Args:
        compiler: whose functions are called.
        config: settings of the run.
        digits: of the training split.
    """
    steps = digits // config.batch_size
    stretch = min(steps, config.validate_every or steps)
    if compiler is not Compiler.JAX or stretch < FEW:
        return (1,)
    launches = max(1, round(stretch / MANY))
    return tuple(sorted({1, FEW, stretch // launches}))


class LaunchSize:
    """Begins with single steps, and takes more at a time when they are quick and enough of them are left.

    A function for more steps has to be loaded first, which is worth it only if it saves more than it costs.
    """

    def __init__(self, sizes: tuple[int, ...], compiled: Callable[[int], bool]) -> None:
        """Begins.

        Args:
            sizes: the numbers of steps for which there can be functions, from 1 up.
            compiled: whether there is one for a number of steps; asked before it is taken.
        """
        self._sizes, self._compiled = sizes, compiled
        self._largest = 0
        self._known: set[int] = set()
        self._load_seconds = 0.0

    def choose(self, limit: int) -> int:
        """How many steps to make now, `limit` at most."""
        return max(size for size in self._sizes[: self._largest + 1] if size <= limit)

    def took(self, size: int, seconds: float, left: int) -> bool:
        """A launch is over.

        Args:
            size: how many steps it made.
            seconds: what it took.
            left: how many steps the run will make at most.

        Returns:
            Whether the time was the launch's alone; the first of a size loads its function.
        """
        if size not in self._known:
            self._known.add(size)
            self._load_seconds = seconds
            return False
        larger = self._sizes[self._largest + 1 : self._largest + 2]
        if larger and size == self._sizes[self._largest]:
            each = seconds / size
            pays = larger[0] * each <= LAUNCH_SECONDS and left * each > self._load_seconds
            if pays and self._compiled(larger[0]):
                self._largest += 1
        return True

    def shrink(self) -> bool:
        """There was no memory for a launch: no larger than the next smaller size from now on.

        Returns:
            Whether there is a smaller one.
        """
        self._sizes = self._sizes[: self._largest]
        self._largest -= 1
        return bool(self._sizes)
