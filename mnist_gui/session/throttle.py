"""Fewer calls: the first at once, of the later ones only the newest."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Calls a function at most once in an interval.

    A call after a quiet time goes through at once. Calls within the interval replace each other, and the newest
    goes through at its end, so the last word is never lost. After the manner of qutebrowser's `misc/throttle.py`.
    """

    def __init__(self, function: Callable[..., None], interval_ms: int, parent: QObject) -> None:
        """Makes a throttle that ends with `parent`.

        Args:
            function: what to call.
            interval_ms: least time between two calls, in milliseconds.
            parent: owner; when it is destroyed, a waiting call is dropped.
        """
        super().__init__(parent)
        self._function = function
        self._waiting: tuple[Any, ...] | None = None
        self._timer = QTimer(self)
        self._interval_ms = interval_ms
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._end_of_interval)

    def __call__(self, *arguments: Any) -> None:
        """Asks for a call with these arguments."""
        if self._timer.isActive():
            self._waiting = arguments
            return
        self._timer.start(self._interval_ms)
        self._function(*arguments)

    def set_interval(self, interval_ms: int) -> None:
        """Another least time between two calls, in milliseconds, from the next call on."""
        self._interval_ms = interval_ms

    def flush(self) -> None:
        """Makes the waiting call now, if there is one."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._function(*waiting)

    def cancel(self) -> None:
        """Drops the waiting call."""
        self._waiting = None

    def _end_of_interval(self) -> None:
        if self._waiting is not None:
            self._timer.start(self._interval_ms)
            self.flush()
