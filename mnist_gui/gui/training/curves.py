"""The two plots of a run: training loss of each step, validation error of each epoch, on linked axes."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget

from mnist_gui.engine.history import RunHistory
from mnist_gui.gui.theme import Theme, mix
from mnist_gui.gui.training.curve_data import POINTS, error_range, loss_range, peak_downsampled, step_range, thinned
from mnist_gui.gui.training.plot import Plot
from mnist_gui.gui.training.readings import change_text, reading_at
from mnist_gui.gui.training.texts import error_text, loss_text

_POINTS_OF_VALIDATION: Final = 100
"""Up to this many validations are marked by points; more would run into each other."""


class Curves(QWidget):
    """Draws a history. Costs nothing while it is hidden; draws once when it is shown again.

    The ranges follow the run in steps until the mouse or the keyboard moves them; `fit` makes them follow again.
    Keys: Left and Right move the cursor, + and - zoom, Home fits.

    Signals:
        reading_changed: where the cursor is, in words; empty without one. The values stand in the plots.
        automatic_changed: whether the ranges follow the run.
        zoomed: (first and last step in sight, or None): somebody has moved the ranges; None when they follow again.
    """

    reading_changed = pyqtSignal(str)
    automatic_changed = pyqtSignal(bool)
    zoomed = pyqtSignal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._history = RunHistory()
        self._automatic = True
        self._stale = False
        self._cursor: int | None = None
        self._changes_drawn = -1
        self._compilers_drawn = -1
        self._validations_drawn = -1

        self.setObjectName("curves")
        self.setAccessibleName("Training curves")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Not a tip: that would hide the curves from whoever reads them.
        self.setAccessibleDescription(
            "Drag to move, turn the wheel to zoom, Home to fit. Left and Right read the values."
        )
        self._canvas = pg.GraphicsLayoutWidget()
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas.ci.setContentsMargins(0, 4, 6, 0)
        self._canvas.ci.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._canvas)
        self.setMinimumHeight(140)

        self._loss = Plot("training loss")
        self._error = Plot("validation error")
        self._canvas.addItem(self._loss.item, row=0, col=0)
        self._canvas.addItem(self._error.item, row=1, col=0)
        self._loss.hide_epochs()
        self._error.view.setXLink(self._loss.view)
        for plot in (self._loss, self._error):
            plot.view.sigRangeChangedManually.connect(self._leave_automatic)

        self._changes = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._compilers = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._raw = pg.PlotCurveItem(connect="all", skipFiniteCheck=True)
        for item in (self._compilers, self._changes, self._raw):
            item.setSegmentedLineMode("on")  # one pixel wide, which Qt draws faster as lines than as a path
        self._smoothed = pg.PlotCurveItem(connect="all", skipFiniteCheck=True, antialias=True)
        self._errors = pg.PlotCurveItem(connect="all", skipFiniteCheck=True, antialias=True)
        self._points = pg.ScatterPlotItem(pxMode=True)
        self._best = pg.ScatterPlotItem(pxMode=True)
        for item in (self._errors, self._points, self._best):  # which change once an epoch, not at each tick
            item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._best_name = pg.TextItem("")
        for item in (self._compilers, self._changes, self._raw, self._smoothed):
            self._loss.view.addItem(item, ignoreBounds=True)
        for item in (self._errors, self._points, self._best, self._best_name):
            self._error.view.addItem(item, ignoreBounds=True)

        self._loss.view.sigXRangeChanged.connect(self._redraw_part)
        self._error.view.sigRangeChanged.connect(self._place_best_name)
        self._error.view.sigResized.connect(self._place_best_name)
        scene = self._canvas.scene()
        scene.sigMouseMoved.connect(self._follow_mouse)
        viewport = self._canvas.viewport()
        viewport.installEventFilter(self)
        theme.follow(self._restyle)
        self._draw(fit_values=True)

    @property
    def automatic(self) -> bool:
        """Whether the ranges follow the run."""
        return self._automatic

    @property
    def log_scale(self) -> bool:
        """Whether the axes of loss and error are logarithmic."""
        return self._loss.logarithmic

    @log_scale.setter
    def log_scale(self, logarithmic: bool) -> None:
        if logarithmic == self.log_scale:
            return
        self._loss.set_logarithmic(logarithmic)
        self._error.set_logarithmic(logarithmic)
        self._changes_drawn = self._compilers_drawn = self._validations_drawn = -1
        self._draw(fit_values=True)

    def set_history(self, history: RunHistory) -> None:
        """Shows this run, with ranges that follow it."""
        self._history = history
        self._changes_drawn = self._compilers_drawn = self._validations_drawn = -1
        self._point_at(None)
        self.fit()

    def refresh(self) -> None:
        """Draws what the history has now; later, if hidden."""
        if self.isVisible():
            self._draw(fit_values=self._automatic)
        else:
            self._stale = True

    def fit(self) -> None:
        """Shows the whole run, and follows it again."""
        if not self._automatic:
            self._automatic = True
            self.automatic_changed.emit(True)
            self.zoomed.emit(None)
        self._draw(fit_values=True)

    def _draw(self, *, fit_values: bool) -> None:
        self._stale = False
        history = self._history
        for plot in (self._loss, self._error):
            plot.set_steps_per_epoch(history.steps_per_epoch)
        if self._automatic:
            self._show_steps(step_range(history.step, history.total_steps))
        self._draw_losses(fit_values)
        if len(history.validations) != self._validations_drawn:
            self._draw_validations(fit_values)
        if len(history.changes) != self._changes_drawn:
            self._draw_changes()
        if len(history.compilers) != self._compilers_drawn:
            self._draw_compilers()
        self._point_at(self._cursor)

    def _show_steps(self, end: float) -> None:
        """Shows steps from 0 to `end`, and a little more, so that a point at the end is whole."""
        right = end * 1.015
        if self._loss.view.viewRange()[0] != [0.0, right]:
            self._loss.view.setXRange(0.0, right, padding=0)

    def _draw_losses(self, fit_values: bool) -> None:
        history = self._history
        left, right = self._loss.view.viewRange()[0]
        visible = slice(max(0, int(left) - 1), max(0, int(right) + 1))
        losses, smoothed = history.losses, history.smoothed
        finite = int(np.isfinite(losses).sum())
        if finite < len(losses):  # the last loss of a run that diverged
            keep = np.isfinite(losses) & np.isfinite(smoothed)
            steps = np.flatnonzero(keep).astype(np.float64) + 1.0
            losses, smoothed = losses[keep], smoothed[keep]
        else:
            steps = np.arange(1.0, len(losses) + 1.0)
        if fit_values:
            self._loss.set_value_range(*loss_range(losses, smoothed, self.log_scale))
        x, y = peak_downsampled(steps[visible], losses[visible])
        self._raw.setData(x, self._loss.on_axis(y))
        x, y = thinned(steps[visible], smoothed[visible], POINTS // 2)
        self._smoothed.setData(x, self._loss.on_axis(y))

    def _draw_validations(self, fit_values: bool) -> None:
        history = self._history
        self._validations_drawn = len(history.validations)
        steps, errors = history.validation_steps, history.validation_errors
        if fit_values:
            self._error.set_value_range(*error_range(errors, self.log_scale))
        x, y = peak_downsampled(steps, self._error.on_axis(errors))
        self._errors.setData(x, y)
        few = len(errors) <= _POINTS_OF_VALIDATION
        self._points.setData(x if few else [], y if few else [])
        best = history.best
        self._best.setVisible(best is not None)
        self._best_name.setVisible(best is not None)
        if best is not None:
            height = float(self._error.on_axis(np.array([best.error]))[0])
            self._best.setData([best.step], [height])
            self._best_name.setText(f"best {error_text(best.error)}, epoch {best.epoch:.3g}")
            self._best_name.setPos(best.step, height)
            self._place_best_name()

    def _place_best_name(self) -> None:
        """Puts the name of the best below its ring, where no other point can be, or above if there is no room."""
        (left, right), (bottom, top) = self._error.view.viewRange()
        position = self._best_name.pos()
        across = (position.x() - left) / (right - left)
        room = (position.y() - bottom) / (top - bottom) * self._error.view.height()
        below = room > 2 * self.fontMetrics().height()
        self._best_name.setAnchor((0.0 if across < 0.2 else 1.0 if across > 0.8 else 0.5, -0.2 if below else 1.2))

    def _draw_changes(self) -> None:
        changes = self._history.changes
        self._changes_drawn = len(changes)
        self._draw_lines(self._changes, sorted({change.step for change in changes}))
        if changes:
            self._loss.name_line(0, changes[-1].step, change_text(changes[-1]))
        else:
            self._loss.name_line(0, None, "")

    def _draw_compilers(self) -> None:
        """Marks where the run changed over to functions of another compiler."""
        compilers = self._history.compilers
        self._compilers_drawn = len(compilers)
        later = [(step, name) for step, name in compilers if step > 1]
        self._draw_lines(self._compilers, [step for step, _ in later])
        if later:
            self._loss.name_line(1, later[-1][0], f"{later[-1][1]} from here")
        else:
            self._loss.name_line(1, None, "")

    def _draw_lines(self, item: Any, steps: Sequence[int]) -> None:
        """Upright lines at steps."""
        ends = self._loss.on_axis(np.array([0.0, 1e6]))
        item.setData(np.repeat(np.array(steps, np.float64), 2), np.tile(ends, len(steps)))

    def _point_at(self, step: int | None) -> None:
        if step is not None:
            step = max(1, min(step, self._history.step))
        if not self._history.step:
            step = None
        self._cursor = step
        for plot in (self._loss, self._error):
            plot.show_cursor(step)
        history = self._history
        if step is not None:
            reading = reading_at(history, step)
            self._loss.set_title(reading.loss)
            self._error.set_title(reading.error)
            self.reading_changed.emit(reading.place)
            return
        self._loss.set_title(loss_text(float(history.smoothed[-1])) if history.step else "")
        self._error.set_title(error_text(history.validations[-1].error) if history.validations else "")
        self.reading_changed.emit("")

    def _follow_mouse(self, position: QPointF) -> None:
        if self._canvas.ci.sceneBoundingRect().contains(position):
            self._point_at(round(self._loss.view.mapSceneToView(position).x()))

    def _leave_automatic(self, _: object) -> None:
        if self._automatic:
            self._automatic = False
            self.automatic_changed.emit(False)

    def _redraw_part(self) -> None:
        """The visible part is another, so other points stand for it."""
        if not self._automatic:
            self.zoomed.emit(tuple(self._loss.view.viewRange()[0]))
            self.refresh()

    def _restyle(self) -> None:
        colours, scale = self._theme.colours, self._theme.scale
        self._canvas.setBackground(colours.base)
        for plot in (self._loss, self._error):
            plot.restyle(colours, scale, self.font())
        faint = mix(colours.base, colours.accent, 0.4)
        strong: Any = pg.mkPen(colours.accent, width=1.6 * scale)
        self._raw.setPen(pg.mkPen(faint))
        self._smoothed.setPen(strong)
        self._errors.setPen(strong)
        self._points.setPen(None)
        self._points.setBrush(pg.mkBrush(colours.accent))
        self._points.setSize(5 * scale)
        self._best.setPen(pg.mkPen(colours.text, width=1.6 * scale))
        self._best.setBrush(None)
        self._best.setSize(11 * scale)
        self._best_name.setColor(colours.text)
        self._best_name.setFont(self.font())
        self._compilers.setPen(pg.mkPen(colours.muted, style=Qt.PenStyle.DotLine))
        self._changes.setPen(pg.mkPen(mix(colours.base, colours.warning, 0.6)))

    # ---- Qt
    def eventFilter(self, watched: Any, event: QEvent | None) -> bool:
        if event is not None and event.type() is QEvent.Type.Leave:
            self._point_at(None)
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._stale:
            self._draw(fit_values=self._automatic)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if event is not None and event.reason() in keys:
            self._point_at(self._history.step)  # the cursor shows that the keys act here

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._point_at(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        left, right = self._loss.view.viewRange()[0]
        pace = max(1, round((right - left) / 100))
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            start = self._cursor if self._cursor is not None else self._history.step
            self._point_at(start + (pace if key == Qt.Key.Key_Right else -pace))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(0.8 if key != Qt.Key.Key_Minus else 1.25)
        elif key == Qt.Key.Key_Home:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _zoom(self, factor: float) -> None:
        self._leave_automatic(None)
        centre = None if self._cursor is None else (float(self._cursor), 0.0)
        self._loss.view.scaleBy(x=factor, center=centre)
