"""Pins in the window: from the canvas and the grid to their page beside the curves, and back."""

import numpy as np
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QPushButton

from mnist_gui.data.drawing import picture_drawing
from mnist_gui.gui.browser.panel import BrowserPanel
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.gui.layout import Layout
from mnist_gui.gui.theme import Theme
from mnist_gui.gui.training.panel import TrainingPanel
from mnist_gui.gui.training.pins_page import PinsPage
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.pins import Pin, Pins
from mnist_gui.session.session import Session

_PLACE = 1
"""Of the pins among the pages of the room of training."""


class Pinning(QObject):
    """Adds the page of pins to the room of training and a button to the room of drawing, and connects them.

    Attributes:
        pins: the pinned digits.
        page: where they are shown.
    """

    def __init__(
        self,
        session: Session,
        theme: Theme,
        rooms: Layout,
        browser: BrowserPanel,
        training: TrainingPanel,
        canvas: CanvasPanel,
    ) -> None:
        super().__init__(rooms.window)
        self._session, self._rooms, self._training, self._canvas = session, rooms, training, canvas
        self.pins = Pins(session)
        self.page = PinsPage(session, self.pins, theme)
        tip = "What the network says of the pinned digits, step by step. Pin a drawing with Ctrl+P."
        self._button = training.pages.add_page("Pins", tip, self.page, "training_show_pins")
        training.pages.corner_resized.connect(self.page.leave_corner)
        training.zoomed.connect(self.page.show_steps)
        pin = named(QPushButton("Pin"), "canvas_pin", tip="Keep this digit in sight while a network learns (Ctrl+P).")
        pin.clicked.connect(self.pin_shown)
        canvas.add_action_button(pin)
        browser.digit_pinned.connect(self.pin_digit)
        self.page.opened.connect(self._show_in_draw)
        self.page.draw_wanted.connect(rooms.draw.go_to)
        self.page.count_changed.connect(self._show_count)
        self._show_count(len(self.pins.pins))

    def pin_shown(self) -> None:
        """Pins what the canvas shows."""
        canvas = self._canvas
        if canvas.image is None:
            self._session.notice.emit("Nothing to pin: draw a digit first, or show one of the grid in Draw.")
            return
        drawn = canvas.drawing is not None
        count = sum(pin.drawing is not None for pin in self.pins.pins) + 1
        title = f"Drawing {count}" if drawn else self._title_of_digit(canvas.image)
        present = self.pins.find(canvas.image)
        self._tell(self.pins.pin(canvas.image, canvas.drawing, canvas.label, title), new=present is None)

    def pin_digit(self, index: int) -> None:
        """Pins a digit of the data set."""
        dataset = self._session.dataset
        if dataset is not None:
            present = self.pins.find(dataset.images[index])
            label = int(dataset.labels[index])
            self._tell(self.pins.pin(dataset.images[index], None, label, f"Digit {index:,}"), new=present is None)

    def _tell(self, pin: Pin, *, new: bool) -> None:
        self._session.notice.emit(f"{pin.title} is pinned{'' if new else ' already'}; see Train > Pins.")
        if len(self.pins.pins) == 1:
            self._training.pages.turn_to(_PLACE)

    def _title_of_digit(self, image: np.ndarray) -> str:
        index = self._index_of(image)
        return "Digit" if index is None else f"Digit {index:,}"

    def _index_of(self, image: np.ndarray) -> int | None:
        """Where an image is in the data set; None where it is not."""
        dataset = self._session.dataset
        if dataset is None:
            return None
        # First one row, which differs between most digits: a seventh of a second becomes a hundredth.
        some = np.flatnonzero((dataset.images[:, 14] == image[14]).all(axis=1))
        same = some[(dataset.images[some] == image).all(axis=(1, 2))]
        return int(same[0]) if len(same) else None

    def _show_in_draw(self, pin: Pin) -> None:
        index = self._index_of(pin.image) if pin.drawing is None else None
        if index is not None:
            self._canvas.show_digit(index)
        else:
            drawing = picture_drawing(pin.image) if pin.drawing is None else pin.drawing
            self._canvas.set_drawing(drawing, "showing a pin")
        self._rooms.draw.go_to()

    def _show_count(self, count: int) -> None:
        self._button.setText(f"Pins {count}" if count else "Pins")
