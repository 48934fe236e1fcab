"""All pinned digits with their curves: what the model said of each of them while it learnt."""

from typing import Final

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QPalette, QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.curve_data import step_range
from mnist_gui.gui.training.icons import icon
from mnist_gui.gui.training.pages import CentredPage
from mnist_gui.gui.training.pin_grid import PinGrid
from mnist_gui.gui.training.pin_menu import PinMenu
from mnist_gui.gui.training.pin_texts import pins_csv
from mnist_gui.gui.training.step_scale import StepScale
from mnist_gui.gui.widgets.drawn_icons import ICON_SIDE
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.pace import pace
from mnist_gui.session.pins import Pin, Pins
from mnist_gui.session.session import Session
from mnist_gui.session.states import RunState
from mnist_gui.session.throttle import Throttle

REFRESH_MS: Final = 50
SLOW_REFRESH_MS: Final = 200
"""While a run goes on where there are few processors; the curves are drawn as seldom then."""


class EmptyPins(CentredPage):
    """Says what pins are for, and offers the two ways to get some.

    Signals:
        draw_wanted: the user wants to draw a digit.
        difficult_wanted: the user wants digits that are hard to read.
    """

    draw_wanted = pyqtSignal()
    difficult_wanted = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("pins_empty")
        self._heading.setText("Watch the network make up its mind")
        self._text.setText(
            "A pinned digit is read again and again during a run.\n"
            "Ten curves show how sure the network is of each reading, from its first step on."
        )
        draw = named(QPushButton("Draw a digit and pin it"), "pins_draw", tip="Goes to the canvas; Ctrl+P pins.")
        hard = named(
            QPushButton("Pin three difficult digits"),
            "pins_difficult",
            tip="Pins three validation digits that models confuse, labelled: no network has learnt from them.",
        )
        self._difficult = hard
        draw.clicked.connect(self.draw_wanted)
        hard.clicked.connect(self.difficult_wanted)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addStretch()
        row.addWidget(draw)
        row.addWidget(hard)
        row.addStretch()
        self._column.addLayout(row)
        theme.follow(self._restyle)

    def set_has_dataset(self, has: bool) -> None:
        """Whether there are digits to choose from."""
        self._difficult.setEnabled(has)


class PinsPage(QWidget):
    """A slim row, below it a card for each pin on a common axis of steps. Draws only while it is visible.

    Signals:
        draw_wanted: the user wants to draw a digit.
        opened: (Pin): to be shown in the drawing room.
        count_changed: (number): of pins.
    """

    draw_wanted = pyqtSignal()
    opened = pyqtSignal(object)
    count_changed = pyqtSignal(int)

    def __init__(self, session: Session, pins: Pins, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._pins, self._theme = session, pins, theme
        self._zoomed: tuple[float, float] | None = None
        self._stale = True
        self.setObjectName("pins_page")
        self._grid = PinGrid(theme)
        self._menu = PinMenu(session, pins, self)
        self._menu.picture_wanted.connect(self._copy_card)
        self._menu.opened.connect(self._open)
        self._grid.menu_wanted.connect(self._menu.popup)
        self._grid.key_pressed.connect(self._menu.act_on_key)
        self._grid.opened.connect(self._open)
        self._grid.moved.connect(pins.move)
        self._refresh = Throttle(self._draw, REFRESH_MS, self)
        self._build_row()
        self._empty = EmptyPins(theme)
        self._empty.draw_wanted.connect(self.draw_wanted)
        self._empty.difficult_wanted.connect(pins.pin_difficult)
        area = QScrollArea()
        area.setObjectName("pins_area")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setBackgroundRole(QPalette.ColorRole.Window)
        area.setWidget(self._grid)
        self._area = area
        viewport = area.viewport()
        assert viewport is not None, "a scroll area has one"
        viewport.installEventFilter(self)
        self._body = QStackedWidget()
        self._body.addWidget(self._empty)
        self._body.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(self._row)
        layout.addWidget(self._body, 1)
        pins.changed.connect(self._follow_pins)
        pins.recorded.connect(self._refresh)
        pins.run_begun.connect(self._refresh)
        session.history_extended.connect(self._refresh)
        session.run_changed.connect(self._follow_run)
        session.dataset_changed.connect(self._follow_dataset)
        theme.follow(self._restyle)
        self._follow_dataset()
        self._follow_pins()

    def leave_corner(self, width: int) -> None:
        """Keeps so many pixels at the left of the first row free."""
        self._corner.setFixedWidth(width + SPACE if width else 0)

    def show_steps(self, steps: tuple[float, float] | None) -> None:
        """Shows these steps, as the curves do; None for the whole run."""
        self._zoomed = steps
        self._refresh()

    def copy_picture(self) -> None:
        """Puts a picture of all cards on the clipboard, at the resolution of the screen."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "a window has an application"
        clipboard.setPixmap(self._grid.grab())

    def copy_numbers(self) -> None:
        """Puts all readings on the clipboard, as CSV."""
        clipboard, pins = QGuiApplication.clipboard(), self._pins
        assert clipboard is not None, "a window has an application"
        rows = [(pin, pins.curve(pin.number), pins.answer(pin.number)) for pin in pins.pins]
        clipboard.setText(pins_csv(rows, self._steps_per_epoch))

    # ---- building
    def _build_row(self) -> None:
        self._corner = QWidget()
        self._corner.setFixedWidth(0)
        self._words = named(QLabel(), "pins_words", "What was done last")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._undo = self._button("pins_undo", "Undo", "Bring back the pin that was removed last (Ctrl+Z).")
        self._undo.clicked.connect(self._pins.restore)
        self._first_steps = self._button(
            "pins_first_steps",
            "First steps",
            "A logarithmic axis of steps: the first ones, in which a network decides, get most of the room.",
        )
        self._first_steps.setCheckable(True)
        self._first_steps.toggled.connect(lambda _on: self._draw())
        picture, numbers = QAction("Copy as picture", self), QAction("Copy as numbers (CSV)", self)
        picture.triggered.connect(self.copy_picture)
        numbers.triggered.connect(self.copy_numbers)
        copies = QMenu("Copy", self)
        copies.addActions([picture, numbers])
        self._copy = named(
            QPushButton("Copy"), "pins_copy", "Copy the pins", "Copy all pins as a picture, or their readings as CSV."
        )
        self._copy.setFlat(True)
        self._copy.setMenu(copies)
        self._row: QHBoxLayout = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE // 2)
        self._row.addWidget(self._corner)
        self._row.addWidget(self._words, 1)
        for widget in (self._undo, self._first_steps, self._copy):
            self._row.addWidget(widget)

    def _button(self, name: str, title: str, tip: str) -> QToolButton:
        button = named(QToolButton(), name, tip=tip)
        button.setText(title)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _restyle(self) -> None:
        colours = self._theme.colours
        self._copy.setIcon(icon("copy", colours.text, mix(colours.text, colours.window, 0.55)))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, colours.muted)
        self._words.setPalette(palette)

    # ---- following
    @property
    def _steps_per_epoch(self) -> int:
        history = self._session.history
        return 0 if history is None else history.steps_per_epoch

    def _follow_dataset(self) -> None:
        self._empty.set_has_dataset(self._session.dataset is not None)

    def _follow_run(self) -> None:
        idle = self._session.run_state is RunState.IDLE
        self._refresh.set_interval(REFRESH_MS if idle else pace(REFRESH_MS, SLOW_REFRESH_MS))

    def _follow_pins(self) -> None:
        pins = self._pins.pins
        self._grid.show_pins(pins)
        self._body.setCurrentWidget(self._area if pins else self._empty)
        for widget in (self._first_steps, self._copy):
            widget.setVisible(bool(pins))
        removed = self._pins.removed
        self._undo.setVisible(removed is not None)
        self._words.setText(f"Removed {removed.title}" if removed is not None else "")
        self.count_changed.emit(len(pins))
        self._draw()

    def _scale(self) -> StepScale:
        history = self._session.history
        logarithmic = self._first_steps.isChecked()
        if history is None:
            return StepScale(logarithmic=logarithmic)
        left, right = 0.0, step_range(history.step, history.total_steps) * 1.015
        if self._zoomed is not None and not logarithmic:
            left, right = self._zoomed
        return StepScale(left, right, history.steps_per_epoch, logarithmic)

    def _draw(self) -> None:
        self._stale = not self.isVisible()
        if self._stale:
            return
        self._grid.set_scale(self._scale())
        for pin in self._pins.pins:
            self._grid.refresh_pin(pin, self._pins.curve(pin.number), self._pins.answer(pin.number))

    def _open(self, number: int) -> None:
        self.opened.emit(self._pin(number))

    def _copy_card(self, number: int) -> None:
        clipboard, card = QGuiApplication.clipboard(), self._grid.card(number)
        assert clipboard is not None, "a window has an application"
        if card is not None:
            clipboard.setPixmap(card.grab())

    def _pin(self, number: int) -> Pin:
        return next(pin for pin in self._pins.pins if pin.number == number)

    # ---- Qt
    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._stale:
            self._draw()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        viewport = self._area.viewport()
        if watched is viewport and viewport is not None and event is not None and event.type() is QEvent.Type.Resize:
            self._grid.set_room(viewport.height())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent | None) -> bool:
        """Within the page, the key of Undo brings back a pin and not a stroke."""
        undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        if event is not None and undo and self._pins.removed is not None:
            if event.type() == QEvent.Type.KeyPress:
                self._pins.restore()
            event.accept()
            return True
        return super().event(event)
