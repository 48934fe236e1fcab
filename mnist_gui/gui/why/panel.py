"""The room that shows why the digit in the drawing room is read as it is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mnist_gui.data.drawing import Drawing
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.inside import Inside
from mnist_gui.gui.why.likeness import Likeness
from mnist_gui.gui.why.looking import Looking
from mnist_gui.gui.why.stage_strip import StageStrip
from mnist_gui.gui.why.subject import Subject
from mnist_gui.gui.widgets.section import Section
from mnist_gui.session.explainer import Explainer, Step
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker

_NOTHING: Final = "Draw a digit, or double-click one in the grid: this panel shows why it is read as it is."
_DRAWING: Final = "Your drawing, as the model sees it."


class WhyPanel(QWidget):
    """One column of sections about one digit. What nobody can see is not computed.

    Signals:
        digit_chosen: (index in the data set): the user wants to see this digit in the grid.
        procedure_changed: the user switched a stage between the drawing and the 28x28.
        digit_opened: (index in the data set): the user wants to see this digit in the drawing room.
    """

    digit_chosen = pyqtSignal(int)
    digit_opened = pyqtSignal(int)
    procedure_changed = pyqtSignal()

    def __init__(
        self, session: Session, theme: Theme, parent: QWidget | None = None, *, explainer: Explainer | None = None
    ) -> None:
        """Makes an empty room.

        Args:
            session: whose model reads the digit.
            theme: colours.
            parent: owner.
            explainer: finds out why; by default one of the session.
        """
        super().__init__(parent)
        self._session = session
        self._explainer = explainer or Explainer(session, session)
        self._watched = False
        self._image: NDArray[np.uint8] | None = None
        self._drawing: Drawing | None = None
        self._label: int | None = None
        self._prediction: Prediction | None = None
        self.setObjectName("why")
        self._subject = Subject(theme)
        column = QWidget()
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        self._column.setSpacing(2 * SPACE)
        self._column.addWidget(self._subject)
        self._strip = StageStrip(session, theme)
        self._strip.set_watched(False)
        self._strip.procedure_changed.connect(self.procedure_changed)
        self._add_section("From pen to picture", "stages", self._strip, theme)
        self._likeness = Likeness(session, self._explainer, theme)
        self._looking = Looking(session, self._explainer, theme)
        self._inside = Inside(session, self._explainer, theme)
        self._sections: list[tuple[Section, Likeness | Looking | Inside]] = []
        for title, name, part in (
            ("Looks like", "likeness", self._likeness),
            ("Where it looked", "looking", self._looking),
            ("Inside the network", "inside", self._inside),
        ):
            section = self._add_section(title, name, part, theme)
            section.turned.connect(self._want)
            part.summarised.connect(section.set_summary)
            self._sections.append((section, part))
        self._column.addStretch()
        area = QScrollArea()
        area.setObjectName("why_column")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setBackgroundRole(QPalette.ColorRole.Window)
        area.setWidget(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._likeness.pressed.connect(session.select)
        self._likeness.chosen.connect(self.digit_chosen)
        self._likeness.opened.connect(self.digit_opened)
        self._explainer.failed.connect(session.problem)
        session.answered.connect(self._take_answer)
        session.model_changed.connect(self._follow_model)

    @property
    def explainer(self) -> Explainer:
        """What finds out why."""
        return self._explainer

    def show_subject(self, image: NDArray[np.uint8] | None, drawing: Drawing | None, label: int | None) -> None:
        """Another digit.

        Args:
            image: what the model reads, uint8 of shape (28, 28); None for nothing.
            drawing: what the image was made of; None for a digit of a data set.
            label: of a digit of the data set, 0 to 9; None for a drawing.
        """
        self._image, self._drawing, self._label = image, drawing, label
        if image is None:
            self._prediction = None
            for section, part in self._sections:
                part.clear()
                section.set_summary("")
        self._explainer.set_image(image)
        self._strip.show_drawing(Drawing() if image is None else drawing)
        self._refresh()

    def _add_section(self, title: str, name: str, part: QWidget, theme: Theme) -> Section:
        """A part of the column under an open heading."""
        section = Section(title, name, theme, room="why")
        body = QVBoxLayout(section.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(part)
        section.expanded = True
        self._column.addWidget(section)
        return section

    def set_watched(self, watched: bool) -> None:
        """Whether the panel can be seen. A panel behind another one is not hidden for Qt, so it must be told."""
        if watched != self._watched:
            self._watched = watched
            self._strip.set_watched(watched)
            self._want()
            self._refresh()

    def _want(self) -> None:
        """Tells the explainer what can be seen."""
        steps: set[Step] = set()
        for section, part in self._sections:
            if self._watched and section.expanded:
                steps |= part.steps
        self._explainer.want(steps)

    def _refresh(self) -> None:
        if not self._watched:
            return
        if self._image is None:
            note = _NOTHING
        elif self._drawing is None:
            note = f"A digit of the data set, label {self._label}. The model gets it as it is."
        else:
            note = _DRAWING
        self._subject.show_image(self._image, note)
        self._subject.show_answer(self._prediction)

    def _take_answer(self, asker: str, prediction: Prediction | None) -> None:
        if asker == Asker.CANVAS:
            self._prediction = None if self._image is None else prediction
            if self._watched:
                self._subject.show_answer(self._prediction)

    def _follow_model(self) -> None:
        if self._session.model is None:
            self._take_answer(Asker.CANVAS, None)

    def sizeHint(self) -> QSize:
        return QSize(60 * SPACE, 60 * SPACE)

    def minimumSizeHint(self) -> QSize:
        return QSize(44 * SPACE, 20 * SPACE)
