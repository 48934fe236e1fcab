"""Every limit on what a file may ask for, in one table.

They leave room for data sets several times the size of MNIST (11 MB packed, 55 MB unpacked, 220 MB as floats in
mnist.pkl.gz) and stop files that were made to fill the memory.
"""

from typing import Final

FILE_BYTES: Final = 256 * 2**20
"""Size of a file on the disk."""

INFLATED_BYTES: Final = 256 * 2**20
"""Bytes that come out of one file."""

GZ_MEMBERS: Final = 10_000
"""Streams in one gz file; programs that pack in blocks write about 15 for each megabyte."""

DEFLATE_RATIO: Final = 1032
"""The most that one byte can inflate to (RFC 1951: 258 bytes out of 2 bits)."""

ZIP_MEMBERS: Final = 64
ZIP_DIRECTORY_BYTES: Final = 64 * 2**10
NPY_HEADER_BYTES: Final = 10_000

DIMENSIONS: Final = 4
PICKLE_OPERATIONS: Final = 10_000
"""Steps of one pickle; mnist.pkl.gz takes a few hundred."""

CHILD_MEMORY_BYTES: Final = 1024 * 2**20
"""Address space of the process that reads a pickle: the libraries, and a few copies of `INFLATED_BYTES`."""

CHILD_CPU_SECONDS: Final = 30
CHILD_SECONDS: Final = 60
