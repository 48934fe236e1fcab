"""A room of the window: it can be moved, floated, closed and come back."""

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PyQt6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from mnist_gui.gui.theme import SPACE, Theme


class DockTitle(QWidget):
    """A slim bar with the room's name, by which it is dragged."""

    def __init__(self, dock: QDockWidget, theme: Theme) -> None:
        super().__init__(dock)
        self._dock = dock
        self._theme = theme
        self._name = QLabel(dock.windowTitle())
        self._note = QLabel()
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._float = self._button("float", "Takes the panel out of the window, or puts it back.")
        self._close = self._button("close", "Closes the panel; the View menu brings it back.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 4, SPACE // 2, SPACE // 4)
        layout.setSpacing(SPACE)
        layout.addWidget(self._name)
        layout.addWidget(self._note, 1)
        layout.addWidget(self._float)
        layout.addWidget(self._close)
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close.clicked.connect(dock.close)
        theme.follow(self._restyle)

    def set_note(self, text: str) -> None:
        """A few words at the right of the name."""
        self._note.setText(text)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{name}_{self._dock.objectName()}")
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(f"{name.capitalize()} {self._dock.windowTitle()}")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _restyle(self) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._name.setFont(font)
        palette = self.palette()
        palette.setColor(self._note.foregroundRole(), self._theme.colours.muted)
        self._note.setPalette(palette)
        self._float.setIcon(_icon("float", self._theme.colours.muted))
        self._close.setIcon(_icon("close", self._theme.colours.muted))


class RoomDock(QDockWidget):
    """One of the rooms with its panel.

    Attributes:
        on_top: whether the room can be seen: it is neither closed nor behind another one.
    """

    def __init__(self, name: str, panel: QWidget, theme: Theme, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.setObjectName(f"dock_{name.lower()}")
        self.setAccessibleName(name)
        self.on_top = False
        self.visibilityChanged.connect(self._note_visibility)
        self._title = DockTitle(self, theme)
        self.setTitleBarWidget(self._title)
        self.setWidget(panel)

    def set_note(self, text: str) -> None:
        """A few words beside the room's name."""
        self._title.set_note(text)

    def _note_visibility(self, seen: bool) -> None:
        self.on_top = seen

    def go_to(self) -> None:
        """Shows the room, before others in the same place, and gives it the keyboard."""
        self.show()
        self.raise_()
        panel = self.widget()
        assert panel is not None, "a room is made with its panel"
        wanted = [panel.focusProxy(), *panel.findChildren(QWidget)]
        target = next((widget for widget in wanted if widget is not None and _takes_keys(widget, panel)), panel)
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _icon(name: str, colour: QColor) -> QIcon:
    """A cross, or two windows one over the other, in thin lines on 16x16."""
    pixmap = QPixmap(32, 32)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.25, cap=Qt.PenCapStyle.RoundCap))
    if name == "close":
        painter.drawLine(QLineF(4.5, 4.5, 11.5, 11.5))
        painter.drawLine(QLineF(11.5, 4.5, 4.5, 11.5))
    else:
        painter.drawRect(QRectF(3.5, 6.5, 6.0, 6.0))
        painter.drawPolyline(QPolygonF([QPointF(6.5, 6.0), QPointF(6.5, 3.5), QPointF(12.5, 3.5),
                                        QPointF(12.5, 9.5), QPointF(10.0, 9.5)]))  # fmt: skip
    painter.end()
    return QIcon(pixmap)


def _takes_keys(widget: QWidget, panel: QWidget) -> bool:
    """Whether a widget of a panel can have the keyboard now; one may hand it on to another."""
    taker = widget.focusProxy() or widget
    usable = taker.isEnabled() and taker.isVisibleTo(panel)
    return usable and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
