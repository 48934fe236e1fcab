"""Ctrl+C and SIGTERM in a program whose main thread is inside Qt."""

import signal
import socket
from types import FrameType

from PyQt6.QtCore import QObject, QSocketNotifier, pyqtSignal
from PyQt6.sip import voidptr


class SignalWatch(QObject):
    """Turns SIGINT and SIGTERM into a Qt signal.

    Python runs handlers of signals only between two of its own instructions, and there are none while Qt waits. So the
    interpreter is told to write each signal's number into a socket, and Qt watches the other end.

    Signals:
        arrived: one of the two was sent.
    """

    arrived = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read_end, self._write_end = socket.socketpair()
        self._read_end.setblocking(False)
        self._write_end.setblocking(False)
        self._notifier = QSocketNotifier(voidptr(self._read_end.fileno()), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._take)
        self._previous_fd = signal.set_wakeup_fd(self._write_end.fileno(), warn_on_full_buffer=False)
        self._previous = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}

    def close(self) -> None:
        """Gives the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._previous_fd)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._read_end.close()
        self._write_end.close()

    def _take(self) -> None:
        if self._read_end.recv(64):
            self.arrived.emit()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The number in the socket is enough; the default handlers would end the process at once."""
