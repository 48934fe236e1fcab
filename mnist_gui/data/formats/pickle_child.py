"""The process that reads one pickle: ``python -m mnist_gui.data.formats.pickle_child FILE``, run by `pickled`."""

import json
import sys
from pathlib import Path

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import limits
from mnist_gui.data.formats.pickled import parts_of_pickle


def _limit_itself() -> None:
    """Takes memory and time away from this process; where the system cannot do that, the parent's clock remains."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, value in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY_BYTES),
        (resource.RLIMIT_CPU, limits.CHILD_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def main() -> None:
    """Writes one line of JSON to standard output, then the images and the labels; or one line with the problem."""
    path = Path(sys.argv[1])
    _limit_itself()
    try:
        parts = parts_of_pickle(path)
    except DatasetError as error:
        _send({"problem": str(error)})
    except MemoryError:
        _send({"problem": f"{path.name}: expected images and labels, found more than the memory allowed for them."})
    else:
        _send({"counts": [parts.training, parts.validation, parts.test], "notes": parts.notes})
        sys.stdout.buffer.write(parts.images.reshape(-1).data)
        sys.stdout.buffer.write(parts.labels.data)


def _send(header: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")


if __name__ == "__main__":
    main()
