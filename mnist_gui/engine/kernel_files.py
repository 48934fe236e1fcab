"""The files of Numba's cache, in a form that no end of a process can spoil.

Numba keeps an index for each function, which two processes at a time may overwrite, and names a file in it before that
file is written; a file that was cut short is an error. Here each compiled version of a function has a file of its own,
named after all that decides what it holds, with a checksum. A file that is missing or damaged counts as not there, so
the function is compiled again.

WORKAROUND https://github.com/numba/numba/issues/10434: Numba offers no way to choose how its files are written, so its
class is replaced.
"""

import hashlib
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any, Final

from numba.core import caching

used: Final[set[Path]] = set()
"""The files that this process has read or written."""

written: Final[set[Path]] = set()
"""The files that this process has written: what it had to compile."""

lost: Final[set[Path]] = set()
"""The files that it could not write, as on a full disk."""


class KernelFiles:
    """Has the methods that Numba uses of its own `IndexDataCacheFile`."""

    def __init__(self, cache_path: Any, filename_base: str, source_stamp: Any) -> None:
        """Remembers where the files of one function are; called by Numba."""
        self._folder, self._base, self._stamp = Path(cache_path), filename_base, source_stamp

    def load(self, key: Any) -> Any:
        """What was saved under this key; None if there is nothing that can be used."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        checksum, data = content[:32], content[32:]
        if hashlib.sha256(data).digest() != checksum:
            return None
        used.add(path)
        found, value = pickle.loads(data)  # noqa: S301 - only the user may enter the folder
        return value if found == key else None

    def save(self, key: Any, value: Any) -> None:
        """Keeps a compiled function; whoever reads sees all of it or nothing."""
        data, path = caching.dumps((key, value)), self._path(key)
        try:
            descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(hashlib.sha256(data).digest() + data)
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError:  # it costs compiling again, no more
            lost.add(path)
        else:
            used.add(path)
            written.add(path)

    def flush(self) -> None:
        """Forgets what was saved of this function."""
        for path in self._folder.glob(f"{self._base}.*.nbc"):
            path.unlink(missing_ok=True)

    def _path(self, key: Any) -> Path:
        digest = hashlib.sha256(repr((caching.numba.__version__, self._stamp, key)).encode()).hexdigest()[:24]
        return self._folder / f"{self._base}.{digest}.nbc"


def install() -> None:
    """From now on Numba keeps compiled functions in such files."""
    caching.IndexDataCacheFile = KernelFiles
