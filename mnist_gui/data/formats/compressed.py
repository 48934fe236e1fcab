"""Reading a file that may be gz: in pieces, and never more than the limits allow."""

import io
import stat
import zlib
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import limits
from mnist_gui.data.formats.errors import file_error

GZ_MAGIC: Final = b"\x1f\x8b"
_PIECE: Final = 256 * 2**10


class ByteSource:
    """The bytes of a file, inflated when it is gz (told by its first bytes, not by its name). A context manager.

    Memory stays at a few pieces of 256 KiB plus what the caller asks for, at most `limits.INFLATED_BYTES`.

    Attributes:
        name: the file's name, for messages.
        is_gz: whether the bytes are inflated.
        file_bytes: size of the file on the disk.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._total = 0
        self._members = 1
        self._buffer = b""
        self._offset = 0
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):  # opening a pipe would block, a device may never end
                raise DatasetError(f"{path}: expected a file, found a folder, a device or a pipe.")
            self.file_bytes = status.st_size
            if self.file_bytes > limits.FILE_BYTES:
                raise DatasetError(
                    f"{self.name}: expected at most {limits.FILE_BYTES:,} bytes, found {self.file_bytes:,}."
                )
            self._file = path.open("rb", buffering=0)
            head = self._file.read(2)
        except OSError as error:
            raise file_error(path, error) from error
        self.is_gz = head == GZ_MAGIC
        self._inflater = zlib.decompressobj(31)  # 31: a gz header and trailer are expected
        self._packed = head if self.is_gz else b""
        self._buffer = b"" if self.is_gz else head
        self._total = len(self._buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def capacity(self) -> int:
        """The most bytes that can come out of this file, known before anything is read."""
        return min(limits.INFLATED_BYTES, self.file_bytes * (limits.DEFLATE_RATIO if self.is_gz else 1))

    def readinto(self, target: memoryview) -> int:
        """Fills `target` (bytes) as far as the file reaches and returns how many bytes that was.

        Raises:
            DatasetError: the file cannot be read, is damaged, ends within its compressed data or is too large.
        """
        filled = 0
        while filled < len(target) and self._fill():
            piece = memoryview(self._buffer)[self._offset : self._offset + len(target) - filled]
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._offset += len(piece)
        return filled

    def read(self, count: int) -> bytes:
        """The next `count` bytes; fewer only where the file ends.

        Raises:
            DatasetError: as for `readinto`.
        """
        out = io.BytesIO()
        while out.tell() < count and self._fill():
            piece = memoryview(self._buffer)[self._offset : self._offset + count - out.tell()]
            out.write(piece)
            self._offset += len(piece)
        return out.getvalue()

    def read_line(self, limit: int = limits.INFLATED_BYTES) -> bytes:
        r"""The bytes up to and with the next ``\n``, at most `limit`; empty only at the end of the file.

        Raises:
            DatasetError: as for `readinto`.
        """
        out = io.BytesIO()
        ended = False
        while not ended and out.tell() < limit and self._fill():
            stop = min(len(self._buffer), self._offset + limit - out.tell())
            end = self._buffer.find(b"\n", self._offset, stop) + 1
            ended = end > 0
            piece = memoryview(self._buffer)[self._offset : end or stop]
            out.write(piece)
            self._offset += len(piece)
        return out.getvalue()

    def expect_end(self) -> None:
        """Checks that nothing is left (which also checks the checksum of a gz file).

        Raises:
            DatasetError: there are trailing bytes.
        """
        if self._fill():
            raise DatasetError(
                f"{self.name}: expected the data to end after {self._position:,} bytes, found trailing bytes."
            )

    @property
    def _position(self) -> int:
        return self._total - len(self._buffer) + self._offset

    def _fill(self) -> bool:
        """Makes the buffer hold at least one unread byte; False at the end."""
        if self._offset < len(self._buffer):
            return True
        try:
            self._buffer = self._inflate() if self.is_gz else self._file.read(_PIECE)
        except OSError as error:
            raise DatasetError(f"{self.name}: could not be read; the system says: {error.strerror}.") from error
        except zlib.error as error:
            raise DatasetError(
                f"{self.name}: expected intact gz data, found damage after {self._total:,} bytes."
            ) from error
        self._offset = 0
        self._total += len(self._buffer)
        if self._total > limits.INFLATED_BYTES:
            raise DatasetError(
                f"{self.name}: expected at most {limits.INFLATED_BYTES:,} bytes, found more"
                f" ({self._total // max(1, self.file_bytes):,} times the size of the file)."
            )
        return bool(self._buffer)

    def _inflate(self) -> bytes:
        """The next piece, at most `_PIECE` bytes; empty at the end."""
        while True:
            if self._inflater.eof and not self._next_member():
                return b""
            packed = self._packed or self._file.read(_PIECE // 4)
            piece = self._inflater.decompress(packed, _PIECE)
            self._packed = self._inflater.unconsumed_tail
            if piece:
                return piece
            if not packed and not self._inflater.eof:
                raise DatasetError(
                    f"{self.name}: expected a whole gz file, found one that ends within its compressed data"
                    f" (after {self._total:,} bytes); it is truncated."
                )

    def _next_member(self) -> bool:
        """Goes on to the next of several gz streams in one file; False where there is none. Zeros are padding."""
        rest = self._inflater.unused_data.lstrip(b"\0")
        while not rest:
            rest = self._file.read(_PIECE)
            if not rest:
                return False
            rest = rest.lstrip(b"\0")
        self._members += 1
        if not rest.startswith(GZ_MAGIC[: len(rest)]):
            raise DatasetError(f"{self.name}: expected the file to end after its gz data, found trailing bytes.")
        if self._members > limits.GZ_MEMBERS:
            raise DatasetError(f"{self.name}: expected at most {limits.GZ_MEMBERS:,} gz streams, found more.")
        self._inflater = zlib.decompressobj(31)
        self._packed = rest
        return True
