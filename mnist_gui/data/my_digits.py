"""My digits on the disk: a log to which each accepted digit is added and forced to the disk before anybody is told.

A line is a JSON object whose first key, ``check``, is the CRC-32 of what follows it. The first line names the format;
then each is a digit, or says of one that it was taken away (``remove``), brought back (``restore``) or is another
number (``relabel``). So no change ever touches what was written before it: after a crash, or on a full disk, at most
the last line is incomplete, which is a digit that was not accepted yet. A log with many lines that no longer count is
written anew, as a whole, when it is opened.
"""

import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mnist_gui.data.dataset import CLASSES
from mnist_gui.data.file_lock import FileLock
from mnist_gui.data.files import write_atomically
from mnist_gui.data.kept_digit import KeptDigit, packed, said, text, unpacked

VERSION: Final = 1
NAME: Final = "My digits"
"""What the window calls the data set."""

_DEAD_LINES: Final = 200
"""A log is written anew when it has more lines than this that no longer count, and more than those that do."""


class StoreError(Exception):
    """The digits cannot be read or written; the message is one sentence for the user."""


class MyDigitsStore:
    """The digits and their log. One process writes; another one that opens it only reads.

    Attributes:
        notes: sentences for the user about what was found.
    """

    def __init__(self, path: Path) -> None:
        """Opens the log, or begins one.

        Args:
            path: the file; its folder is made.

        Raises:
            StoreError: it cannot be read, or is of a newer version; it stays as it is.
        """
        self.notes: list[str] = []
        self._path = path
        self._digits: dict[str, KeptDigit] = {}
        self._removed: set[str] = set()
        self._lock: FileLock | None = None
        self._file: int | None = None
        self._end = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            self._read()
            if self.writable:
                self._begin()
        except OSError as error:
            self.close()
            raise StoreError(f"{NAME} cannot be opened: {path}: {error.strerror or error}.") from error
        except BaseException:
            self.close()
            raise

    # ---- what there is
    @property
    def writable(self) -> bool:
        """Whether this is the one that writes."""
        return self._lock is not None

    @property
    def digits(self) -> tuple[KeptDigit, ...]:
        """In the order in which they were kept."""
        return tuple(digit for key, digit in self._digits.items() if key not in self._removed)

    def find(self, key: str) -> KeptDigit | None:
        """A digit by its key."""
        return None if key in self._removed else self._digits.get(key)

    # ---- changes: each is on the disk when the call returns
    def add(self, digits: Iterable[KeptDigit]) -> list[KeptDigit]:
        """Keeps digits, all or none; those that are there already stay as they are.

        Returns:
            Those that are new.

        Raises:
            StoreError: they could not be written; nothing has changed.
        """
        new = {digit.key: digit for digit in digits if self.find(digit.key) is None}
        self._append([_digit_record(digit) for digit in new.values()])
        for key, digit in new.items():
            self._digits.pop(key, None)  # one that was taken away before is now the last
            self._digits[key] = digit
        self._removed -= new.keys()
        return list(new.values())

    def remove(self, keys: Iterable[str]) -> None:
        """Takes digits away, all or none; `restore` brings them back to their places.

        Raises:
            StoreError: it could not be written; nothing has changed.
        """
        known = [key for key in keys if self.find(key) is not None]
        self._append([{"remove": key} for key in known])
        self._removed.update(known)

    def restore(self, keys: Iterable[str]) -> None:
        """Brings back digits that were taken away since the log was opened, all or none.

        Raises:
            StoreError: it could not be written; nothing has changed.
        """
        known = [key for key in keys if key in self._removed]
        self._append([{"restore": key} for key in known])
        self._removed.difference_update(known)

    def relabel(self, key: str, label: int) -> None:
        """Says that a digit is another number.

        Raises:
            StoreError: it could not be written; nothing has changed.
            KeyError: there is no such digit.
            ValueError: the label is not 0 to 9.
        """
        changed = replace(self._digits[key], label=label)
        self._append([{"relabel": key, "label": label}])
        self._digits[key] = changed

    def close(self) -> None:
        """Lets others write."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    # ---- the log
    def _take_lock(self) -> None:
        try:
            self._lock = FileLock(self._path.with_suffix(".lock"))
        except BlockingIOError:
            self.notes.append(f"{NAME} is open in another window, which alone can change it. Here it is to look at.")

    def _read(self) -> None:
        """Replays the log. Sets `_end` to where the next line goes."""
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        whole = data.rfind(b"\n") + 1
        damaged = dead = 0
        for number, line in enumerate(data[:whole].split(b"\n")[:-1]):
            record = _checked(line)
            if number == 0 and record is not None:
                self._check_version(record)
            elif record is None or not self._replay(record):
                damaged += 1
            elif "digit" not in record:
                dead += 2  # itself, and what it is about
        self._end = whole
        if whole < len(data):
            self.notes.append("The last digit was not written to its end, before it was accepted; it is left out.")
        if damaged:
            lines = "A line" if damaged == 1 else f"{damaged:,} lines"
            self.notes.append(f"{lines} of {self._path.name} cannot be read; the other digits are all there.")
        elif self._lock is not None and dead > max(_DEAD_LINES, len(self._digits)):
            self._compact()

    def _check_version(self, record: Mapping[str, Any]) -> None:
        version = record.get("version")
        if version != VERSION:
            raise StoreError(
                f"{self._path.name} is of version {version!r}, this application reads version {VERSION}; it was left"
                " as it is."
            )

    def _replay(self, record: Mapping[str, Any]) -> bool:
        """Makes a change again; False when it makes no sense."""
        if "digit" in record:
            digit = _to_digit(record)
            if digit is None:
                return False
            self._digits.pop(digit.key, None)
            self._digits[digit.key] = digit
            self._removed.discard(digit.key)
            return True
        for what in ("remove", "restore", "relabel"):
            if what in record:
                key = record[what]
                if not isinstance(key, str) or key not in self._digits:
                    return False
                if what == "remove":
                    self._removed.add(key)
                elif what == "restore":
                    self._removed.discard(key)
                else:
                    label = record.get("label")
                    if type(label) is not int or not 0 <= label < CLASSES:
                        return False
                    self._digits[key] = replace(self._digits[key], label=label)
                return True
        return False

    def _compact(self) -> None:
        self._digits = {digit.key: digit for digit in self.digits}
        self._removed.clear()
        records = [_line({"version": VERSION}), *(_line(_digit_record(digit)) for digit in self._digits.values())]
        data = b"".join(records)
        write_atomically(self._path, data)
        self._end = len(data)

    def _begin(self) -> None:
        """Opens the log for writing, cut after its last whole line."""
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(self._path, flags, 0o600)
        if os.fstat(self._file).st_size != self._end:
            os.ftruncate(self._file, self._end)
        if self._end == 0:
            self._write(_line({"version": VERSION}))
            _sync_folder(self._path.parent)

    def _append(self, records: list[dict[str, Any]]) -> None:
        if self._file is None:
            raise StoreError(f"{NAME} is open in another window; close it there to change it here.")
        if records:
            try:
                self._write(b"".join(map(_line, records)))
            except OSError as error:
                raise StoreError(f"It was not kept: {self._path}: {error.strerror or error}.") from error

    def _write(self, data: bytes) -> None:
        """Adds bytes and waits until they are on the disk; if that fails the file is cut where it was."""
        assert self._file is not None, "it is open"
        try:
            # The file may be longer: an earlier write has failed, and so has cutting off what it had left.
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise
        self._end += len(data)


def _line(record: Mapping[str, Any]) -> bytes:
    body = json.dumps(record, separators=(",", ":"))[1:].encode()
    return b'{"check":"%08x",' % zlib.crc32(body) + body + b"\n"


_HEAD: Final = len(b'{"check":"01234567",')


def _checked(line: bytes) -> dict[str, Any] | None:
    """The record of a line; None where it is damaged."""
    body = line[_HEAD:]
    if line[:_HEAD] != b'{"check":"%08x",' % zlib.crc32(body):
        return None
    try:
        record = json.loads(b"{" + body)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _digit_record(digit: KeptDigit) -> dict[str, Any]:
    """The strokes stay a text: they are read only when somebody wants them."""
    return {
        "digit": digit.key,
        "label": digit.label,
        "image": packed(digit.image),
        "time": digit.time,
        "said": digit.said,
        "writer": digit.writer,
        "strokes": digit.strokes,
    }


def _to_digit(record: Mapping[str, Any]) -> KeptDigit | None:
    image, label, strokes = unpacked(record.get("image")), record.get("label"), record.get("strokes")
    if image is None or type(label) is not int or not isinstance(strokes, str):
        return None
    try:
        digit = KeptDigit(
            image, label, strokes, text(record.get("time")), said(record.get("said")), text(record.get("writer"))
        )
    except ValueError:
        return None
    return digit if digit.key == record["digit"] else None


def _sync_folder(folder: Path) -> None:
    """Forces the name of a new file to the disk."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
