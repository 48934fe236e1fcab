"""A menu with the files that were used last."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QMenu, QWidget


class RecentMenu(QMenu):
    """Made anew each time it opens, so that it needs no signals."""

    def __init__(self, title: str, recent: list[str], opened: Callable[[Path], None], parent: QWidget) -> None:
        """Makes an empty menu.

        Args:
            title: of the menu.
            recent: absolute paths, newest first; read when the menu opens.
            opened: is given the path that was chosen.
            parent: owner.
        """
        super().__init__(title, parent)
        self._recent = recent
        self._opened = opened
        self.setObjectName(title.lower().replace(" ", "_"))
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Lists the files that are there now."""
        self.clear()
        for text in self._recent:
            path = Path(text)
            action = self.addAction(path.name.replace("&", "&&"))
            assert action is not None, "Qt makes the action that it is asked for"
            action.setToolTip(text)
            action.setStatusTip(text)
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _checked, path=path: self._opened(path))
        if not self._recent:
            nothing = self.addAction("None yet")
            assert nothing is not None, "Qt makes the action that it is asked for"
            nothing.setEnabled(False)
