"""Where the network looked: a saliency map and an occlusion map over the digit."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui.data.dataset import CLASSES, SIDE
from mnist_gui.engine.explanation import PATCH, Cover, Look, ValueMap
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.copying import add_copy_menu
from mnist_gui.gui.why.map_view import LARGEST_ZOOM, LEAST_ZOOM, Legend, MapView
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.explainer import Explainer, Step
from mnist_gui.session.session import Session

PURPOSE: Final = "Which pixels speak for the answer and which against it: two maps over your digit appear here."

_TITLES: Final = {Step.SALIENCY: "Ink that would help", Step.OCCLUSION: "Places it needs"}
_TIPS: Final = {
    Step.SALIENCY: "Gradient saliency: the derivative of the class's logit by the ink of each pixel. Orange: more ink"
    " there would speak for the class; blue: against it.",
    Step.OCCLUSION: "Occlusion map: by how many percentage points the probability falls when the"
    f" {PATCH}x{PATCH} pixels around a place are covered. Orange: the class needs what is"
    " there; blue: it would be surer without.",
}


class Looking(QWidget):
    """Two maps for one class: the answer, or any other.

    Signals:
        summarised: a few words for the heading.
    """

    summarised = pyqtSignal(str)

    steps: Final = frozenset({Step.SALIENCY, Step.OCCLUSION})

    def __init__(self, session: Session, explainer: Explainer, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._explainer = explainer
        self._digit = named(
            QComboBox(),
            "why_maps_digit",
            "Class of the maps",
            "For which class the maps are: the answer, which is the most probable one, or any other.",
        )
        self._digit.addItem("the answer", None)
        for digit in range(CLASSES):
            self._digit.addItem(str(digit), digit)
        self._cover = named(
            QComboBox(),
            "why_maps_cover",
            "Cover of the occlusion map",
            "What the digit is covered with: paper takes ink away, grey also adds some where there was none.",
        )
        for cover in Cover:
            self._cover.addItem(str(cover), cover)
        self._digit.currentIndexChanged.connect(self._choose)
        self._cover.currentIndexChanged.connect(self._choose)
        self._views = {
            Step.SALIENCY: named(
                MapView(theme, Legend("logits", 1.0, 1e-6, "against it", "for it")), "why_saliency", "Saliency map",
                _TIPS[Step.SALIENCY],
            ),
            Step.OCCLUSION: named(
                MapView(theme, Legend("points", 100.0, 0.1, "in the way", "needed")), "why_occlusion", "Occlusion map",
                _TIPS[Step.OCCLUSION],
            ),
        }  # fmt: skip
        for view in self._views.values():
            add_copy_menu(view, f"the {view.accessibleName().lower()}", view.numbers, session.notice)
        self._note = named(QLabel(PURPOSE), "why_maps_note")
        self._note.setWordWrap(True)
        self._lay_out()
        explainer.looked.connect(self._take_look)
        explainer.mapped.connect(self._take)
        theme.follow(self._restyle)

    def clear(self) -> None:
        """There is no digit any more."""
        for view in self._views.values():
            view.show_map(None)
        self._note.setText(PURPOSE)

    def _lay_out(self) -> None:
        chooser = QHBoxLayout()
        chooser.setSpacing(SPACE)
        for text, box in (("For", self._digit), ("covered with", self._cover)):
            chooser.addWidget(QLabel(text))
            chooser.addWidget(box)
        chooser.addStretch()
        maps = QHBoxLayout()
        maps.setSpacing(2 * SPACE)
        for step, view in self._views.items():
            column = QVBoxLayout()
            column.setSpacing(SPACE // 2)
            column.addWidget(named(QLabel(_TITLES[step]), f"why_{step}_title", tip=_TIPS[step]))
            column.addWidget(view, 0, Qt.AlignmentFlag.AlignLeft)
            maps.addLayout(column)
        maps.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(chooser)
        layout.addWidget(self._note)
        layout.addLayout(maps)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        zoom = (self.width() - 2 * SPACE) // (2 * SIDE)
        for view in self._views.values():
            view.set_zoom(min(max(zoom, LEAST_ZOOM), LARGEST_ZOOM))

    def _choose(self) -> None:
        self._explainer.choose(self._digit.currentData(), self._cover.currentData())

    def _take_look(self, look: Look) -> None:
        digit = self._digit.currentData()
        digit = look.digit if digit is None else int(digit)
        self._note.setText(f"For {digit}, which has {100 * float(look.probabilities[digit]):.1f} %.")

    def _take(self, step: str, found: ValueMap) -> None:
        self._views[Step(step)].show_map(found)
        if step == Step.SALIENCY:
            self.summarised.emit(f"for {found.digit}")

    def _restyle(self) -> None:
        palette = self._note.palette()
        palette.setColor(self._note.foregroundRole(), self._theme.colours.muted)
        self._note.setPalette(palette)
