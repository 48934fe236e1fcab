"""The transport of a replay: which digit of a file is drawn, how fast, and what becomes of it."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPalette, QPolygonF
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.drawn_icons import ICON_SIDE, line_icon
from mnist_gui.gui.widgets.elided_label import ElidedLabel
from mnist_gui.gui.widgets.naming import named

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, math.inf)
"""Times the speed of a hand; infinite is the whole digit at once."""


def _play(painter: QPainter) -> None:
    painter.drawPolygon(QPolygonF([QPointF(5, 3), QPointF(12.5, 8), QPointF(5, 13)]))


def _pause(painter: QPainter) -> None:
    painter.drawLine(QPointF(5.5, 3.5), QPointF(5.5, 12.5))
    painter.drawLine(QPointF(10.5, 3.5), QPointF(10.5, 12.5))


def _next(painter: QPainter) -> None:
    painter.drawPolyline(QPolygonF([QPointF(4.5, 3.5), QPointF(9, 8), QPointF(4.5, 12.5)]))
    painter.drawLine(QPointF(11.5, 3.5), QPointF(11.5, 12.5))


def _previous(painter: QPainter) -> None:
    painter.translate(ICON_SIDE, 0)
    painter.scale(-1, 1)
    _next(painter)


def _close(painter: QPainter) -> None:
    corners = QRectF(4, 4, 8, 8)
    painter.drawLine(corners.topLeft(), corners.bottomRight())
    painter.drawLine(corners.topRight(), corners.bottomLeft())


_ICONS: Final[Mapping[str, Callable[[QPainter], None]]] = MappingProxyType(
    {"previous": _previous, "play": _play, "pause": _pause, "next": _next, "close": _close}
)


class ReplayBar(QWidget):
    """Says where the replay is, and asks for what the user wants of it.

    Signals:
        stepped: (digits): to another digit, -1 or 1 further.
        play_wanted: (play): to go on, or to halt.
        speed_chosen: (times the speed of a hand).
        kept: the digit is to stay on the canvas.
        closed: the replay is to end.
    """

    stepped = pyqtSignal(int)
    play_wanted = pyqtSignal(bool)
    speed_chosen = pyqtSignal(float)
    kept = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._playing = False
        self.setObjectName("replay")
        self._place = named(QLabel(), "replay_place")
        self._label = named(ElidedLabel(), "replay_label")
        self._buttons = {
            "previous": self._button("previous", "Previous digit", "Goes to the digit before this one."),
            "play": self._button("play", "Play or halt", "Lets the digits be drawn one after the other, or halts."),
            "next": self._button("next", "Next digit", "Goes to the digit after this one."),
            "close": self._button("close", "End the replay", "Brings back the drawing that was there (Esc)."),
        }
        self._buttons["previous"].clicked.connect(lambda: self.stepped.emit(-1))
        self._buttons["next"].clicked.connect(lambda: self.stepped.emit(1))
        self._buttons["play"].clicked.connect(lambda: self.play_wanted.emit(not self._playing))
        self._buttons["close"].clicked.connect(self.closed)
        self._speed = named(QComboBox(), "replay_speed", "Speed", "How fast the digits are drawn.")
        for speed in SPEEDS:
            self._speed.addItem(f"Speed {speed:g}x" if math.isfinite(speed) else "At once", speed)
        self._speed.setCurrentIndex(SPEEDS.index(1.0))
        self._speed.activated.connect(lambda: self.speed_chosen.emit(float(self._speed.currentData())))
        self._keep = named(
            QPushButton("Keep this one"), "replay_keep", tip="Makes this digit the drawing. This can be undone."
        )
        self._keep.clicked.connect(self.kept)
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self._place)
        layout.addWidget(self._label)
        layout.addLayout(row)
        layout.addWidget(self._speed)
        layout.addWidget(self._keep)
        layout.addStretch()
        theme.follow(self._restyle)

    def show_state(self, place: int, count: int, words: str, *, playing: bool, complete: bool, usable: bool) -> None:
        """Says where the replay is.

        Args:
            place: of the digit, from 0; -1 before the first has been read.
            count: digits that are known of.
            words: of the digit: its label, or what is wrong with it.
            playing: whether time passes.
            complete: whether the file holds no more than `count`.
            usable: whether there is a digit that can be kept.
        """
        of = f" of {count:,}" if complete else ""
        self._place.setText(f"{place + 1:,}{of}" if place >= 0 else "Reading…")
        self._label.setText(words)
        self._playing = playing
        self._buttons["previous"].setEnabled(place > 0)
        self._buttons["next"].setEnabled(place + 1 < count or not complete)
        self._keep.setEnabled(usable)
        self._set_play_icon()

    def focus(self) -> None:
        """Puts the keyboard on the button that plays and halts."""
        self._buttons["play"].setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _button(self, name: str, spoken: str, tip: str) -> QToolButton:
        button = named(QToolButton(), f"replay_{name}", spoken, tip)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _set_play_icon(self) -> None:
        faded = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        name = "pause" if self._playing else "play"
        self._buttons["play"].setIcon(line_icon(_ICONS[name], self._theme.colours.text, faded))

    def _restyle(self) -> None:
        faded = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        for name, button in self._buttons.items():
            button.setIcon(line_icon(_ICONS[name], self._theme.colours.text, faded))
        self._set_play_icon()
        font = self._place.font()
        font.setBold(True)
        self._place.setFont(font)
        muted = self._label.palette()
        muted.setColor(self._label.foregroundRole(), self._theme.colours.muted)
        self._label.setPalette(muted)
