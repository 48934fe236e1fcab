"""IDX, the format of the original MNIST files: a magic number, the dimensions, the bytes.

Two zero bytes, a byte for the type (8 is unsigned byte), a byte for the number of dimensions, the dimensions as
big-endian 32-bit numbers, the data in C order. Source: LeCun, Cortes and Burges, "The MNIST database".
"""

import struct
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE, DatasetError
from mnist_gui.data.formats import limits
from mnist_gui.data.formats.compressed import ByteSource
from mnist_gui.data.formats.errors import looks_like_a_web_page, web_page_error
from mnist_gui.data.formats.parts import Parts, check_labels

IMAGES_MAGIC: Final = 0x00000803
LABELS_MAGIC: Final = 0x00000801

_SHAPES: Final = {IMAGES_MAGIC: (SIDE, SIDE), LABELS_MAGIC: ()}
_NAMES: Final = {IMAGES_MAGIC: "IDX images", LABELS_MAGIC: "IDX labels"}


@dataclass(frozen=True)
class IdxPair:
    """The two files that belong together."""

    images: Path
    labels: Path


class _IdxFile(ByteSource):
    """An open IDX file whose header has been read and found possible.

    Attributes:
        count: number of digits.
    """

    def __init__(self, path: Path, magic: int) -> None:
        super().__init__(path)
        try:
            self.count = self._read_header(magic)
        except BaseException:
            self._file.close()
            raise

    def _read_header(self, magic: int) -> int:
        head = self.read(4)
        kind = f"{_NAMES[magic]} (magic number 0x{magic:08x})"
        if head != magic.to_bytes(4, "big"):
            raise self._magic_error(head, kind)
        shape = _SHAPES[magic]
        dimensions = self.read(4 * (1 + len(shape)))
        if len(dimensions) < 4 * (1 + len(shape)):
            raise DatasetError(f"{self.name}: expected {kind}, found a file that ends within its header.")
        count, *side = (int(size) for size in struct.unpack(f">{1 + len(shape)}I", dimensions))
        if tuple(side) != shape:
            raise DatasetError(
                f"{self.name}: expected images of {SIDE} x {SIDE} pixels, found {side[0]:,} x {side[1]:,}."
            )
        if count == 0:
            raise DatasetError(f"{self.name}: expected digits, found a header that announces none.")
        self._check_size(count, count * (SIDE * SIDE if shape else 1))
        return count

    def _magic_error(self, head: bytes, kind: str) -> DatasetError:
        if looks_like_a_web_page(head + self.read(200)):
            return web_page_error(self.name, kind)
        if not head:
            return DatasetError(f"{self.name}: expected {kind}, found an empty file.")
        for magic, name in _NAMES.items():
            if head == magic.to_bytes(4, "big"):
                return DatasetError(f"{self.name}: expected {kind}, found {name} (0x{magic:08x}).")
        return DatasetError(f"{self.name}: expected {kind}, found 0x{head.hex()}.")

    def _check_size(self, count: int, size: int) -> None:
        """Refuses what cannot be, before memory is asked for."""
        if size > limits.INFLATED_BYTES:
            raise DatasetError(
                f"{self.name}: expected at most {limits.INFLATED_BYTES:,} bytes of data,"
                f" found a header that announces {count:,} digits ({size:,} bytes)."
            )
        if size > self.capacity - self._position:
            raise self._truncated(size, None if self.is_gz else self.file_bytes - self._position)

    def _truncated(self, size: int, found: int | None) -> DatasetError:
        what = "a file too small to hold them" if found is None else f"{found:,}"
        return DatasetError(f"{self.name}: expected {size:,} bytes after the header, found {what}; it is truncated.")

    def read_data(self, target: NDArray[np.uint8]) -> None:
        """Reads all data into `target`, a contiguous array of just that size.

        Raises:
            DatasetError: there are fewer or more bytes than the header says.
        """
        filled = self.readinto(target.reshape(-1).data)
        if filled < target.size:
            raise self._truncated(target.size, filled)
        self.expect_end()

    def __enter__(self) -> Self:
        return self


def read_idx(training: IdxPair, test: IdxPair | None) -> Parts:
    """Reads training files, and test files where there are some, straight into one array.

    Raises:
        DatasetError: a file is missing, damaged, or does not fit the others.
    """
    pairs = [training] if test is None else [training, test]
    with ExitStack() as stack:
        opened = []
        for pair in pairs:
            images = stack.enter_context(_IdxFile(pair.images, IMAGES_MAGIC))
            labels = stack.enter_context(_IdxFile(pair.labels, LABELS_MAGIC))
            if images.count != labels.count:
                raise DatasetError(
                    f"{labels.name}: expected {images.count:,} labels as {images.name} has images,"
                    f" found {labels.count:,}."
                )
            opened.append((images, labels))
        counts = [images.count for images, _ in opened]
        all_images = np.empty((sum(counts), SIDE, SIDE), np.uint8)
        all_labels = np.empty(sum(counts), np.uint8)
        start = 0
        for (images, labels), count in zip(opened, counts, strict=True):
            own = all_labels[start : start + count]
            labels.read_data(own)
            check_labels(own, labels.name)
            images.read_data(all_images[start : start + count])
            start += count
    return Parts(all_images, all_labels, counts[0], None, sum(counts[1:]))
