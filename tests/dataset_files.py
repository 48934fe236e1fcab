"""Makes small data sets, and files of every format that holds one, for the tests."""

import gzip
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]


def digits(count: int, seed: int = 0) -> Pair:
    """Made digits: uint8 images (count, 28, 28) and labels (count,)."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return images, random.integers(0, 10, count, dtype=np.uint8)


def idx_bytes(array: np.ndarray) -> bytes:
    """An array of bytes as an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(folder: Path, pair: Pair, split: str = "train", *, separator: str = "-", packed: bool = True) -> None:
    """Writes images and labels under the names of MNIST."""
    folder.mkdir(exist_ok=True)
    for array, kind in zip(pair, (f"images{separator}idx3", f"labels{separator}idx1"), strict=True):
        data = idx_bytes(array)
        name = f"{split}-{kind}-ubyte" + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(data, 1) if packed else data)


def npy_bytes(header: str, data: bytes = b"", version: int = 1, length: int | None = None) -> bytes:
    """An NPY file with any header, also an impossible one."""
    text = header.encode("latin-1") + b"\n"
    size = len(text) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + size.to_bytes(2 if version == 1 else 4, "little") + text + data


class Python2Pickler:
    """Writes pickles step by step as cPickle of Python 2.7 did for arrays of NumPy 1."""

    def __init__(self, protocol: int) -> None:
        self.protocol = protocol
        self.memo: dict[object, int] = {}
        self.out = bytearray(b"\x80\x02" if protocol == 2 else b"")

    def dumps(self, value: object) -> bytes:
        self.save(value)
        return bytes(self.out + b".")

    def save(self, value: object) -> None:
        match value:
            case None:
                self.out += b"N"
            case bool():
                self.out += (
                    (b"\x88" if value else b"\x89") if self.protocol == 2 else (b"I01\n" if value else b"I00\n")
                )
            case int():
                self._save_int(value)
            case bytes():
                self._save_bytes(value)
            case tuple():
                self._save_tuple(value)
            case list():
                self._save_list(value)
            case np.dtype():
                self._save_dtype(value)
            case np.ndarray():
                self._save_array(value)

    def _put(self, key: object) -> None:
        number = self.memo.setdefault(key, len(self.memo))
        self.out += f"p{number}\n".encode() if self.protocol == 0 else b"q" + bytes([number])

    def _get(self, key: object) -> bool:
        if key not in self.memo:
            return False
        number = self.memo[key]
        self.out += f"g{number}\n".encode() if self.protocol == 0 else b"h" + bytes([number])
        return True

    def _save_int(self, value: int) -> None:
        if self.protocol == 0:
            self.out += f"I{value}\n".encode()
        elif 0 <= value < 2**8:
            self.out += b"K" + bytes([value])
        elif 0 <= value < 2**16:
            self.out += b"M" + struct.pack("<H", value)
        else:
            self.out += b"J" + struct.pack("<i", value)

    def _save_bytes(self, value: bytes) -> None:
        if self.protocol == 0:
            self.out += b"S" + repr(value)[1:].encode() + b"\n"  # repr in Python 2 is ours without the b
        elif len(value) < 256:
            self.out += b"U" + bytes([len(value)]) + value
        else:
            self.out += b"T" + struct.pack("<i", len(value)) + value
        self._put(len(self.memo))

    def _save_tuple(self, value: Sequence[object]) -> None:
        short = self.protocol == 2 and len(value) <= 3
        if not short:
            self.out += b"("
        for item in value:
            self.save(item)
        self.out += bytes([0x84 + len(value)]) if short else b"t"
        self._put(len(self.memo))

    def _save_list(self, value: Sequence[object]) -> None:
        self.out += b"(l" if self.protocol == 0 else b"]"
        self._put(len(self.memo))
        self.out += b"" if self.protocol == 0 else b"("
        for item in value:
            self.save(item)
            self.out += b"a" if self.protocol == 0 else b""
        self.out += b"" if self.protocol == 0 else b"e"

    def _save_global(self, name: str) -> None:
        if not self._get(name):
            module, _, attribute = name.rpartition(".")
            self.out += f"c{module}\n{attribute}\n".encode()
            self._put(name)

    def _save_dtype(self, value: np.dtype) -> None:
        if not self._get(str(value)):
            self._save_global("numpy.dtype")
            self.save((value.str[1:].encode(), 0, 1))
            self.out += b"R"
            self._put(str(value))
            self.save((3, value.str[:1].encode(), None, None, None, -1, -1, 0))
            self.out += b"b"

    def _save_array(self, value: np.ndarray) -> None:
        self._save_global("numpy.core.multiarray._reconstruct")
        self.out += b"("
        self._save_global("numpy.ndarray")
        self.save((0,))
        self.save(b"b")
        self.out += b"t"
        self._put(len(self.memo))
        self.out += b"R"
        self._put(len(self.memo))
        self.save((1, value.shape, value.dtype, False, value.tobytes()))
        self.out += b"b"
