"""Transposed matrices that Numba knows to be contiguous, so that BLAS reads them where they lie.

WORKAROUND https://github.com/pymc-devs/pytensor/pull/2348: until the release with that, PyTensor's own kernel gives
the result no layout, and Numba's product copies such a matrix first: in the gradient of a dense layer's input all its
weights, which takes longer than the product.
"""

from collections.abc import Callable
from typing import Any, Final, cast

from pytensor.link.numba.dispatch.basic import (
    numba_funcify_default_op_cache_key,
    numba_njit,
    register_funcify_default_op_cache_key,
)
from pytensor.tensor.elemwise import DimShuffle

Kernel = Callable[..., Any]

_PYTENSORS: Final = cast("Callable[..., tuple[Kernel, int]]", numba_funcify_default_op_cache_key.dispatch(DimShuffle))

_VERSION: Final = 1001
"""Part of the key in the disk cache; far from PyTensor's own."""


def is_transpose(op: Any) -> bool:
    """Whether an Op exchanges the axes of a matrix."""
    return isinstance(op, DimShuffle) and tuple(op.new_order) == (1, 0)


def _dim_shuffle(op: DimShuffle, **arguments: Any) -> tuple[Kernel, int]:
    """A kernel of our own for a plain transpose of a matrix, PyTensor's for all else."""
    if not is_transpose(op):
        return _PYTENSORS(op, **arguments)

    @numba_njit
    def transpose(matrix: Any) -> Any:
        return matrix.T

    return transpose, _VERSION


register_funcify_default_op_cache_key(DimShuffle)(_dim_shuffle)
