"""The page of pinned digits, against pins that nothing reads."""

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QDropEvent, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QInputDialog, QLabel, QMenu
from scripted_session import ScriptedSession, typical_events

from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.theme import ThemeMode
from mnist_gui.gui.training.pin_card import PIN_MIME, PinCard
from mnist_gui.gui.training.pin_grid import LEAST_HEIGHT, MOST_HEIGHT, PinGrid, arranged
from mnist_gui.gui.training.pin_reading import ReadingBox
from mnist_gui.gui.training.pins_page import PinsPage
from mnist_gui.session.pins import Pins
from mnist_gui.session.settings import Settings


class PinsSession(ScriptedSession):
    """Also answers for pins, when the test says so."""

    all_answered = pyqtSignal(str, object, object)
    model_changed = pyqtSignal()
    notice = pyqtSignal(str)

    def __init__(self, dataset, folder):
        super().__init__(dataset)
        self.settings, self.runs, self.model = Settings(folder / "settings.json"), folder / "runs", None
        self.ends = []

    def ask_all(self, asker, images):
        self.asked = images

    def at_close(self, end):
        self.ends.append(end)


@pytest.fixture
def session(qapp, tiny_dataset, tmp_path):
    session = PinsSession(tiny_dataset, tmp_path)
    yield session
    for end in session.ends:
        end()


@pytest.fixture
def pins(session):
    return Pins(session)


@pytest.fixture
def page(qtbot, theme, session, pins):
    page = PinsPage(session, pins, theme)
    qtbot.addWidget(page)
    page.resize(760, 260)
    with qtbot.waitExposed(page):
        page.show()
    return page


def pin(pins, index, **more):
    dataset = pins._session.dataset
    label, title = more.get("label", index % 10), more.get("title", f"Digit {index}")
    return pins.pin(dataset.images[index], None, label, title).number


def read(pins, step, share=0.8, digit=3):
    """The run has read every pin after a step."""
    row = np.full(10, (1 - share) / 9, np.float32)
    row[digit] = share
    for one in pins.pins:
        pins.curve(one.number).add(step, row)
        pins._answers[one.number] = Prediction(row)
    pins.recorded.emit()


def cards(page):
    found = [card for card in page.findChildren(PinCard) if not card.isHidden()]
    return sorted(found, key=lambda card: (card.y(), card.x()))


def titles(page):
    return [card.pin.title for card in cards(page)]


def press(qtbot, page, name):
    qtbot.mouseClick(page.findChild(QAbstractButton, name), Qt.MouseButton.LeftButton)


# ---- what is shown
def test_that_the_empty_page_says_what_it_is_for_and_offers_two_ways(page, pins, qtbot):
    assert page.findChild(QAbstractButton, "pins_draw").isVisible()
    assert not page.findChild(QAbstractButton, "pins_copy").isVisible()
    with qtbot.waitSignal(page.draw_wanted):
        press(qtbot, page, "pins_draw")
    press(qtbot, page, "pins_difficult")
    assert len(titles(page)) == 3
    assert not page.findChild(QAbstractButton, "pins_draw").isVisible()
    assert len({one.label for one in pins.pins}) == 3


def test_that_three_pins_are_seen_below_each_other_and_twelve_in_columns(page, pins):
    for index in range(3):
        pin(pins, index)
    assert len({card.x() for card in cards(page)}) == 1
    viewport = page._area.viewport()
    assert cards(page)[-1].geometry().bottom() <= viewport.height()
    for index in range(3, 12):
        pin(pins, index)
    assert len({card.x() for card in cards(page)}) == 2
    assert titles(page) == [f"Digit {index}" for index in range(12)]


def test_that_columns_are_added_only_where_rows_do_not_fit():
    assert arranged(1, 760, 220) == (1, 220)
    assert arranged(1, 760, 900) == (1, MOST_HEIGHT)
    assert arranged(3, 760, 220) == (1, 73)
    assert arranged(6, 760, 220) == (2, 73)
    assert arranged(40, 760, 220) == (2, LEAST_HEIGHT)
    assert arranged(5, 250, 100) == (1, LEAST_HEIGHT)


def test_that_a_card_tells_what_the_model_says_and_whether_that_was_meant(page, pins):
    pin(pins, 3)
    pin(pins, 4)
    read(pins, 10, digit=3)
    page._refresh.flush()
    assert cards(page)[0].accessibleDescription() == "Digit 3, label 3: read as 3, 80 %; 1 reading of the run"
    assert "label 4: read as 3" in cards(page)[1].accessibleDescription()


def test_that_readings_are_drawn_while_visible_and_not_while_hidden(page, pins, qtbot):
    pin(pins, 3)
    page.hide()
    read(pins, 1)
    qtbot.wait(80)
    before = cards(page) or page.findChildren(PinCard)
    assert "1 reading " not in before[0].accessibleDescription()
    page.show()
    assert "1 reading " in page.findChildren(PinCard)[0].accessibleDescription()


def test_that_the_axis_is_that_of_the_curves(page, pins, session):
    pin(pins, 3)
    session.begin()
    session.say(*typical_events(391))
    page._refresh.flush()
    scale = page._grid._scale
    assert (scale.left, scale.right, scale.steps_per_epoch) == (0.0, 500 * 1.015, 391)
    page.show_steps((100.0, 200.0))
    page._refresh.flush()
    assert (page._grid._scale.left, page._grid._scale.right) == (100.0, 200.0)
    page.show_steps(None)
    page._refresh.flush()
    assert page._grid._scale.right == 500 * 1.015


def test_that_the_first_steps_can_be_given_most_of_the_room(page, pins, qtbot):
    pin(pins, 3)
    press(qtbot, page, "pins_first_steps")
    assert page._grid._scale.logarithmic


def test_that_it_is_drawn_in_both_themes_and_changes_with_the_theme(page, pins, theme):
    pin(pins, 3)
    read(pins, 0, 0.2)
    read(pins, 50, 0.9)
    page._refresh.flush()
    light = page.grab().toImage()
    theme.set_mode(ThemeMode.DARK)
    assert page.grab().toImage() != light
    theme.set_mode(ThemeMode.LIGHT)


# ---- the cursor
def test_that_pointing_reads_all_ten_values_there_on_one_card_and_moves_the_cursor_of_all(page, pins):
    pin(pins, 3)
    pin(pins, 4)
    read(pins, 10, 0.5)
    read(pins, 90, 0.91)
    page._refresh.flush()
    card = cards(page)[0]
    box = card.plot_box()
    QTest.mouseMove(card, QPoint(round(card.place_of(40)), round(box.center().y())))
    reading = page.findChild(ReadingBox)
    assert reading.isVisible()
    assert reading.text.startswith("step 10: 0 5.6 %, 1 5.6 %, 2 5.6 %, 3 50.0 %")
    assert cards(page)[1]._cursor == pytest.approx(40, abs=1)
    QTest.mouseMove(card, QPoint(2, 2))
    assert not reading.isVisible()
    assert cards(page)[1]._cursor is None


def test_that_the_keyboard_moves_the_cursor_from_reading_to_reading(page, pins, qtbot):
    pin(pins, 3)
    for step in (10, 50, 90):
        read(pins, step)
    page._refresh.flush()
    card, reading = cards(page)[0], page.findChild(ReadingBox)
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Left)
    assert reading.text.startswith("step 50:")
    qtbot.keyClick(card, Qt.Key.Key_Right)
    assert reading.text.startswith("step 90:")
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not reading.isVisible()


# ---- what can be done with a pin
def test_that_a_removed_pin_comes_back_by_the_button_and_by_its_key(page, pins, qtbot):
    for index in (1, 2):
        pin(pins, index)
    cards(page)[0].setFocus()
    qtbot.keyClick(cards(page)[0], Qt.Key.Key_Delete)
    assert titles(page) == ["Digit 2"]
    assert page.findChild(QLabel, "pins_words").text() == "Removed Digit 1"
    press(qtbot, page, "pins_undo")
    assert titles(page) == ["Digit 1", "Digit 2"]
    qtbot.keyClick(cards(page)[1], Qt.Key.Key_Delete)
    qtbot.keyClick(cards(page)[0], Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert titles(page) == ["Digit 1", "Digit 2"]
    assert not page.findChild(QAbstractButton, "pins_undo").isVisible()


def test_that_keys_label_move_and_open(page, pins, qtbot):
    for index in (1, 2):
        pin(pins, index)
    qtbot.keyClick(cards(page)[0], Qt.Key.Key_7)
    assert pins.pins[0].label == 7
    qtbot.keyClick(cards(page)[0], Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert titles(page) == ["Digit 2", "Digit 1"]
    qtbot.keyClick(cards(page)[1], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles(page) == ["Digit 1", "Digit 2"]
    with qtbot.waitSignal(page.opened) as told:
        qtbot.keyClick(cards(page)[1], Qt.Key.Key_Return)
    assert told.args[0].title == "Digit 2"
    with qtbot.waitSignal(page.opened):
        qtbot.mouseDClick(cards(page)[0], Qt.MouseButton.LeftButton, pos=QPoint(10, 10))


@pytest.mark.qt_log_ignore("grabbing the keyboard", "raise\\(\\)", extend=True)  # the offscreen platform
def test_that_the_menu_of_a_pin_offers_all_of_it(page, pins, qtbot):
    numbers = [pin(pins, index) for index in (1, 2)]
    cards(page)[0].menu_wanted.emit(numbers[0], page.mapToGlobal(QPoint(5, 5)))
    menu = page.findChild(QMenu, "pin_menu")
    actions = {action.text().replace("&", ""): action for action in menu.actions() if action.text()}
    assert list(actions) == [
        "Show in Draw", "It is a …", "Rename …", "Move up", "Move down", "Copy as picture", "Copy as numbers (CSV)",
        "Remove",
    ]  # fmt: skip
    with qtbot.waitSignal(page.opened) as told:
        actions["Show in Draw"].trigger()
    assert told.args[0].number == numbers[0]
    assert not actions["Move up"].isEnabled()
    assert actions["Move down"].isEnabled()
    labels = menu.findChild(QMenu, "pin_labels").actions()
    assert [action.text() for action in labels if action.isChecked()] == ["1"]
    labels[-1].trigger()
    assert pins.pins[0].label is None
    actions["Copy as picture"].trigger()
    image = QGuiApplication.clipboard().image()
    assert image.size() == cards(page)[0].grab().toImage().size()
    actions["Rename …"].trigger()
    dialog = page.findChild(QInputDialog)
    dialog.setTextValue("Anna's 1")
    dialog.accept()
    assert titles(page)[0] == "Anna's 1"
    menu.close()


def test_that_a_card_is_dragged_to_another_place(page, pins):
    numbers = [pin(pins, index) for index in range(3)]
    data = QMimeData()
    data.setData(PIN_MIME, str(numbers[2]).encode())
    grid = page.findChild(PinGrid)
    place = QPointF(20, cards(page)[0].y() + 3)
    event = QDropEvent(
        place, Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    grid._drop_at = grid._place_at(20, cards(page)[0].y() + 3)
    grid.dropEvent(event)
    assert titles(page) == ["Digit 2", "Digit 0", "Digit 1"]


def test_that_numbers_are_copied_as_a_table(page, pins, session, qtbot):
    session.begin()
    first = pin(pins, 3, title="A, or B")
    pin(pins, 4, label=None)
    read(pins, 391, 0.91)
    page.copy_numbers()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "title,label,step,epoch,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9"
    assert lines[1].startswith('"A, or B",3,391,1,0.010000,0.010000,0.010000,0.910000')
    assert lines[2].startswith('"A, or B",3,,,0.010000')
    assert lines[3].startswith("Digit 4,,391,1,")
    assert len(lines) == 5
    page._menu.copy_numbers(first)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 3


def test_that_every_control_of_the_page_has_a_name_and_a_short_tip(page, pins):
    pin(pins, 1)
    for name in ("pins_undo", "pins_first_steps", "pins_copy", "pins_draw", "pins_difficult"):
        button = page.findChild(QAbstractButton, name)
        assert 1 <= button.toolTip().count(".") <= 2
        assert button.text()
