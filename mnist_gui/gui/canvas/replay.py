"""Digits of a stroke file drawn again, one after the other, as if by a hand."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from mnist_gui.data.dataset import DatasetError
from mnist_gui.gui.canvas.course import Course
from mnist_gui.gui.canvas.replay_bar import ReplayBar
from mnist_gui.gui.canvas.stand_in import StandIn, replayed_digit
from mnist_gui.session.stroke_reading import StrokeFile

_TICK_MS: Final = 16

REST_S: Final = 0.8
"""Seconds that a finished digit stays before the next is begun, at the speed of a hand."""

LEAST_REST_S: Final = 0.25
"""The same at any speed: time enough to see what was read."""


class Replay(QObject):
    """Owns the file and the time; what is there of a digit is shown by others.

    Signals:
        shown: (StandIn): what there is of the digit now.
        ended: there is no replay any more.
        notice: a sentence for the status bar.
        problem: (sentence, details): the file has no digit.
    """

    shown = pyqtSignal(object)
    ended = pyqtSignal()
    notice = pyqtSignal(str)
    problem = pyqtSignal(str, str)

    def __init__(
        self,
        file: StrokeFile,
        bar: ReplayBar,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._file = file
        self._bar = bar
        self._clock = clock
        self._place = -1
        self._course: Course | None = None
        self._label: int | None = None
        self._words = ""
        self._at = 0.0
        self._last = 0.0
        self._rest = 0.0
        self._speed = 1.0
        self._playing = False
        self._told = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        file.grew.connect(self._follow_file)
        bar.stepped.connect(self.step)
        bar.play_wanted.connect(self.set_playing)
        bar.speed_chosen.connect(self.set_speed)

    @property
    def active(self) -> bool:
        """Whether a file is being replayed."""
        return self._file.path is not None

    @property
    def place(self) -> int:
        """Which digit of the file, from 0; -1 before the first was read."""
        return self._place

    @property
    def playing(self) -> bool:
        """Whether time passes."""
        return self._playing

    @property
    def digit(self) -> StandIn | None:
        """The whole digit; None where its line is none."""
        if self._course is None:
            return None
        return replayed_digit(self._course.whole, self._place, self._label)

    def open(self, path: Path) -> None:
        """Begins to read a file, and to draw its first digit as soon as that is there."""
        self.close()
        self._file.open(path)
        self._say()

    def close(self) -> None:
        """Ends the replay, if there is one."""
        if self.active:
            self._timer.stop()
            self._file.close()
            self._place, self._course, self._playing, self._told = -1, None, False, False
            self.ended.emit()

    def step(self, digits: int) -> None:
        """Goes to another digit, which is drawn while the replay goes on, and otherwise shown whole."""
        self._go_to(self._place + digits, whole=not self._playing)

    def set_playing(self, playing: bool) -> None:
        """Lets time pass, or halts; at the end of a digit it goes on with the next, or with this one once more."""
        if playing and self._course is not None and self._at >= self._course.duration:
            more = self._place + 1 < len(self._file)
            self._go_to(self._place + 1 if more else self._place, whole=False)
        self._let_pass(playing)

    def set_speed(self, times: float) -> None:
        """Sets how fast is drawn: times the speed of a hand; infinite is at once."""
        self._speed = times

    # ---- the file
    def _follow_file(self) -> None:
        if self._place < 0 and len(self._file):
            self._go_to(0, whole=False)
            self._let_pass(True)
        if self._file.complete and self._file.trouble and not self._told:
            self._told = True
            if not len(self._file):
                trouble = self._file.trouble
                self.close()
                self.problem.emit(trouble, "")
                return
            self.notice.emit(self._file.trouble)
        self._say()

    def _go_to(self, place: int, *, whole: bool) -> None:
        if not 0 <= place < len(self._file):
            return
        self._place, self._course, self._label = place, None, None
        try:
            digit = self._file.digit(place)
            self._label = digit.label
            self._course = Course(digit.drawing, self._file.where(place))
            self._words = "no label" if digit.label is None else f"label {digit.label}"
        except DatasetError as error:
            self._words = str(error)
            self.notice.emit(str(error))
        self._at = math.inf if whole or math.isinf(self._speed) else 0.0
        self._rest, self._last = 0.0, self._clock()
        self._show()
        self._say()

    # ---- time
    def _let_pass(self, playing: bool) -> None:
        self._playing, self._last = playing, self._clock()
        if playing:
            self._timer.start()
        else:
            self._timer.stop()
        self._say()

    def _tick(self) -> None:
        now = self._clock()
        passed, self._last = now - self._last, now
        duration = 0.0 if self._course is None else self._course.duration
        if self._at < duration:
            self._at = math.inf if math.isinf(self._speed) else self._at + passed * self._speed
            self._show()
            return
        self._rest += passed
        if self._rest < max(REST_S / self._speed, LEAST_REST_S):
            return
        if self._place + 1 < len(self._file):
            self._go_to(self._place + 1, whole=False)
        elif self._file.complete:
            self._let_pass(False)

    def _show(self) -> None:
        if self._course is None:
            self.shown.emit(replayed_digit(None, self._place, None))
        else:
            self.shown.emit(replayed_digit(self._course.drawing_at(self._at), self._place, self._label))

    def _say(self) -> None:
        self._bar.show_state(
            self._place, len(self._file), self._words, playing=self._playing, complete=self._file.complete,
            usable=self._course is not None,
        )  # fmt: skip
