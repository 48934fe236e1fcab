from PyQt6.QtCore import QRect, QSize

from mnist_gui.gui.canvas.arrangement import arranged

SIGHT, ANSWER = QSize(120, 200), QSize(130, 200)


def places(width, height, width_at=None):
    found = arranged(QRect(0, 0, width, height), SIGHT, ANSWER, lambda _width: 40, width_at=width_at)
    assert not found.canvas.intersects(found.sight)
    assert not found.canvas.intersects(found.answer)
    assert not found.sight.intersects(found.answer)
    assert not found.answer.intersects(found.actions)
    for place in found:
        assert QRect(0, 0, width, height).contains(place)
    return found


def test_that_the_canvas_is_square_and_the_bars_take_the_rest():
    found = places(770, 280)
    assert found.canvas.size() == QSize(280, 280)
    assert found.answer.width() == 770 - 280 - 120 - 2 * 16


def test_that_a_wide_photo_takes_the_width_that_the_others_leave():
    found = places(770, 280, lambda height: 4 * height)
    assert found.answer.width() == 130
    assert found.canvas.size() == QSize(770 - 120 - 130 - 2 * 16, 280)


def test_that_what_a_photo_cannot_fill_goes_to_the_bars():
    found = places(770, 280, lambda height: height * 5 // 4)
    assert found.canvas.size() == QSize(350, 280)
    assert found.answer.width() == 770 - 350 - 120 - 2 * 16


def test_that_the_bars_go_below_where_a_row_is_too_narrow():
    found = places(420, 700, lambda height: 2 * height)
    assert found.answer.top() > found.canvas.bottom()
    assert found.canvas.width() == 420 - 120 - 16
