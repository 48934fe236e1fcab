"""The nearest of many vectors, found exactly: every distance is computed, none is guessed.

Squared distances are norms less a matrix product, ``|x|^2 - 2 x.q + |q|^2``. The product is computed in float32, in
chunks that stay in the processor's cache, and what it may be wrong by is known; so it leaves a few vectors that can
be among the nearest, and the distances of these are computed in whole numbers. The vectors are stored as integers of 8
or 16 bits, which are turned into float32 a chunk at a time: half floats would take NumPy ten times as long.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES

_CHUNK: Final = 500
"""Vectors turned into float32 at a time."""

_LARGEST: Final = 32767
"""Of an int16."""

Integers = NDArray[np.uint8] | NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Nearest:
    """Some vectors, the nearest first; of two at one distance the one with the lower index.

    Attributes:
        indices: int64, shape (k,).
        distances: float64, shape (k,), Euclidean.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes:
        of_all: the nearest of all vectors.
        of_class: ten of them: the nearest vectors of each class.
    """

    of_all: Nearest
    of_class: tuple[Nearest, ...]


class Neighbours:
    """Vectors with labels, ready to be searched. Immutable, so that several threads may search."""

    def __init__(self, vectors: Integers, labels: NDArray[np.uint8], unit: float) -> None:
        """Takes vectors; they are not copied.

        Args:
            vectors: uint8 or int16, shape (n, width).
            labels: uint8, shape (n,), 0 to 9.
            unit: what 1 in a vector stands for.

        Raises:
            ValueError: the shapes do not fit, or the dtype is another.
        """
        if vectors.dtype not in (np.uint8, np.int16) or vectors.ndim != 2 or labels.shape != vectors.shape[:1]:
            raise ValueError(
                "vectors must be uint8 or int16 of shape (n, width) with n labels,"
                f" got {vectors.dtype} {vectors.shape} and {labels.shape}"
            )
        self._vectors, self._unit = vectors, unit
        self._members = [np.flatnonzero(labels == digit) for digit in range(CLASSES)]
        self._squares = np.empty(len(vectors), np.float64)
        for part in _chunks(len(vectors)):
            wide = vectors[part].astype(np.float64)
            self._squares[part] = np.einsum("ij,ij->i", wide, wide)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, query: NDArray[np.float32], count: int) -> Found:
        """The nearest vectors, of all and of each class.

        Args:
            query: float32, shape (width,), in units; it is rounded to the integers that the vectors are made of.
            count: how many of each; fewer where there are not so many.
        """
        limits = np.iinfo(self._vectors.dtype)
        rounded = np.clip(np.rint(query.astype(np.float64) / self._unit), limits.min, limits.max)
        squares, doubt = self._roughly(rounded)
        every = np.arange(len(self._vectors))
        whole = rounded.astype(np.int64)
        return Found(
            self._nearest(whole, every, squares, doubt, count),
            tuple(self._nearest(whole, members, squares, doubt, count) for members in self._members),
        )

    def _roughly(self, query: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Squared distances of all vectors, and by how much each may be wrong.

        A product of float32 sums of w terms is wrong by at most w 2^-24 times the sum of the terms' sizes (Higham,
        Accuracy and Stability of Numerical Algorithms, 2nd edition, section 3.1), which is at most |x| |q|; and
        2 |x| |q| is at most |x|^2 + |q|^2. Twice that is allowed for.
        """
        narrow = query.astype(np.float32)
        products = np.empty(len(self._vectors), np.float32)
        for part in _chunks(len(self._vectors)):
            np.dot(self._vectors[part].astype(np.float32), narrow, out=products[part])
        own = float(query @ query)
        sums = self._squares + own
        return sums - 2.0 * products, sums * (2.0 * len(query) * 2.0**-24)

    def _nearest(
        self,
        query: NDArray[np.int64],
        members: NDArray[np.int64],
        squares: NDArray[np.float64],
        doubt: NDArray[np.float64],
        count: int,
    ) -> Nearest:
        """The nearest of some of the vectors, by distances in whole numbers."""
        count = min(count, len(members))
        if not count:
            return Nearest(np.empty(0, np.int64), np.empty(0, np.float64))
        most = squares[members] + doubt[members]
        farthest = np.partition(most, count - 1)[count - 1]
        possible = members[squares[members] - doubt[members] <= farthest]
        exact = np.square(self._vectors[possible].astype(np.int64) - query).sum(axis=1)
        order = np.lexsort((possible, exact))[:count]
        return Nearest(possible[order], np.sqrt(exact[order]) * self._unit)


class FeatureStore:
    """Vectors of floats that come a few at a time and are kept as int16, all with one unit.

    The unit doubles whenever larger numbers come. The largest number then has 13 bits or more, so that no number is
    wrong by more than a twelve-thousandth of the largest one.
    """

    def __init__(self, count: int, width: int) -> None:
        """Makes room for `count` vectors of `width` numbers."""
        self._vectors = np.zeros((count, width), np.int16)
        self._unit = 0.0
        self._filled = 0

    def add(self, values: NDArray[np.float32]) -> None:
        """Takes the next vectors, float32 of shape (n, width).

        Raises:
            ValueError: a number is not finite.
        """
        largest = float(np.abs(values).max(initial=0.0))
        if not np.isfinite(largest):
            raise ValueError("a feature is not finite")
        if not self._unit and largest:
            self._unit = 2.0 * largest / _LARGEST
        while largest > self._unit * _LARGEST:
            self._unit *= 2.0
            self._vectors[: self._filled] >>= 1
        if largest:
            self._vectors[self._filled : self._filled + len(values)] = np.rint(values / np.float32(self._unit))
        self._filled += len(values)

    def finish(self, labels: NDArray[np.uint8]) -> Neighbours:
        """All vectors, ready to be searched."""
        return Neighbours(self._vectors, labels, self._unit or 1.0)


def _chunks(count: int) -> list[slice]:
    return [slice(first, min(first + _CHUNK, count)) for first in range(0, count, _CHUNK)]
