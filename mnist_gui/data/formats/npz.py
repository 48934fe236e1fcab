"""NumPy's .npz in the layout that Keras made usual: x_train, y_train, x_test, y_test, and perhaps x_val, y_val.

The archive's directory and each array's header are checked before anything is inflated; NumPy's own loader reads
first and checks afterwards. Sources: APPNOTE.TXT (zip) of PKWARE; numpy.lib.format (NPY).
"""

import math
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import limits
from mnist_gui.data.formats.arrays import join
from mnist_gui.data.formats.errors import file_error
from mnist_gui.data.formats.parts import Parts

ZIP_MAGIC: Final = b"PK\x03\x04"

_END = struct.Struct("<4s4H2LH")  # end of central directory
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_PIECE: Final = 2**18
_NPY_MAGIC: Final = b"\x93NUMPY"
# NumPy (and everyone who imitates it) writes the header in just this form, so no Python need be parsed;
# the L is of Python 2.
_HEADER = re.compile(
    r"\{'descr': '([<>|=]?[a-zA-Z]\d{0,3})', 'fortran_order': (True|False), 'shape': \(([\d, L]{0,100})\), ?\}\s*"
)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, struct.error)


def read_npz(path: Path) -> Parts:
    """Reads the arrays of an .npz file.

    Raises:
        DatasetError: the file cannot be read, lacks an array, or holds something else than images and labels.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            _check_directory(file, name)
            with zipfile.ZipFile(file) as archive:
                members = _members(archive, name)
                parts = ["train", *(["val"] if "x_val" in members or "y_val" in members else []), "test"]
                if "x_test" not in members and "y_test" not in members:
                    parts.remove("test")
                for key in (f"{axis}_{part}" for part in parts for axis in "xy"):
                    if key not in members:
                        found = ", ".join(sorted(members)) or "none of them"
                        raise DatasetError(
                            f"{name}: expected the arrays x_train and y_train (and, for test digits, "
                            f"x_test and y_test), found {found[:200]}; {key} is missing."
                        )
                arrays = {
                    part: (_read(archive, members[f"x_{part}"], name), _read(archive, members[f"y_{part}"], name))
                    for part in parts
                }
    except _DAMAGE as error:
        raise DatasetError(f"{name}: expected an intact .npz archive, found damage ({error}).") from error
    except OSError as error:
        raise file_error(path, error) from error
    if "test" not in arrays:
        arrays["test"] = (np.empty((0, 28, 28), np.uint8), np.empty(0, np.uint8))
    names = [(f"{name}: x_{part}", f"{name}: y_{part}") for part in arrays]
    return join(list(arrays.values()), names)


def _check_directory(file: IO[bytes], name: str) -> None:
    """Refuses a directory that is too large to be parsed, or that zipfile would look for in another place."""
    size = file.seek(0, 2)
    if size > limits.FILE_BYTES:
        raise DatasetError(f"{name}: expected at most {limits.FILE_BYTES:,} bytes, found {size:,}.")
    file.seek(max(0, size - _END.size - 20))
    tail = file.read()
    if len(tail) < _END.size or not tail[-_END.size :].startswith(b"PK\x05\x06"):
        raise DatasetError(
            f"{name}: expected an .npz archive, found one without its end; it is truncated or has trailing bytes."
        )
    _, _, _, _, count, directory, _, comment = _END.unpack(tail[-_END.size :])
    if count > limits.ZIP_MEMBERS or directory > limits.ZIP_DIRECTORY_BYTES or tail.startswith(_ZIP64_LOCATOR):
        raise DatasetError(f"{name}: expected at most {limits.ZIP_MEMBERS} arrays, found {count:,} or more.")
    if comment:
        raise DatasetError(f"{name}: expected an .npz archive, found trailing bytes.")
    file.seek(0)


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """The arrays of the archive by name (without .npy); all of them together must be of bearable size."""
    members: dict[str, zipfile.ZipInfo] = {}
    total = packed = 0
    for info in archive.infolist():
        key = info.filename.removesuffix(".npy")
        if key in members:
            raise DatasetError(f"{name}: expected each array once, found {key[:40]} twice.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DatasetError(f"{name}: expected stored or deflated arrays, found another compression of {key[:40]}.")
        members[key] = info
        total += info.file_size
        packed += info.compress_size
        if total > limits.INFLATED_BYTES or info.file_size > limits.DEFLATE_RATIO * (info.compress_size + 1):
            raise DatasetError(
                f"{name}: expected at most {limits.INFLATED_BYTES:,} bytes of arrays,"
                f" found {total:,} announced in {archive.start_dir:,}."
            )
    if packed > archive.start_dir:
        raise DatasetError(f"{name}: expected at most {archive.start_dir:,} packed bytes, found {packed:,} announced.")
    return members


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    where = f"{name}: {info.filename.removesuffix('.npy')}"
    with archive.open(info) as stream:
        assert isinstance(stream, zipfile.ZipExtFile)
        dtype, fortran, shape, header = _read_header(stream, where)
        size = math.prod(shape) * dtype.itemsize
        if size != info.file_size - header:
            raise DatasetError(
                f"{where}: expected {size:,} bytes for shape {shape}, found {info.file_size - header:,}."
            )
        array = np.empty(shape, dtype, order="F" if fortran else "C")
        target = array.reshape(-1, order="A").view(np.uint8).data
        filled = 0
        while filled < size and (count := stream.readinto(target[filled : filled + _PIECE])):
            filled += count
        if filled < size:
            raise DatasetError(f"{where}: expected {size:,} bytes, found {filled:,}; it is truncated.")
        stream.read(1)  # the end: here the checksum is compared
    return array


def _read_header(stream: IO[bytes], where: str) -> tuple[np.dtype[Any], bool, tuple[int, ...], int]:
    """Type, order, shape and length in bytes of an NPY header."""
    head = stream.read(8)
    if head[:6] != _NPY_MAGIC or head[6:] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        raise DatasetError(f"{where}: expected a NumPy array, found 0x{head.hex() or '(nothing)'}.")
    width = 2 if head[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    if length > limits.NPY_HEADER_BYTES:
        raise DatasetError(
            f"{where}: expected a header of at most {limits.NPY_HEADER_BYTES:,} bytes, found {length:,} announced."
        )
    text = stream.read(length).decode("latin-1")
    match = _HEADER.fullmatch(text)
    if match is None:
        raise DatasetError(f"{where}: expected a plain array of numbers, found the header {text.strip()[:60]!r}.")
    dtype = _dtype(match[1])
    shape = tuple(int(number.strip().removesuffix("L")) for number in match[3].split(",") if number.strip())
    if dtype is None:
        raise DatasetError(f"{where}: expected numbers, found the type {match[1]}.")
    if len(shape) > limits.DIMENSIONS:
        raise DatasetError(f"{where}: expected at most {limits.DIMENSIONS} dimensions, found {len(shape)}.")
    return dtype, match[2] == "True", shape, 8 + width + length


def _dtype(text: str) -> np.dtype[Any] | None:
    """The type of that name if it is a plain number, else None."""
    return (
        np.dtype(text) if text.lstrip("<>|=") in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8") else None
    )
