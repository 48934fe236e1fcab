"""Pickles that try to run code or to fill the memory. They are run against the machine itself, without the process
around it, so that the first wall has to hold alone."""

import gzip
import io
import pickle
import struct
import subprocess
import sys

import numpy as np
import pytest
from dataset_files import digits

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import limits, open_dataset
from mnist_gui.data.formats.pickled import parts_of_pickle

REFUSED = r"^evil\.pkl\.gz: expected a pickle with two or three pairs of images and labels, found "
SHELL = "import pathlib; pathlib.Path({!r}).touch()"


@pytest.mark.parametrize("text", [b"", b"'", b"abc", b"'abc\"", b"abc'", b"'abc"])
def test_that_a_text_without_its_quotes_is_damage_and_not_a_shorter_text(tmp_path, text):
    path = tmp_path / "evil.pkl"
    path.write_bytes(b"S" + text + b"\n.")
    with pytest.raises(DatasetError, match="damage"):
        parts_of_pickle(path)


class Call:
    """Pickles as a call of `function`, which a real unpickler makes."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class Name:
    """Pickles as a global name, whatever it is."""

    def __init__(self, module, name):
        self.module, self.name = module, name


def _pickled(value, protocol):
    """Pickles `value`, with `Name` as any global name."""

    class Pickler(pickle._Pickler):
        def save(self, item, *arguments, **options):
            if isinstance(item, Name):
                self.write(f"c{item.module}\n{item.name}\n".encode())
            else:
                super().save(item, *arguments, **options)

        def save_reduce(self, function, arguments, *more, obj=None, **options):
            self.save(function)
            self.save(arguments)
            self.write(pickle.REDUCE)

    out = io.BytesIO()
    Pickler(out, protocol).dump(value)
    return out.getvalue()


def _executing(canary):
    code = SHELL.format(str(canary))
    command = f"touch {canary}"
    return {
        "os.system": Call(Name("os", "system"), command),
        "posix.system": Call(Name("posix", "system"), command),
        "nt.system": Call(Name("nt", "system"), command),
        "subprocess.Popen": Call(Name("subprocess", "Popen"), (sys.executable, "-c", code)),
        "subprocess.getoutput": Call(Name("subprocess", "getoutput"), command),
        "builtins.exec": Call(Name("builtins", "exec"), code),
        "builtins.eval": Call(Name("builtins", "eval"), f"open({str(canary)!r}, 'w')"),
        "__builtin__.eval": Call(Name("__builtin__", "eval"), f"open({str(canary)!r}, 'w')"),
        "__builtin__.execfile": Call(Name("__builtin__", "execfile"), str(canary)),
        "builtins.open": Call(Name("builtins", "open"), str(canary), "w"),
        "io.open": Call(Name("io", "open"), str(canary), "w"),
        "_io.FileIO": Call(Name("_io", "FileIO"), str(canary), "w"),
        "os.open": Call(Name("os", "open"), str(canary), 0o101),
        "os.mkdir": Call(Name("os", "mkdir"), str(canary)),
        "builtins.compile": Call(Name("builtins", "compile"), code, "x", "exec"),
        "builtins.__import__": Call(Name("builtins", "__import__"), "antigravity"),
        "builtins.getattr": Call(Name("builtins", "getattr"), Name("os", "system"), "__call__"),
        "builtins.map": Call(Name("builtins", "map"), Name("os", "system"), (command,)),
        "importlib.import_module": Call(Name("importlib", "import_module"), "this"),
        "operator.attrgetter": Call(Name("operator", "attrgetter"), "system"),
        "operator.methodcaller": Call(Name("operator", "methodcaller"), "system", command),
        "functools.partial": Call(Name("functools", "partial"), Name("os", "system"), command),
        "runpy.run_path": Call(Name("runpy", "run_path"), str(canary)),
        "pip.main": Call(Name("pip", "main"), ("install", "--target", str(canary), "x")),
        "pip._internal.main": Call(Name("pip._internal", "main"), ("download", "x")),
        "pdb.run": Call(Name("pdb", "run"), code),
        "timeit.timeit": Call(Name("timeit", "timeit"), code),
        "cProfile.run": Call(Name("cProfile", "run"), code),
        "code.interact": Call(Name("code", "interact")),
        "pty.spawn": Call(Name("pty", "spawn"), ("touch", str(canary))),
        "asyncio.subprocess": Call(Name("asyncio.unix_events", "_UnixSubprocessTransport._start"), command),
        "webbrowser.open": Call(Name("webbrowser", "open"), "file:///"),
        "shutil.rmtree": Call(Name("shutil", "rmtree"), str(canary)),
        "ctypes.CDLL": Call(Name("ctypes", "CDLL"), "libc.so.6"),
        "types.CodeType": Call(Name("types", "CodeType"), 0, 0, 0),
        "types.FunctionType": Call(Name("types", "FunctionType"), 0),
        "pickle.loads": Call(Name("pickle", "loads"), b"cos\nsystem\n."),
        "_pickle.loads": Call(Name("_pickle", "loads"), b"cos\nsystem\n."),
        "marshal.loads": Call(Name("marshal", "loads"), b"N"),
        "copyreg._reconstructor": Call(Name("copyreg", "_reconstructor"), Name("builtins", "object"), None, None),
        "copyreg.add_extension": Call(Name("copyreg", "add_extension"), "os", "system", 1),
        "numpy.load": Call(Name("numpy", "load"), str(canary)),
        "numpy.save": Call(Name("numpy", "save"), str(canary), 1),
        "numpy.memmap": Call(Name("numpy", "memmap"), str(canary)),
        "numpy.fromfile": Call(Name("numpy", "fromfile"), "/etc/hostname"),
        "numpy.frombuffer": Call(Name("numpy", "frombuffer"), b"1234"),
        "numpy.dtype.__class__": Call(Name("numpy", "dtype.__class__"), "u1"),
        "numpy.ndarray.tofile": Call(Name("numpy", "ndarray.tofile"), str(canary)),
        "numpy.testing runstring": Call(Name("numpy.testing._private.utils", "runstring"), code, {}),
        "numpy.f2py": Call(Name("numpy.f2py.crackfortran", "myeval"), code),
        "numpy scalar": Call(Name("numpy.core.multiarray", "scalar"), Name("numpy", "dtype"), b"1"),
        "codecs open": Call(Name("codecs", "open"), str(canary), "w"),
        "a name as function": Call(Name("numpy", "ndarray"), (200_000, 1000, 8)),
        "an encoding of another kind": Call(Name("_codecs", "encode"), "text", "bz2_codec"),
        "an encoding of bytes": Call(Name("_codecs", "encode"), b"text", "latin1"),
        "objects in an array": Call(Name("numpy", "dtype"), "O8", False, True),
        "structures in an array": Call(Name("numpy", "dtype"), "V8", False, True),
        "a dtype of names": Call(Name("numpy", "dtype"), [("a", "O")]),
        "a dtype by name": Call(Name("numpy", "dtype"), "object"),
        "a subclass of ndarray": Call(
            Name("numpy.core.multiarray", "_reconstruct"), Name("numpy", "memmap"), (0,), b"b"
        ),
        "a function that is text": Call("os.system", command),
        "a function that is None": Call(None, command),
    }


PAYLOADS = list(_executing("CANARY"))


@pytest.fixture
def save(tmp_path):
    def write(data):
        path = tmp_path / "evil.pkl.gz"
        path.write_bytes(gzip.compress(data, 1))
        return path

    return write


def test_that_the_payloads_are_real_and_would_make_the_canary(tmp_path):
    canary = tmp_path / "made"
    for name in ("os.system", "builtins.exec", "io.open"):
        script = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
        data = _pickled((_executing(canary)[name], 1), 2)
        subprocess.run([sys.executable, "-W", "ignore", "-c", script], input=data, check=True)
        assert canary.exists()
        canary.unlink()


@pytest.mark.parametrize("name", PAYLOADS)
def test_that_code_in_a_pickle_of_any_protocol_is_refused_and_not_run(save, canary, bounded, name):
    for protocol in range(6):
        path = save(_pickled(_executing(canary)[name], protocol))
        with bounded(), pytest.raises(DatasetError, match=REFUSED):
            parts_of_pickle(path)


@pytest.mark.parametrize("name", ["os.system", "builtins.exec", "a name as function"])
@pytest.mark.parametrize("place", ["a third member", "labels", "beside good data"])
def test_that_code_hidden_in_good_data_is_refused(save, canary, name, place):
    images, pair = (pickle.dumps(value, 2)[2:-1] for value in (digits(10)[0], digits(10)))
    payload = _pickled(_executing(canary)[name], 2)[2:-1]
    evil = {
        "a third member": pair + pair + payload + b"\x87.",
        "labels": images + payload + b"\x86" + pair + b"\x86.",
        "beside good data": pair + payload + b"\x86.",
    }[place]
    with pytest.raises(DatasetError, match=REFUSED):
        parts_of_pickle(save(b"\x80\x02" + evil))


@pytest.mark.parametrize("name", ["os.system", "subprocess.Popen", "numpy.load"])
def test_that_the_door_refuses_code_too(save, canary, name):
    value = _pickled([_executing(canary)[name]], 2)
    with pytest.raises(DatasetError, match=REFUSED):
        open_dataset(save(value))


COMMAND = b"X\x05\x00\x00\x00touch"
STEPS = {
    "INST": b"(" + COMMAND + b"ios\nsystem\n.",
    "OBJ": b"(cnumpy\ndtype\n" + COMMAND + b"o.",
    "NEWOBJ": b"cnumpy\ndtype\n(" + COMMAND + b"t\x81.",
    "NEWOBJ_EX": b"\x80\x04cnumpy\ndtype\n)}\x92.",
    "EXT1": b"\x80\x02\x82\x01.",
    "EXT2": b"\x80\x02\x83\x01\x00.",
    "EXT4": b"\x80\x02\x84\x01\x00\x00\x00.",
    "PERSID": b"Pevil\n.",
    "BINPERSID": COMMAND + b"Q.",
    "NEXT_BUFFER": b"\x80\x05\x97.",
    "READONLY_BUFFER": b"\x80\x05C\x01a\x98.",
    "DUP": b"N2.",
    "POP": b"N0.",
    "DICT": b"(d.",
    "EMPTY_SET": b"\x8f.",
    "BUILD of a name": b"cnumpy\nndarray\n(I1\nS'<'\ntb.",
    "BUILD of a tuple": b")(I1\ntb.",
    "protocol 6": b"\x80\x06).",
    "protocol 255": b"\x80\xff).",
    "a name in another spelling": b"cnumpy \ndtype\n.",
    "a name of bytes that are no text": b"c\xff\xfe\ndtype\n.",
    "STACK_GLOBAL of numbers": b"\x80\x04K\x01K\x02\x93.",
    "STACK_GLOBAL of nothing": b"\x80\x04\x93.",
    "nothing": b"",
    "STOP alone": b".",
    "MARK alone": b"(.",
    "a tuple without MARK": b"t.",
    "a tuple of too few": b"N\x86.",
    "APPEND to a tuple": b")Na.",
    "APPENDS without MARK": b"]Ne.",
    "a memory that was never written": b"h\x05.",
    "a list in itself": b"]q\x00h\x00a.",
    "INT that is no number": b"Ihello\n.",
    "INT of many digits": b"I" + b"9" * 100_000 + b"\n.",
    "LONG of many digits": b"L" + b"9" * 100_000 + b"L\n.",
    "PUT of a negative place": b"Np-1\n.",
    "STRING without quotes": b"Shello\n.",
    "STRING with a bad escape": b"S'\\xzz'\n.",
    "UNICODE that is none": b"X\x01\x00\x00\x00\xff.",
    "an array that is its own contents": b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR.",
}


@pytest.mark.parametrize("name", STEPS)
def test_that_steps_which_no_array_needs_are_refused(save, bounded, name):
    path = save(STEPS[name])
    with bounded(), pytest.raises(DatasetError, match=REFUSED):
        parts_of_pickle(path)


def _array(shape, dtype=b"f8", data=b"U\x00", version=b"I1\n"):
    """The steps of an array with any claims about itself."""
    sizes = b"".join(b"\x8a\x20" + int(size).to_bytes(32, "little", signed=True) for size in shape)
    kind = b"cnumpy\ndtype\n(U" + bytes([len(dtype)]) + dtype + b"K\x00K\x01tR"
    head = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR("
    return b"\x80\x02" + head + version + b"(" + sizes + b"t" + kind + b"\x89" + data + b"tb."


LARGE = 2**40
MEMORY = {
    "LONG_BINPUT far away": b"Nr\xff\xff\xff\x7f.",
    "LONG_BINPUT many times": b"N" + b"".join(b"r" + struct.pack("<I", i << 20) for i in range(4000)) + b".",
    "PUT far away": b"Np99999999999999999999\n.",
    "BINSTRING of 2 GiB": b"T\xff\xff\xff\x7f.",
    "BINSTRING of a negative length": b"T\xff\xff\xff\xff.",
    "BINBYTES of 4 GiB": b"\x80\x03B\xff\xff\xff\xff.",
    "BINBYTES of what is just allowed": b"\x80\x03B" + struct.pack("<I", 2**28) + b".",
    "BINBYTES8": b"\x80\x04\x8e" + struct.pack("<Q", LARGE) + b".",
    "BINBYTES8 of 2^64 - 1": b"\x80\x04\x8e" + b"\xff" * 8 + b".",
    "BYTEARRAY8": b"\x80\x05\x96" + struct.pack("<Q", LARGE) + b".",
    "BINUNICODE": b"X\xff\xff\xff\xff.",
    "BINUNICODE8": b"\x80\x04\x8d" + struct.pack("<Q", LARGE) + b".",
    "FRAME": b"\x80\x04\x95" + struct.pack("<Q", LARGE) + b"N.",
    "LONG4": b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "the shape of 12 GiB": _array((200_000, 1000, 8)),
    "a shape beyond all numbers": _array((2**200, 2**200)),
    "a shape that wraps around to nothing": _array((2**32, 2**32)),
    "a negative shape": _array((-1, 8)),
    "a shape of nothing times everything": _array((0, 2**200)),
    "too many dimensions": _array((1,) * 40, data=b"U\x08" + bytes(8)),
    "a type of 2 GiB": _array((1,), b"V2147483647"),
    "a type of objects": _array((1,), b"O", b"U\x08" + bytes(8)),
    "None many times": b"N" * 3_000_000 + b".",
    "MARK many times": b"(" * 3_000_000 + b".",
    "tuples in tuples": b")" + b"\x85" * 3_000_000 + b".",
    "lists in lists": b"]" * 5000 + b"a" * 4999 + b".",
    "a tree that doubles": b"N" + b"q\x00h\x00\x86" * 1000 + b".",
    "a tree of three": b"N" + b"q\x00h\x00h\x00\x87" * 60 + b".",
}


@pytest.mark.parametrize("name", MEMORY)
def test_that_pickles_which_ask_for_memory_do_not_get_it(save, bounded, name):
    path = save(MEMORY[name])
    with bounded(seconds=1.0, mebibytes=64), pytest.raises(DatasetError, match=REFUSED):
        parts_of_pickle(path)


def test_that_an_encoded_text_is_counted_each_time(save, bounded, monkeypatch):
    monkeypatch.setattr(limits, "INFLATED_BYTES", 20_000_000)
    text = b"X" + struct.pack("<I", 4_000_000) + b"a" * 4_000_000 + b"q\x02"
    path = save(
        b"\x80\x02c_codecs\nencode\nq\x01"
        + text
        + b"X\x06\x00\x00\x00latin1q\x03"
        + b"h\x01h\x02h\x03\x86R" * 3000
        + b"."
    )
    with bounded(mebibytes=64), pytest.raises(DatasetError, match="found more than 20,000,000 bytes written as text"):
        parts_of_pickle(path)


def test_that_a_pickle_which_inflates_to_hundreds_of_megabytes_is_stopped(tmp_path, bounded, monkeypatch):
    monkeypatch.setattr(limits, "INFLATED_BYTES", 20_000_000)
    path = tmp_path / "evil.pkl.gz"
    path.write_bytes(gzip.compress(b"S'" + bytes(300 * 2**20), 1))
    with bounded(mebibytes=32), pytest.raises(DatasetError, match="expected at most 20,000,000 bytes, found more"):
        parts_of_pickle(path)


def test_that_a_good_pickle_passes_beside_all_this(save):
    pair = digits(10)
    np.testing.assert_array_equal(parts_of_pickle(save(pickle.dumps((pair, pair)))).images[:10], pair[0])
