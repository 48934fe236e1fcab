"""The settings of the next run, as a form that is made from TrainingConfig."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from mnist_gui.engine.compile_cache import compile_cost
from mnist_gui.engine.config import (
    LIVE_SETTINGS,
    STRENGTHS,
    Device,
    Group,
    Schedule,
    TrainingConfig,
    Updates,
)
from mnist_gui.engine.history import RunHistory
from mnist_gui.engine.presets import SUGGESTED_LEARNING_RATE, SUGGESTED_SQUARE_DECAY, Preset
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.augmentation import AugmentationPreview
from mnist_gui.gui.training.field_grid import FieldGrid
from mnist_gui.gui.training.fields import FIELDS, SettingField, default_of, make_field
from mnist_gui.gui.training.live import LiveSettings
from mnist_gui.gui.training.network_field import NetworkField
from mnist_gui.gui.training.preset_choice import PresetChoice
from mnist_gui.gui.training.relevance import summary, why_irrelevant
from mnist_gui.gui.training.schedule_plot import SchedulePlot
from mnist_gui.gui.training.texts import plan_text
from mnist_gui.gui.widgets.elided_label import ElidedLabel
from mnist_gui.gui.widgets.section import Section

_COST_MS: Final = 300
"""So long after the last change it is looked up what compiling costs, as that reads files."""


class ConfigForm(QScrollArea):
    """All settings but those live ones whose controls stay in reach while a run goes on.

    A value outside its limits cannot be entered. A line that is no network can, since it is typed letter by letter:
    then `problem` says what is wrong and `config` keeps the last network that was one.

    Attributes:
        presets: the choice of a recipe, placed by whoever shows the form.
        network: the field of the network.
        compile_seconds: what compiling a run for the CPU would take, 0 if that is done; None if it is not known.
        strengths: those live settings that say how strongly digits are augmented.

    Signals:
        changed: `config`, `problem` or `plan` is another one.
        turned: a section was opened or folded.
    """

    changed = pyqtSignal()
    turned = pyqtSignal()

    def __init__(self, theme: Theme, live: LiveSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._live = live
        self._digits: int | None = None
        self._editable = True
        self._quiet = False
        self._history: RunHistory | None = None
        self.compile_seconds: float | None = None
        self._cost_timer = QTimer(self)
        self._cost_timer.setInterval(_COST_MS)
        self._cost_timer.setSingleShot(True)
        self._cost_timer.timeout.connect(self._look_up_cost)
        self.presets = PresetChoice()
        self.network = NetworkField(theme)
        self.strengths = LiveSettings(STRENGTHS)
        self._fields: dict[str, SettingField] = {
            name: make_field(name) for name in FIELDS if name != "network" and name not in LIVE_SETTINGS
        }
        self._rule = Updates.SGD
        self._plot = SchedulePlot(theme)
        self._preview = AugmentationPreview(theme)
        self._caption = ElidedLabel()
        self._caption.setObjectName("training_augmentation_caption")
        self._about = ElidedLabel()
        self._about.setObjectName("training_preset_note")
        self._augmented = QWidget()
        self._sections = {group: Section(str(group), group.name.lower(), theme, room="training") for group in Group}
        self._grids = {
            group: FieldGrid(
                {name: field for name, field in self._fields.items() if FIELDS[name].metadata["group"] is group}, theme
            )
            for group in Group
        }
        self._lay_out()

        self.network.edited.connect(self._follow)
        for widget in self._fields.values():
            widget.edited.connect(self._follow)
        for settings in (live, self.strengths):
            settings.changed.connect(self._follow)
        self._fields["updates"].edited.connect(self._suggest)
        self.presets.chosen.connect(self._take_preset)
        self._rule = self._updates()
        theme.follow(self._restyle)
        self._follow()

    @property
    def problem(self) -> str:
        """Why no run can start with these settings, in one sentence; empty if one can."""
        if self.network.problem:
            return self.network.problem
        batch = int(self._fields["batch_size"].value())
        if self._digits == 0:
            return "There are no training digits in this data set."
        if self._digits is not None and self._digits < batch:
            return f"The batch size {batch:,} is larger than the {self._digits:,} training digits."
        return ""

    @property
    def open_sections(self) -> list[str]:
        """Which sections are open, by the names of their groups; the headings of the others say what they come to."""
        return [group.name.lower() for group, section in self._sections.items() if section.expanded]

    def set_open_sections(self, names: Collection[str]) -> None:
        """Opens these sections and folds the others; unknown names are passed over."""
        for group, section in self._sections.items():
            section.expanded = group.name.lower() in names

    def config(self) -> TrainingConfig:
        """The settings, those of the live controls included; with the last network if the present line is none."""
        values: dict[str, Any] = {name: widget.value() for name, widget in self._fields.items()}
        values |= {"network": self.network.value(), **self._live.values(), **self.strengths.values()}
        return TrainingConfig(**values)

    def set_config(self, config: TrainingConfig) -> None:
        """Shows other settings, those of the live controls included."""
        with self._one_change():
            self.network.set_value(config.network)
            for name, widget in self._fields.items():
                widget.set_value(getattr(config, name))
            self._live.set_values({name: getattr(config, name) for name in LIVE_SETTINGS if name not in STRENGTHS})
            self.strengths.set_values({name: getattr(config, name) for name in STRENGTHS})
        self._rule = self._updates()

    def set_device(self, device: Device) -> None:
        """Another device for the next run."""
        self._fields["device"].set_value(device)

    def set_training_digits(self, digits: int | None) -> None:
        """How many digits there are to learn from; None without a data set."""
        self._digits = digits
        self._follow()

    def set_editable(self, editable: bool) -> None:
        """Whether the settings may be changed; not while a run uses them. The live ones always may."""
        self._editable = editable
        self.network.setEnabled(editable)
        self.presets.setEnabled(editable)
        self._show_relevant()

    def show_digit(self, image: NDArray[np.uint8] | None, caption: str) -> None:
        """Shows what augmentation does to a digit.

        Args:
            image: uint8, shape (28, 28), 0 paper, 255 ink; None without a data set.
            caption: which digit it is.
        """
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))
        self._preview.show_digit(image)

    def look_up_cost(self) -> None:
        """Says anew what compiling would take, as another run may have been compiled."""
        self._cost_timer.start()

    def show_run(self, history: RunHistory | None) -> None:
        """Marks in the plot of the schedule where the run that goes on is; None shows the next run instead."""
        self._history = history
        self._show_schedule()

    def plan(self) -> str:
        """One line on what a run with these settings would be."""
        return plan_text(self.config(), self._digits or 0, self.compile_seconds)

    def _lay_out(self) -> None:
        self.setObjectName("training_settings")
        self.setAccessibleName("Training settings")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        augmented = QVBoxLayout(self._augmented)
        augmented.setContentsMargins(0, 0, 0, 0)
        augmented.setSpacing(SPACE // 2)
        for part in (self.strengths, self._preview, self._caption):
            augmented.addWidget(part)
        extra: dict[Group, QWidget] = {Group.SCHEDULE: self._plot, Group.AUGMENTATION: self._augmented}
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, SPACE, 0)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self._about)
        for group, section in self._sections.items():
            inside = QVBoxLayout(section.body)
            inside.setContentsMargins(2 * SPACE, 0, 0, SPACE)
            inside.setSpacing(SPACE)
            inside.addWidget(self.network if group is Group.NETWORK else self._grids[group])
            if group in extra:
                inside.addWidget(extra[group])
            section.turned.connect(self.turned)
            layout.addWidget(section)
        layout.addStretch()
        self.setWidget(page)

    @contextmanager
    def _one_change(self) -> Iterator[None]:
        """Changes of many controls are told as one."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
        self._follow()

    def _follow(self) -> None:
        if self._quiet:
            return
        config = self.config()
        self._show_relevant()
        self._show_schedule()
        self._cost_timer.start()
        self.network.show_note(self.plan())
        self.presets.show_config(None if self.network.problem else config)
        self._about.setText(self.presets.about)
        self._preview.show_strengths(self.strengths.values())
        for group, section in self._sections.items():
            section.set_summary(summary(group, config))
        if self.network.problem:
            self._sections[Group.NETWORK].set_summary("⚠ not a network yet")
        self.changed.emit()

    def _look_up_cost(self) -> None:
        config = self.config()
        cost = compile_cost(config) if config.device is not Device.CUDA else None
        if cost != self.compile_seconds:
            self.compile_seconds = cost
            self.network.show_note(self.plan())
            self.changed.emit()

    def _show_relevant(self) -> None:
        chosen = self._updates(), Schedule(str(self._fields["schedule"].value()))
        augment = bool(self._fields["augment"].value())
        for name, field in FIELDS.items():
            why_not = why_irrelevant(name, *chosen, augment=augment)
            if name in self._fields:
                self._grids[field.metadata["group"]].set_relevant(name, editable=self._editable, why_not=why_not)
            elif name not in STRENGTHS and name != "network":
                self._live.set_relevant(name, why_not=why_not)
        self._augmented.setVisible(augment)

    def _show_schedule(self) -> None:
        history = self._history
        if history is not None and history.config is not None:
            self._plot.show_plan(history.config, history.steps_per_epoch, history.changes, history.step)
        else:
            config = self.config()
            self._plot.show_plan(config, (self._digits or 0) // config.batch_size)

    def _updates(self) -> Updates:
        return Updates(str(self._fields["updates"].value()))

    def _suggest(self) -> None:
        """Settings that nobody touched change to those that suit the new rule."""
        if self._quiet:
            return
        before, self._rule = self._rule, self._updates()
        if self._live.values()["learning_rate"] == SUGGESTED_LEARNING_RATE[before]:
            self._live.set_values({"learning_rate": SUGGESTED_LEARNING_RATE[self._rule]})
        default = default_of("square_decay")
        if self._fields["square_decay"].value() == SUGGESTED_SQUARE_DECAY.get(before, default):
            self._fields["square_decay"].set_value(SUGGESTED_SQUARE_DECAY.get(self._rule, default))

    def _take_preset(self, preset: Preset) -> None:
        now = self.config()
        self.set_config(replace(preset.config, seed=now.seed, device=now.device))

    def _restyle(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.colours.muted)
        self._caption.setPalette(palette)
        self._about.setPalette(palette)
        width = max(self.strengths.label_width, *(grid.label_width for grid in self._grids.values()))
        self.network.set_label_width(width)
        self.strengths.set_label_width(width)
        for grid in self._grids.values():
            grid.set_label_width(width)
