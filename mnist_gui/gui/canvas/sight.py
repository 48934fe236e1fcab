"""Beside the canvas: what the model sees of the drawing and the tools, or what is said of a digit of the data set."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QUndoStack
from PyQt6.QtWidgets import QLabel, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.gui.canvas.replay_bar import ReplayBar
from mnist_gui.gui.canvas.tools import CanvasTools
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.digit_view import DigitView
from mnist_gui.gui.widgets.naming import named

_SMALL = 3 * SIDE + 4
_LARGE = 4 * SIDE + 4
"""Sides of the preview: whole screen pixels for each of its own, and its focus frame."""


class Sight(QStackedWidget):
    """Two pages of one size: one for the drawing, one for a digit of the data set.

    Attributes:
        tools: the tools of the canvas.
        replay: the transport of a replay, which takes their place.

    Signals:
        returned: the user wants the drawing back.
    """

    returned = pyqtSignal()

    def __init__(self, undo_stack: QUndoStack, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tools = CanvasTools(undo_stack, theme)
        self.replay = ReplayBar(theme)
        self._below = QStackedWidget()
        self._below.addWidget(self.tools)
        self._below.addWidget(self.replay)
        self._caption = named(QLabel("The model sees"), "canvas_preview_caption")
        self._preview = named(
            DigitView(theme),
            "canvas_preview",
            "What the model sees",
            "The drawing as the model sees it: 28x28 pixels, scaled to a box of 20 and centred by its mass, as MNIST"
            " was made. Point at a pixel to read its value.",
        )
        self._preview.pixel_hovered.connect(self._read_out)
        self._preview.left.connect(lambda: self._caption.setText("The model sees"))
        self._title = named(QLabel(), "canvas_digit_title")
        self._note = named(QLabel(), "canvas_digit_note")
        self._note.setWordWrap(True)
        self._back = named(
            QPushButton("Back to drawing"), "canvas_back", tip="Show the drawing again, as you left it."
        )
        self._back.clicked.connect(self.returned)
        self.addWidget(_page(self._caption, self._preview, None, self._below))
        self._guest = named(
            DigitView(theme),
            "canvas_guest_preview",
            "What the model sees",
            "The digit as the model sees it: 28x28 pixels. Point at a pixel to read its value.",
        )
        self.addWidget(_page(self._title, self._guest, self._note, self._back))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.make_large(large=False)
        theme.follow(self._restyle)

    def make_large(self, *, large: bool) -> None:
        """Shows the preview at four times its size instead of three."""
        side = _LARGE if large else _SMALL
        self._preview.setFixedSize(side, side)
        self._guest.setFixedSize(side, side)

    @property
    def least_height(self) -> int:
        """Height that it can do with, in device-independent pixels: with the small preview, whichever there is now."""
        return self.minimumSizeHint().height() - (self._preview.height() - _SMALL)

    @property
    def height_if_large(self) -> int:
        """Height that it needs with the large preview, in device-independent pixels."""
        return self.least_height + _LARGE - _SMALL

    def show_drawing(self, image: NDArray[np.uint8] | None) -> None:
        """Shows what the model sees of the drawing: uint8, shape (28, 28), or None for an empty frame."""
        self._preview.set_image(image)
        self.setCurrentIndex(0)

    def show_replay(self, shown: bool) -> None:
        """Shows the transport of a replay in the place of the tools, or the tools."""
        self._below.setCurrentWidget(self.replay if shown else self.tools)

    def show_digit(self, title: str, note: str) -> None:
        """Says which digit of the data set is shown instead of the drawing."""
        self._title.setText(title)
        self._note.setText(note)
        self._guest.hide()
        self.setCurrentIndex(1)

    def show_guest(self, title: str, note: str, image: NDArray[np.uint8] | None) -> None:
        """Says what is shown instead of the drawing, and what the model sees of it: uint8, shape (28, 28)."""
        self.show_digit(title, note)
        self._guest.set_image(image)
        self._guest.show()

    def _read_out(self, row: int, column: int, value: int) -> None:
        self._caption.setText(f"{row}, {column}: {value}")

    def _restyle(self) -> None:
        for label in (self._caption, self._note):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), self._theme.colours.muted)
            label.setPalette(palette)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)


def _page(*widgets: QWidget | None) -> QWidget:
    """Widgets below each other, at the top left; None is a gap."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE // 2)
    for widget in widgets:
        if widget is None:
            layout.addSpacing(SPACE // 2)
        elif isinstance(widget, DigitView):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            layout.addWidget(widget)
    layout.addStretch()
    return page
