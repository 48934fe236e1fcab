"""How many steps a device makes in one call, where calling costs more than computing."""

from typing import Final

LAUNCH_SECONDS: Final = 0.05
"""A launch may take this long: twenty times a second the run is heard of, and listens."""


class LaunchSize:
    """Begins with single steps, and takes more at a time when they are quick and enough of them are left.

    A function for more steps has to be compiled first, which is worth it only if it saves more than it costs.
    """

    def __init__(self, sizes: tuple[int, ...]) -> None:
        """Begins.

        Args:
            sizes: the numbers of steps for which there can be functions, from 1 up.
        """
        self._sizes = sizes
        self._largest = 0
        self._known: set[int] = set()
        self._compile_seconds = 0.0

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
            Whether the time was the launch's alone; the first of a size compiles.
        """
        if size not in self._known:
            self._known.add(size)
            self._compile_seconds = seconds
            return False
        larger = self._sizes[self._largest + 1 : self._largest + 2]
        if larger and size == self._sizes[self._largest]:
            each = seconds / size
            if larger[0] * each <= LAUNCH_SECONDS and left * each > self._compile_seconds:
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
