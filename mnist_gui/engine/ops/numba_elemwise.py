"""New values of large matrices, shared out among Numba's threads.

PyTensor's kernel goes through the weights of a layer in one thread: for the perceptron a quarter of a step, in which
the other processors wait. Where every result takes the place of an argument, nothing has to be put together again, so
each thread may call that same kernel for some of the rows.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from numba import prange
from pytensor.link.numba.cache import compile_numba_function_src
from pytensor.link.numba.dispatch.basic import (
    numba_funcify_and_cache_key,
    numba_njit,
    register_funcify_and_cache_key,
)
from pytensor.tensor.elemwise import Elemwise

from mnist_gui.engine.ops.numba_common import CHUNKS, chunk

Kernel = Callable[..., Any]

LARGE: Final = 100_000
"""Numbers from which on threads gain more than it takes to start them."""

_PYTENSORS: Final = numba_funcify_and_cache_key.dispatch(Elemwise)


def _elemwise(op: Elemwise, node: Any, **arguments: Any) -> tuple[Kernel, str | None]:
    """PyTensor's kernel, called for a part of the rows at a time where it writes over large arrays."""
    kernel, key = _PYTENSORS(op, node=node, **arguments)
    if key is None or not is_shared_out(op, node):
        return kernel, key
    names = [f"x{number}" for number in range(len(node.inputs))]
    parts = [
        name if all(variable.type.broadcastable) else f"{name}[first:last]"
        for name, variable in zip(names, node.inputs, strict=True)
    ]
    results = [names[op.inplace_pattern[number]] for number in range(len(node.outputs))]

    def compiled(name: str, body: str, inner: Kernel, **options: Any) -> Kernel:
        source = f"def {name}({', '.join(names)}):\n{body}"
        scope = {"prange": prange, "chunk": chunk, "CHUNKS": CHUNKS, "inner": inner}
        function: Kernel = numba_njit(compile_numba_function_src(source, name, scope), **options)
        return function

    share_out = compiled(
        "share_out",
        f"    for t in prange(CHUNKS):\n"
        f"        first, last = chunk(t, {results[0]}.shape[0])\n"
        f"        inner({', '.join(parts)})\n",
        kernel,
        parallel=True,
    )
    body = f"    inner({', '.join(names)})\n    return {', '.join(results)}\n"
    whole = compiled("elemwise", body, share_out)
    return whole, f"{key} shared out"


def is_shared_out(op: Elemwise, node: Any) -> bool:
    """Whether all results take the place of arguments and have many numbers in many rows, in a shape that is known."""
    shape = node.outputs[0].type.shape
    if not shape or None in shape or shape[0] < CHUNKS or math.prod(shape) < LARGE:
        return False
    return len(op.inplace_pattern) == len(node.outputs) and all(
        variable.type.shape == shape or all(variable.type.broadcastable) for variable in node.inputs
    )


register_funcify_and_cache_key(Elemwise)(_elemwise)
