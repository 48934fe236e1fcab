"""The middle of the room: the curves of the run, or other pages beside them, one at a time."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QWidget

from mnist_gui.gui.theme import SPACE
from mnist_gui.gui.widgets.naming import named


class PageStack(QWidget):
    """Shows one page; with more than one, a row of buttons in the upper left corner chooses between them.

    The first place is shared by several widgets, of which `setCurrentWidget` shows one: what stands for the curves
    while there are none. Each page leaves the corner free, so nothing moves when another is chosen.

    Signals:
        turned: another page was chosen.
        corner_resized: `corner_width` is another one.
    """

    turned = pyqtSignal()
    corner_resized = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = QStackedWidget()
        self._first: QWidget | None = None
        self._others: list[QWidget] = []
        self._corner = QWidget()
        self._corner.setObjectName("training_pages")
        self._corner.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self._corner)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE // 2)
        self._buttons = QButtonGroup(self)
        self._buttons.idClicked.connect(self._turn)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack, 0, 0)
        layout.addWidget(self._corner, 0, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._corner.hide()
        self._corner.installEventFilter(self)

    @property
    def corner_width(self) -> int:
        """How much of a page's first row is taken, in device-independent pixels."""
        return self._corner.sizeHint().width() if self._others else 0

    @property
    def chosen(self) -> int:
        """Which page is chosen: 0 for the first place."""
        return max(0, self._buttons.checkedId())

    def add_page(self, title: str, tip: str, page: QWidget, name: str) -> QToolButton:
        """Adds a page.

        Args:
            title: what its button says.
            tip: what it is for.
            page: with its first `corner_width` pixels left free.
            name: the button's objectName.

        Returns:
            The button, whose text may change.
        """
        if not self._others:
            self._add_button("Curves", "The losses and errors of the run.", "training_show_curves").setChecked(True)
            self._corner.show()
        self._others.append(page)
        self._stack.addWidget(page)
        self._corner.raise_()
        return self._add_button(title, tip, name)

    def turn_to(self, place: int) -> None:
        """Chooses a page: 0 for the first place, then in the order in which they were added."""
        button = self._buttons.button(place)
        if button is not None:
            button.setChecked(True)
            self._turn(place)

    # ---- the first place, with the names of a QStackedWidget
    def addWidget(self, widget: QWidget) -> None:
        """Adds a widget to the first place."""
        self._stack.addWidget(widget)
        if self._first is None:
            self._first = widget

    def setCurrentWidget(self, widget: QWidget) -> None:
        """Which widget the first place shows."""
        self._first = widget
        if not self.chosen:
            self._stack.setCurrentWidget(widget)

    def currentWidget(self) -> QWidget | None:
        """Which widget the first place shows, whether or not it is chosen."""
        return self._first

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self._corner and event is not None and event.type() is QEvent.Type.Resize:
            self.corner_resized.emit(self.corner_width)
        return super().eventFilter(watched, event)

    def _turn(self, place: int) -> None:
        page = self._others[place - 1] if place else self._first
        if page is not None and self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            self.turned.emit()

    def _add_button(self, title: str, tip: str, name: str) -> QToolButton:
        button = named(QToolButton(), name, tip=tip)
        button.setText(title)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._buttons.addButton(button, len(self._buttons.buttons()))
        self._row.addWidget(button)
        return button
