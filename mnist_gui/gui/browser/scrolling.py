"""Wheel notches as short glides instead of jumps."""

from typing import Final

from PyQt6.QtCore import QEasingCurve, QPropertyAnimation
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QScrollBar, QStyle

_MILLISECONDS: Final = 120


class SmoothScroll:
    """Moves a scroll bar to where the wheel wants it, over a tenth of a second.

    Notches that come meanwhile add up. Where the desktop asks for no animations there is none.
    """

    def __init__(self, bar: QScrollBar) -> None:
        self._bar = bar
        self._glide = QPropertyAnimation(bar, b"value", bar)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)

    def turn(self, event: QWheelEvent) -> None:
        """Scroll as the wheel or the touch pad says: three steps of the bar a notch, or its pixels."""
        if event.pixelDelta().isNull():
            self.by(round(-event.angleDelta().y() / 120 * 3 * self._bar.singleStep()))
        else:
            self.jump(-event.pixelDelta().y())
        event.accept()

    def by(self, pixels: int) -> None:
        """Glide so far from where the last glide will end."""
        moving = self._glide.state() == QPropertyAnimation.State.Running
        start = int(self._glide.endValue()) if moving else self._bar.value()
        end = min(max(start + pixels, self._bar.minimum()), self._bar.maximum())
        self._glide.stop()
        style = self._bar.style()
        assert style is not None
        if not style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self._bar):
            self._bar.setValue(end)
            return
        self._glide.setDuration(_MILLISECONDS)
        self._glide.setStartValue(self._bar.value())
        self._glide.setEndValue(end)
        self._glide.start()

    def jump(self, pixels: int) -> None:
        """Move so far at once, for devices that send small steps of their own."""
        self.stop()
        self._bar.setValue(self._bar.value() + pixels)

    def stop(self) -> None:
        """End a glide where it is."""
        self._glide.stop()
