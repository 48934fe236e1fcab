"""My digits: the drawings that somebody said what they are, kept on the disk and shown as a data set."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import CLASSES, Dataset, DatasetError
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.kept_digit import KeptDigit, image_key
from mnist_gui.data.my_digits import NAME, MyDigitsStore, StoreError
from mnist_gui.data.my_digits_files import dataset_of, read_digits, write_idx, write_strokes
from mnist_gui.data.strokes import stroke_line
from mnist_gui.session.session import Session
from mnist_gui.session.tasks import Tasks

__all__ = ["NAME", "KeptDigit", "MyDigits"]


class MyDigits(QObject):
    """The one who keeps digits. A change is on the disk when the call that makes it returns.

    Signals:
        changed: the digits are others, or what can be done with them.
        imported: (list of keys): these came from a file.
    """

    changed = pyqtSignal()
    imported = pyqtSignal(object)

    def __init__(self, session: Session, path: Path | None = None) -> None:
        """Reads the digits in the background.

        Args:
            session: the owner; its end is the end of this.
            path: the file; by default beside the runs of the session.
        """
        super().__init__(session)
        self._session = session
        self._path = path or session.runs.parent / "my-digits.jsonl"
        self._store: MyDigitsStore | None = None
        self._trouble = ""
        self._dataset, self._keys = dataset_of(())
        self._other: Dataset | None = None
        self._wanted = False
        self._tasks = Tasks(self)
        session.dataset_changed.connect(self._follow_dataset)
        session.at_close(self._close)
        self._tasks.ask("my digits", partial(MyDigitsStore, self._path), self._take_store, self._no_store)

    # ---- what there is
    @property
    def ready(self) -> bool:
        """Whether the digits were read."""
        return self._store is not None

    @property
    def writable(self) -> bool:
        """Whether digits can be kept: they were read, and no other window has them."""
        return self._store is not None and self._store.writable

    @property
    def trouble(self) -> str:
        """Why digits cannot be kept, one sentence; empty when they can."""
        if self._trouble:
            return self._trouble
        if self._store is None:
            return f"{NAME} is still being read."
        return "" if self._store.writable else f"{NAME} is open in another window, which alone can change it."

    @property
    def digits(self) -> tuple[KeptDigit, ...]:
        """In the order in which they were kept."""
        return () if self._store is None else self._store.digits

    @property
    def counts(self) -> tuple[int, ...]:
        """How many of each label, 0 to 9."""
        return tuple(np.bincount(self._dataset.labels, minlength=CLASSES).tolist())

    @property
    def dataset(self) -> Dataset:
        """The digits as a data set; those left out of learning are its validation split."""
        return self._dataset

    @property
    def other(self) -> Dataset | None:
        """The data set that was shown last and is not this one."""
        return self._other

    def find(self, image: NDArray[np.uint8]) -> KeptDigit | None:
        """The digit with this image, uint8 of shape (28, 28), if it is kept."""
        return None if self._store is None else self._store.find(image_key(image))

    @property
    def selected(self) -> KeptDigit | None:
        """The digit that is selected in the grid, while the grid shows these."""
        index = self._session.selection
        if not self.shown or index is None or self._store is None:
            return None
        return self._store.find(self._keys[index])

    # ---- changes
    def add(
        self, image: NDArray[np.uint8], drawing: Drawing | None, label: int, said: dict[str, Any] | None = None
    ) -> KeptDigit | None:
        """Keeps a digit.

        Args:
            image: what the model reads: uint8, shape (28, 28), 0 paper, 255 ink.
            drawing: what it was made of.
            label: what it is, 0 to 9.
            said: what the model had said of it.

        Returns:
            The digit, or None when it could not be kept, which is said, or is kept already.
        """
        strokes = stroke_line(drawing) if drawing is not None else ""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        digit = KeptDigit(image.copy(), label, strokes, now, said or {})
        if self.find(digit.image) is not None or not self._change(lambda store: store.add([digit])):
            return None
        return digit

    def remove(self, keys: Sequence[str]) -> bool:
        """Takes digits away; returns whether that was done."""
        return self._change(lambda store: store.remove(keys))

    def restore(self, keys: Sequence[str]) -> bool:
        """Brings back digits that were taken away; returns whether that was done."""
        return self._change(lambda store: store.restore(keys))

    def relabel(self, key: str, label: int) -> bool:
        """Says that a digit is another number; returns whether that was done."""
        return self._change(lambda store: store.relabel(key, label))

    def _change(self, act: Callable[[MyDigitsStore], object]) -> bool:
        if self._store is None:
            self._session.notice.emit(self.trouble)
            return False
        try:
            act(self._store)
        except StoreError as error:
            self._session.problem.emit(str(error), "")
            return False
        self._follow_change()
        return True

    # ---- files
    def import_from(self, path: Path) -> None:
        """Adds the digits of a file in the background; those that are there already are left out."""
        if not self.writable:
            self._session.notice.emit(self.trouble)
            return

        def take(digits: list[KeptDigit]) -> None:
            new: list[KeptDigit] = []
            if self._change(lambda store: new.extend(store.add(digits))):
                left = len(digits) - len(new)
                twice = f"; {left:,} were there already" if left else ""
                self._session.notice.emit(f"{len(new):,} digits of {path.name} joined {NAME}{twice}.")
                self.imported.emit([digit.key for digit in new])

        self._tasks.ask("import", partial(read_digits, path), take, self._failed)

    def export_strokes(self, path: Path) -> None:
        """Writes a stroke file (.jsonl, .jsonl.gz) in the background."""
        self._export(partial(write_strokes, self.digits, path), path)

    def export_idx(self, folder: Path) -> None:
        """Writes images and labels as IDX files into a folder, in the background."""
        self._export(partial(write_idx, self.digits, folder), folder)

    def _export(self, write: partial[None], path: Path) -> None:
        count = len(self.digits)
        if not count:
            self._session.notice.emit(f"{NAME} is empty: there is nothing to write.")
            return
        done = f"{count:,} digits were written to {path}"
        self._tasks.ask("export", write, lambda _: self._session.notice.emit(done), self._failed)

    def _failed(self, error: Exception, details: str) -> None:
        known = isinstance(error, DatasetError | OSError)
        self._session.problem.emit(f"{NAME}: {error}", "" if known else details)

    # ---- in the grid
    @property
    def shown(self) -> bool:
        """Whether the session's data set is this one."""
        return self._session.dataset is self._dataset

    def show(self) -> None:
        """Makes it the data set of the session, as soon as it was read."""
        if self._store is None:
            self._wanted = not self._trouble
            self._session.notice.emit(self.trouble)
        elif not self.shown:
            self._session.take_dataset(None, self._dataset)

    def show_other(self) -> None:
        """Goes back to the data set that was shown before, or to MNIST."""
        if self._other is not None:
            self._session.take_dataset(None, self._other)
        else:
            self._session.open_dataset(None)

    def _follow_change(self) -> None:
        """Makes the data set anew; where it is shown, the selected digit stays selected."""
        shown, index = self.shown, self._session.selection
        selected = self._keys[index] if shown and index is not None else ""
        self._dataset, self._keys = dataset_of(self.digits)
        if shown:
            place = self._keys.index(selected) if selected in self._keys else None
            if place is None and index is not None and self._keys:
                place = min(index, len(self._keys) - 1)  # the next one, after it was taken away
            self._session.take_dataset(None, self._dataset, place)
        self.changed.emit()

    @pyqtSlot()
    def _follow_dataset(self) -> None:
        dataset = self._session.dataset
        if dataset is not None and dataset is not self._dataset and dataset.name != NAME:
            self._other = dataset
        self.changed.emit()

    # ---- opening and closing
    def _take_store(self, store: MyDigitsStore) -> None:
        self._store = store
        self._follow_change()
        for note in store.notes:
            self._session.notice.emit(note)
        if self._wanted:
            self.show()

    def _no_store(self, error: Exception, details: str) -> None:
        self._trouble = str(error)
        self._session.problem.emit(str(error), "" if isinstance(error, StoreError) else details)
        self.changed.emit()

    def _close(self) -> None:
        self._tasks.close()
        if self._store is not None:
            self._store.close()
