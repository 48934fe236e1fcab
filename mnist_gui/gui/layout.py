"""How the three rooms are arranged: where there is room side by side, else the last two behind tabs."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QMainWindow

from mnist_gui.gui.dock import RoomDock

WIDE = QSize(1200, 700)
"""From this size of the window on all three rooms are seen together."""


def is_wide(size: QSize) -> bool:
    """Whether a window of this size has room for all three."""
    return size.width() >= WIDE.width() and size.height() >= WIDE.height()


def arrange(window: QMainWindow, browse: RoomDock, train: RoomDock, draw: RoomDock) -> None:
    """Puts the rooms where they are at first: browse left; train over draw at the right, or as tabs."""
    for dock in (browse, train, draw):
        dock.setFloating(False)
        window.removeDockWidget(dock)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, browse)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, train)
    wide = is_wide(window.size())
    if wide:
        window.splitDockWidget(train, draw, Qt.Orientation.Vertical)
    else:
        window.tabifyDockWidget(train, draw)
    for dock in (browse, train, draw):
        dock.show()
    width, height = window.width(), window.height()
    left = round(width * 0.42)
    window.resizeDocks([browse, train], [left, width - left], Qt.Orientation.Horizontal)
    if wide:
        window.resizeDocks([train, draw], [round(height * 0.58), round(height * 0.42)], Qt.Orientation.Vertical)
    else:
        train.raise_()
