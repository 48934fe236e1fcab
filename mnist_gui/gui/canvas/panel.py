"""The room to draw in, laid out: the canvas, what the model sees of it, and what the model reads."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent, QUndoStack
from PyQt6.QtWidgets import QAbstractButton, QWidget

from mnist_gui.data.drawing import Drawing, picture_drawing
from mnist_gui.data.ink import digit_image
from mnist_gui.data.procedure import Procedure
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.action_row import ActionRow
from mnist_gui.gui.canvas.answer import EMPTY, NO_DIGIT, NO_MODEL, Answer
from mnist_gui.gui.canvas.arrangement import arranged
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.document import CanvasDocument, is_blank
from mnist_gui.gui.canvas.exports import Exports
from mnist_gui.gui.canvas.guest import Guest
from mnist_gui.gui.canvas.reading_sheet import Subject
from mnist_gui.gui.canvas.replay import Replay
from mnist_gui.gui.canvas.sight import Sight
from mnist_gui.gui.canvas.stand_in import StandIn, dataset_digit
from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.canvas.tools import LEAST_WIDTH, WIDEST_PEN
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker
from mnist_gui.session.stroke_reading import StrokeFile

__all__ = ["CanvasPanel", "Guest"]

_INTERVAL_MS: Final = 8
"""The drawing is read at most this often; a screen shows a new picture every 16 ms."""

_REST: Final = 2
"""After reading a scribble of hundreds of strokes, the pen is followed alone for this many times as long."""

_WIDTH_SETTINGS: Final[Mapping[Tool, str]] = MappingProxyType(
    {Tool.PEN: "pen_width", Tool.ERASER: "eraser_width", Tool.STROKE_ERASER: "stroke_eraser_width"}
)
"""Where the width of each tool is remembered."""


class CanvasPanel(QWidget):
    """Draws, and has the session read the drawing while it is being made.

    A digit of the data set can take the drawing's place. The model gets it as it is, without what the canvas does to
    drawings; the drawing waits unchanged, until one draws on the digit, which then becomes the drawing.
    So it does while a guest is shown, another widget of the room's.

    Attributes:
        undo_stack: changes of the drawing.
        exports: copies and saves what is here.

    Signals:
        tool_changed: (Tool): another one was taken.
        image_changed: `image`, and what it was made of, is another one.
        guest_left: the guest is no longer shown.
    """

    tool_changed = pyqtSignal(object)
    image_changed = pyqtSignal()
    guest_left = pyqtSignal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._document = CanvasDocument(self)
        self.undo_stack: QUndoStack = self._document.undo_stack
        self._stand_in: StandIn | None = None
        self._guest: Guest | None = None
        self._image: NDArray[np.uint8] | None = None
        self._prediction: Prediction | None = None
        self.setObjectName("canvas_panel")

        self._canvas = DrawingCanvas(self._document, theme, self)
        self._sight = Sight(self.undo_stack, theme, self)
        self._answer = Answer(theme, self)
        self._actions = ActionRow(self)
        self.exports = Exports(session, self._subject, self)
        self._add_context_menu()

        self._unread = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.read_now)
        self._document.changed.connect(self._follow_drawing)
        tools = self._sight.tools
        tools.cleared.connect(self.clear)
        tools.tool_chosen.connect(self.set_tool)
        tools.width_changed.connect(self._set_width)
        tools.width_tried.connect(self._canvas.show_width)
        self._sight.returned.connect(self._return_to_drawing)
        self._sight.returned.connect(self._canvas.setFocus)
        session.answered.connect(self._show_answer)
        session.model_changed.connect(self._follow_model)
        session.dataset_changed.connect(self._leave_old_digit)
        self._canvas.taken.connect(self._take_stand_in)
        file = StrokeFile(session)  # which outlives the room, and so the end of its thread
        session.at_close(file.close)
        self._replay = Replay(file, self._sight.replay, self)
        self._replay.shown.connect(self._show_replayed)
        self._replay.ended.connect(partial(self._sight.show_replay, False))
        self._replay.notice.connect(session.notice)
        self._replay.problem.connect(session.problem)
        self._sight.replay.kept.connect(self.keep_replayed)
        self._sight.replay.closed.connect(self._return_to_drawing)
        self._sight.replay.closed.connect(self._canvas.setFocus)
        for tool in Tool:
            width = float(getattr(session.settings.values, _WIDTH_SETTINGS[tool]))
            self._canvas.hand.set_width(tool, min(max(width, LEAST_WIDTH), WIDEST_PEN))
        self.set_pressure(session.settings.values.pressure)
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
        if self._stand_in is None:
            return self._document.drawing
        return self._stand_in.drawing if self._stand_in.image is None else None

    @property
    def label(self) -> int | None:
        """The label of the digit that is shown in place of the drawing, 0 to 9; None for a drawing."""
        return None if self._stand_in is None else self._stand_in.label

    def add_action_button(self, button: QAbstractButton) -> None:
        """Puts a button below the bars: something that can be done with the digit that is being read."""
        self._actions.add(button)
        self._arrange()
        self.updateGeometry()

    @property
    def shows_drawing(self) -> bool:
        """Whether nothing is shown in the drawing's place."""
        return self._stand_in is None and self._guest is None and not self._replay.active

    # ---- what the window's commands do
    def clear(self) -> None:
        """Empties the canvas, and shows it; can be undone."""
        self._return_to_drawing()
        self._document.clear()

    @property
    def tool(self) -> Tool:
        """The tool that was chosen."""
        return self._canvas.hand.chosen

    def set_tool(self, tool: Tool) -> None:
        """Takes the pen or one of the erasers."""
        if tool is not self._canvas.hand.chosen:
            self._canvas.hand.choose(tool)
            self._show_tool()
            self.tool_changed.emit(tool)

    def set_pressure(self, counts: bool) -> None:
        """Says whether a pen that is pressed harder draws a wider stroke."""
        self._canvas.hand.pressure_counts = self._session.settings.values.pressure = counts

    def set_drawing(self, drawing: Drawing, name: str) -> None:
        """Puts another drawing on the canvas; can be undone.

        Args:
            drawing: in units of the canvas, 280 wide and high; a picture has one pixel a unit.
            name: of the change, as it stands after "Undo", such as "pasting".
        """
        self._document.set_drawing(drawing, name)

    def show_digit(self, index: int) -> None:
        """Shows a digit of the data set as the model sees it, in place of the drawing; nothing where there is none."""
        dataset = self._session.dataset
        if dataset is None or not 0 <= index < len(dataset):
            return
        self._sight.show_digit(
            f"Digit {index:,}",
            f"{dataset.name}, {dataset.split_of(index)}, label {dataset.labels[index]}. The model gets it as it is."
            " Draw on it to change it.",
        )
        self._show_stand_in(dataset_digit(dataset.images[index], index, int(dataset.labels[index])))

    def draw_on_digit(self, index: int) -> None:
        """Makes a digit of the data set the drawing, to draw on; can be undone. Nothing where there is none."""
        dataset = self._session.dataset
        if dataset is not None and 0 <= index < len(dataset):
            stand_in = dataset_digit(dataset.images[index], index, int(dataset.labels[index]))
            self.set_drawing(stand_in.drawing, stand_in.name)

    def replay(self, path: Path) -> None:
        """Draws the digits of a stroke file again, one after the other, in place of the drawing."""
        self._leave_others()
        self._session.settings.values.stroke_folder = str(path.absolute().parent)
        self._replay.open(path)
        self._sight.setCurrentIndex(0)
        self._sight.show_replay(True)
        self._sight.replay.focus()

    def keep_replayed(self) -> None:
        """Makes the digit that is being replayed the drawing; can be undone."""
        digit = self._replay.digit
        if digit is not None:
            self.set_drawing(digit.drawing, digit.name)

    def place_picture(self, picture: NDArray[np.uint8]) -> None:
        """Puts a picture, uint8 of shape (280, 280), 0 paper to 255 ink, in the drawing's place; can be undone."""
        self._document.place_picture(picture)

    def show_guest(self, guest: Guest) -> None:
        """Shows a guest, or what has changed of it, in the canvas's place."""
        if self._guest is None or self._guest.widget is not guest.widget:
            self._leave_others()
            self._canvas.hide()
        self._guest = guest
        self._arrange()
        guest.widget.show()
        self._read()

    def leave_guest(self) -> None:
        """Shows the drawing again, as it was."""
        if self._guest is not None:
            self._return_to_drawing()

    # ---- from the pen to the bars
    def _follow_drawing(self) -> None:
        self._leave_others()
        self._unread = True
        if not self._rest.isActive():
            self._read()

    def read_again(self) -> None:
        """Makes the 28x28 anew: the settings' procedure is another one."""
        self._read()

    def read_now(self) -> None:
        """Has `image` be of what was drawn just now."""
        if self._unread:
            self._read()

    def _read(self) -> None:
        """Makes the 28x28 and has it read."""
        self._unread = False
        start = time.perf_counter()
        stand_in, guest = self._stand_in, self._guest
        if guest is not None:
            self._image = guest.image
            self._sight.show_guest(guest.title, guest.note, guest.image)
        elif stand_in is not None and stand_in.image is not None:
            self._image = stand_in.image
        else:
            procedure = Procedure.from_dict(self._session.settings.values.procedure)
            self._image = digit_image(self._document.drawing if stand_in is None else stand_in.drawing, procedure)
            self._sight.show_drawing(self._image)
        if self._image is None:
            self._answer.show_nothing(EMPTY if guest is None else NO_DIGIT)
        self._session.ask(Asker.CANVAS, self._image)
        self.image_changed.emit()
        self._rest.start(max(_INTERVAL_MS, round(1000 * _REST * (time.perf_counter() - start))))

    def _subject(self) -> Subject | None:
        """What can be copied and saved now."""
        drawing = self.drawing
        if drawing is None and self._image is not None:
            drawing = picture_drawing(self._image)
        if drawing is None or (self._image is None and is_blank(drawing)):
            return None
        prediction = self._prediction if self._image is not None else None
        words, model = (self._answer.words, self._session.model_source) if prediction is not None else ("", "")
        return Subject(drawing, self._image, self.label, prediction, words, model)

    def _show_answer(self, asker: str, prediction: Prediction | None) -> None:
        if asker != Asker.CANVAS or self._image is None:
            return
        self._prediction = prediction
        if prediction is None:
            self._answer.show_nothing(NO_MODEL, self.label)
        else:
            self._answer.show_prediction(prediction, self.label)

    def _follow_model(self) -> None:
        """The session answers again by itself when the model changes, but not when there is none any more."""
        if self._session.model is None and self._image is not None:
            self._prediction = None
            self._answer.show_nothing(NO_MODEL, self.label)

    def _show_stand_in(self, stand_in: StandIn) -> None:
        self._leave_others()
        self._canvas.show_instead(stand_in.drawing)  # which lifts a pen that is down
        self._stand_in = stand_in
        self._read()

    def _show_replayed(self, stand_in: StandIn) -> None:
        self._canvas.show_instead(stand_in.drawing)
        self._stand_in = stand_in
        self._unread = True
        if not self._rest.isActive():
            self._read()

    def _take_stand_in(self) -> None:
        """Makes what is shown the drawing: one begins to draw on it."""
        if self._stand_in is not None:
            self.set_drawing(self._stand_in.drawing, self._stand_in.name)

    def _return_to_drawing(self) -> None:
        if not self.shows_drawing:
            self._leave_others()
            self._read()

    def _leave_old_digit(self) -> None:
        """The data set is another one."""
        if self._stand_in is not None and self._stand_in.image is not None:
            self._return_to_drawing()

    def _leave_others(self) -> None:
        """Only the drawing is there now."""
        self._replay.close()
        if self._stand_in is not None:
            self._stand_in = None
            self._canvas.show_instead(None)
        if self._guest is not None:
            widget, self._guest = self._guest.widget, None
            widget.hide()
            self._canvas.show()
            self._arrange()
            self.guest_left.emit()

    # ---- tools
    def _set_width(self, width: int) -> None:
        tool = self._canvas.hand.chosen
        self._canvas.hand.set_width(tool, float(width))
        setattr(self._session.settings.values, _WIDTH_SETTINGS[tool], float(width))

    def _show_tool(self) -> None:
        tool = self._canvas.hand.chosen
        self._sight.tools.show_tool(tool, self._canvas.hand.width_of(tool))

    def _add_context_menu(self) -> None:
        for text, act in (
            ("Copy drawing", self.exports.copy_drawing),
            ("Copy what the model sees", self.exports.copy_image),
            ("Copy probabilities", self.exports.copy_probabilities),
            ("Copy drawing with its reading", self.exports.copy_reading),
        ):
            action = QAction(text, self)
            action.triggered.connect(act)
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    # ---- layout: by arithmetic, since the canvas is a square that takes what the others leave
    def _arrange(self) -> None:
        area = self.rect().adjusted(SPACE, SPACE, -SPACE, -SPACE)
        self._sight.make_large(large=area.height() >= max(32 * SPACE, self._sight.height_if_large))
        places = arranged(
            area, self._sight.minimumSizeHint(), self._answer.minimumSizeHint(), self._row_height,
            width_at=None if self._guest is None else self._guest.width_at,
        )  # fmt: skip
        (self._canvas if self._guest is None else self._guest.widget).setGeometry(places.canvas)
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
        return QSize(width, max(self._sight.least_height, numbers.height() + row) + 2 * SPACE)

    def sizeHint(self) -> QSize:
        return QSize(72 * SPACE, 32 * SPACE)

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.LayoutRequest:  # a part needs more room: larger text
            self._arrange()
        return super().event(event)

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._arrange()
