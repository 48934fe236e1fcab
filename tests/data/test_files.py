import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_gui.data import files
from mnist_gui.data.files import write_atomically

CALLS = ["open", "write", "flush", "fsync", "replace"]


def test_that_new_data_replaces_the_old_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "model"
    for data in (b"old", b"new", b""):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def failing(monkeypatch):
    """Makes the k-th of all calls to the file system do something else than it should."""

    def install(k, fail):
        made = []

        def counted(name, original):
            def call(*args, **kwargs):
                made.append(name)
                if len(made) - 1 == k:
                    fail()
                return original(*args, **kwargs)

            return call

        real_open = Path.open

        def opened(self, *args, **kwargs):
            if args != ("wb",):
                return real_open(self, *args, **kwargs)
            file = counted("open", real_open)(self, *args, **kwargs)
            return _Counted(file, counted)

        monkeypatch.setattr(Path, "open", opened)
        monkeypatch.setattr(Path, "replace", counted("replace", Path.replace))
        monkeypatch.setattr(files.os, "fsync", counted("fsync", os.fsync))
        return made

    return install


class _Counted:
    """A file whose writes and flushes are counted."""

    def __init__(self, file, counted):
        self._file = file
        self.write = counted("write", file.write)
        self.flush = counted("flush", file.flush)
        self.fileno = file.fileno

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def _disk_full():
    raise OSError(errno.ENOSPC, "No space left on device")


def test_that_the_calls_come_in_the_safe_order(tmp_path, failing):
    made = failing(-1, _disk_full)
    write_atomically(tmp_path / "model", b"new")
    assert made == [*CALLS, "fsync"]


@pytest.mark.parametrize("k", range(len(CALLS)), ids=CALLS)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()], ids=["disk full", "Ctrl-C"])
def test_that_a_failure_at_any_call_leaves_the_old_file_whole_and_no_other(tmp_path, failing, monkeypatch, k, error):
    path = tmp_path / "model"
    path.write_bytes(b"old")

    def fail():
        raise error

    failing(k, fail)
    with pytest.raises(type(error)):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_failure_after_the_name_is_taken_leaves_the_new_file_whole(tmp_path, failing, monkeypatch):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    failing(len(CALLS), _disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


_KILLED = """
import os, sys
from pathlib import Path
from mnist_gui.data import files
k, path = int(sys.argv[1]), Path(sys.argv[2])
made = 0
def counted(original):
    def call(*args, **kwargs):
        global made
        made += 1
        if made == k:
            os._exit(9)
        return original(*args, **kwargs)
    return call
Path.open, Path.replace, os.fsync = counted(Path.open), counted(Path.replace), counted(os.fsync)
files.write_atomically(path, b"new" * 100_000)
os._exit(0)
"""


@pytest.mark.parametrize("k", range(1, 6))
def test_that_a_process_which_dies_at_any_call_leaves_the_old_or_the_new_file(tmp_path, k):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    code = subprocess.run([sys.executable, "-c", _KILLED, str(k), str(path)], env=environment, check=False).returncode
    assert path.read_bytes() == (b"old" if k <= 3 else b"new" * 100_000)
    assert code == (9 if k <= 4 else 0)


@pytest.mark.skipif(os.name != "posix", reason="the limit is of POSIX")
def test_that_a_really_full_disk_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom mnist_gui.data.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n    write_atomically(Path(sys.argv[1]), bytes(1_000_000))\nexcept OSError as error:\n    sys.exit(7)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    code = subprocess.run([sys.executable, "-c", script, str(path)], env=environment, check=False).returncode
    assert code == 7
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_folder_which_is_missing_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "model", b"new")
    assert list(tmp_path.iterdir()) == []
