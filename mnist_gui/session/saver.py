"""Models written to files in the background."""

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.engine import checkpoint
from mnist_gui.engine.model import Model
from mnist_gui.session.tasks import Tasks


class Saver(QObject):
    """Writes, and says how that ended.

    Signals:
        saved: (path): a model is safe in this file.
        problem: (sentence, details): it was not written.
        notice: a sentence for the status bar.
    """

    saved = pyqtSignal(object)
    problem = pyqtSignal(str, str)
    notice = pyqtSignal(str)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._count = 0

    def save_as(self, model: Model, path: Path) -> Path:
        """Writes a model to a file.

        Returns:
            The file: `path`, with the suffix of models if it has another.
        """
        if path.suffix != checkpoint.SUFFIX:
            path = path.with_name(path.name + checkpoint.SUFFIX)
        self.save(partial(_save_as, model, path))
        return path

    def save(self, write: partial[Path]) -> None:
        """Calls what writes a file and returns its path."""
        self._count += 1
        self._tasks.ask(f"save {self._count}", write, self._written, self._failed)

    def _written(self, path: Path) -> None:
        self.saved.emit(path)
        self.notice.emit(f"Saved as {path}")

    def _failed(self, error: Exception, details: str) -> None:
        known = isinstance(error, OSError)
        self.problem.emit(f"The model was not saved: {error}", "" if known else details)


def _save_as(model: Model, path: Path) -> Path:
    checkpoint.save(model, path)
    return path
