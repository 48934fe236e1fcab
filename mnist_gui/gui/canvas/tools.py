"""The tools of the canvas: undo, redo, clear, the pen and two erasers, and how wide each of them is."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPainterPath, QPalette, QPolygonF, QUndoStack
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.drawn_icons import ICON_SIDE, line_icon
from mnist_gui.gui.widgets.naming import named

LEAST_WIDTH: Final = 6
WIDEST_PEN: Final = 60
"""In units of the canvas, which is 280 wide."""


def _undo(painter: QPainter) -> None:
    painter.drawPolyline(QPolygonF([QPointF(6, 2.5), QPointF(2.5, 6), QPointF(6, 9.5)]))
    painter.drawLine(QPointF(2.5, 6), QPointF(9.5, 6))
    painter.drawArc(QRectF(5.75, 6, 7.5, 7.5), -90 * 16, 180 * 16)
    painter.drawLine(QPointF(9.5, 13.5), QPointF(6, 13.5))


def _redo(painter: QPainter) -> None:
    painter.translate(ICON_SIDE, 0)
    painter.scale(-1, 1)
    _undo(painter)


def _clear(painter: QPainter) -> None:
    painter.drawLine(QPointF(2.5, 4.5), QPointF(13.5, 4.5))
    painter.drawPolyline(QPolygonF([QPointF(6, 4.5), QPointF(6, 2.5), QPointF(10, 2.5), QPointF(10, 4.5)]))
    painter.drawPolyline(QPolygonF([QPointF(4, 4.5), QPointF(4.7, 13.5), QPointF(11.3, 13.5), QPointF(12, 4.5)]))
    painter.drawLine(QPointF(8, 7), QPointF(8, 11))


def _eraser(painter: QPainter) -> None:
    corners = [QPointF(2.5, 10), QPointF(9.5, 3), QPointF(13, 6.5), QPointF(6, 13.5)]
    painter.drawPolygon(QPolygonF(corners))
    painter.drawLine(QPointF(5.6, 6.9), QPointF(9.1, 10.4))
    painter.drawLine(QPointF(6, 13.5), QPointF(13.5, 13.5))


def _pen(painter: QPainter) -> None:
    painter.drawPolygon(
        QPolygonF([QPointF(2.5, 13.5), QPointF(3.5, 10), QPointF(11, 2.5), QPointF(13.5, 5), QPointF(6, 12.5)])
    )
    painter.drawLine(QPointF(9, 4.5), QPointF(11.5, 7))


def _stroke_eraser(painter: QPainter) -> None:
    wave = QPainterPath(QPointF(2.5, 12))
    wave.cubicTo(QPointF(5.5, 4), QPointF(7.5, 16), QPointF(13.5, 11))
    painter.drawPath(wave)
    painter.drawLine(QPointF(7.5, 2.5), QPointF(12.5, 7.5))
    painter.drawLine(QPointF(12.5, 2.5), QPointF(7.5, 7.5))


_ICONS: Final[Mapping[str, Callable[[QPainter], None]]] = MappingProxyType(
    {
        "undo": _undo,
        "redo": _redo,
        "clear": _clear,
        "pen": _pen,
        "eraser": _eraser,
        "stroke_eraser": _stroke_eraser,
    }
)

_TITLES: Final[Mapping[Tool, str]] = MappingProxyType(
    {Tool.PEN: "Pen width", Tool.ERASER: "Eraser width", Tool.STROKE_ERASER: "Eraser width"}
)


class CanvasTools(QWidget):
    """What is done at once, what is taken in the hand, and a slider.

    Signals:
        cleared: Clear was pressed.
        tool_chosen: (Tool): one was taken.
        width_changed: (width): of the chosen tool, in units of the canvas.
        width_tried: (trying): the slider is being dragged, or was let go.
    """

    cleared = pyqtSignal()
    tool_chosen = pyqtSignal(object)
    width_changed = pyqtSignal(int)
    width_tried = pyqtSignal(bool)

    def __init__(self, undo_stack: QUndoStack, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("canvas_tools")
        tips = {
            "undo": "Take back the last change of the drawing.",
            "redo": "Make the change again that was taken back.",
            "clear": "Empty the canvas. Undo brings the drawing back.",
            "pen": "Pen: draws with ink.",
            "eraser": "Eraser: takes away the ink below its ring. Its width is kept apart from the pen's.",
            "stroke_eraser": "Stroke eraser: takes away every whole stroke that its ring touches.",
        }
        self._buttons = {name: self._button(name, tip) for name, tip in tips.items()}
        self._tools = QButtonGroup(self)
        for tool in Tool:
            button = self._buttons[str(tool)]
            button.setCheckable(True)
            self._tools.addButton(button)
            button.clicked.connect(partial(self.tool_chosen.emit, tool))
        for name, available, act in (
            ("undo", undo_stack.canUndoChanged, undo_stack.undo),
            ("redo", undo_stack.canRedoChanged, undo_stack.redo),
        ):
            self._buttons[name].setEnabled(False)
            available.connect(self._buttons[name].setEnabled)
            self._buttons[name].clicked.connect(act)
        self._buttons["clear"].clicked.connect(self.cleared)

        self._title = named(QLabel("Pen width"), "canvas_width_title")
        self._slider = named(
            QSlider(Qt.Orientation.Horizontal),
            "canvas_width",
            "Width of the tool",
            "Width of the chosen tool. The digits of MNIST are about as thick as an eighth of their height.",
        )
        self._slider.setRange(LEAST_WIDTH, WIDEST_PEN)
        self._slider.setPageStep(4)
        self._slider.valueChanged.connect(self.width_changed)
        self._slider.sliderPressed.connect(lambda: self.width_tried.emit(True))
        self._slider.sliderReleased.connect(lambda: self.width_tried.emit(False))

        at_once = self._row("undo", "redo", "clear")
        in_hand = self._row(*map(str, Tool))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(at_once)
        layout.addLayout(in_hand)
        layout.addWidget(self._title)
        layout.addWidget(self._slider)
        layout.addStretch()
        theme.follow(self._restyle)

    def show_tool(self, tool: Tool, width: float) -> None:
        """Shows which tool is chosen and how wide it is, in units, without asking for either."""
        self._title.setText(_TITLES[tool])
        self._buttons[str(tool)].setChecked(True)
        blocked = self._slider.blockSignals(True)
        self._slider.setValue(round(width))
        self._slider.blockSignals(blocked)

    def _row(self, *names: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        for name in names:
            row.addWidget(self._buttons[name])
        row.addStretch()
        return row

    def _button(self, name: str, tip: str) -> QToolButton:
        button = named(QToolButton(), f"canvas_{name}", name.replace("_", " ").capitalize(), tip)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _restyle(self) -> None:
        palette = self._theme.colours
        faded = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        for name, button in self._buttons.items():
            button.setIcon(line_icon(_ICONS[name], palette.text, faded))
        muted = self._title.palette()
        muted.setColor(self._title.foregroundRole(), palette.muted)
        self._title.setPalette(muted)
