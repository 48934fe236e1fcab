"""One writer a file: a lock that the system takes away from a process that has died."""

import os
from pathlib import Path
from typing import IO, Any

if os.name == "nt":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        module: Any = msvcrt
        module.locking(file.fileno(), module.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from the time it is made until `release`, or until the process ends, however it does."""

    def __init__(self, path: Path) -> None:
        """Takes the lock.

        Args:
            path: an empty file beside the one that is written; it stays.

        Raises:
            BlockingIOError: somebody else has it.
            OSError: the file cannot be made.
        """
        self._file = path.open("ab")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise BlockingIOError(f"{path.name} is locked") from error

    def release(self) -> None:
        """Lets others have it."""
        self._file.close()
