"""The settings of the next run, as a form that is made from TrainingConfig."""

from typing import Any, Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from mnist_gui.engine.config import LIVE_SETTINGS, SUGGESTED_LEARNING_RATE, Device, TrainingConfig, Updates
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.fields import FIELDS, ChoiceField, WholeField, make_field, title_of
from mnist_gui.gui.training.live import LiveSettings
from mnist_gui.gui.training.texts import plan_text

USES_MOMENTUM: Final = frozenset({Updates.MOMENTUM, Updates.NESTEROV, Updates.RMSPROP})
"""The updates that look at the setting called momentum."""

_COLUMN_WIDTH: Final = 260
"""With this much room for each, fields stand in two columns."""


class ConfigForm(QScrollArea):
    """All settings but the live ones, whose own controls stay in reach while a run goes on.

    The choice of the network is made here but placed by the panel, where it is always visible. A value outside the
    limits cannot be entered, so `config` never fails.

    Attributes:
        network: the choice of the network.

    Signals:
        changed: `config` is another one.
    """

    changed = pyqtSignal()

    def __init__(self, theme: Theme, live: LiveSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._digits = 0
        self.network = ChoiceField("network")
        self._updates = ChoiceField("updates")
        self._fields: dict[str, ChoiceField | WholeField] = {"network": self.network, "updates": self._updates}
        for name, field in FIELDS.items():
            if not field.metadata["live"]:
                self._fields.setdefault(name, make_field(name))
        self._rule = Updates(self._updates.value())
        self.setObjectName("training_settings")
        self.setAccessibleName("Training settings")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

        page = QWidget()
        self._plan = QLabel()
        self._plan.setWordWrap(True)
        self._plan.setObjectName("training_plan")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE // 2)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, SPACE, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._plan)
        layout.addLayout(self._grid)
        layout.addStretch()
        self._labels: dict[str, QLabel] = {}
        self._columns = 0
        for name, widget in self._fields.items():
            widget.edited.connect(self._follow)
            if name != "network":
                label = QLabel(f"{title_of(name)}")
                label.setBuddy(widget)
                label.setToolTip(widget.toolTip())
                self._labels[name] = label
        self._updates.edited.connect(self._suggest_learning_rate)
        self._arrange(1)
        self.setWidget(page)
        theme.follow(self._resize_columns)
        self._follow()

    def config(self) -> TrainingConfig:
        """The settings, those of the live controls included."""
        values: dict[str, Any] = {name: widget.value() for name, widget in self._fields.items()}
        values.update(self._live.values())
        return TrainingConfig(**values)

    def set_config(self, config: TrainingConfig) -> None:
        """Shows other settings, those of the live controls included."""
        for name, widget in self._fields.items():
            widget.set_value(getattr(config, name))
        self._live.set_values({name: getattr(config, name) for name in LIVE_SETTINGS})

    def set_device(self, device: Device) -> None:
        """Another device for the next run."""
        self._fields["device"].set_value(device)

    def set_training_digits(self, digits: int) -> None:
        """How many digits there are to learn from; 0 without a data set."""
        self._digits = digits
        self._follow()

    def set_editable(self, editable: bool) -> None:
        """Whether the settings may be changed; not while a run uses them."""
        for widget in self._fields.values():
            widget.setEnabled(editable)
        if editable:
            self._enable_relevant()

    def plan(self) -> str:
        """One line on what a run with these settings would be."""
        return plan_text(self.config(), self._digits)

    def _follow(self) -> None:
        if self.network.isEnabled():
            self._enable_relevant()
        self._live.set_relevant("momentum", relevant=self._updates.value() in USES_MOMENTUM)
        self._plan.setText(self.plan())
        self.changed.emit()

    def _suggest_learning_rate(self) -> None:
        """A learning rate that nobody touched changes to the one that suits the new rule."""
        before, self._rule = self._rule, Updates(self._updates.value())
        if self._live.values()["learning_rate"] == SUGGESTED_LEARNING_RATE[before]:
            self._live.set_values({"learning_rate": SUGGESTED_LEARNING_RATE[self._rule]})

    def _enable_relevant(self) -> None:
        return

    def _resize_columns(self) -> None:
        self._arrange(2 if self.width() >= 2 * _COLUMN_WIDTH else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        names = list(self._labels)
        rows = -(-len(names) // columns)
        for position, name in enumerate(names):
            column, row = divmod(position, rows)
            self._grid.addWidget(self._labels[name], row, 3 * column)
            self._grid.addWidget(self._fields[name], row, 3 * column + 1)
        for column in range(2):
            self._grid.setColumnStretch(3 * column + 1, 1 if column < columns else 0)
        self._grid.setColumnMinimumWidth(2, SPACE if columns == 2 else 0)

    # ---- Qt
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._resize_columns()
