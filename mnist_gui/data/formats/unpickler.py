"""Reads NumPy arrays out of a pickle without executing it.

A pickle is a program for a small stack machine, and Python's machine can be told to call anything. This machine knows
only the steps that tuples, lists, numbers, texts and arrays need. The few global names that such a pickle mentions
become members of an enum; nothing is imported, looked up or called, so there is nothing to abuse. Any other step or
name is an error, and there is no other way to fall back to.

Reads what Python 2 and 3 wrote, protocols 0 to 5, NumPy 1 and 2. Source of the steps: pickletools.py in CPython.
"""

import codecs
import math
import struct
import warnings
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.formats import limits
from mnist_gui.data.formats.compressed import ByteSource


class UnpicklingError(Exception):
    """The pickle is damaged, or holds something else than arrays. The message completes "found ..."."""


class _Global(Enum):
    """The names that a pickle of arrays mentions."""

    RECONSTRUCT = "an empty array, whose state follows"
    NDARRAY = "the class of arrays"
    DTYPE = "a type of numbers"
    FROM_BUFFER = "an array over bytes"
    ENCODE = "bytes, written as text"


_GLOBALS: Final = {
    ("numpy.core.multiarray", "_reconstruct"): _Global.RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _Global.RECONSTRUCT,
    ("numpy", "ndarray"): _Global.NDARRAY,
    ("numpy", "dtype"): _Global.DTYPE,
    ("numpy.core.numeric", "_frombuffer"): _Global.FROM_BUFFER,
    ("numpy._core.numeric", "_frombuffer"): _Global.FROM_BUFFER,
    ("_codecs", "encode"): _Global.ENCODE,
}

_KINDS: Final = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")
_MARK: Final = object()


class _Kind:
    """A type of numbers; its byte order may come in a later step."""

    def __init__(self, code: str) -> None:
        order, bare = (code[0], code[1:]) if code[:1] in ("<", ">", "|", "=") else ("=", code)
        if bare not in _KINDS:
            raise UnpicklingError(f"an array of type {code[:20]!r}")
        self.dtype = np.dtype(bare)
        self.set_order(order)

    def set_order(self, order: str) -> None:
        """Sets the byte order: < little, > big, = or | that of this machine."""
        match order:
            case "<" | ">" | "=":
                self.dtype = self.dtype.newbyteorder(order)
            case "|":
                self.dtype = self.dtype.newbyteorder("=")
            case _:
                raise UnpicklingError("damage")


class _Array:
    """An array; its contents come in a later step."""

    contents: NDArray[Any] | None = None


class ArrayUnpickler:
    """Runs one pickle.

    Args:
        source: where its bytes come from.
    """

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._encoded = 0

    def load(self) -> object:
        """What the pickle holds: arrays, numbers, texts, bytes and None in tuples (lists become tuples).

        Raises:
            UnpicklingError: it holds anything else, is damaged or is too long.
            DatasetError: the file cannot be read.
        """
        try:
            for _ in range(limits.PICKLE_OPERATIONS):
                code = self._read(1)
                if code == b".":
                    return _finished(self._stack.pop())
                self._step(code)
        except (ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error) as error:
            raise UnpicklingError("damage") from error
        raise UnpicklingError(f"more than {limits.PICKLE_OPERATIONS:,} steps")

    def _step(self, code: bytes) -> None:
        """One step of any kind."""
        push = self._stack.append
        match code:
            case b"\x80":
                if self._number("<B") > 5:
                    raise UnpicklingError("a protocol newer than 5")
            case b"\x95":
                self._read(8)  # a frame, which only says how much to read ahead
            case b"(":
                push(_MARK)
            case b"t":
                push(tuple(self._since_mark()))
            case b")":
                push(())
            case b"\x85" | b"\x86" | b"\x87":
                self._push_tuple(code[0] - 0x84)
            case b"l":
                push(self._since_mark())
            case b"]":
                push([])
            case b"a":
                self._extend_list([self._stack.pop()])
            case b"e":
                self._extend_list(self._since_mark())
            case b"p":
                self._remember(_decimal(self._line()))
            case b"q":
                self._remember(self._number("<B"))
            case b"r":
                self._remember(self._number("<I"))
            case b"\x94":
                self._remember(len(self._memo))
            case b"g":
                push(self._memo[_decimal(self._line())])
            case b"h":
                push(self._memo[self._number("<B")])
            case b"j":
                push(self._memo[self._number("<I")])
            case b"c":
                self._push_global(self._line().decode("ascii"), self._line().decode("ascii"))
            case b"\x93":
                name, module = self._stack.pop(), self._stack.pop()
                self._push_global(_text(module), _text(name))
            case b"R":
                self._reduce()
            case b"b":
                self._build()
            case _:
                push(self._value(code))

    def _value(self, code: bytes) -> int | bytes | str | None:
        """The number, bytes, text or None that a step brings with it."""
        match code:
            case b"N":
                return None
            case b"\x88" | b"\x89":
                return code == b"\x88"
            case b"I":
                line = self._line()
                return line == b"01" if line in (b"00", b"01") else _decimal(line)
            case b"L":
                return _decimal(self._line())
            case b"J":
                return self._number("<i")
            case b"K":
                return self._number("<B")
            case b"M":
                return self._number("<H")
            case b"\x8a":
                return int.from_bytes(self._read(self._number("<B")), "little", signed=True)
            case b"S":
                return _unquoted(self._line())
            case b"T":
                return self._read(self._number("<i"))
            case b"U" | b"C":
                return self._read(self._number("<B"))
            case b"B":
                return self._read(self._number("<I"))
            case b"\x8e" | b"\x96":
                return self._read(self._number("<Q"))
            case b"V":
                return self._line().decode("raw-unicode-escape")
            case b"\x8c":
                return self._read(self._number("<B")).decode("utf-8")
            case b"X":
                return self._read(self._number("<I")).decode("utf-8")
            case b"\x8d":
                return self._read(self._number("<Q")).decode("utf-8")
        raise UnpicklingError(f"a step that no array needs (0x{code.hex()})")

    # ---- reading
    def _read(self, count: int) -> bytes:
        if not 0 <= count <= limits.INFLATED_BYTES:
            raise UnpicklingError(f"{count:,} bytes announced")
        data = self._source.read(count)
        if len(data) < count:
            raise UnpicklingError("its end too early; it is truncated")
        return data

    def _number(self, form: str) -> int:
        (number,) = struct.unpack(form, self._read(struct.calcsize(form)))
        return int(number)

    def _line(self) -> bytes:
        line = self._source.read_line()
        if not line.endswith(b"\n"):
            raise UnpicklingError("its end too early; it is truncated")
        return line[:-1]

    # ---- stack and memory
    def _since_mark(self) -> list[Any]:
        for at in reversed(range(len(self._stack))):
            if self._stack[at] is _MARK:
                items = self._stack[at + 1 :]
                del self._stack[at:]
                return items
        raise UnpicklingError("damage")

    def _push_tuple(self, count: int) -> None:
        if count > len(self._stack):
            raise UnpicklingError("damage")
        self._stack[-count:] = [tuple(self._stack[-count:])]

    def _extend_list(self, items: list[Any]) -> None:
        if not isinstance(self._stack[-1], list):
            raise UnpicklingError("damage")
        self._stack[-1].extend(items)

    def _remember(self, key: int) -> None:
        self._memo[key] = self._stack[-1]

    # ---- what stands in for imports and calls
    def _push_global(self, module: str, name: str) -> None:
        known = _GLOBALS.get((module, name))
        if known is None:
            raise UnpicklingError(f"the name {f'{module}.{name}'[:60]!r}, which no array needs")
        self._stack.append(known)

    def _reduce(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        match function, arguments:
            case _Global.RECONSTRUCT, (_Global.NDARRAY, tuple(), bytes() | str()):
                self._stack.append(_Array())
            case _Global.DTYPE, (bytes() | str() as code, *_):
                self._stack.append(_Kind(_text(code)))
            case _Global.FROM_BUFFER, (bytes() as data, _Kind() as kind, tuple() as shape, str() as order):
                array = _Array()
                array.contents = _array_over(data, kind, shape, fortran=order == "F")
                self._stack.append(array)
            case _Global.ENCODE, (str() as text, "latin1" | "latin-1"):
                self._encoded += len(text)  # the same text may be asked for again and again
                if self._encoded > limits.INFLATED_BYTES:
                    raise UnpicklingError(f"more than {limits.INFLATED_BYTES:,} bytes written as text")
                self._stack.append(text.encode("latin-1"))
            case _:
                raise UnpicklingError("a call that no array needs")

    def _build(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        match target, state:
            case _Kind(), (int(), bytes() | str() as order, *_):
                target.set_order(_text(order))
            case (
                _Array(contents=None),
                (int(), tuple() as shape, _Kind() as kind, bool() | int() as fortran, bytes() as data),
            ):
                target.contents = _array_over(data, kind, shape, fortran=bool(fortran))
            case _:
                raise UnpicklingError("a state that no array has")


def _unquoted(line: bytes) -> bytes:
    """The bytes of a text of Python 2, written in quotes and with escapes."""
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise UnpicklingError("damage")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of escapes that Python 2 never wrote
        return codecs.escape_decode(line[1:-1])[0]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, str):
        return value
    raise UnpicklingError("damage")


def _decimal(line: bytes) -> int:
    """A line of decimal digits; Python 2 ends long ones with L."""
    digits = line.removesuffix(b"L")
    if len(digits) > 20:
        raise UnpicklingError("damage")
    return int(digits)


def _array_over(data: bytes, kind: _Kind, shape: tuple[object, ...], *, fortran: bool) -> NDArray[Any]:
    """An array over `data`, which must have just the bytes that type and shape ask for."""
    sizes = [size for size in shape if isinstance(size, int) and size >= 0]
    if len(sizes) < len(shape) or len(shape) > limits.DIMENSIONS:
        raise UnpicklingError("an array of impossible shape")
    size = math.prod(sizes) * kind.dtype.itemsize
    if size != len(data):
        raise UnpicklingError(f"an array that announces {size:,} bytes and has {len(data):,}")
    return np.frombuffer(data, kind.dtype).reshape(sizes, order="F" if fortran else "C")


def _finished(value: object, depth: int = 0) -> object:
    """`value` with finished arrays in place of `_Array`; data sets nest no deeper than pairs in a tuple."""
    match value:
        case _Array(contents=None) | _Kind() | _Global():
            raise UnpicklingError("an unfinished array")
        case _Array():
            return value.contents
        case tuple() | list():
            if depth == 2 or len(value) > 3:
                raise UnpicklingError("something else than pairs of images and labels")
            return tuple(_finished(item, depth + 1) for item in value)
    return value
