"""The cards of all pins, in as few columns as the room asks for, over their axes of steps."""

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QWidget

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.training.pin_card import PIN_MIME, PinCard
from mnist_gui.gui.training.pin_plot import small_fonts
from mnist_gui.gui.training.pin_reading import ReadingBox
from mnist_gui.gui.training.step_scale import StepScale
from mnist_gui.session.pins import Pin
from mnist_gui.session.probability_curve import ProbabilityCurve

LEAST_WIDTH: Final = 300
LEAST_HEIGHT: Final = 66
"""Of a card, in device-independent pixels at the usual size of text: a picture of 56 and a rhythm around it."""

MOST_HEIGHT: Final = 320


def arranged(count: int, width: float, height: float, scale: float = 1.0) -> tuple[int, int]:
    """How many columns, and how high a card is.

    As few columns as let all cards be seen at once; where none do, as many as there is room for, to be scrolled.

    Args:
        count: of cards.
        width: of the room for them.
        height: of the room for them.
        scale: of the text.
    """
    least = round(LEAST_HEIGHT * scale)
    most_columns = max(1, int(width // (LEAST_WIDTH * scale)))
    for columns in range(1, most_columns + 1):
        rows = -(-count // columns)
        if rows * least <= height:
            return columns, min(int(height // rows), round(MOST_HEIGHT * scale))
    return most_columns, least


class PinGrid(QWidget):
    """Lays out cards and hands on what they say; one cursor for all of them.

    Signals:
        menu_wanted: (number, global place): of the pin.
        key_pressed: (number, key): a key that does something with a pin.
        opened: (number): the pin is to be shown in the drawing room.
        moved: (number, place): the pin was dragged there.
    """

    menu_wanted = pyqtSignal(int, object)
    key_pressed = pyqtSignal(int, int)
    opened = pyqtSignal(int)
    moved = pyqtSignal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reading = ReadingBox(theme, self)
        self._cards: list[PinCard] = []
        self._scale = StepScale()
        self._room = 0
        self._drop_at: int | None = None
        self.setObjectName("pin_grid")
        self.setAcceptDrops(True)
        theme.changed.connect(self._arrange)

    def card(self, number: int) -> PinCard | None:
        """The card of a pin."""
        return next((card for card in self._cards if card.pin is not None and card.pin.number == number), None)

    def show_pins(self, pins: Sequence[Pin]) -> None:
        """Shows these pins, in this order; the cards that stay keep the keyboard."""
        present = {card.pin.number: card for card in self._cards if card.pin is not None}
        focused = next((place for place, card in enumerate(self._cards) if card.hasFocus()), None)
        self._cards = []
        for pin in pins:
            card = present.pop(pin.number, None) or self._make_card()
            if card.pin is not pin:
                card.show_pin(pin, ProbabilityCurve(), None)
            self._cards.append(card)
        lost = any(card.hasFocus() for card in present.values())
        for card in present.values():
            card.hide()
            card.deleteLater()
        for first, second in zip(self._cards, self._cards[1:], strict=False):
            QWidget.setTabOrder(first, second)
        if lost and focused is not None and self._cards:
            self._cards[min(focused, len(self._cards) - 1)].setFocus()
        self._arrange()

    def refresh_pin(self, pin: Pin, curve: ProbabilityCurve, answer: Prediction | None) -> None:
        """Shows what is new of a pin."""
        card = self.card(pin.number)
        if card is not None:
            card.show_pin(pin, curve, answer)

    def set_scale(self, scale: StepScale) -> None:
        """Where steps are."""
        if scale != self._scale:
            self._scale = scale
            for card in self._cards:
                card.set_scale(scale)
            self.update()

    def set_room(self, height: int) -> None:
        """How much of this can be seen at once."""
        self._room = height
        self._arrange()

    def _make_card(self) -> PinCard:
        card = PinCard(self._theme, self)
        card.set_scale(self._scale)
        card.pointed.connect(self._point_at)
        card.menu_wanted.connect(self.menu_wanted)
        card.key_pressed.connect(self.key_pressed)
        card.opened.connect(self.opened)
        card.show()
        return card

    def _point_at(self, step: float) -> None:
        """All cards read the step, and that one to which somebody points says all of it."""
        for card in self._cards:
            card.set_cursor(None if step < 0 else step)
        pointed = self.sender()
        reading = pointed.curve.at(step) if isinstance(pointed, PinCard) else None
        if reading is None or not isinstance(pointed, PinCard):
            self._reading.hide()
            return
        found, probabilities = reading
        middle = pointed.plot_box().center().y()
        place = pointed.mapToParent(QPoint(round(pointed.place_of(found)), round(middle)))
        seen = self.visibleRegion().boundingRect()
        self._reading.show_reading(found, self._scale.steps_per_epoch, probabilities, place, seen)

    # ---- layout
    @property
    def _axis_height(self) -> int:
        return round(QFontMetricsF(small_fonts(self.font())[0]).height())

    def _places(self) -> list[QRect]:
        if not self._cards:
            return []
        room = max(self._room - self._axis_height, 1)
        columns, height = arranged(len(self._cards), self.width(), room, self._theme.scale)
        width = self.width() // columns
        return [
            QRect(place % columns * width, place // columns * height, width, height)
            for place in range(len(self._cards))
        ]

    def _arrange(self) -> None:
        places = self._places()
        for card, place in zip(self._cards, places, strict=True):
            card.setGeometry(place)
        self.setMinimumHeight(max((place.bottom() + 1 for place in places), default=0) + self._axis_height)
        self.update()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(60 * SPACE, 30 * SPACE)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """The numbers of the axis, below the lowest card of each column; and where a dragged card would go."""
        painter, colours = QPainter(self), self._theme.colours
        font = small_fonts(self.font())[0]
        painter.setFont(font)
        painter.setPen(colours.muted)
        metrics = QFontMetricsF(font)
        lowest = {card.x(): card for card in self._cards}
        for card in lowest.values():
            box = card.plot_box().translated(card.x(), card.y())
            top = card.geometry().bottom() - SPACE / 2
            for place, name in self._scale.ticks(box.width()):
                words = QRectF(box.left() + place - 40, top, 80, metrics.height())
                painter.drawText(words, Qt.AlignmentFlag.AlignCenter, name)
            unit = QRectF(box.right(), top, card.geometry().right() - SPACE / 2 - box.right(), metrics.height())
            painter.drawText(unit, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._scale.unit)
        if self._drop_at is not None and self._cards:
            area = self._cards[min(self._drop_at, len(self._cards) - 1)].geometry()
            y = area.top() if self._drop_at < len(self._cards) else area.bottom()
            painter.setPen(QPen(colours.accent, 2))
            painter.drawLine(area.left(), y, area.right(), y)

    # ---- dragging
    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and (mime := event.mimeData()) is not None and mime.hasFormat(PIN_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        assert event is not None
        self._drop_at = self._place_at(event.position().toPoint().x(), event.position().toPoint().y())
        event.acceptProposedAction()
        self.update()

    def dragLeaveEvent(self, _event: object) -> None:
        self._drop_at = None
        self.update()

    def dropEvent(self, event: QDropEvent | None) -> None:
        assert event is not None
        place, mime, self._drop_at = self._drop_at, event.mimeData(), None
        self.update()
        if mime is None or place is None or not mime.hasFormat(PIN_MIME):
            return
        number = int(mime.data(PIN_MIME).data())
        numbers = [card.pin.number for card in self._cards if card.pin is not None]
        if number in numbers:
            self.moved.emit(number, place - (numbers.index(number) < place))
            event.acceptProposedAction()

    def _place_at(self, x: int, y: int) -> int:
        """Before which card a place is."""
        for number, card in enumerate(self._cards):
            area = card.geometry()
            if y < area.bottom() and area.left() <= x <= area.right():
                return number + (y > area.center().y())
        return len(self._cards)
