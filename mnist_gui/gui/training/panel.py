"""The room in which a network learns: settings, transport, curves, numbers."""

from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mnist_gui.engine.config import LIVE_SETTINGS, STRENGTHS, ConfigError, Device, TrainingConfig
from mnist_gui.engine.events import RunFailed
from mnist_gui.engine.history import RunHistory
from mnist_gui.engine.presets import PRESETS
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.form import ConfigForm
from mnist_gui.gui.training.icons import icon
from mnist_gui.gui.training.live import LiveSettings
from mnist_gui.gui.training.page_stack import PageStack
from mnist_gui.gui.training.pages import EmptyPage, WaitingPage
from mnist_gui.gui.training.preset_choice import expectation
from mnist_gui.gui.training.readouts import Readouts
from mnist_gui.gui.training.status import Status
from mnist_gui.gui.training.texts import digit_text, outcome_text, phase_text, saved_text, size_text
from mnist_gui.gui.training.transport import Transport
from mnist_gui.gui.widgets.drawn_icons import ICON_SIDE
from mnist_gui.session.pace import pace
from mnist_gui.session.session import RunState, Session
from mnist_gui.session.throttle import Throttle

if TYPE_CHECKING:
    from mnist_gui.gui.training.curves_page import CurvesPage

REFRESH_MS: Final = 100
"""Least time between two drawings of the curves: ten a second look alive and leave the processor to the training."""

SLOW_REFRESH_MS: Final = 200
"""The same while a run goes on where there are few processors: all of them compute, and wait for the one that draws.
Five drawings of 5 ms then cost the run 2.5 % at most."""

_PHASE_MS: Final = 250
_IMPORT_MS: Final = 20
_WIDE: Final = 820
"""From this width on the settings stand beside the curves, below it in their place."""

_COMPACT: Final = 600
_LEAST_WIDTH: Final = 400
_LEAST_HEIGHT: Final = 150
_FIRST_PRESET: Final = "lenet"
_CURVES_MODULE: Final = "mnist_gui.gui.training.curves_page"


class TrainingPanel(QWidget):
    """Lays out the parts and connects them with the session.

    Attributes:
        pages: the curves; others add pages beside them.

    The plotting library takes a third of a second to import. That is done in a thread after the panel was shown
    for the first time, so that the window does not wait for it; until then only the curves are missing.

    Signals:
        log_scale_changed: whether the axes of loss and error are logarithmic.
        curves_ready: the plots can be shown from now on.
        note_changed: `note` may be another one.
        can_start_changed: whether a run can be made of the settings.
        zoomed: (first and last step in sight, or None): somebody has moved the ranges of the curves; None when they
            follow the run again.
    """

    log_scale_changed = pyqtSignal(bool)
    curves_ready = pyqtSignal()
    note_changed = pyqtSignal(str)
    can_start_changed = pyqtSignal(bool)
    zoomed = pyqtSignal(object)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._history: RunHistory | None = None
        self._curves: CurvesPage | None = None
        self._log_scale = True
        self._can_start = True
        self._saved: Path | None = None
        self.setObjectName("training_panel")

        self._transport = Transport(theme)
        self._live = LiveSettings([name for name in LIVE_SETTINGS if name not in STRENGTHS], always=1)
        self._form = ConfigForm(theme, self._live)
        self._preset_label = QLabel("Preset")
        self._preset_label.setBuddy(self._form.presets)
        self._settings_button = QPushButton()
        self._settings_button.setCheckable(True)
        self._settings_button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self._settings_button.setObjectName("training_settings_button")
        self._settings_button.setAccessibleName("Settings")
        self._settings_button.setToolTip("Show the settings of the next run.")
        self._empty = EmptyPage(theme)
        self._waiting = WaitingPage(theme)
        self.pages = PageStack()
        self.pages.setMinimumHeight(_LEAST_HEIGHT)
        self.pages.addWidget(self._empty)
        self.pages.addWidget(self._waiting)
        self._readouts = Readouts(theme)
        self._status = Status(theme)
        self._lay_out()

        self._refresh = Throttle(self._draw, REFRESH_MS, self)
        self._phase_timer = QTimer(self)
        self._phase_timer.setInterval(_PHASE_MS)
        self._phase_timer.timeout.connect(self._show_phase)
        self._transport.started.connect(self.start)
        self._transport.paused_or_resumed.connect(self.pause_or_resume)
        self._transport.stepped.connect(self.step)
        self._transport.stopped.connect(self.stop)
        self._empty.started.connect(self.start)
        self._settings_button.toggled.connect(self._arrange)
        self._form.changed.connect(self._follow_form)
        for settings in (self._live, self._form.strengths):
            settings.chosen.connect(lambda name, value: session.set_live({name: value}))
        session.dataset_changed.connect(self._follow_dataset)
        session.loading_changed.connect(self._show_plan)
        session.selection_changed.connect(self._show_digit)
        session.run_changed.connect(self._follow_run)
        session.history_extended.connect(self._follow_history)
        session.saved.connect(self._take_saved)

        self._form.set_config(_remembered(session))
        self._form.set_open_sections(session.settings.values.open_sections)
        self._form.turned.connect(self._remember_sections)
        self._follow_dataset()
        self._follow_history()
        theme.follow(self._restyle)
        self._import: Thread | None = None
        self._import_timer = QTimer(self)
        self._import_timer.setInterval(_IMPORT_MS)
        self._import_timer.timeout.connect(self._make_curves)

    def start(self) -> None:
        """Starts a run with the settings of the form; nothing happens while one goes on or if none can be made."""
        if self._session.run_state is RunState.IDLE and not self._form.problem:
            self._settings_button.setChecked(False)
            self._session.start_training(self._form.config())

    def pause_or_resume(self) -> None:
        """Pauses the run, or lets a paused one go on."""
        if self._session.run_state is RunState.PAUSED:
            self._session.resume_training()
        else:
            self._session.pause_training()

    def step(self) -> None:
        """Learns from one minibatch, then pauses; starts a run for it if there is none."""
        if self._session.run_state is RunState.IDLE:
            if self._form.problem:
                return
            self._settings_button.setChecked(False)
        self._session.step_training(self._form.config())

    def stop(self) -> None:
        """Ends the run; its best weights are kept."""
        self._session.stop_training()

    def copy_plot(self) -> None:
        """Puts a picture of the plots on the clipboard."""
        if self._curves is not None:
            self._curves.copy_picture()

    def copy_numbers(self) -> None:
        """Puts the numbers of the plots on the clipboard, as CSV."""
        if self._curves is not None:
            self._curves.copy_numbers()

    def set_device(self, device: Device) -> None:
        """Another device for the next run."""
        self._form.set_device(device)

    @property
    def note(self) -> str:
        """A few words for the title of the room: the network and its size."""
        return size_text(self._form.config()) if not self._form.problem else "No run can start yet"

    @property
    def can_start(self) -> bool:
        """Whether a run can be made of the settings."""
        return self._can_start

    @property
    def log_scale(self) -> bool:
        """Whether the axes of loss and error are logarithmic."""
        return self._log_scale

    @log_scale.setter
    def log_scale(self, logarithmic: bool) -> None:
        if self._curves is not None:
            self._curves.log_scale = logarithmic
        elif logarithmic != self._log_scale:
            self._take_log_scale(logarithmic)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self._transport)
        top.addStretch()
        top.addWidget(self._preset_label)
        top.addWidget(self._form.presets)
        top.addWidget(self._settings_button)
        self._body = QHBoxLayout()
        self._body.setSpacing(2 * SPACE)
        self._body.addWidget(self.pages, 1)
        self._body.addWidget(self._form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(top)
        layout.addLayout(self._body, 1)
        layout.addWidget(self._live)
        layout.addWidget(self._readouts)
        layout.addWidget(self._status)
        self.setMinimumWidth(_LEAST_WIDTH)  # else the width of the unfolded row would keep it from folding
        self._arrange()

    def _arrange(self) -> None:
        """Folds what does not fit."""
        width = self.width() / self._theme.scale  # as much as it holds of text
        wide = width >= _WIDE
        unfolded = self._settings_button.isChecked()
        self._form.setVisible(unfolded)
        self.pages.setVisible(wide or not unfolded)
        self._readouts.setVisible(wide or not unfolded)  # they belong to the curves, and the settings need the room
        self._form.setMaximumWidth(self.width() * 2 // 5 if wide else self.maximumWidth())
        compact = width < _COMPACT
        self._transport.set_compact(compact)
        self._preset_label.setVisible(not compact)
        self._settings_button.setText("" if compact else "Settings")

    def _make_curves(self) -> None:
        """Once the panel has been seen, loads the plotting library in a thread; once that is done, makes the plots."""
        if self._import is None:
            self._import = Thread(target=import_module, args=(_CURVES_MODULE,), name="import of the plots")
            self._import.start()
        if self._import.is_alive():
            return
        self._import_timer.stop()
        from mnist_gui.gui.training.curves_page import CurvesPage

        self._curves = CurvesPage(self._theme, log_scale=self._log_scale)
        self._curves.log_scale_changed.connect(self._take_log_scale)
        self._curves.zoomed.connect(self.zoomed)
        self._curves.leave_corner(self.pages.corner_width)
        self.pages.corner_resized.connect(self._curves.leave_corner)
        self.pages.addWidget(self._curves)
        if self._history is not None:
            self._curves.set_history(self._history)
        self._choose_page()
        self.curves_ready.emit()

    def _take_log_scale(self, logarithmic: bool) -> None:
        self._log_scale = logarithmic
        self.log_scale_changed.emit(logarithmic)

    def _follow_dataset(self) -> None:
        dataset = self._session.dataset
        self._form.set_training_digits(None if dataset is None else dataset.sizes[0])
        self._show_digit()
        self._follow_run()

    def _show_digit(self) -> None:
        """Augmentation is shown on the selected digit, or else on the first one."""
        dataset, selection = self._session.dataset, self._session.selection
        if dataset is None or not len(dataset):
            self._form.show_digit(None, "")
        else:
            index = selection or 0
            self._form.show_digit(dataset.images[index], digit_text(dataset, index, selected=selection is not None))

    def _follow_form(self) -> None:
        self._show_transport()
        self._show_plan()

    def _show_transport(self) -> None:
        self._transport.show_state(
            self._session.run_state, has_dataset=self._session.dataset is not None, problem=self._form.problem
        )
        if self._can_start != (not self._form.problem):
            self._can_start = not self._form.problem
            self.can_start_changed.emit(self._can_start)

    def _follow_run(self) -> None:
        state = self._session.run_state
        self._show_transport()
        self._form.set_editable(state is RunState.IDLE)
        self._show_schedule()
        self._show_plan()
        if state is RunState.IDLE:
            self._phase_timer.stop()
            self._refresh.flush()
            self._refresh.set_interval(REFRESH_MS)
            self._form.look_up_cost()
        elif not self._phase_timer.isActive():
            self._phase_timer.start()
            self._refresh.set_interval(pace(REFRESH_MS, SLOW_REFRESH_MS))
        self._show_phase()

    def _follow_history(self) -> None:
        history = self._session.history
        if history is not self._history and history is not None:
            self._history = history
            self._saved = None
            if self._curves is not None:
                self._curves.set_history(history)
        self._refresh()

    def _show_schedule(self) -> None:
        going_on = self._session.run_state is not RunState.IDLE
        self._form.show_run(self._history if going_on else None)

    def _draw(self) -> None:
        self._readouts.refresh(self._history)
        self._show_schedule()
        if self._curves is not None:
            self._curves.refresh()
        self._show_phase()

    def _choose_page(self) -> None:
        page: QWidget = self._empty
        if self._history is not None and self._history.step and self._curves is not None:
            page = self._curves
        elif self._session.run_state is not RunState.IDLE:
            page = self._waiting
        if self.pages.currentWidget() is not page:
            self.pages.setCurrentWidget(page)

    def _show_plan(self) -> None:
        dataset, plan = self._session.dataset, self._form.plan()
        if dataset is not None and not dataset.has_test:
            plan += ". Without test digits there will be no test error."
        preset = self._form.presets.preset
        if preset is not None and expectation(preset):
            plan += f"\n{expectation(preset)}"
        self._empty.show_plan(
            plan, has_dataset=dataset is not None, loading=self._session.loading, problem=self._form.problem
        )
        self.note_changed.emit(self.note)

    def _remember_sections(self) -> None:
        self._session.settings.values.open_sections = self._form.open_sections

    def _show_phase(self) -> None:
        state, detail, seconds = self._session.run_state, self._session.run_detail, self._session.phase_seconds
        self._waiting.show_phase(state, detail, seconds)
        outcome = self._history.outcome if self._history is not None else None
        if state is not RunState.IDLE or self._history is None or outcome is None:
            self._status.show_text(phase_text(state, detail, seconds, self._history, self._form.compile_seconds))
        else:
            text = outcome_text(self._history)
            if self._saved is not None:
                text += f" {saved_text(self._saved)}"
            failed = isinstance(outcome, RunFailed)
            self._status.show_text(
                text, failed=failed, details=outcome.details if isinstance(outcome, RunFailed) else ""
            )
        self._choose_page()

    def _take_saved(self, path: Path) -> None:
        """The first file after the end of a run is that run's; later ones are the user's own copies."""
        outcome = self._history.outcome if self._history is not None else None
        if outcome is not None and outcome.model is not None and self._saved is None:
            self._saved = path
            self._show_phase()

    def _restyle(self) -> None:
        colours = self._theme.colours
        self._settings_button.setIcon(icon("settings", colours.text, mix(colours.text, colours.window, 0.55)))
        self._arrange()

    # ---- Qt
    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._curves is None:
            self._import_timer.start()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()


def _remembered(session: Session) -> TrainingConfig:
    """The settings of the last run, else those of the first choice, on the device chosen in the preferences."""
    values = session.settings.values
    first = PRESETS[_FIRST_PRESET].config
    try:
        return TrainingConfig.from_dict({**(values.training or first.to_dict()), "device": values.device})
    except ConfigError:
        return first
