"""The room with all the digits: filters above, the grid, and the selected digit below."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.data.queries import Order, class_counts, select
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.browser.detail import DigitDetail
from mnist_gui.gui.browser.filters import FilterBar
from mnist_gui.gui.browser.grid import LARGEST, SMALLEST, DigitGrid
from mnist_gui.gui.browser.model import UNREAD, DigitModel
from mnist_gui.gui.browser.states import Remedy, emptiness, remark
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.elided_label import ElidedLabel
from mnist_gui.gui.widgets.empty_state import EmptyState
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.session import Asker, Session
from mnist_gui.session.throttle import Throttle

_ZOOM: Final = 14
"""Device-independent pixels: half a pixel of a digit, so every second step is sharpest."""

_ROWS_MS: Final = 700
"""While all digits are being read, what was read is shown about this often: more would be a flicker."""

_SHORT_BELOW: Final = 560
"""Height of the panel, in device-independent pixels, under which the detail takes less of it."""


class BrowserPanel(QWidget):
    """Lays out and connects; what is shown follows the session.

    Signals:
        digit_opened: (index in the data set): the user wants to see this digit in the drawing room.
        digit_taken: (index in the data set): the user wants to draw on this digit.
        menu_opened: (QMenu): of the selected digit, before it is seen: others may add to it.
        draw_wanted: the user wants to draw a digit.
        digit_pinned: (index in the data set): the user wants to keep this digit in sight.
    """

    digit_opened = pyqtSignal(int)
    digit_taken = pyqtSignal(int)
    menu_opened = pyqtSignal(object)
    draw_wanted = pyqtSignal()
    digit_pinned = pyqtSignal(int)

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._predictions: NDArray[np.float32] | None = None
        self._count_read = 0
        self._take_rows = Throttle(self._show_predictions, _ROWS_MS, self)
        self._remedy = Remedy.NONE
        self.setObjectName("browser")
        self._model = DigitModel(self)
        self._grid = DigitGrid(theme, self._model)
        self.setFocusProxy(self._grid)
        self._filters = FilterBar(theme)
        self._detail = DigitDetail(theme)
        self._empty = EmptyState(theme)
        self._count = named(QLabel(), "digit_count")
        self._remark = named(ElidedLabel(), "browser_remark")
        self._stop = named(QToolButton(), "browser_stop")
        self._stop.setAutoRaise(True)
        self._stop.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._stop.hide()
        self._labels = named(
            QCheckBox("&Labels"),
            "labels",
            "Labels above the digits",
            "Show the label (what the digit was meant to be) above each digit.",
        )
        self._size = named(
            QSlider(Qt.Orientation.Horizontal),
            "tile_size",
            "Tile size",
            "Size of the digits. Ctrl and the wheel over the grid do the same.",
        )
        self._pages = QStackedWidget()
        self._build_header()
        self._lay_out()
        self._connect()
        self._take_dataset()

    # ---- what the window's commands do
    def focus_go_to(self) -> None:
        """Put the keyboard where the index of a digit is entered."""
        self._filters.focus_go_to()

    def zoom_in(self) -> None:
        """Enlarge the tiles by one step."""
        self._grid.set_tile_size(self._grid.tile_size + _ZOOM)

    def zoom_out(self) -> None:
        """Shrink the tiles by one step."""
        self._grid.set_tile_size(self._grid.tile_size - _ZOOM)

    def open_selected(self) -> None:
        """Show the selected digit in the drawing room; nothing happens when none is selected."""
        if self._session.selection is not None:
            self.digit_opened.emit(self._session.selection)

    def draw_on_selected(self) -> None:
        """Asks for the selected digit as the start of a drawing."""
        if self._session.selection is not None:
            self.digit_taken.emit(self._session.selection)

    def pin_selected(self) -> None:
        """Keep the selected digit in sight; nothing happens when none is selected."""
        if self._session.selection is not None:
            self.digit_pinned.emit(self._session.selection)

    def copy_digit(self) -> None:
        """Put the picture of the selected digit on the clipboard, 28x28 as the model sees it."""
        pixels, clipboard = self._selected_pixels(), QApplication.clipboard()
        if pixels is not None and clipboard is not None:
            clipboard.setImage(grey_image(pixels))

    def copy_pixel_values(self) -> None:
        """Put the selected digit on the clipboard as a table of 28 rows, 0 paper to 255 ink."""
        pixels, clipboard = self._selected_pixels(), QApplication.clipboard()
        if pixels is not None and clipboard is not None:
            clipboard.setText("\n".join("\t".join(map(str, row)) for row in pixels.tolist()) + "\n")

    def copy_probabilities(self) -> None:
        """Put the ten probabilities of the selected digit on the clipboard as a table."""
        text, clipboard = self._detail.bars.text(), QApplication.clipboard()
        if text and clipboard is not None:
            clipboard.setText(text)

    def add_bar(self, bar: QWidget) -> None:
        """Puts a row of controls above the filters."""
        self._column.insertWidget(1, bar)

    # ---- building
    def _build_header(self) -> None:
        values = self._session.settings.values
        self._grid.set_tile_size(values.tile_size)
        self._grid.set_labels_shown(values.show_labels)
        self._labels.setChecked(values.show_labels)
        self._size.setRange(SMALLEST, LARGEST)
        self._size.setPageStep(_ZOOM)
        self._size.setValue(self._grid.tile_size)
        self._size.setFixedWidth(12 * SPACE)
        self._theme.follow(self._restyle)

    def _restyle(self) -> None:
        palette = self._remark.palette()
        palette.setColor(self._remark.foregroundRole(), self._theme.colours.muted)
        self._remark.setPalette(palette)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(SPACE)
        header.addWidget(self._count)
        header.addWidget(self._remark, 1)
        header.addWidget(self._stop)
        header.addWidget(self._labels)
        header.addWidget(self._size)
        self._pages.addWidget(self._grid)
        self._pages.addWidget(self._empty)
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(header)
        layout.addWidget(self._filters)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._detail)

    def _connect(self) -> None:
        session = self._session
        session.dataset_changed.connect(self._take_dataset)
        session.loading_changed.connect(self._show_state)
        session.selection_changed.connect(self._take_selection)
        session.model_changed.connect(self._take_model)
        session.predictions_changed.connect(self._take_predictions)
        session.run_changed.connect(self._show_state)
        session.answered.connect(self._take_answer)
        self._filters.changed.connect(self._apply)
        self._filters.went_to.connect(self._go_to)
        self._grid.digit_selected.connect(session.select)
        self._grid.opened.connect(self.digit_opened)
        self._grid.tile_size_changed.connect(self._keep_tile_size)
        self._size.valueChanged.connect(self._grid.set_tile_size)
        self._labels.toggled.connect(self._show_labels)
        self._empty.acted.connect(self._help)
        self._stop.clicked.connect(self._stop_or_continue)
        for widget in (self._grid, self._detail.view):
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._grid.customContextMenuRequested.connect(self._open_grid_menu)
        self._detail.view.customContextMenuRequested.connect(
            lambda place: self._open_menu(self._detail.view.mapToGlobal(place))
        )

    # ---- following the session
    def _take_dataset(self) -> None:
        dataset = self._session.dataset
        self._filters.set_dataset(dataset)
        self._model.set_dataset(dataset, np.empty(0, np.int64))
        self._predictions, self._count_read = None, 0
        self._take_predictions()
        self._apply()
        self._take_selection()

    def _take_predictions(self) -> None:
        """Rows come often, while all digits are being read; the last ones are shown at once."""
        session = self._session
        if session.predictions is not self._predictions or session.reading.count != self._count_read:
            self._take_rows()
            if session.predictions is None or session.predictions_progress == 1 or session.reading.stopped:
                self._take_rows.flush()
        self._show_state()

    def _show_predictions(self) -> None:
        predictions = self._session.predictions
        self._predictions, self._count_read = predictions, self._session.reading.count
        self._model.set_read_as(_answers(predictions, len(self._model.read_as)))
        if self._filters.choice.needs_predictions:
            self._apply()
        self._show_state()

    def _take_selection(self) -> None:
        index = self._session.selection
        self._grid.select_digit(index)
        self._detail.set_digit(self._session.dataset, index)
        self._session.ask(Asker.BROWSER, self._selected_pixels())
        self._take_model()

    def _take_model(self) -> None:
        if self._session.model is None and self._session.selection is not None:
            self._detail.set_message("No model yet: train one to have this digit read.")
        self._show_state()

    def _take_answer(self, asker: str, prediction: Prediction | None) -> None:
        if asker == Asker.BROWSER and self._session.selection is not None:
            self._detail.set_prediction(prediction)

    # ---- following the user
    def _apply(self) -> None:
        """Show the digits that are chosen now, with the counts of the labels."""
        dataset, choice, predictions = self._session.dataset, self._filters.choice, self._predictions
        order = np.empty(0, np.int64)
        if dataset is not None:
            if choice.needs_predictions:
                chosen = select(dataset, splits=choice.splits, labels=choice.labels)
                # Those that no network has learnt from first: most misread digits are among them.
                self._session.reading.prefer(np.roll(chosen, -int(chosen.searchsorted(dataset.sizes[0]))))
                self._session.request_predictions()
            if predictions is not None or not choice.needs_predictions:
                misread_by = predictions if choice.misread else None
                order = select(
                    dataset,
                    splits=choice.splits,
                    labels=choice.labels,
                    misread_by=misread_by,
                    order=choice.order,
                    predictions=predictions,
                )
                all_labels = select(dataset, splits=choice.splits, misread_by=misread_by, order=Order.INDEX)
                self._filters.set_counts(class_counts(dataset, all_labels))
        self._model.set_order(order)
        self._show_state()

    def _show_state(self) -> None:
        shown, choice, dataset = len(self._model.order), self._filters.choice, self._session.dataset
        total = 0 if dataset is None else len(dataset)
        unread = choice.needs_predictions and self._predictions is None
        self._count.setText("" if dataset is None else _count_text(total if unread else shown, total))
        self._remark.setText(remark(self._session, choice))
        self._show_stop()
        empty = emptiness(self._session, choice, shown)
        if empty is not None:
            state, self._remedy = empty
            self._empty.set_state(state)
        self._pages.setCurrentWidget(self._grid if empty is None else self._empty)

    def _show_stop(self) -> None:
        """A reading that goes on can be stopped, a stopped one goes on: whoever looks at all digits need not know."""
        reading = self._session.reading
        self._stop.setVisible(reading.stopped or (reading.going_on and self._filters.choice.needs_predictions))
        self._stop.setText("Continue" if reading.stopped else "Stop")
        self._stop.setToolTip(
            "Go on reading all digits with the model."
            if reading.stopped
            else "Stop reading; what was read stays, and you can go on later."
        )

    def _stop_or_continue(self) -> None:
        reading = self._session.reading
        if reading.stopped:
            reading.resume()
        else:
            reading.stop()

    def _help(self) -> None:
        match self._remedy:
            case Remedy.OPEN_MNIST:
                self._session.open_dataset(None)
            case Remedy.OPEN_MODEL:
                self._session.open_bundled_model()
            case Remedy.SHOW_ALL:
                self._filters.clear()
            case Remedy.DRAW:
                self.draw_wanted.emit()
            case Remedy.NONE:
                pass

    def _go_to(self, text: str) -> None:
        """Select the digit with the index that was entered, showing all digits when the filters hide it."""
        dataset = self._session.dataset
        if dataset is None:
            return
        digits = text.replace(",", "").replace(" ", "")
        if not digits.isdecimal() or int(digits) >= len(dataset):
            self._remark.setText(f"Indices go from 0 to {len(dataset) - 1:,}")
            return
        index = int(digits)
        hidden = self._model.row_of(index) is None
        if hidden:
            self._filters.clear()
        self._session.select(index)
        self._grid.select_digit(index)
        self._grid.setFocus()
        if hidden:
            self._remark.setText("Filters cleared: they hid this digit")

    def _keep_tile_size(self, size: int) -> None:
        with QSignalBlocker(self._size):
            self._size.setValue(size)
        self._session.settings.values.tile_size = size

    def _show_labels(self, shown: bool) -> None:
        self._grid.set_labels_shown(shown)
        self._session.settings.values.show_labels = shown

    def _selected_pixels(self) -> NDArray[np.uint8] | None:
        dataset, index = self._session.dataset, self._session.selection
        return None if dataset is None or index is None else dataset.images[index]

    def _open_grid_menu(self, place: QPoint) -> None:
        viewport = self._grid.viewport()
        assert viewport is not None
        self._open_menu(viewport.mapToGlobal(place))

    def _open_menu(self, place: QPoint) -> None:
        if self._session.selection is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The key is shown only; the grid itself listens for it.
        menu.addAction("Show in &Draw", QKeySequence(Qt.Key.Key_Return), self.open_selected)
        menu.addAction("Draw &on it", self.draw_on_selected)
        menu.addAction("&Pin", self.pin_selected)
        menu.addSeparator()
        menu.addAction("&Copy picture", self.copy_digit)
        menu.addAction("Copy pixel &values", self.copy_pixel_values)
        copy = menu.addAction("Copy &probabilities", self.copy_probabilities)
        assert copy is not None
        # Not whether there is an answer yet: the click that opens the menu has only just asked for it.
        copy.setEnabled(self._session.model is not None)
        self.menu_opened.emit(menu)
        menu.popup(place)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._detail.set_short(self.height() < _SHORT_BELOW)


def _answers(predictions: NDArray[np.float32] | None, count: int) -> NDArray[np.int8]:
    """The most probable class of each of `count` digits, `UNREAD` where a row is NaN or there are none; int8."""
    if predictions is None:
        return np.full(count, UNREAD, np.int8)
    by_class = np.ascontiguousarray(predictions.T)
    answers: NDArray[np.int8] = by_class.argmax(axis=0).astype(np.int8)
    answers[np.isnan(by_class[0])] = UNREAD
    return answers


def _count_text(shown: int, total: int) -> str:
    return f"{total:,} digits" if shown == total else f"{shown:,} of {total:,} digits"
