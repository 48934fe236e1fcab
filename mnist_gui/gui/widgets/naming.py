"""Every control has a name for tests and style sheets, one for screen readers, and a tip."""

from typing import TypeVar

from PyQt6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str, spoken: str = "", tip: str = "") -> W:
    """The same widget with its names.

    Args:
        widget: what to name.
        name: its objectName.
        spoken: its accessible name; empty where its own text serves.
        tip: at most two sentences: the field's term and plain words.
    """
    widget.setObjectName(name)
    if spoken:
        widget.setAccessibleName(spoken)
    widget.setToolTip(tip)
    return widget
