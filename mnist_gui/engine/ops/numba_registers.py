"""The vector registers of the processor that Numba compiles for, and how a sum of products fills them."""

from dataclasses import dataclass
from typing import Final

from numba.core.registry import cpu_target


@dataclass(frozen=True)
class Registers:
    """One use of the vector registers, and the tiles of a sum of products that fill them (see `numba_product`).

    Attributes:
        width: of a vector, in bytes.
        rate: multiply-adds of whole vectors that begin in a cycle.
        tiles: how many numbers of x times how many vectors of factors. A tile takes a register for each product, for
            each of these vectors, and for a number of x.
    """

    width: int
    rate: int
    tiles: tuple[tuple[int, int], ...]

    def lanes(self, outputs: int, size: int) -> int:
        """Numbers in a vector: as many as fit, or fewer where there are not so many outputs.

        Args:
            outputs: of the sum.
            size: of a number, in bytes.
        """
        return min(self.width // size, 1 << (outputs.bit_length() - 1))


_OF_32: Final = ((6, 4), (9, 3), (14, 2))
"""Tiles that fill 32 registers."""

AVX2: Final = (Registers(32, 2, ((4, 3), (6, 2))),)
AVX512: Final = (Registers(64, 2, _OF_32),)
AVX512_IN_HALVES: Final = (Registers(64, 1, _OF_32), Registers(32, 2, _OF_32))
"""Of a processor that computes a vector of AVX-512 in two halves.

Vectors of half the width are as quick there, and leave fewer lanes empty where outputs do not fill whole ones: LeNet's
20 channels fill five eighths of two whole vectors and five sixths of three halves. Where they do, whole ones come
first: they need half as many instructions.
"""

_COMPUTE_HALVES: Final = ("znver4",)
"""Such processors, as LLVM names them."""


def registers_of(processor: str, features: str) -> tuple[Registers, ...]:
    """The uses of the registers that are worth considering; without AVX2 a vector takes two of the processor's own.

    Args:
        processor: its name in LLVM.
        features: what it can and cannot do, as LLVM lists it: "+avx2,-avx512f".
    """
    if "+avx512f" not in features.split(","):
        return AVX2
    return AVX512_IN_HALVES if processor in _COMPUTE_HALVES else AVX512


REGISTERS: Final = registers_of(*cpu_target.target_context.codegen().magic_tuple()[1:])
"""Those of the processor that Numba compiles for."""
