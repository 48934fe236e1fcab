"""The grid of digits: a view whose cost depends on what is visible, not on how many digits there are."""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from PyQt6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QAbstractItemView, QWidget

from mnist_gui.data.dataset import SIDE
from mnist_gui.gui.browser.geometry import GridGeometry
from mnist_gui.gui.browser.model import DigitModel
from mnist_gui.gui.browser.painting import GridPainter, Scene
from mnist_gui.gui.browser.scrolling import SmoothScroll
from mnist_gui.gui.browser.sheet import caption_height
from mnist_gui.gui.theme import Theme

SMALLEST: Final = SIDE
LARGEST: Final = 4 * SIDE
_GAP: Final = 4
_BY_KEY: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class DigitGrid(QAbstractItemView):
    """Tiles of a `DigitModel` in rows, one selected at most; the selection follows the digit when the order changes.

    Qt's own list view lays out all its items, 0.4 s for 70,000. Here places are arithmetic (`GridGeometry`), and the
    visible tiles are gathered into one picture a paint (`GridPainter`).

    Signals:
        digit_selected: (index in the data set, or None): the user or the program selected another digit.
        opened: (index in the data set): a digit was double clicked, or Enter was pressed on it.
        tile_size_changed: (device-independent pixels): tiles have another size.
    """

    digit_selected = pyqtSignal(object)
    opened = pyqtSignal(int)
    tile_size_changed = pyqtSignal(int)

    def __init__(self, theme: Theme, model: DigitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewport, bar = self.viewport(), self.verticalScrollBar()
        assert viewport is not None
        assert bar is not None
        self._bar = bar
        self._view = viewport
        self._theme = theme
        self._digits = model
        self._tile = SMALLEST
        self._labels = True
        self._wanted: int | None = None
        self._restoring = False
        self._laid_out = GridGeometry(0, 0, SMALLEST, 0, _GAP)
        self._painter = GridPainter(theme)
        self.setObjectName("digit_grid")
        self.setAccessibleName("Digits")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: a bar that comes and goes would change the number of columns.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMinimumSize(4 * SMALLEST, 3 * SMALLEST)
        # Every pixel is painted by us, so Qt need not erase before.
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._scroll = SmoothScroll(bar)
        self.setModel(model)
        # Connected after the view's own reset and that of its selection model, which both forget the current digit.
        model.modelReset.connect(self._take_order)
        theme.changed.connect(self._restyle)

    # ---- what is shown
    @property
    def tile_size(self) -> int:
        """Side of a digit in device-independent pixels."""
        return self._tile

    def set_tile_size(self, size: int) -> None:
        """Enlarge or shrink the digits (28 to 112); what stands in the middle stays there."""
        size = min(max(size, SMALLEST), LARGEST)
        if size != self._tile:
            anchor = self._anchor()
            self._tile = size
            self._relayout(anchor)
            self.tile_size_changed.emit(size)

    def set_labels_shown(self, shown: bool) -> None:
        """Whether the label stands above each digit."""
        if shown != self._labels:
            anchor = self._anchor()
            self._labels = shown
            self._relayout(anchor)

    @property
    def selected_digit(self) -> int | None:
        """Index in the data set of the selected digit, None when none of those shown is selected."""
        return self._digits.digit_at(self.currentIndex())

    def select_digit(self, digit: int | None) -> None:
        """Select a digit by its index in the data set and scroll to it.

        One that is not shown now is selected as soon as an order shows it.
        """
        self._wanted = digit
        row = self._digits.row_of(digit)
        index = QModelIndex() if row is None else self._digits.index(row)
        if index != self.currentIndex():
            self._restoring = True
            self.setCurrentIndex(index)
            self._restoring = False
        if index.isValid():
            self.scrollTo(index)

    def geometry_now(self) -> GridGeometry:
        """Where the tiles are, in screen pixels."""
        ratio = self.devicePixelRatioF()
        caption = round(caption_height(self._caption_font()) * ratio) if self._labels else 0
        side = max(SIDE, round(self._tile * ratio))
        width = round(self._view.width() * ratio)
        return GridGeometry(len(self._digits.order), width, side, caption, round(_GAP * ratio))

    def _caption_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        return font

    # ---- scrolling
    def _offset(self) -> int:
        """Screen pixels of the content above the visible part."""
        return int(self._bar.value() * self.devicePixelRatioF())

    def _anchor(self) -> tuple[int, float] | None:
        """A digit's position and its place in the visible part, to be kept over a change of sizes.

        It is the current digit if that is visible, else the first of the row at the top.
        """
        geometry, offset, ratio = self._laid_out, self._offset(), self.devicePixelRatioF()
        if not geometry.count:
            return None
        visible = geometry.rows_between(offset, offset + max(1, int(self._view.height() * ratio)))
        position = self.currentIndex().row()
        if position < 0 or position // geometry.columns not in visible:
            position = min(visible.start * geometry.columns, geometry.count - 1)
        return position, (geometry.place_of(position)[1] - offset) / ratio

    def _first_visible(self) -> QModelIndex:
        """Where the keyboard begins when no digit is selected; invalid if there are none."""
        anchor = self._anchor()
        return self._digits.index(anchor[0]) if anchor else QModelIndex()

    def _relayout(self, anchor: tuple[int, float] | None) -> None:
        self._scroll.stop()
        self.updateGeometries()
        if anchor is not None:
            top = self._laid_out.place_of(anchor[0])[1]
            self._bar.setValue(round(top / self.devicePixelRatioF() - anchor[1]))
        self._view.update()

    def _take_order(self) -> None:
        """Other digits, or another order: stay with the selected digit, else begin at the top."""
        self._scroll.stop()
        self.updateGeometries()
        if self._digits.row_of(self._wanted) is None:
            self._bar.setValue(0)
        self.select_digit(self._wanted)
        self._describe()
        self._view.update()

    def _restyle(self) -> None:
        self._relayout(self._anchor())

    def _describe(self) -> None:
        """Say the current digit in words; Qt exposes the items of its own views only to screen readers."""
        words = self.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
        self.setAccessibleDescription(words or "no digit selected")

    # ---- overrides of Qt
    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        self._describe()
        if not self._restoring and current.isValid():
            self._wanted = self._digits.digit_at(current)
            self.digit_selected.emit(self._wanted)
        for index in (current, previous):
            if index.isValid():
                self._view.update(self.visualRect(index).adjusted(-_GAP, -_GAP, _GAP, _GAP))

    def dataChanged(self, _top_left: QModelIndex, _bottom_right: QModelIndex, _roles: Iterable[int] = ()) -> None:
        self._view.update()

    def visualRect(self, index: QModelIndex) -> QRect:
        if not index.isValid():
            return QRect()
        geometry, ratio = self.geometry_now(), self.devicePixelRatioF()
        left, top = geometry.place_of(index.row())
        top -= self._offset()
        corner = QPoint(round(left / ratio), round(top / ratio))
        height = geometry.caption + geometry.side
        return QRect(corner, QPoint(round((left + geometry.side) / ratio) - 1, round((top + height) / ratio) - 1))

    def indexAt(self, point: QPoint) -> QModelIndex:
        ratio = self.devicePixelRatioF()
        position = self.geometry_now().position_at(int(point.x() * ratio), int(point.y() * ratio) + self._offset())
        return QModelIndex() if position is None else self._digits.index(position)

    def scrollTo(
        self, index: QModelIndex, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        if not index.isValid():
            return
        rect = self.visualRect(index).adjusted(0, -_GAP, 0, _GAP)
        height = self._view.height()
        match hint:
            case QAbstractItemView.ScrollHint.PositionAtTop:
                move = rect.top()
            case QAbstractItemView.ScrollHint.PositionAtBottom:
                move = rect.bottom() + 1 - height
            case QAbstractItemView.ScrollHint.PositionAtCenter:
                move = rect.center().y() - height // 2
            case _:
                move = min(rect.top(), 0) or max(rect.bottom() + 1 - height, 0)
        if move:
            self._scroll.jump(move)

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        geometry = self.geometry_now()
        if not geometry.count:
            return QModelIndex()
        current = self.currentIndex()
        cursor = QAbstractItemView.CursorAction
        if not current.isValid() and action not in (cursor.MoveHome, cursor.MoveEnd):
            return self._first_visible()
        page = max(1, int(self._view.height() * self.devicePixelRatioF()) // geometry.cell_height) * geometry.columns
        steps = {
            cursor.MoveLeft: -1,
            cursor.MovePrevious: -1,
            cursor.MoveRight: 1,
            cursor.MoveNext: 1,
            cursor.MoveUp: -geometry.columns,
            cursor.MoveDown: geometry.columns,
            cursor.MovePageUp: -page,
            cursor.MovePageDown: page,
            cursor.MoveHome: -geometry.count,
            cursor.MoveEnd: geometry.count,
        }
        target = current.row() + steps[action]  # (without a current digit from -1 to one of the ends)
        if action in (cursor.MoveUp, cursor.MoveDown) and not 0 <= target < geometry.count:
            # The last row may be short; up and down never change the column by surprise.
            target = current.row()
        return self._digits.index(min(max(target, 0), geometry.count - 1))

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self._bar.value()

    def isIndexHidden(self, _index: QModelIndex) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        selection, index = self.selectionModel(), self.indexAt(rect.topLeft())
        assert selection is not None
        selection.select(QItemSelection(index, index) if index.isValid() else QItemSelection(), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        for index in selection.indexes():
            region += QRegion(self.visualRect(index).adjusted(-_GAP, -_GAP, _GAP, _GAP))
        return region

    def keyboardSearch(self, search: str | None) -> None:
        """Typing a label goes to the next digit with it; the view's own search would ask for every row's text."""
        dataset, order = self._digits.dataset, self._digits.order
        if dataset is None or not search or not search[-1].isdecimal() or not len(order):
            return
        after = self.currentIndex().row() + 1
        found = np.flatnonzero(np.roll(dataset.labels[order] == int(search[-1]), -after))
        if len(found):
            self.setCurrentIndex(self._digits.index((int(found[0]) + after) % len(order)))

    def updateGeometries(self) -> None:
        super().updateGeometries()
        geometry, ratio = self.geometry_now(), self.devicePixelRatioF()
        self._laid_out = geometry
        height = self._view.height()
        self._bar.setRange(0, max(0, math.ceil(geometry.height / ratio) - height))
        self._bar.setPageStep(height)
        self._bar.setSingleStep(max(1, round(geometry.cell_height / ratio / 2)))

    def event(self, event: QEvent | None) -> bool:
        assert event is not None
        handled = super().event(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.DevicePixelRatioChange):
            self._relayout(self._anchor())
        return handled

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        assert event is not None
        anchor = self._anchor()
        super().resizeEvent(event)
        self._relayout(anchor)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        super().mouseDoubleClickEvent(event)
        digit = self._digits.digit_at(self.indexAt(event.position().toPoint()))
        if digit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(digit)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        # Qt's own view selects a digit whenever it gets the keyboard, also when a window only opens.
        assert event is not None
        if event.reason() in _BY_KEY and not self.currentIndex().isValid():
            self.setCurrentIndex(self._first_visible())
        self._view.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected_digit is not None:
            self.opened.emit(self.selected_digit)
            event.accept()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        assert event is not None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_tile_size(self._tile + round(event.angleDelta().y() / 30))
            event.accept()
        else:
            self._scroll.turn(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        # Qt moves the pixels that stay visible; only the strip that comes in is painted.
        self._view.scroll(dx, dy)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        assert event is not None
        painter = QPainter(self._view)
        ratio, area = self.devicePixelRatioF(), event.rect()
        painter.fillRect(area, self._theme.colours.base)
        current = self.currentIndex()
        scene = Scene(
            self.geometry_now(), self._offset(), ratio, current.row() if current.isValid() else None, self.hasFocus()
        )
        # In screen pixels: without a scale Qt copies the sheet as it is.
        painter.scale(1 / ratio, 1 / ratio)
        rows = scene.geometry.rows_between(
            scene.offset + math.floor(area.top() * ratio), scene.offset + math.ceil((area.bottom() + 1) * ratio)
        )
        self._painter.paint(painter, scene, rows, self._digits, self._caption_font())
