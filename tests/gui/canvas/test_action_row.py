import pytest
from PyQt6.QtWidgets import QPushButton

from mnist_gui.gui.canvas.action_row import ActionRow


@pytest.fixture
def row(theme, qtbot):
    row = ActionRow()
    qtbot.addWidget(row)
    row.show()
    return row


def filled(row, *words):
    for word in words:
        row.add(QPushButton(word))
    return row.findChildren(QPushButton)


def test_that_a_row_without_actions_takes_no_room(row):
    assert row.height_at(500) == 0
    assert row.sizeHint().height() == 0


def test_that_actions_stand_on_one_line_where_there_is_room(row):
    buttons = filled(row, "Pin", "Why?", "It is a…")
    row.resize(600, row.height_at(600))
    assert len({button.y() for button in buttons}) == 1
    assert [button.x() for button in buttons] == sorted(button.x() for button in buttons)
    assert row.height() == buttons[0].height()


@pytest.mark.parametrize("width", [100, 170, 240, 290, 500])
def test_that_actions_never_overlap_or_stick_out(row, width):
    buttons = filled(row, "Pin", "Why?", "It is a…")
    row.resize(width, row.height_at(width))
    places = [button.geometry() for button in buttons]
    for number, place in enumerate(places):
        assert row.rect().contains(place)
        assert not any(place.intersects(other) for other in places[number + 1 :])


def test_that_the_row_is_as_wide_at_least_as_its_widest_action(row):
    buttons = filled(row, "Pin", "A button with many words")
    assert row.minimumSizeHint().width() == buttons[1].sizeHint().width()


def test_that_an_action_that_comes_later_has_its_place_at_once(row):
    row.resize(600, 40)
    first, second = filled(row, "Pin", "Why?")
    assert first.geometry().right() < second.x()
