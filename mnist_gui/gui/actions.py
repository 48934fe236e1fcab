"""The commands as Qt's actions: bound to functions, put into menus, enabled as the situation allows."""

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar

from mnist_gui.gui.commands import COMMANDS, MENUS, Situation

_ROLES = {
    "preferences": QAction.MenuRole.PreferencesRole,
    "about": QAction.MenuRole.AboutRole,
    "quit": QAction.MenuRole.QuitRole,
}


class Actions(QObject):
    """One action for each command.

    Attributes:
        menus: the menus by the name that commands give, after `fill`.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.menus: dict[str, QMenu] = {}
        self._bound: set[str] = set()
        self._actions = {command.id: QAction(command.title, self) for command in COMMANDS}
        for command in COMMANDS:
            action = self._actions[command.id]
            keys = [QKeySequence(key) for key in command.shortcuts]
            action.setObjectName(command.id)
            action.setShortcuts(keys)
            action.setStatusTip(command.tip)
            shown = f" ({keys[0].toString(QKeySequence.SequenceFormat.NativeText)})" if keys else ""
            action.setToolTip(command.tip + shown)
            action.setCheckable(command.checkable)
            action.setMenuRole(_ROLES.get(command.id, QAction.MenuRole.NoRole))

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def all(self) -> list[QAction]:
        """Every action, in the order of the commands."""
        return list(self._actions.values())

    @property
    def unbound(self) -> set[str]:
        """Commands that do nothing yet."""
        return set(self._actions) - self._bound

    def bind(self, name: str, function: Callable[[], None]) -> None:
        """Calls `function` when the command is given."""
        self._bound.add(name)
        self._actions[name].triggered.connect(lambda _checked: function())

    def bind_switch(self, name: str, function: Callable[[bool], None]) -> None:
        """Calls `function` with the new state when the user switches the command on or off."""
        self._bound.add(name)
        self._actions[name].triggered.connect(function)

    def update(self, now: Situation) -> None:
        """Enables what can be done now, and nothing else."""
        for command in COMMANDS:
            self._actions[command.id].setEnabled(command.enabled(now))

    def fill(self, bar: QMenuBar) -> None:
        """Makes the menus."""
        for title in MENUS:
            self._menu(bar, title)
        for command in COMMANDS:
            top, _, inner = command.menu.partition("/")
            menu = self.menus[top]
            if inner:
                if command.menu not in self.menus:
                    if command.new_section:
                        menu.addSeparator()
                    self._menu(menu, inner, command.menu)
                menu = self.menus[command.menu]
            elif command.new_section:
                menu.addSeparator()
            menu.addAction(self._actions[command.id])

    def _menu(self, parent: QMenuBar | QMenu, title: str, name: str = "") -> None:
        menu = parent.addMenu(self._with_letter(title) if isinstance(parent, QMenuBar) else f"&{title}")
        assert menu is not None, "Qt makes the menu that it is asked for"
        menu.setObjectName(f"menu_{title.lower()}")
        menu.setToolTipsVisible(True)
        self.menus[name or title] = menu

    def _with_letter(self, title: str) -> str:
        """The title of a menu of the bar, marked at the first letter that no menu before it has."""
        taken = {letter for menu in self.menus.values() for letter in _marked(menu.title())}
        place = next((place for place, letter in enumerate(title.lower()) if letter not in taken), 0)
        return f"{title[:place]}&{title[place:]}"


def _marked(title: str) -> str:
    """The letter, in lower case, with which a menu is opened."""
    return title.partition("&")[2][:1].lower()
