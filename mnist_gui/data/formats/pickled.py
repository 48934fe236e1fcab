"""mnist.pkl.gz: three pairs of arrays as Python 2 or 3 pickled them, packed or not.

The pickle is not executed (see `unpickler`), and it is read in a process of its own that has little memory and time.
What comes back is plain: one line of JSON, then the bytes of the images and of the labels.
"""

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.data.dataset import SIDE, DatasetError
from mnist_gui.data.formats import limits
from mnist_gui.data.formats.arrays import join
from mnist_gui.data.formats.compressed import ByteSource
from mnist_gui.data.formats.parts import Parts, check_labels
from mnist_gui.data.formats.unpickler import ArrayUnpickler, UnpicklingError

_EXPECTED: Final = "a pickle with two or three pairs of images and labels"
_PARTS: Final = {2: ("training", "test"), 3: ("training", "validation", "test")}
_HEADER_BYTES: Final = 65_536


def looks_like_a_pickle(head: bytes) -> bool:
    """Whether a file begins as a pickled tuple or list does, in one of the protocols 0 to 5."""
    return head.startswith((b"\x80", b"(", b"]"))


def read_pickled(path: Path) -> Parts:
    """Reads a pickle of (training, validation, test) or (training, test), each a pair of images and labels.

    Raises:
        DatasetError: the file cannot be read, holds something else, or asks for too much memory or time.
    """
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
        "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve memory
    }
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "mnist_gui.data.formats.pickle_child", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as child:
        timer = threading.Timer(limits.CHILD_SECONDS, child.kill)
        timer.start()
        try:
            assert isinstance(child.stdout, io.BufferedReader)
            return _receive(child.stdout, path.name)
        finally:
            timer.cancel()
            timer.join()
            child.kill()


def _receive(stream: io.BufferedReader, name: str) -> Parts:
    """What the child sends; it is checked as if the child were a stranger as well."""
    lost = DatasetError(
        f"{name}: expected {_EXPECTED}, found one that ended the process which reads it"
        f" ({limits.CHILD_MEMORY_BYTES // 2**20:,} MiB and {limits.CHILD_CPU_SECONDS} s are allowed)."
    )
    try:
        header = json.loads(stream.readline(_HEADER_BYTES))
    except ValueError:
        raise lost from None
    match header:
        case {"problem": str() as problem}:
            raise DatasetError(problem)
        case {
            "counts": [int() as training, int() | None as validation, int() as test],
            "notes": [*notes],
        } if min(training, validation or 0, test) >= 0:
            total = training + (validation or 0) + test
        case _:
            raise lost
    if not 0 < total * SIDE * SIDE <= limits.INFLATED_BYTES:
        raise lost
    images = np.empty((total, SIDE, SIDE), np.uint8)
    labels = np.empty(total, np.uint8)
    if not (_fill(stream, images) and _fill(stream, labels)):
        raise lost
    check_labels(labels, name)
    return Parts(images, labels, training, validation, test, tuple(map(str, notes)))


def _fill(stream: io.BufferedReader, target: NDArray[np.uint8]) -> bool:
    """Fills `target` from `stream`; False where that ends too early."""
    rest = target.reshape(-1).data
    while rest and (count := stream.readinto(rest)):
        rest = rest[count:]
    return not rest


def parts_of_pickle(path: Path) -> Parts:
    """Reads the pickle in this process: the work of the child.

    Raises:
        DatasetError: as for `read_pickled`.
    """
    with ByteSource(path) as source:
        try:
            pairs = _pairs(ArrayUnpickler(source).load())
        except UnpicklingError as error:
            raise DatasetError(f"{path.name}: expected {_EXPECTED}, found {error}.") from error
        source.expect_end()
    names = [(f"{path.name}: {part} images", f"{path.name}: {part} labels") for part in _PARTS[len(pairs)]]
    return join(pairs, names)


def _pairs(value: object) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    pairs = []
    for pair in value if isinstance(value, tuple) and len(value) in _PARTS else ():
        match pair:
            case (np.ndarray() as images, np.ndarray() as labels):
                pairs.append((images, labels))
    if not isinstance(value, tuple) or not pairs or len(pairs) < len(value):
        raise UnpicklingError("something else")
    return pairs
