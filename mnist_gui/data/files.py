"""Writing files so that a crash, a full disk or a power cut leaves the old one whole."""

import contextlib
import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Writes `data` to `path`: afterwards the file is the old one or the new one, never a part.

    The bytes go to a temporary file in the same folder, are forced to the disk, and take the name in one step;
    then the folder is forced to the disk as well, so that the new name survives a power cut.

    Raises:
        OSError: the disk is full, or the folder cannot be written; the old file is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
