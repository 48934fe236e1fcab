"""A stroke file, read in the background line by line; a line becomes a digit only when it is looked at."""

import threading
import time
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, QThread, pyqtSignal, pyqtSlot

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.strokes import LabelledStrokes, parse_line, stroke_lines

MOST_BYTES: Final = 256 * 2**20
"""Bytes of lines that are kept; 7,494 digits of a tablet take 4 MB."""

DIGIT_BYTES: Final = 2**19
"""Bytes of a line that is turned into a digit at once; a real digit has some thousand."""

_INTERVAL_S: Final = 0.05


class _Reading(QThread):
    """Reads the lines of a file into a list, which others may look at meanwhile.

    Signals:
        grew: there are more, at most twenty times a second.
    """

    grew = pyqtSignal()

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.setObjectName("stroke file")
        self.path = path
        self.lines: list[tuple[int, bytes]] = []
        self.trouble = ""
        self.stop = threading.Event()

    def run(self) -> None:
        total, said = 0, 0.0
        try:
            for number, line in stroke_lines(self.path):
                if self.stop.is_set():
                    return
                total += len(line)
                if total > MOST_BYTES:
                    self.trouble = f"{self.path.name} is long: its first {len(self.lines):,} digits are shown."
                    return
                self.lines.append((number, line))
                if time.monotonic() - said > _INTERVAL_S:
                    said = time.monotonic()
                    self.grew.emit()
        except DatasetError as error:
            self.trouble = str(error)


class StrokeFile(QObject):
    """The digits of one file, as far as they have been read.

    Signals:
        grew: there are more digits, or the file has come to its end.
    """

    grew = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: _Reading | None = None

    def __len__(self) -> int:
        return 0 if self._reading is None else len(self._reading.lines)

    @property
    def path(self) -> Path | None:
        """The file; None where there is none."""
        return None if self._reading is None else self._reading.path

    @property
    def complete(self) -> bool:
        """Whether all has been read that will be."""
        return self._reading is None or self._reading.isFinished()

    @property
    def trouble(self) -> str:
        """Why the file was not read to its end, in a sentence; empty as long as nothing is wrong."""
        return "" if self._reading is None or not self.complete else self._reading.trouble

    def open(self, path: Path) -> None:
        """Begins to read a file; what was read of another one is forgotten."""
        self.close()
        self._reading = _Reading(path)
        self._reading.grew.connect(self.grew)
        self._reading.finished.connect(self._say_end)
        self._reading.start()

    def close(self) -> None:
        """Ends the reading and forgets what was read."""
        if self._reading is not None:
            reading, self._reading = self._reading, None
            reading.stop.set()
            reading.grew.disconnect()
            reading.finished.disconnect()
            reading.wait()

    def digit(self, place: int) -> LabelledStrokes:
        """A digit of the file.

        Args:
            place: 0 to the number of digits less 1.

        Raises:
            DatasetError: its line is no digit; the message names the line.
        """
        assert self._reading is not None, "a file is open"
        _, line = self._reading.lines[place]
        where = self.where(place)
        if len(line) > DIGIT_BYTES:
            raise DatasetError(
                f"{where}: expected at most {DIGIT_BYTES:,} bytes for a digit to be replayed, found {len(line):,}."
            )
        return parse_line(line, where)

    def where(self, place: int) -> str:
        """The file and the line of a digit, for messages; `place` as for `digit`."""
        assert self._reading is not None, "a file is open"
        return f"{self._reading.path.name}, line {self._reading.lines[place][0]:,}"

    @pyqtSlot()
    def _say_end(self) -> None:
        if self._reading is not None:
            self._reading.wait()  # its thread has said that it ends, and may still be on its way
            self.grew.emit()
