"""The vector registers of the processor that Numba compiles for, and how a sum of products fills them."""

from dataclasses import dataclass
from typing import Final

from numba.core.registry import cpu_target


@dataclass(frozen=True)
class Registers:
    """Vector registers, and the tiles of a sum of products that fill them (see `numba_product`).

    Attributes:
        width: of a register, in bytes.
        tiles: how many numbers of x times how many vectors of factors. A tile takes a register for each product, for
            each of these vectors, and for a number of x.
    """

    width: int
    tiles: tuple[tuple[int, int], ...]


_OF_32: Final = ((6, 4), (9, 3), (14, 2))
"""Tiles that fill 32 registers."""

AVX2: Final = Registers(32, ((4, 3), (6, 2)))
AVX512: Final = Registers(64, _OF_32)
AVX512_HALVES: Final = Registers(32, _OF_32)
"""The 32 registers of AVX-512, with vectors of half their width."""

_COMPUTE_HALVES: Final = ("znver4",)
"""Processors, as LLVM names them, that compute a vector of AVX-512 in two halves.

They begin twice as many vectors of half the width, which leave fewer lanes empty: LeNet's 20 channels fill five
eighths of two whole vectors and five sixths of three halves.
"""


def registers_of(processor: str, features: str) -> Registers:
    """The registers that are quickest to compute with; without AVX2 each vector takes two of the processor's own.

    Args:
        processor: its name in LLVM.
        features: what it can and cannot do, as LLVM lists it: "+avx2,-avx512f".
    """
    if "+avx512f" not in features.split(","):
        return AVX2
    return AVX512_HALVES if processor in _COMPUTE_HALVES else AVX512


REGISTERS: Final = registers_of(*cpu_target.target_context.codegen().magic_tuple()[1:])
"""Those of the processor that Numba compiles for."""
