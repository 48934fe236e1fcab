from mnist_gui.data.reading_order import reading_order, text_of
from mnist_gui.data.sampling import Box


def row(top, *lefts, height=40, width=20, rise=0.0):
    return [Box(top + round(rise * x), x, top + round(rise * x) + height, x + width) for x in lefts]


def text(boxes):
    return text_of(reading_order(boxes), [str(i % 10) for i in range(len(boxes))])


def test_that_lines_are_read_from_top_to_bottom_and_each_from_left_to_right():
    boxes = row(100, 80, 10, 45) + row(10, 80, 10, 45)
    assert [place.number for place in reading_order(boxes)] == [4, 5, 3, 1, 2, 0]
    assert [place.line for place in reading_order(boxes)] == [0, 0, 0, 1, 1, 1]


def test_that_lines_that_rise_by_more_than_their_height_are_still_lines():
    columns = range(0, 1000, 40)
    boxes = row(300, *columns, rise=-0.08) + row(380, *columns, rise=-0.08)
    assert [place.number for place in reading_order(boxes)] == list(range(len(boxes)))


def test_that_a_wide_gap_is_a_space_and_an_even_row_has_none():
    assert text(row(0, 0, 30, 110, 140, 170)) == "01 234"
    assert text(row(0, 0, 100, 200, 300)) == "0123"
    assert text(row(0, 0, 30)) == "01"


def test_that_small_digits_beside_tall_ones_stay_on_their_line():
    boxes = [*row(0, 0, 60), *row(18, 30, 90, height=18)]
    assert [place.line for place in reading_order(boxes)] == [0, 0, 0, 0]


def test_that_nothing_has_no_order():
    assert reading_order([]) == []
    assert text_of([], []) == ""
