"""How the rooms are arranged: Why behind Browse, Train over Draw; in a small window these two behind tabs as well."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QMainWindow

from mnist_gui.gui.dock import RoomDock

DEFAULT_SIZE: Final = QSize(1366, 768)
"""Of the window at its first start, if the screen is large enough."""

LEAST_WIDE: Final = QSize(1200, 700)
"""From this size of the window on Browse, Train and Draw are seen together."""


class Arrangement(StrEnum):
    """The arrangements that the application makes itself."""

    TOGETHER = "together"
    TABBED = "tabbed"


def suits(size: QSize) -> Arrangement:
    """The arrangement for a window of this size."""
    wide = size.width() >= LEAST_WIDE.width() and size.height() >= LEAST_WIDE.height()
    return Arrangement.TOGETHER if wide else Arrangement.TABBED


@dataclass(frozen=True)
class Layout:
    """The rooms in their window."""

    window: QMainWindow
    browse: RoomDock
    train: RoomDock
    draw: RoomDock
    why: RoomDock

    @property
    def docks(self) -> tuple[RoomDock, RoomDock, RoomDock, RoomDock]:
        """The rooms."""
        return self.browse, self.train, self.draw, self.why

    def arrange(self, arrangement: Arrangement) -> None:
        """Puts browse left, with why behind it; train over draw at the right, or both there as tabs.

        What can be seen of two rooms in one place stays in front.
        """
        window = self.window
        front = self.why if self.why.on_top and not self.browse.on_top else self.browse
        for dock in self.docks:
            dock.setFloating(False)
            window.removeDockWidget(dock)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.browse)
        window.tabifyDockWidget(self.browse, self.why)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.train)
        together = arrangement is Arrangement.TOGETHER
        if together:
            window.splitDockWidget(self.train, self.draw, Qt.Orientation.Vertical)
        else:
            window.tabifyDockWidget(self.train, self.draw)
        for dock in self.docks:
            dock.show()
        left = round(window.width() * 0.42)
        window.resizeDocks([self.browse, self.train], [left, window.width() - left], Qt.Orientation.Horizontal)
        if together:
            upper = round(window.height() * 0.56)
            window.resizeDocks([self.train, self.draw], [upper, window.height() - upper], Qt.Orientation.Vertical)
        else:
            self.train.raise_()
        front.raise_()

    def place_why(self) -> None:
        """Puts why behind browse, wherever that is: for an arrangement that was made when there was no such room."""
        window = self.window
        window.removeDockWidget(self.why)
        if self.browse.isFloating() or self.browse.isHidden():
            window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.why)
            self.why.show()
        else:
            window.tabifyDockWidget(self.browse, self.why)
            self.why.show()
            self.browse.raise_()

    def present(self) -> Arrangement | None:
        """The arrangement that the rooms are in; None if the user has made one of his own."""
        window = self.window
        right = Qt.DockWidgetArea.RightDockWidgetArea
        if any(dock.isFloating() or dock.isHidden() for dock in self.docks):
            return None
        if window.dockWidgetArea(self.browse) is not Qt.DockWidgetArea.LeftDockWidgetArea:
            return None
        if self.why not in window.tabifiedDockWidgets(self.browse):
            return None
        if window.dockWidgetArea(self.train) is not right or window.dockWidgetArea(self.draw) is not right:
            return None
        tabbed = self.draw in window.tabifiedDockWidgets(self.train)
        return Arrangement.TABBED if tabbed else Arrangement.TOGETHER

    def follow(self, old: QSize, new: QSize) -> None:
        """Changes over when the window was resized past the limit, unless the user has arranged the rooms."""
        before, after = suits(old), suits(new)
        if before is not after and self.present() is before:
            self.arrange(after)
