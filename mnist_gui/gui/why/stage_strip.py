"""From the pen to the 28x28: every stage as a picture, each with a switch, and the answer with and without it."""

import time
from dataclasses import replace
from typing import Final

import numpy as np
from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from mnist_gui.data.drawing import Drawing
from mnist_gui.data.procedure import STAGES, Procedure
from mnist_gui.engine.model import Model
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.stage_cell import StageCell
from mnist_gui.gui.why.stage_pictures import stage_pictures, variants
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker

INTERVAL_MS: Final = 30
"""The strip is made anew at most this often."""

REST: Final = 2
"""After stages that took long, the pen is followed alone for this many times as long."""

NOTHING: Final = "Draw a digit: each step from your strokes to what the model reads is shown here."
BYPASSED: Final = "A digit of the data set goes through none of these steps: the model gets it as it is."
HINT: Final = "Below each switch is the answer with this one step switched the other way."

_CELLS: Final = {
    "strokes": ("Strokes", "The drawing as it lies on the paper."),
    "specks": (
        "Specks",
        "Drops ink that is under 1 % of all and far from the rest: a stray touch of the pen.",
    ),
    "width": (
        "Width",
        "Draws strokes that are thinner or thicker than usual with a pen of 2 to 2.85 px. Pixels are those of the"
        " 20x20.",
    ),
    "box": ("Box", "Cuts out the square around the ink. Without it all the paper is shrunk, as in a screenshot."),
    "contrast": ("20x20", "Averages the square down to 20x20 pixels and makes the darkest ink 255."),
    "centring": ("Placement", "Puts the centre of mass, the cross, in the middle of the 28x28."),
    "image": ("28x28", "What the model reads."),
}


class StageStrip(QWidget):
    """Follows the drawing in the drawing room. Nothing is computed while it cannot be seen.

    Signals:
        procedure_changed: the user switched a stage; the settings have the procedure that is in force now.
    """

    procedure_changed = pyqtSignal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._drawing: Drawing | None = Drawing()
        self._watched, self._stale = True, False
        self._asked: list[str] = []
        self._columns = 0
        self.setObjectName("stage_strip")
        self._note = QLabel(NOTHING)
        self._note.setObjectName("stage_note")
        self._note.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._cells = {
            name: StageCell(name, title, tip, theme, optional=name in STAGES) for name, (title, tip) in _CELLS.items()
        }
        for name in STAGES:
            self._cells[name].switched.connect(lambda on, name=name: self._switch(name, on))
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # or no column could ever be given up
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._note)
        layout.addLayout(self._grid)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._arrange(3)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._refresh_if_stale)
        session.all_answered.connect(self._take_answers)
        theme.follow(self._restyle)
        self._show_switches()

    @property
    def procedure(self) -> Procedure:
        """The stages that are used."""
        return Procedure.from_dict(self._session.settings.values.procedure)

    def show_drawing(self, drawing: Drawing | None) -> None:
        """Another drawing; None for a digit of a data set, which no stage changes."""
        self._drawing = drawing
        self._stale = True
        if not self._pause.isActive():
            self._refresh_if_stale()

    def set_watched(self, watched: bool) -> None:
        """Whether the strip can be seen. What is behind another panel is not hidden for Qt, so it must be told."""
        if watched != self._watched:
            self._watched = watched
            self._follow_sight()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        cell = self._cells["image"].minimumSizeHint()
        rows = -(-len(self._cells) // max(1, self._columns))
        height = self._note.heightForWidth(max(self.width(), 1)) + SPACE + rows * (cell.height() + SPACE)
        return QSize(3 * (cell.width() + SPACE), height)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        cell = self._cells["image"].minimumSizeHint().width() + SPACE
        self._arrange(max(1, min(len(self._cells), (self.width() + SPACE) // cell)))

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._follow_sight()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._follow_sight()

    @property
    def _seen(self) -> bool:
        return self._watched and self.isVisible()

    def _follow_sight(self) -> None:
        if self._seen:
            self._stale = True
            self._refresh_if_stale()
        else:
            self._ask({})

    def _refresh_if_stale(self) -> None:
        if not (self._stale and self._seen):
            return
        self._stale = False
        start = time.perf_counter()
        if self._refresh():
            self._pause.start(max(INTERVAL_MS, round(1000 * REST * (time.perf_counter() - start))))

    def _refresh(self) -> bool:
        """Shows the drawing; whether there was anything to show."""
        self._show_switches()
        drawing, procedure = self._drawing, self.procedure
        found = None if drawing is None else stage_pictures(drawing, procedure)
        self._note.setText(BYPASSED if drawing is None else NOTHING if found is None else HINT)
        for name, cell in self._cells.items():
            cell.show_stage(None if found is None else found[1][name])
            if found is None:
                cell.show_answer("")
        if drawing is None or found is None:
            self._ask({})
            return False
        result = found[0]
        images = {"image": result.image}
        for name, image in variants(drawing, procedure, result).items():
            if image is None:
                self._cells[name].show_answer(f"{self._word(name)}: no digit", changes=True)
            else:
                images[name] = image
        self._ask(images)
        return True

    def _ask(self, images: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> None:
        if images or self._asked:
            self._asked = list(images)
            self._session.ask_all(Asker.STAGES, np.stack(list(images.values())) if images else None)

    def _take_answers(self, asker: str, predictions: tuple[Prediction, ...] | None, _model: Model | None) -> None:
        if asker != Asker.STAGES or not self._asked:
            return
        if predictions is None or len(predictions) != len(self._asked):
            for name in self._asked:
                self._cells[name].show_answer("")
            return
        read = dict(zip(self._asked, predictions, strict=True))
        present = read["image"]
        self._cells["image"].show_answer(f"read as {_words(present)}")
        for name, prediction in read.items():
            if name != "image":
                changes = prediction.digit != present.digit
                mark = "≠ " if changes else ""
                self._cells[name].show_answer(f"{mark}{self._word(name)}: {_words(prediction)}", changes=changes)

    def _word(self, name: str) -> str:
        """What the answer below a switch is the answer of."""
        return "without" if getattr(self.procedure, name) else "with"

    def _switch(self, name: str, on: bool) -> None:
        self._session.settings.values.procedure = replace(self.procedure, **{name: on}).to_dict()
        self._stale = True
        self._refresh_if_stale()
        self.procedure_changed.emit()

    def _show_switches(self) -> None:
        for name, on in self.procedure.to_dict().items():
            self._cells[name].show_switch(on)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, cell in enumerate(self._cells.values()):
            self._grid.addWidget(cell, place // columns, place % columns)
        self.updateGeometry()

    def _restyle(self) -> None:
        palette = self._note.palette()
        palette.setColor(self._note.foregroundRole(), self._theme.colours.muted)
        self._note.setPalette(palette)


def _words(prediction: Prediction) -> str:
    return f"{prediction.digit}, {100 * prediction.confidence:.0f} %"
