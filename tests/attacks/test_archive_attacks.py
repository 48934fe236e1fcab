"""Archives (.npz) made to fill the memory, to run code, or to be read from another place than they seem."""

import io
import struct
import time
import warnings
import zipfile

import numpy as np
import pytest
from dataset_files import digits, npy_bytes

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import open_dataset
from mnist_gui.data.formats.npz import read_npz

IMAGES, LABELS = digits(20)
GOOD = {"x_train": npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': (20, 28, 28), }", IMAGES.tobytes())}
GOOD["y_train"] = npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': (20,), }", LABELS.tobytes())


def archive(members, compression=zipfile.ZIP_DEFLATED):
    """A zip of (name, bytes) pairs, the same name twice included."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's, of names that come twice
        with zipfile.ZipFile(out, "w", compression, compresslevel=1) as file:
            for name, data in members:
                file.writestr(name, data)
    return out.getvalue()


def images_as(data, **more):
    """An archive whose x_train is `data`."""
    return archive([("x_train.npy", data), ("y_train.npy", GOOD["y_train"]), *more.items()])


def header(text, data=b"", **options):
    return images_as(npy_bytes(text, data, **options))


def plain(shape, descr="'|u1'", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def patched(data, offset, value, central):
    """`data` with bytes changed in the header of its first member: the one in the directory, or the local one."""
    at = data.index(b"PK\x01\x02" if central else b"PK\x03\x04") + offset
    return data[:at] + value + data[at + len(value) :]


def _good():
    return archive([(f"{name}.npy", data) for name, data in GOOD.items()])


def _directory_of_another_place():
    """A second end of directory, before which zip64's locator points to a directory elsewhere."""
    good = _good()
    end = good.index(b"PK\x05\x06")
    return good[:end] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + good[end:]


def _huge_directory():
    good = _good()
    end = good.index(b"PK\x05\x06")
    entry = good[good.index(b"PK\x01\x02") : end]
    filler = entry * 100_000
    tail = good[end : end + 8] + struct.pack("<HHLLH", 2, 2, len(filler), end - len(entry), 0)
    return good[: end - len(entry)] + filler + tail


ATTACKS = {
    "a header of 400 MiB": lambda: images_as(b"\x93NUMPY\x02\x00" + struct.pack("<L", 400 * 2**20) + b" " * 2**22),
    "a header of 4 GiB announced": lambda: header(plain((20, 28, 28)), version=2, length=2**32 - 1),
    "a header longer than its file": lambda: header(plain((20, 28, 28)), length=9000),
    "300 MiB of zeros": lambda: images_as(bytes(300 * 2**20)),
    "200 MiB of zeros of another shape": lambda: header(plain((20, 28, 28)), bytes(200 * 2**20)),
    "200 MiB of zeros as a header": lambda: images_as(b"\x93NUMPY\x01\x00" + bytes(200 * 2**20)),
    "many large members": lambda: archive([(f"a{i}.npy", bytes(60 * 2**20)) for i in range(5)]),
    "10,000 members": lambda: archive([(f"a{i}.npy", b"") for i in range(10_000)]),
    "100 members": lambda: archive([(f"a{i}.npy", b"") for i in range(100)]),
    "a directory of megabytes": _huge_directory,
    "a directory in another place": _directory_of_another_place,
    "objects": lambda: header(plain((20, 28, 28), "'|O'"), b"cos\nsystem\n(S'true'\ntR."),
    "structures": lambda: header(plain((20,), "[('a', '|O')]"), bytes(100)),
    "a structure of bytes": lambda: header(plain((20,), "'|V784'"), bytes(20 * 784)),
    "texts": lambda: header(plain((20, 28, 28), "'<U1'"), bytes(4 * 20 * 784)),
    "a shape of exabytes": lambda: header(plain((2**31, 2**31, 28)), IMAGES.tobytes()),
    "a shape that wraps around": lambda: header(plain((2**32, 2**32)), b""),
    "a negative shape": lambda: header(plain((-20, -28, 28)), IMAGES.tobytes()),
    "a shape that is no tuple": lambda: header(plain("[20, 28, 28]"), IMAGES.tobytes()),
    "too many dimensions": lambda: header(plain((1,) * 33), b"\0"),
    "code as a shape": lambda: header(plain("__import__('os').system('true')"), IMAGES.tobytes()),
    "an expression too deep": lambda: header("(" * 5000 + ")" * 4999),
    "an expression too long": lambda: header("-" * 9000 + "1"),
    "a number too long": lambda: header(plain(f"({'9' * 5000},)")),
    "no header": lambda: images_as(b""),
    "a pickle": lambda: images_as(b"cos\nsystem\n(S'true'\ntR."),
    "an unknown version": lambda: images_as(b"\x93NUMPY\x09\x00" + GOOD["x_train"][8:]),
    "too few bytes": lambda: images_as(GOOD["x_train"][:-1]),
    "too many bytes": lambda: images_as(GOOD["x_train"] + b"x"),
    "the same name twice": lambda: archive(
        [("x_train.npy", GOOD["x_train"])] * 2 + [("y_train.npy", GOOD["y_train"])]
    ),
    "the same name with and without .npy": lambda: archive([("x_train", b""), ("x_train.npy", GOOD["x_train"])]),
    "names that are paths": lambda: archive([("../x_train.npy", GOOD["x_train"]), ("/y_train.npy", GOOD["y_train"])]),
    "bzip2": lambda: archive([("x_train.npy", GOOD["x_train"])], zipfile.ZIP_BZIP2),
    "LZMA": lambda: archive([("x_train.npy", GOOD["x_train"])], zipfile.ZIP_LZMA),
    "an encrypted member": lambda: patched(_good(), 8, b"\x01", central=True),
    "a size larger than the truth": lambda: patched(_good(), 24, struct.pack("<L", 200 * 2**20), central=True),
    "a size smaller than the truth": lambda: patched(_good(), 24, struct.pack("<L", 100), central=True),
    "a packed size larger than the file": lambda: patched(_good(), 20, struct.pack("<L", 2**31), central=True),
    "a member that begins elsewhere": lambda: patched(_good(), 42, struct.pack("<L", 10_000), central=True),
    "a wrong checksum": lambda: patched(_good(), 16, b"\0\0\0\0", central=True),
    "another name inside": lambda: patched(_good(), 30, b"y", central=False),
    "an end alone": lambda: b"PK\x03\x04" + b"PK\x05\x06" + bytes(18),
    "an empty archive": lambda: b"PK\x05\x06" + bytes(18),
    "the magic number alone": lambda: b"PK\x03\x04",
}


@pytest.fixture
def save(tmp_path):
    def write(data):
        path = tmp_path / "evil.npz"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("name", ATTACKS)
def test_that_an_evil_archive_is_refused_within_its_bounds(save, bounded, name):
    path = save(ATTACKS[name]())
    with bounded(seconds=1.0, mebibytes=64), pytest.raises(DatasetError, match=r"^evil\.npz: .* found ") as caught:
        open_dataset(path)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_that_the_archive_they_are_made_of_is_good(save):
    np.testing.assert_array_equal(read_npz(save(_good())).images, IMAGES)


def _mutate(data, random):
    data = bytearray(data)
    for _ in range(random.integers(1, 5)):
        match random.integers(0, 4):
            case 0:
                data[random.integers(len(data))] = random.integers(256)
            case 1:
                at = random.integers(len(data))
                del data[at : at + random.integers(1, 50)]
            case 2:
                at = random.integers(len(data))
                data[at:at] = random.bytes(random.integers(1, 8))
            case 3:
                at = random.integers(max(1, len(data) - 300), len(data))  # the directory, where it hurts most
                data[at] = random.choice([0, 1, 0x7F, 0x80, 0xFE, 0xFF])
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("count", [1_000, pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_that_mutated_archives_are_refused_or_read_and_nothing_else(save, bounded, count):
    random = np.random.default_rng(count)
    small = archive([(name + ".npy", data) for name, data in GOOD.items()], zipfile.ZIP_STORED)
    slowest = refused = 0.0
    with bounded(seconds=count * 0.01, mebibytes=16):
        for good in (_good(), small):
            for _ in range(count // 2):
                path = save(_mutate(good, random))
                start = time.process_time()
                try:
                    read_npz(path)
                except DatasetError:
                    refused += 1
                slowest = max(slowest, time.process_time() - start)
    assert slowest < 1.0
    assert refused > count / 4
