"""The room to draw in, laid out: the canvas, what the model sees of it, and what the model reads."""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QGuiApplication, QImage, QResizeEvent, QUndoStack
from PyQt6.QtWidgets import QAbstractButton, QWidget

from mnist_gui.data.drawing import Drawing
from mnist_gui.data.ink import digit_image
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.action_row import ActionRow
from mnist_gui.gui.canvas.answer import EMPTY, NO_DIGIT, NO_MODEL, Answer
from mnist_gui.gui.canvas.arrangement import arranged
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.document import CanvasDocument
from mnist_gui.gui.canvas.painting import drawing_image
from mnist_gui.gui.canvas.sight import Sight
from mnist_gui.gui.canvas.tools import LEAST_WIDTH, WIDEST_PEN
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.digit_view import DigitView
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker

_INTERVAL_MS: Final = 8
"""The drawing is read at most this often; a screen shows a new picture every 16 ms."""

_REST: Final = 2
"""After reading a scribble of hundreds of strokes, the pen is followed alone for this many times as long."""

_ERASER_WIDTH: Final = 40.0


@dataclass(frozen=True, eq=False)
class Guest:
    """What is shown in the canvas's place, other than a digit of the data set.

    Attributes:
        widget: shows it; a child of the panel.
        image: what the model reads of it, uint8, shape (28, 28); None where there is nothing to read.
        drawing: what that was made of.
        title: what it is, in a few words.
        note: more of it, in a sentence or two.
    """

    widget: QWidget
    image: NDArray[np.uint8] | None
    drawing: Drawing | None
    title: str
    note: str


class CanvasPanel(QWidget):
    """Draws, and has the session read the drawing while it is being made.

    A digit of the data set can take the drawing's place. The model gets it as it is, without what the canvas does to
    drawings; the drawing waits unchanged. So it does while a guest is shown, another widget of the room's.

    Attributes:
        undo_stack: changes of the drawing.

    Signals:
        eraser_changed: (chosen): the eraser was taken or put down.
        image_changed: `image`, and what it was made of, is another one.
        guest_left: the guest is no longer shown.
    """

    eraser_changed = pyqtSignal(bool)
    image_changed = pyqtSignal()
    guest_left = pyqtSignal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._document = CanvasDocument(self)
        self.undo_stack: QUndoStack = self._document.undo_stack
        self._widths = [min(max(session.settings.values.pen_width, LEAST_WIDTH), WIDEST_PEN), _ERASER_WIDTH]
        self._erasing = False
        self._digit: int | None = None
        self._guest: Guest | None = None
        self._image: NDArray[np.uint8] | None = None
        self.setObjectName("canvas_panel")

        self._canvas = DrawingCanvas(self._document, theme, self)
        self._shown_digit = DigitView(theme, self)
        self._shown_digit.setObjectName("canvas_digit")
        self._shown_digit.hide()
        self._sight = Sight(self.undo_stack, theme, self)
        self._answer = Answer(theme, self)
        self._actions = ActionRow(self)
        self._add_context_menu()

        self._unread = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._read_if_changed)
        self._document.changed.connect(self._follow_drawing)
        tools = self._sight.tools
        tools.cleared.connect(self.clear)
        tools.eraser_toggled.connect(self.set_eraser)
        tools.width_changed.connect(self._set_width)
        tools.width_tried.connect(self._canvas.show_width)
        self._sight.returned.connect(self._return_to_drawing)
        self._sight.returned.connect(self._canvas.setFocus)
        session.answered.connect(self._show_answer)
        session.model_changed.connect(self._follow_model)
        session.dataset_changed.connect(self._leave_old_digit)
        self._show_tool()
        self._read()

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """What the model reads: uint8, shape (28, 28), not to be changed; None where there is nothing to read."""
        return self._image

    @property
    def drawing(self) -> Drawing | None:
        """What the image was made of; None while a digit of the data set is shown."""
        if self._guest is not None:
            return self._guest.drawing
        return None if self._digit is not None else self._document.drawing

    @property
    def label(self) -> int | None:
        """The label of the digit of the data set that is shown, 0 to 9; None for a drawing."""
        dataset = self._session.dataset
        return None if self._digit is None or dataset is None else int(dataset.labels[self._digit])

    def add_action_button(self, button: QAbstractButton) -> None:
        """Puts a button below the bars: something that can be done with the digit that is being read."""
        self._actions.add(button)
        self._arrange()
        self.updateGeometry()

    # ---- what the window's commands do
    def clear(self) -> None:
        """Empties the canvas; can be undone."""
        self._document.clear()

    def set_eraser(self, chosen: bool) -> None:
        """Takes the eraser, or the pen."""
        if chosen != self._erasing:
            self._erasing = chosen
            self._show_tool()
            self.eraser_changed.emit(chosen)

    def show_digit(self, index: int) -> None:
        """Shows a digit of the data set as the model sees it, in place of the drawing; nothing where there is none."""
        dataset = self._session.dataset
        if dataset is None or not 0 <= index < len(dataset):
            return
        self._leave_guest()
        self._canvas.hide()  # which lifts a pen that is down
        self._digit = index
        self._shown_digit.set_image(dataset.images[index])
        self._shown_digit.show()
        self._sight.show_digit(
            f"Digit {index:,}",
            f"{dataset.name}, {dataset.split_of(index)}, label {dataset.labels[index]}. The model gets it as it is:"
            " nothing is scaled or centred.",
        )
        self._read()

    def place_picture(self, picture: NDArray[np.uint8]) -> None:
        """Puts a picture, uint8 of shape (280, 280), 0 paper to 255 ink, in the drawing's place; can be undone."""
        self._document.place_picture(picture)

    def show_guest(self, guest: Guest) -> None:
        """Shows a guest, or what has changed of it, in the canvas's place."""
        if self._guest is None or self._guest.widget is not guest.widget:
            self._leave_digit()
            self._leave_guest()
            self._canvas.hide()
        self._guest = guest
        self._arrange()
        guest.widget.show()
        self._read()

    def leave_guest(self) -> None:
        """Shows the drawing again, as it was."""
        if self._guest is not None:
            self._return_to_drawing()

    def copy_drawing(self) -> None:
        """Puts the drawing on the clipboard as a picture of 280x280 pixels."""
        empty = self._document.empty
        self._copy(None if empty else drawing_image(self._document.drawing), "the drawing")

    def copy_image(self) -> None:
        """Puts what the model sees on the clipboard as a picture of 28x28 pixels."""
        self._copy(None if self._image is None else grey_image(self._image), "what the model sees")

    def copy_probabilities(self) -> None:
        """Puts the ten probabilities on the clipboard as text."""
        self._copy(self._answer.text or None, "the probabilities")

    # ---- from the pen to the bars
    def _follow_drawing(self) -> None:
        self._leave_digit()
        self._leave_guest()
        self._unread = True
        if not self._rest.isActive():
            self._read()

    def _read_if_changed(self) -> None:
        if self._unread:
            self._read()

    def _read(self) -> None:
        """Makes the 28x28 and has it read."""
        self._unread = False
        start = time.perf_counter()
        dataset = self._session.dataset
        if self._digit is not None and dataset is not None:
            self._image = dataset.images[self._digit]
        elif self._guest is not None:
            self._image = self._guest.image
            self._sight.show_guest(self._guest.title, self._guest.note, self._image)
        else:
            self._image = digit_image(self._document.drawing)
            self._sight.show_drawing(self._image)
        if self._image is None:
            self._answer.show_nothing(EMPTY if self._guest is None else NO_DIGIT)
        self._session.ask(Asker.CANVAS, self._image)
        self.image_changed.emit()
        self._rest.start(max(_INTERVAL_MS, round(1000 * _REST * (time.perf_counter() - start))))

    def _show_answer(self, asker: str, prediction: Prediction | None) -> None:
        if asker != Asker.CANVAS or self._image is None:
            return
        if prediction is None:
            self._answer.show_nothing(NO_MODEL, self.label)
        else:
            self._answer.show_prediction(prediction, self.label)

    def _follow_model(self) -> None:
        """The session answers again by itself when the model changes, but not when there is none any more."""
        if self._session.model is None and self._image is not None:
            self._answer.show_nothing(NO_MODEL, self.label)

    def _return_to_drawing(self) -> None:
        if self._digit is not None or self._guest is not None:
            self._leave_digit()
            self._leave_guest()
            self._read()

    def _leave_old_digit(self) -> None:
        """The data set is another one."""
        if self._digit is not None:
            self._return_to_drawing()

    def _leave_guest(self) -> None:
        if self._guest is not None:
            widget, self._guest = self._guest.widget, None
            widget.hide()
            self._canvas.show()
            self._arrange()
            self.guest_left.emit()

    def _leave_digit(self) -> None:
        if self._digit is not None:
            self._digit = None
            self._shown_digit.hide()
            self._canvas.show()

    # ---- tools
    def _set_width(self, width: int) -> None:
        self._widths[self._erasing] = float(width)
        self._session.settings.values.pen_width = self._widths[0]
        self._show_tool()

    def _show_tool(self) -> None:
        self._canvas.set_widths(*self._widths)
        self._canvas.set_erasing(self._erasing)
        self._sight.tools.show_tool(eraser=self._erasing, width=self._widths[self._erasing])

    def _add_context_menu(self) -> None:
        for text, act in (
            ("Copy drawing", self.copy_drawing),
            ("Copy what the model sees", self.copy_image),
            ("Copy probabilities", self.copy_probabilities),
        ):
            action = QAction(text, self)
            action.triggered.connect(act)
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _copy(self, what: QImage | str | None, name: str) -> None:
        if what is None:
            self._session.notice.emit(f"Nothing to copy: draw a digit first, then copy {name}.")
            return
        data = QMimeData()
        if isinstance(what, str):
            data.setText(what)
        else:
            data.setImageData(what)
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "a window has an application"
        clipboard.setMimeData(data)
        self._session.notice.emit(f"Copied {name}.")

    # ---- layout: by arithmetic, since the canvas is a square that takes what the others leave
    def _arrange(self) -> None:
        area = self.rect().adjusted(SPACE, SPACE, -SPACE, -SPACE)
        self._sight.make_large(large=area.height() >= 32 * SPACE)
        places = arranged(
            area, self._sight.minimumSizeHint(), self._answer.minimumSizeHint(), self._row_height,
            wide=self._guest is not None,
        )  # fmt: skip
        shown = [self._canvas, self._shown_digit] if self._guest is None else [self._guest.widget]
        for widget in shown:
            widget.setGeometry(places.canvas)
        self._sight.setGeometry(places.sight)
        self._answer.setGeometry(places.answer)
        self._actions.setGeometry(places.actions)

    def _row_height(self, width: int) -> int:
        """Height of the row of actions with the gap above it; 0 without actions."""
        height = self._actions.height_at(width)
        return height + SPACE if height else 0

    def minimumSizeHint(self) -> QSize:
        sight, numbers = self._sight.minimumSizeHint(), self._answer.minimumSizeHint()
        canvas = self._canvas.minimumSizeHint()
        width = (
            canvas.width() + sight.width() + max(numbers.width(), self._actions.minimumSizeHint().width()) + 6 * SPACE
        )
        # One line of actions: more lines are needed only where the room is narrow, and then the bars give way.
        row = self._row_height(self._actions.sizeHint().width())
        return QSize(width, max(sight.height(), numbers.height() + row) + 2 * SPACE)

    def sizeHint(self) -> QSize:
        return QSize(72 * SPACE, 32 * SPACE)

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.LayoutRequest:  # a part needs more room: larger text
            self._arrange()
        return super().event(event)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._arrange()
