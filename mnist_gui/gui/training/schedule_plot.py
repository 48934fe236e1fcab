"""The learning rate over a run as a small curve, before the run and during it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.events import HyperparameterChanged
from mnist_gui.engine.schedules import factors
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.curve_data import nice_above
from mnist_gui.gui.training.texts import setting_text

_POINTS: Final = 400
_ASSUMED_STEPS: Final = 100
"""Steps in an epoch while no data set is there: the curve is the same for any larger number."""


def learning_rates(
    config: TrainingConfig,
    steps_per_epoch: int,
    steps: NDArray[np.int64],
    changes: Sequence[HyperparameterChanged] = (),
) -> NDArray[np.float64]:
    """The learning rate at steps of a run: its setting, which may have been changed meanwhile, times the schedule.

    Args:
        config: the settings that the run begins with.
        steps_per_epoch: minibatches in an epoch.
        steps: counted from 0, ascending, below all steps of the run; shape (n,).
        changes: of live settings, in order.

    Returns:
        float64, shape (n,).
    """
    rates = [change for change in changes if change.name == "learning_rate"]
    settings = np.array([config.learning_rate, *(change.value for change in rates)])
    begun = np.array([change.step - 1 for change in rates], np.int64)
    return settings[np.searchsorted(begun, steps, side="right")] * factors(config, steps_per_epoch, steps)


class SchedulePlot(QWidget):
    """Learning rate over epochs; a line and a dot mark where the run is. Pointing at it reads a value."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._config = TrainingConfig()
        self._steps_per_epoch = _ASSUMED_STEPS
        self._changes: tuple[HyperparameterChanged, ...] = ()
        self._step: int | None = None
        self._pointed: float | None = None
        self._epochs = np.zeros(0)
        self._rates = np.zeros(0)
        self.setObjectName("training_schedule_plot")
        self.setAccessibleName("Learning rate over the run")
        self.setToolTip("The learning rate over the run. The line marks where the run is.")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.follow(self._restyle)
        self._compute()

    def show_plan(
        self,
        config: TrainingConfig,
        steps_per_epoch: int,
        changes: Sequence[HyperparameterChanged] = (),
        step: int | None = None,
    ) -> None:
        """Shows a run.

        Args:
            config: the settings that it begins with.
            steps_per_epoch: minibatches in an epoch; 0 while not known.
            changes: of live settings, in order.
            step: the newest step of the run that goes on; None before it.
        """
        steps_per_epoch = steps_per_epoch or _ASSUMED_STEPS
        shown = (self._config, self._steps_per_epoch, self._changes)
        if shown != (config, steps_per_epoch, tuple(changes)):
            self._config, self._steps_per_epoch, self._changes = config, steps_per_epoch, tuple(changes)
            self._compute()
        if step != self._step:
            self._step = step
            self.update()

    def rate_at(self, epoch: float) -> float:
        """The learning rate after so many epochs."""
        last = self._config.epochs * self._steps_per_epoch - 1
        step = np.array([min(max(0, round(epoch * self._steps_per_epoch)), last)])
        return float(learning_rates(self._config, self._steps_per_epoch, step, self._changes)[0])

    def _compute(self) -> None:
        config, per_epoch = self._config, self._steps_per_epoch
        total = config.epochs * per_epoch
        steps = np.unique(np.linspace(0, total - 1, _POINTS).astype(np.int64))
        # Both sides of each jump, so that it is drawn upright, unless there are more jumps than could be seen.
        jumps = [change.step - 1 for change in self._changes if change.name == "learning_rate"]
        if config.epochs // config.drop_every <= _POINTS:
            jumps += range(config.drop_every * per_epoch, total, config.drop_every * per_epoch)
        beside = np.array([place for jump in jumps for place in (jump - 1, jump) if 0 <= place < total], np.int64)
        steps = np.union1d(steps, beside)
        self._epochs = steps / per_epoch
        self._rates = learning_rates(config, per_epoch, steps, self._changes)
        first, peak, last = self._rates[0], self._rates.max(), self._rates[-1]
        self.setAccessibleDescription(
            f"begins with {setting_text(first)}, at most {setting_text(peak)}, ends with {setting_text(last)}"
        )
        self.update()

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _area(self) -> QRectF:
        """Where the curve is; the numbers of the axes stand left of it and below."""
        metrics = QFontMetricsF(self._small())
        left = max(metrics.horizontalAdvance("0.00005"), metrics.horizontalAdvance("1e-05")) + SPACE / 2
        return QRectF(left, metrics.height() / 2, self.width() - left - SPACE, self.height() - 1.6 * metrics.height())

    def _top(self) -> float:
        return nice_above(max(float(self._rates.max()), 1e-12))

    def _at(self, epoch: float, rate: float) -> QPointF:
        area = self._area()
        return QPointF(
            area.left() + epoch / self._config.epochs * area.width(),
            area.bottom() - rate / self._top() * area.height(),
        )

    def _restyle(self) -> None:
        self.setFixedHeight(round(QFontMetricsF(self._small()).height() * 6))
        self.update()

    # ---- Qt
    def sizeHint(self) -> QSize:
        return QSize(30 * SPACE, self.height())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        area = self._area()
        share = (event.position().x() - area.left()) / max(1.0, area.width())
        self._pointed = min(max(share, 0.0), 1.0) * self._config.epochs
        self.update()

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._pointed = None
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, area, small = self._theme.colours, self._area(), self._small()
        metrics = QFontMetricsF(small)
        painter.fillRect(area, colours.base)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.setFont(small)
        painter.setPen(colours.muted)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for rate in (0.0, self._top()):
            y = self._at(0, rate).y()
            painter.drawText(
                QRectF(0, y - metrics.height() / 2, area.left() - SPACE / 2, metrics.height()),
                right,
                setting_text(rate),
            )
        inside = area.adjusted(0, 2, -SPACE / 2, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "learning rate")
        below = QRectF(area.left(), area.bottom() + 2, area.width(), metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        epochs = self._config.epochs
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{epochs:,} epoch{'s' if epochs != 1 else ''}")
        painter.setPen(QPen(colours.accent, 1.6 * self._theme.scale))
        painter.drawPolyline(
            QPolygonF([self._at(e, r) for e, r in zip(self._epochs.tolist(), self._rates.tolist(), strict=True)])
        )
        self._paint_mark(painter, below)

    def _paint_mark(self, painter: QPainter, below: QRectF) -> None:
        """The line at the pointer, or else where the run is, with its rate."""
        colours, area = self._theme.colours, self._area()
        running = None if self._step is None else self._step / self._steps_per_epoch
        epoch = self._pointed if self._pointed is not None else running
        if epoch is None:
            return
        rate = self.rate_at(epoch)
        place = self._at(min(epoch, self._config.epochs), rate)
        painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(place.x(), area.top()), QPointF(place.x(), area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.text)
        painter.drawEllipse(place, 3.0 * self._theme.scale, 3.0 * self._theme.scale)
        painter.setPen(colours.text)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, f"{setting_text(rate)} at epoch {epoch:.2f}")
