"""Sums of products at the speed of the processor, written in the compiler's own language.

A convolution, its gradients and a matrix product are all one sum, with other steps through memory::

    result[r, m, o] = sum over s, t of x[r * x_row + m * x_step + s * x_outer + t * x_inner] * factors[s, t, o]

The processor is busy when a tile of the result, say four values of m times 24 of o, stays in its vector registers
while s and t run: each step then loads three vectors of `factors`, spreads four numbers of `x` and does twelve
multiply-adds, none of which waits for another (Goto and van de Geijn, "Anatomy of High-Performance Matrix
Multiplication", 2008; Georganas et al., "Anatomy of High-Performance Deep Learning Convolutions on SIMD
Architectures", arXiv:1808.05567). Nothing is laid out anew but `factors`, in panels as wide as a tile, so that they
are read in the order in which they lie. All sizes are literal. Numba's own loops do not say what is to stay in
registers; so the tiles are written as LLVM instructions, and Numba compiles them for the processor that it finds.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from mnist_gui.engine.ops.numba_registers import REGISTERS, Registers


def split(n: int, most: int) -> list[int]:
    """Divides n into as few parts as possible, none larger than `most`, the larger ones first, nearly equal."""
    parts = -(-n // most)
    return [n // parts + (number < n % parts) for number in range(parts)] if n else []


@dataclass(frozen=True)
class Steps:
    """The sum that a kernel computes; all steps count numbers, not bytes.

    Attributes:
        rows: count of r, and its steps in x and in the result.
        columns: count of m, and its steps in x and in the result.
        outer: count of s, and its step in x.
        inner: count of t, and its step in x.
        outputs: count of o.
        dtype: "float32" or "float64".
        adding: whether sums are added to what the result holds, instead of written over it. Rows of the result may
            then overlap, columns may not.
        registers: what may be filled; any processor computes with all of them, at different speed.
    """

    rows: tuple[int, int, int]
    columns: tuple[int, int, int]
    outer: tuple[int, int]
    inner: tuple[int, int]
    outputs: int
    dtype: str
    adding: bool = False
    registers: tuple[Registers, ...] = REGISTERS

    @cached_property
    def _form(self) -> tuple[Registers, tuple[int, int]]:
        """The registers and the tiles that need the fewest cycles; a multiply-add takes four or five."""

        def cycles(form: tuple[Registers, tuple[int, int]]) -> float:
            registers, (most, most_vectors) = form
            widths = split(-(-self.outputs // registers.lanes(self.outputs, self.itemsize)), most_vectors)
            return sum(max(m * v / registers.rate, 4.5) for m in split(self.columns[0], most) for v in widths)

        return min(((registers, tile) for registers in self.registers for tile in registers.tiles), key=cycles)

    @property
    def itemsize(self) -> int:
        """Bytes of a number."""
        return np.dtype(self.dtype).itemsize

    @property
    def tile(self) -> tuple[int, int]:
        """Numbers of x and vectors of factors in the largest tiles."""
        return self._form[1]

    @property
    def lanes(self) -> int:
        """Numbers in a vector."""
        return self._form[0].lanes(self.outputs, self.itemsize)

    @property
    def panels(self) -> list[int]:
        """Vectors in each panel."""
        return split(-(-self.outputs // self.lanes), self.tile[1])

    @property
    def firsts(self) -> tuple[int, ...]:
        """The first output of each vector; the last ends with the last output and may overlap the one before."""
        count = -(-self.outputs // self.lanes)
        return tuple(min(number * self.lanes, self.outputs - self.lanes) for number in range(count))

    @property
    def packed(self) -> int:
        """How many numbers the panels hold."""
        return self.outer[0] * self.inner[0] * len(self.firsts) * self.lanes


def pack_kernel(steps: Steps, distance: int | None = None) -> Any:
    """Makes the function ``pack(factors, panels)`` for use in Numba code, which lays factors out in panels.

    It takes C-contiguous arrays of the dtype of `steps`; their shapes do not matter and are not looked at. The first
    factor is that of s = t = o = 0, and panels have `steps.packed` numbers.

    Args:
        steps: the sum that the factors are for.
        distance: from the factors of one t to those of the next, if they do not follow each other.
    """
    writer = _Writer(steps)

    def write(builder: Any, _: int, factors: Any, panels: Any) -> None:
        builder.call(writer.pack(builder.module, distance or steps.outputs), [factors, panels])

    return _intrinsic(2, write, steps.dtype)


def product_kernel(steps: Steps) -> Any:
    """Makes the function ``product(x, panels, result)`` for use in Numba code.

    It takes C-contiguous arrays of the dtype of `steps`; their shapes do not matter and are not looked at.
    """
    writer = _Writer(steps)

    def write(builder: Any, _: int, x: Any, panels: Any, result: Any) -> None:
        builder.call(writer.product(builder.module), [x, panels, result])

    return _intrinsic(3, write, steps.dtype)


def copy_kernel(rows: int, length: int, source: tuple[int, int], target: tuple[int, int]) -> Any:
    """Makes the function ``copy(one, other)`` for use in Numba code, which copies rows from an array into another.

    It takes C-contiguous arrays of one dtype and does not look at their shapes. The same in Numba's loops takes LLVM
    ten times as long to compile, and several times so, as a function is compiled again for each around it.

    Args:
        rows: how many rows, at least 1.
        length: numbers in a row.
        source: where the first row begins in the one array, and the step from row to row, in numbers.
        target: the same of the other array.
    """

    def write(builder: Any, size: int, one: Any, other: Any) -> None:
        pointers = (_at(builder, one, source[0]), source[1]), (_at(builder, other, target[0]), target[1])
        with _loop(builder, rows, *pointers) as (row, place):
            cgutils.raw_memcpy(builder, place, row, _constant(length), size)

    return _intrinsic(2, write)


def _intrinsic(count: int, write: Callable[..., None], dtype: str | None = None) -> Any:
    """A function for use in Numba code.

    Args:
        count: of its arguments, two or three, all C-contiguous arrays of one dtype.
        write: given a builder, the bytes of a number and a pointer to what each array holds, writes what it does.
        dtype: the only dtype that is taken; without it any.
    """

    def typed(*arrays: Any) -> Any:
        if not all(isinstance(array, types.Array) and array.layout == "C" for array in arrays):
            return None
        kind = arrays[0].dtype
        if any(array.dtype != kind for array in arrays) or dtype not in (None, str(kind)):
            return None
        return types.void(*arrays), call

    def call(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = zip(signature.args, arguments, strict=True)
        places = [context.make_array(kind)(context, builder, value).data for kind, value in arrays]
        write(builder, context.get_abi_sizeof(context.get_data_type(signature.args[0].dtype)), *places)
        return context.get_dummy_value()

    # Numba counts the parameters, so these are written out.
    if count == 2:
        return intrinsic(lambda _, one, other: typed(one, other))
    return intrinsic(lambda _, one, other, third: typed(one, other, third))


class _Writer:
    """Writes the instructions of one sum."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._bytes = steps.itemsize
        self._number = ir.FloatType() if self._bytes == 4 else ir.DoubleType()
        self._vector = ir.VectorType(self._number, steps.lanes)
        self._digest = hashlib.sha256(repr(steps).encode()).hexdigest()[:16]

    def product(self, module: Any) -> Any:
        """The sum as a function of a module: of x, panels and the result."""
        return self._function(module, f"product_{self._digest}", 3, self._product)

    def pack(self, module: Any, distance: int) -> Any:
        """The laying out of factors in panels as a function of a module: of both."""

        def write(builder: Any, factors: Any, panels: Any) -> None:
            self._pack(builder, factors, panels, distance)

        return self._function(module, f"pack_{distance}_{self._digest}", 2, write)

    def _function(self, module: Any, name: str, count: int, write: Callable[..., None]) -> Any:
        """A function of so many pointers, never inlined: each caller would be optimised with it anew."""
        if name in module.globals:
            return module.globals[name]
        pointer = self._number.as_pointer()
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * count), name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        builder = ir.IRBuilder(function.append_basic_block())
        write(builder, *function.args)
        builder.ret_void()
        return function

    def _pack(self, builder: Any, factors: Any, panels: Any, distance: int) -> None:
        """Panel by panel. What two vectors hold may be written twice, but not added twice: the last then has zeros."""
        steps, lanes = self._steps, self._steps.lanes
        count, firsts = steps.outer[0] * steps.inner[0], steps.firsts
        overlap = lanes * len(firsts) - steps.outputs if steps.adding else 0
        nothing = ir.Constant(self._vector, [0.0] * lanes)
        kept = [lane + lanes * (lane >= overlap) for lane in range(lanes)]
        done = 0
        for vectors in steps.panels:
            panel = _at(builder, panels, done * lanes * count)
            with _loop(builder, count, (factors, distance), (panel, vectors * lanes)) as (line, place):
                for number in range(vectors):
                    value = self._load(builder, _at(builder, line, firsts[done + number]))
                    if overlap and done + number == len(firsts) - 1:
                        mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes), kept)
                        value = builder.shuffle_vector(nothing, value, mask)
                    self._store(builder, value, _at(builder, place, number * lanes))
            done += vectors

    def _product(self, builder: Any, x: Any, panels: Any, result: Any) -> None:
        """All tiles: panel by panel, row by row. Panels that differ in nothing but their place share one loop."""
        steps = self._steps
        rows, x_row, result_row = steps.rows
        _, x_step, result_step = steps.columns
        parts = split(steps.columns[0], steps.tile[0])
        count = steps.outer[0] * steps.inner[0]
        vector = 0
        for (vectors, offsets), alike in groupby(self._panels()):
            panels_alike = len(list(alike))
            length = vectors * steps.lanes
            first_panel = _at(builder, panels, vector * steps.lanes * count)
            starts = [(first_panel, length * count), (_at(builder, result, vector * steps.lanes), length)]
            with (
                _loop(builder, panels_alike, *starts) as (panel, of_panel),
                _loop(builder, rows, (x, x_row), (of_panel, result_row)) as (of_row, result_of_row),
            ):
                done = 0
                for height in sorted(set(parts), reverse=True):
                    tiles = parts.count(height)
                    tile_x = (_at(builder, of_row, done * x_step), height * x_step)
                    tile_result = (_at(builder, result_of_row, done * result_step), height * result_step)
                    with _loop(builder, tiles, tile_x, tile_result) as (here, there):
                        places = [
                            [_at(builder, there, m * result_step + offset) for offset in offsets]
                            for m in range(height)
                        ]
                        self._tile(builder, here, panel, places)
                    done += tiles * height
            vector += vectors * panels_alike

    def _panels(self) -> list[tuple[int, tuple[int, ...]]]:
        """Of each panel the number of its vectors, and where they go.

        They are counted from where its first would go if no vector overlapped another.
        """
        steps = self._steps
        lanes, panels, vector = steps.lanes, [], 0
        for vectors in steps.panels:
            numbers = range(vector, vector + vectors)
            panels.append((vectors, tuple(steps.firsts[number] - vector * lanes for number in numbers)))
            vector += vectors
        return panels

    def _tile(self, builder: Any, x: Any, panel: Any, results: Sequence[Sequence[Any]]) -> None:
        """One tile: its sums stay in registers, which LLVM makes of these variables on the stack."""
        steps = self._steps
        vectors = len(results[0])
        length = vectors * steps.lanes
        zero = ir.Constant(self._vector, [0.0] * steps.lanes)
        sums = [[cgutils.alloca_once(builder, self._vector) for _ in line] for line in results]
        for line in sums:
            for variable in line:
                builder.store(zero, variable)
        name = f"llvm.fmuladd.v{steps.lanes}f{8 * self._bytes}"
        multiply_add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(self._vector, [self._vector] * 3), name
        )
        outer = _loop(builder, steps.outer[0], (x, steps.outer[1]), (panel, steps.inner[0] * length))
        with outer as (x_outer, panel_outer):
            inner = _loop(builder, steps.inner[0], (x_outer, steps.inner[1]), (panel_outer, length))
            with inner as (numbers, factors):
                loaded = [self._load(builder, _at(builder, factors, v * steps.lanes)) for v in range(vectors)]
                for m, line in enumerate(sums):
                    spread = self._spread(builder, _at(builder, numbers, m * steps.columns[1]))
                    for factor, variable in zip(loaded, line, strict=True):
                        builder.store(builder.call(multiply_add, [spread, factor, builder.load(variable)]), variable)
        for line, places in zip(sums, results, strict=True):
            values = [builder.load(variable) for variable in line]
            if steps.adding:
                # All of the row before any is stored: a load of what two stores have written waits for both.
                values = [builder.fadd(v, self._load(builder, at)) for v, at in zip(values, places, strict=True)]
            # The last first: where it overlaps the one before it, that one has the sums.
            for value, place in reversed(list(zip(values, places, strict=True))):
                self._store(builder, value, place)

    def _load(self, builder: Any, place: Any) -> Any:
        return builder.load(builder.bitcast(place, self._vector.as_pointer()), align=self._bytes)

    def _store(self, builder: Any, value: Any, place: Any) -> None:
        builder.store(value, builder.bitcast(place, self._vector.as_pointer()), align=self._bytes)

    def _spread(self, builder: Any, place: Any) -> Any:
        """A vector with one number in all its lanes."""
        nothing = ir.Constant(self._vector, ir.Undefined)
        first = builder.insert_element(nothing, builder.load(place), ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self._steps.lanes), [0] * self._steps.lanes)
        return builder.shuffle_vector(first, nothing, lanes)


@contextmanager
def _loop(builder: Any, count: int, *pointers: tuple[Any, int]) -> Iterator[list[Any]]:
    """A loop of at least one round, which LLVM is told not to unroll.

    Args:
        builder: writes at the end of a block.
        count: number of rounds.
        pointers: pointers with the step by which each advances from round to round.

    Yields:
        The pointers of the round.
    """
    if count == 1:
        yield [pointer for pointer, _ in pointers]
        return
    before = builder.block
    body = builder.append_basic_block()
    builder.branch(body)
    builder.position_at_end(body)
    number = builder.phi(ir.IntType(64))
    number.add_incoming(_constant(0), before)
    moving = [builder.phi(pointer.type) for pointer, _ in pointers]
    yield moving
    following = builder.add(number, _constant(1))
    number.add_incoming(following, builder.block)
    for phi, (pointer, step) in zip(moving, pointers, strict=True):
        phi.add_incoming(pointer, before)
        phi.add_incoming(_at(builder, phi, step), builder.block)
    after = builder.append_basic_block()
    again = builder.cbranch(builder.icmp_unsigned("<", following, _constant(count)), body, after)
    node = builder.module.add_metadata([builder.module.add_metadata(["llvm.loop.unroll.disable"]), _constant(0)])
    node.operands = (node, node.operands[0])  # LLVM knows a loop by a node that names itself
    again.set_metadata("llvm.loop", node)
    builder.position_at_end(after)


def _at(builder: Any, pointer: Any, offset: int) -> Any:
    """The place so many numbers behind another."""
    return builder.gep(pointer, [_constant(offset)], inbounds=True)


def _constant(number: int) -> Any:
    return ir.Constant(ir.IntType(64), number)
