"""One plot with a logarithmic axis if wanted: the pieces of pyqtgraph that the curves are made of."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem

from mnist_gui.gui.theme import SPACE, Colours, mix
from mnist_gui.gui.training.curve_data import log_ticks

LEAST: Final = 1e-9
"""On a logarithmic axis smaller values are drawn here, since the logarithm of 0 cannot be."""

_AXIS_WIDTH: Final = 46
"""Wide enough for "0.0005", so that the plots stay aligned and still whatever their ticks say."""


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis of losses or errors; the logarithmic one names 1, 2 and 5 where pyqtgraph's names only decades."""

    logarithmic = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N803 - pyqtgraph's names
        if not self.logarithmic:
            return super().tickValues(minVal, maxVal, size)
        named, marked = log_ticks(10.0**minVal, 10.0**maxVal)
        return [(1.0, [math.log10(value) for value in named]), (0.1, [math.log10(value) for value in marked])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if not self.logarithmic:
            return list(super().tickStrings(values, scale, spacing))
        return [f"{10.0**value:.4g}" if spacing == 1.0 else "" for value in values]


class EpochAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis whose positions are steps and whose numbers are epochs (steps while their number is unknown)."""

    steps_per_epoch = 0

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N803 - pyqtgraph's names
        unit = float(self.steps_per_epoch or 1)
        first, last = minVal / unit, maxVal / unit
        levels = super().tickValues(first, last, size)[:2]
        if last - first > 2:  # half epochs are of interest only where few whole ones are in sight
            whole = (1.0, [float(epoch) for epoch in range(math.ceil(first), math.floor(last) + 1)])
            levels = [level for level in levels if level[0] >= 1] or [whole]
        return [(spacing, [value * unit for value in values]) for spacing, values in levels]

    def tickStrings(self, values: Sequence[float], *_: float) -> list[str]:
        unit = float(self.steps_per_epoch or 1)
        return [f"{value / unit:.4g}" for value in values]


class Plot:
    """A plot of one quantity over the steps of a run: its view, axes, name and last value.

    Attributes:
        item: the pyqtgraph plot.
        view: where its curves are; its y is the common logarithm of the value while `logarithmic`.
    """

    def __init__(self, name: str) -> None:
        self._axis = ValueAxis("left")
        self._bottom = EpochAxis("bottom")
        self.item = pg.PlotItem(axisItems={"left": self._axis, "bottom": self._bottom}, enableMenu=False)
        self.view: Any = self.item.getViewBox()
        self.item.hideButtons()
        self.view.disableAutoRange()
        self.view.setDefaultPadding(0.0)
        self._name = name
        self._title = QGraphicsSimpleTextItem(name, self.view)
        self._unit = QGraphicsSimpleTextItem("epoch", self.view)  # inside, since a label below the axis costs a line
        for axis in (self._axis, self._bottom):
            axis.setZValue(-1)  # the grid, which the axes draw, lies below the curves
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)  # a tick redraws curves, not axes
        self._line_names = [QGraphicsSimpleTextItem(self.view) for _ in range(2)]
        self._line_steps: list[float | None] = [None, None]
        self._cursor = pg.InfiniteLine(angle=90)
        self._cursor.hide()
        self.view.addItem(self._cursor, ignoreBounds=True)
        self.view.sigResized.connect(self._place_texts)
        self.view.sigXRangeChanged.connect(self._place_texts)

    @property
    def logarithmic(self) -> bool:
        """Whether the axis of values is logarithmic."""
        return self._axis.logarithmic

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Makes the axis of values logarithmic or linear; curves must be set again."""
        self._axis.logarithmic = logarithmic
        self._axis.picture = None
        self._axis.update()

    def set_steps_per_epoch(self, steps: int) -> None:
        """How many steps make one on the axis of epochs."""
        if steps != self._bottom.steps_per_epoch:
            self._bottom.steps_per_epoch = steps
            self._bottom.picture = None
            self._bottom.update()

    def hide_epochs(self) -> None:
        """Takes the numbers off the axis of epochs; the upper of two linked plots needs none."""
        self._bottom.setStyle(showValues=False)
        self._unit.hide()

    def on_axis(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values are drawn."""
        return np.log10(np.maximum(values, LEAST)) if self.logarithmic else values

    def set_value_range(self, lower: float, upper: float) -> None:
        """Shows values from `lower` to `upper`; nothing happens if that is so."""
        ends = (math.log10(lower), math.log10(upper)) if self.logarithmic else (lower, upper)
        if ends != tuple(self.view.viewRange()[1]):
            self.view.setYRange(*ends, padding=0)

    def set_title(self, value: str) -> None:
        """Names the plot and its last value in its upper right corner."""
        text = f"{self._name}  {value}" if value else self._name
        if text != self._title.text():
            self._title.setText(text)
            self._place_texts()

    def name_line(self, row: int, step: float | None, name: str) -> None:
        """Writes a name beside a vertical line.

        Args:
            row: 0 below the title; 1 at the bottom, where no curve of losses is early in a run.
            step: where the line is; None takes the name away.
            name: what to write.
        """
        self._line_steps[row] = step
        self._line_names[row].setText(name)
        self._place_texts()

    def show_cursor(self, step: float | None) -> None:
        """Draws the line of the read-out at a step; None hides it."""
        self._cursor.setVisible(step is not None)
        if step is not None:
            self._cursor.setPos(step)

    def restyle(self, colours: Colours, scale: float, font: QFont) -> None:
        """Takes on the colours of the theme and its sizes."""
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * 0.9)
        grid = mix(colours.base, colours.line, 0.55)
        for axis in (self._axis, self._bottom):
            axis.setPen(pg.mkPen(colours.line))
            axis.setTickPen(pg.mkPen(grid))
            axis.setTextPen(pg.mkPen(colours.muted))
            axis.setTickFont(small)
            axis.setStyle(tickTextOffset=4, tickLength=-3)
        self._axis.setWidth(_AXIS_WIDTH * scale)
        self._axis.setGrid(255)
        bold = QFont(small)
        bold.setBold(True)
        self._title.setFont(bold)
        self._title.setBrush(colours.text)
        for text in (self._unit, *self._line_names):
            text.setFont(small)
            text.setBrush(colours.muted)
        self._cursor.setPen(pg.mkPen(colours.muted, style=Qt.PenStyle.DashLine))
        self._place_texts()

    def _place_texts(self) -> None:
        width, height = self.view.width(), self.view.height()
        title, unit = self._title.boundingRect(), self._unit.boundingRect()
        self._title.setPos(width - title.width() - SPACE, 2.0)
        self._unit.setPos(width - unit.width() - SPACE, height - unit.height())
        left, right = self.view.viewRange()[0]
        for row, (name, step) in enumerate(zip(self._line_names, self._line_steps, strict=True)):
            if step is None:
                continue
            x = (step - left) / (right - left) * width
            name.setVisible(0 <= x <= width)
            wide, high = name.boundingRect().width(), name.boundingRect().height()
            fits = x + wide + SPACE <= width
            top = 4.0 + title.height() if row == 0 else height - high - 2.0
            name.setPos(x + SPACE / 2 if fits else x - wide - SPACE / 2, top)
