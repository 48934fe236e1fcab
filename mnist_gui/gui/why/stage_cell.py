"""One stage in the strip: its name, its picture, a switch, a line of numbers, and the answer without it."""

from typing import Final

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QApplication, QCheckBox, QLabel, QVBoxLayout, QWidget

from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.stage_pictures import StagePicture
from mnist_gui.gui.widgets.images import grey_image

SIDE: Final = 12 * SPACE
"""Of a picture, in device-independent pixels."""


class StageView(QWidget):
    """A square picture, white ink on black, perhaps with a square and a cross in the accent colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: StagePicture | None = None
        self.setFixedSize(SIDE, SIDE)
        theme.changed.connect(self.update)

    def show_picture(self, picture: StagePicture | None) -> None:
        """Another picture, or an empty frame."""
        self._picture = picture
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect())
        picture = self._picture
        if picture is None:
            painter.fillRect(area, self._theme.colours.base)
            painter.setPen(self._theme.colours.line)
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
            return
        few = len(picture.pixels) < SIDE
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not few)
        painter.drawImage(area, grey_image(picture.pixels))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.colours.accent, 1.5)
        painter.setPen(pen)
        pixel = SIDE / len(picture.pixels)
        if picture.frame is not None:
            top, left, side = (value * pixel for value in picture.frame)
            painter.drawRect(QRectF(left, top, side, side))
        if picture.cross is not None:
            row, column = (value * pixel for value in picture.cross)
            for dx, dy in ((4.0, 0.0), (0.0, 4.0)):
                painter.drawLine(
                    QRectF(column - dx, row - dy, 2 * dx, 2 * dy).topLeft(),
                    QRectF(column - dx, row - dy, 2 * dx, 2 * dy).bottomRight(),
                )


class StageCell(QWidget):
    """One stage.

    Signals:
        switched: (on): the user switched the stage.
    """

    switched = pyqtSignal(bool)

    def __init__(self, name: str, title: str, tip: str, theme: Theme, *, optional: bool) -> None:
        """Makes an empty cell.

        Args:
            name: of the stage, for tests and style sheets.
            title: the heading.
            tip: what the stage does.
            theme: colours.
            optional: whether it has a switch.
        """
        super().__init__()
        self._theme = theme
        self.setObjectName(f"stage_{name}")
        self.setToolTip(tip)
        self._title = QLabel(title)
        self._view = StageView(theme)
        self._view.setAccessibleName(f"{title}, picture")
        self._numbers, self._answer = QLabel(), QLabel()
        self._numbers.setObjectName(f"stage_numbers_{name}")
        self._answer.setObjectName(f"stage_answer_{name}")
        self.switch = QCheckBox("Use")
        self.switch.setObjectName(f"stage_switch_{name}")
        self.switch.setAccessibleName(f"Use the stage {title}")
        self.switch.setToolTip(tip)
        self.switch.toggled.connect(self.switched)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 4)
        layout.addWidget(self._title)
        layout.addWidget(self._view)
        layout.addWidget(self._numbers)
        layout.addWidget(self.switch)
        layout.addWidget(self._answer)
        layout.addStretch()
        if not optional:  # keeps its room, so that all cells are in line
            policy = self.switch.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            self.switch.setSizePolicy(policy)
            self.switch.hide()
        theme.follow(self._restyle)

    def show_stage(self, picture: StagePicture | None) -> None:
        """What became of the drawing here; None for nothing."""
        self._view.show_picture(picture)
        self._numbers.setText("" if picture is None else picture.numbers)

    def show_switch(self, on: bool) -> None:
        """Sets the switch without a signal."""
        self.switch.blockSignals(True)
        self.switch.setChecked(on)
        self.switch.blockSignals(False)

    def show_answer(self, text: str, changes: bool = False) -> None:
        """The answer without the stage; in the warning colour and with a mark where it is another digit."""
        self._answer.setText(text)
        palette = self._answer.palette()
        colours = self._theme.colours
        palette.setColor(self._answer.foregroundRole(), colours.warning if changes else colours.muted)
        self._answer.setPalette(palette)

    def minimumSizeHint(self) -> QSize:
        return QSize(SIDE + 2 * SPACE, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def _restyle(self) -> None:
        font = QApplication.font()
        font.setBold(True)
        self._title.setFont(font)
        small = QApplication.font()
        small.setPointSizeF(small.pointSizeF() * 0.85)
        for label in (self._numbers, self._answer):
            label.setFont(small)
            palette = label.palette()
            palette.setColor(label.foregroundRole(), self._theme.colours.muted)
            label.setPalette(palette)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
