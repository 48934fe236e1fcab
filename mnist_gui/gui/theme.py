"""Colours and measures of the window, light and dark."""

from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QColor

SPACE = 8
"""The rhythm of the layout in device-independent pixels: margins and gaps are multiples or halves of it."""


@dataclass(frozen=True)
class Colours:
    """One theme.

    Attributes:
        window: background of the window.
        base: background of lists, plots and the fields one types in.
        text: normal text.
        muted: secondary text; still 4.5:1 on `window`.
        line: separators and grid lines of plots.
        accent: what acts or is selected.
        on_accent: text on `accent`.
        warning: what needs attention (never the only sign).
        classes: ten colours, one for each digit, the same order everywhere.
    """

    window: QColor
    base: QColor
    text: QColor
    muted: QColor
    line: QColor
    accent: QColor
    on_accent: QColor
    warning: QColor
    classes: tuple[QColor, ...]


class Theme(QObject):
    """The colours in force. Handed to constructors; widgets follow `changed`.

    Signals:
        changed: `colours` are others.
    """

    changed = pyqtSignal()

    @property
    def colours(self) -> Colours: ...
    @property
    def dark(self) -> bool: ...
    @property
    def scale(self) -> float: ...  # 1.0; larger in projector mode
