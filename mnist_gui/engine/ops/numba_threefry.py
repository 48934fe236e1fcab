"""The random words of `mnist_gui.engine.threefry` for Numba kernels."""

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from mnist_gui.engine.threefry import PARITY, ROTATIONS


def _threefry2x32(typing_context: Any, seed: Any, stream: Any, place: Any, step: Any) -> Any:
    """What Numba wants to know of the function: its type, and what writes its code for LLVM.

    Written for LLVM directly: Numba takes a second to infer the types of twenty rounds, and makes 64-bit additions of
    them.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(32)
        key0, key1, place, step = (
            context.cast(builder, value, kind, types.uint32)
            for value, kind in zip(arguments, signature.args, strict=True)
        )
        keys = key0, key1, builder.xor(builder.xor(key0, key1), word(PARITY))
        x, y = builder.add(place, keys[0]), builder.add(step, keys[1])
        for group in range(5):
            for bits in ROTATIONS[group % 2]:
                x = builder.add(x, y)
                rotated = builder.or_(builder.shl(y, word(bits)), builder.lshr(y, word(32 - bits)))
                y = builder.xor(x, rotated)
            x = builder.add(x, keys[(group + 1) % 3])
            y = builder.add(builder.add(y, keys[(group + 2) % 3]), word(group + 1))
        return cgutils.pack_array(builder, [x, y])

    return types.UniTuple(types.uint32, 2)(seed, stream, place, step), generate


threefry2x32: Final = intrinsic(_threefry2x32)
"""(seed, stream, place, step) -> two random words, uint32, for use in Numba functions.

Of the arguments, integers, the lower 32 bits count. A loop over places compiles to vector instructions.
"""
