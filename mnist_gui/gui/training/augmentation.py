"""What augmentation does to a digit: the digit itself and some of the forms in which a run would see it."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.engine.warping import preview
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.images import grey_image

MOST: Final = 12
"""Forms that are shown where there is room for them."""

_LEAST_SIDE: Final = 44
_GAP: Final = 2
_RING: Final = 2


class AugmentationPreview(QWidget):
    """A strip of digits: the one that is augmented, a gap, and its forms. A click or Space shows other forms.

    Computes nothing while it is hidden.

    Signals:
        looked: the forms were computed anew.
    """

    looked = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: NDArray[np.uint8] | None = None
        self._strengths: dict[str, float] = {}
        self._seed = 1
        self._forms: NDArray[np.uint8] | None = None
        self.setObjectName("training_augmentation")
        self.setAccessibleName("Augmented digits")
        self.setToolTip("The digit, and beside it how a run may see it. Click or press Space for other forms.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.follow(self._restyle)

    @property
    def forms(self) -> NDArray[np.uint8] | None:
        """uint8, shape (n, 28, 28), what is shown beside the digit; None without one."""
        return self._forms

    def show_digit(self, image: NDArray[np.uint8] | None) -> None:
        """Another digit, uint8, shape (28, 28), 0 paper, 255 ink; or none."""
        self._image = image
        self._look()

    def show_strengths(self, strengths: Mapping[str, float]) -> None:
        """Other strengths, by the names of the settings."""
        if dict(strengths) != self._strengths:
            self._strengths = dict(strengths)
            self._look()

    def reroll(self) -> None:
        """Shows other forms."""
        self._seed += 1
        self._look()

    def _look(self) -> None:
        self._forms = None
        if self._image is not None and self.isVisible():
            self._forms = preview(self._image, self._strengths, self._seed, MOST)
            self.looked.emit()
        self.update()

    def _restyle(self) -> None:
        self.setFixedHeight(round(_LEAST_SIDE * self._theme.scale) + 2 * _RING)
        self.update()

    # ---- Qt
    def sizeHint(self) -> QSize:
        return QSize(30 * SPACE, self.height())

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._forms is None:
            self._look()

    def mousePressEvent(self, _event: QMouseEvent | None) -> None:
        self.reroll()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.reroll()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colours = self._theme.colours
        if self._image is None or self._forms is None:
            painter.setPen(colours.muted)
            text = "Augmented digits are shown here once a data set is open."
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = self.height() - 2 * _RING
        painter.drawImage(QRectF(_RING, _RING, side, side), grey_image(self._image))
        left = _RING + side + SPACE
        shown = min(MOST, int((self.width() - left - _RING + _GAP) // (side + _GAP)))
        for number in range(shown):
            place = QRectF(left + number * (side + _GAP), _RING, side, side)
            painter.drawImage(place, grey_image(self._forms[number]))
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, _RING))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
