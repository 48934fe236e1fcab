"""Files from strangers: one reader a format, one door, `open_dataset`.

Whatever is in a file, `open_dataset` returns a `Dataset` or raises a `DatasetError` with one sentence for the user; it
runs no code out of a file, and its memory and time are bounded by the table in `limits`.
"""

from dataclasses import replace
from pathlib import Path

from mnist_gui.data.dataset import Dataset, DatasetError
from mnist_gui.data.formats.compressed import ByteSource
from mnist_gui.data.formats.errors import file_error, looks_like_a_web_page, web_page_error
from mnist_gui.data.formats.idx import IMAGES_MAGIC, LABELS_MAGIC, read_idx
from mnist_gui.data.formats.names import idx_files, idx_pairs, other_files
from mnist_gui.data.formats.npz import ZIP_MAGIC, read_npz
from mnist_gui.data.formats.parts import dataset_from
from mnist_gui.data.formats.pickled import looks_like_a_pickle, read_pickled

__all__ = ["open_dataset"]

_EXPECTED = "a data set (IDX files, mnist.pkl.gz or .npz)"


def open_dataset(path: Path) -> Dataset:
    """Reads the data set at `path`: a folder, or one file, to which the others are found by their names.

    * IDX files, packed or not: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,
      t10k-labels-idx1-ubyte, also with a dot before idx. Without the t10k files there is no test split.
    * mnist.pkl.gz and other pickles of (training, validation, test) or (training, test).
    * .npz with x_train, y_train, x_test, y_test; x_val and y_val where the data has its own validation split.

    Without a validation split of its own the last sixth of the training digits becomes one, as in mnist.pkl.gz.

    Raises:
        DatasetError: one sentence that names the file, what was expected and what was found.
    """
    path = path.absolute()
    try:
        if path.is_dir():
            return _open_folder(path, list(path.iterdir()))
        path.stat()
        chosen = idx_files([path])
        if chosen:
            return _open_idx(path, idx_files(path.parent.iterdir()) | chosen)
    except OSError as error:
        raise file_error(path, error) from error
    return _open_file(path)


def _open_folder(folder: Path, files: list[Path]) -> Dataset:
    found = idx_files(files)
    if found:
        return _open_idx(folder, found)
    whole = other_files(files)
    if not whole:
        raise DatasetError(f"{folder.name or folder}: expected {_EXPECTED}, found a folder without such files.")
    if len(whole) > 1:
        names = ", ".join(path.name for path in whole[:5])
        raise DatasetError(
            f"{folder.name or folder}: expected one data set, found several ({names}); open one of these files."
        )
    return _open_file(whole[0])


def _open_idx(source: Path, found: dict[tuple[str, str], Path]) -> Dataset:
    folder = next(iter(found.values())).parent
    training, test, notes = idx_pairs(found, folder)
    parts = replace(read_idx(training, test), notes=notes)
    return dataset_from(parts, folder.name or str(folder), source)


def _open_file(path: Path) -> Dataset:
    """Opens a file that is a whole data set; what it is, its first bytes say."""
    with ByteSource(path) as source:
        head = source.read(512)
    name = path.name.split(".")[0] or path.name
    if head.startswith(ZIP_MAGIC):
        return dataset_from(read_npz(path), name, path)
    if head.startswith((IMAGES_MAGIC.to_bytes(4, "big"), LABELS_MAGIC.to_bytes(4, "big"))):
        raise DatasetError(
            f"{path.name}: expected one of the names train-images-idx3-ubyte, train-labels-idx1-ubyte,"
            " t10k-images-idx3-ubyte or t10k-labels-idx1-ubyte (.gz) by which the other IDX files are found,"
            " found another name."
        )
    if looks_like_a_web_page(head):
        raise web_page_error(path.name, _EXPECTED)
    if not head:
        raise DatasetError(f"{path.name}: expected {_EXPECTED}, found an empty file.")
    if not looks_like_a_pickle(head):
        raise DatasetError(
            f"{path.name}: expected {_EXPECTED}, found something else (it begins with 0x{head[:4].hex()})."
        )
    return dataset_from(read_pickled(path), name, path)
