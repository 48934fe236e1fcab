"""One question answered in the background: reading a file, opening a model."""

import traceback
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QThread, pyqtSignal, pyqtSlot


class _Work(QThread):
    """Runs one function; what it returned or raised is read after `finished`."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__()
        self._function = function
        self.result: Any = None
        self.error: Exception | None = None
        self.details = ""

    def run(self) -> None:
        try:
            self.result = self._function()
        except Exception as error:  # noqa: BLE001 - the boundary: it is handed to the asker, whatever it is
            self.error = error
            self.details = traceback.format_exc()


class Tasks(QObject):
    """Asks functions in threads of their own and brings the answers to the thread of this object.

    Tasks are named: a new one drops the answer of the unfinished one with the same name, so that of two files
    opened in a hurry the second wins whichever is read first.

    Signals:
        busy_changed: a task began or ended.
    """

    busy_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current: dict[str, _Work] = {}
        self._answers: dict[_Work, tuple[str, Callable[[Any], None], Callable[[Exception, str], None]]] = {}

    def ask(
        self,
        name: str,
        function: Callable[[], Any],
        success: Callable[[Any], None],
        failure: Callable[[Exception, str], None],
    ) -> None:
        """Calls `function` in a thread, then `success` or `failure` in this one.

        Args:
            name: what the task is for.
            function: must not touch anything of the window.
            success: called with what the function returned.
            failure: called with what it raised, and the traceback.
        """
        work = _Work(function)
        work.setObjectName(f"task {name}")
        self._current[name] = work
        self._answers[work] = (name, success, failure)
        work.finished.connect(self._deliver)
        work.start()
        self.busy_changed.emit()

    def busy(self, name: str) -> bool:
        """Whether the task of this name has not been answered yet."""
        return name in self._current

    def forget(self, name: str) -> None:
        """Drops the answer of the unfinished task of this name."""
        if self._current.pop(name, None) is not None:
            self.busy_changed.emit()

    def close(self) -> None:
        """Waits for the functions that still run and drops their answers."""
        self._current.clear()
        for work in list(self._answers):
            work.wait()
        self._answers.clear()

    @pyqtSlot()
    def _deliver(self) -> None:
        for work in [work for work in self._answers if work.isFinished()]:
            work.wait()
            name, success, failure = self._answers.pop(work)
            if self._current.get(name) is not work:
                continue
            del self._current[name]
            self.busy_changed.emit()
            if work.error is None:
                success(work.result)
            else:
                failure(work.error, work.details)
