"""A heading that folds what is below it."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.elided_label import ElidedLabel


class Section(QWidget):
    """A part of a room under a heading; folded, the heading still says what it comes to.

    Attributes:
        body: where the contents go.

    Signals:
        turned: (expanded): the contents are shown now, or hidden.
    """

    turned = pyqtSignal(bool)

    def __init__(self, title: str, name: str, theme: Theme, *, room: str, parent: QWidget | None = None) -> None:
        """Makes a folded section.

        Args:
            title: the heading.
            name: of the section, for tests and style sheets.
            theme: colours.
            room: name of the room that it is in.
            parent: owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._heading = QToolButton()
        self._heading.setText(title)
        self._heading.setAutoRaise(True)
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._heading.setObjectName(f"{room}_section_{name}")
        self._heading.setToolTip(f"Show or hide what is under “{title}”.")
        self._heading.clicked.connect(self._turn)
        self._summary = ElidedLabel()
        self._summary.setObjectName(f"{room}_summary_{name}")
        self.body = QWidget()
        self.body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self._heading)
        row.addWidget(self._summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(row)
        layout.addWidget(self.body)
        self._expanded = True
        self.expanded = False
        theme.follow(self._restyle)

    @property
    def expanded(self) -> bool:
        """Whether the contents are seen."""
        return self._expanded

    @expanded.setter
    def expanded(self, expanded: bool) -> None:
        changed = expanded != self._expanded
        self._expanded = expanded
        self._heading.setArrowType(Qt.ArrowType.DownArrow if expanded else Qt.ArrowType.RightArrow)
        self.body.setVisible(expanded)
        self._describe()
        if changed:
            self.turned.emit(expanded)

    def set_summary(self, text: str) -> None:
        """A few words beside the heading."""
        if text != self._summary.text():
            self._summary.setText(text)
            self._describe()

    def _turn(self) -> None:
        self.expanded = not self._expanded

    def _describe(self) -> None:
        state = "shown" if self._expanded else "hidden"
        summary = f": {self._summary.text()}" if self._summary.text() else ""
        self._heading.setAccessibleName(f"{self._title}{summary}, {state}")

    def _restyle(self) -> None:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self._heading.setFont(bold)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.colours.muted)
        self._summary.setPalette(palette)
