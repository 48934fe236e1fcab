"""What can be done with one pin: its menu and its keys."""

from functools import partial

from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeySequence
from PyQt6.QtWidgets import QInputDialog, QLineEdit, QMenu, QWidget

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.training.pin_texts import pins_csv
from mnist_gui.session.pins import Pin, Pins
from mnist_gui.session.session import Session


class PinMenu(QObject):
    """Acts on the pins.

    Signals:
        opened: (number): the pin is to be shown in the drawing room.
        picture_wanted: (number): the card is to be copied as a picture.
    """

    opened = pyqtSignal(int)
    picture_wanted = pyqtSignal(int)

    def __init__(self, session: Session, pins: Pins, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._pins, self._widget = session, pins, parent

    def popup(self, number: int, place: QPoint) -> None:
        """Opens the menu of a pin; the keys are shown only, the card itself listens for them."""
        menu = self._make(number)
        menu.popup(place)

    def act_on_key(self, number: int, key: int) -> None:
        """Does what a key does with a pin: Delete removes, Up and Down move, a digit labels."""
        place = self._place(number)
        match key:
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self._pins.unpin(number)
            case Qt.Key.Key_Up:
                self._pins.move(number, max(0, place - 1))
            case Qt.Key.Key_Down:
                self._pins.move(number, place + 1)
            case _ if Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
                self._pins.set_label(number, key - Qt.Key.Key_0)

    def rename(self, number: int) -> None:
        """Asks what the pin is to be called."""
        dialog = QInputDialog(self._widget)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setObjectName("pin_title")
        dialog.setWindowTitle("Rename")
        dialog.setLabelText("What is it called?")
        dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
        dialog.setTextValue(self._pin(number).title)
        dialog.textValueSelected.connect(partial(self._pins.set_title, number))
        dialog.open()

    def copy_numbers(self, number: int) -> None:
        """Puts the readings of a pin on the clipboard, as CSV."""
        clipboard, history = QGuiApplication.clipboard(), self._session.history
        assert clipboard is not None, "a window has an application"
        rows = [(self._pin(number), self._pins.curve(number), self._pins.answer(number))]
        clipboard.setText(pins_csv(rows, 0 if history is None else history.steps_per_epoch))

    def _make(self, number: int) -> QMenu:
        pin, place, last = self._pin(number), self._place(number), len(self._pins.pins) - 1
        menu = QMenu(self._widget)
        menu.setObjectName("pin_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show in &Draw", QKeySequence(Qt.Key.Key_Return), lambda: self.opened.emit(number))
        labels = menu.addMenu("&It is a …")
        assert labels is not None, "Qt makes the menu that it is asked for"
        labels.setObjectName("pin_labels")
        for label in range(CLASSES):
            action = labels.addAction(str(label), QKeySequence(str(label)), partial(self._label, number, label))
            assert action is not None
            action.setCheckable(True)
            action.setChecked(pin.label == label)
        labels.addSeparator()
        unknown = labels.addAction("Not labelled", partial(self._label, number, None))
        assert unknown is not None
        unknown.setCheckable(True)
        unknown.setChecked(pin.label is None)
        menu.addAction("Re&name …", partial(self.rename, number))
        menu.addSeparator()
        up = menu.addAction("Move &up", QKeySequence("Alt+Up"), partial(self._pins.move, number, max(0, place - 1)))
        down = menu.addAction("Move d&own", QKeySequence("Alt+Down"), partial(self._pins.move, number, place + 1))
        assert up is not None
        assert down is not None
        up.setEnabled(place > 0)
        down.setEnabled(place < last)
        menu.addSeparator()
        menu.addAction("&Copy as picture", lambda: self.picture_wanted.emit(number))
        menu.addAction("Copy as n&umbers (CSV)", partial(self.copy_numbers, number))
        menu.addSeparator()
        menu.addAction("&Remove", QKeySequence(Qt.Key.Key_Delete), partial(self._pins.unpin, number))
        return menu

    def _label(self, number: int, label: int | None) -> None:
        self._pins.set_label(number, label)

    def _pin(self, number: int) -> Pin:
        return self._pins.pins[self._place(number)]

    def _place(self, number: int) -> int:
        return next(place for place, pin in enumerate(self._pins.pins) if pin.number == number)
