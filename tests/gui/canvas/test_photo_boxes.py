import numpy as np
import pytest

from mnist_gui.data.ink import digit_image
from mnist_gui.data.sampling import Box
from mnist_gui.data.segmentation import find_digits
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.photo_boxes import PhotoBoxes, photo_digits


def page_of_bars():
    """Two lines of three upright strokes, the lower ones thicker; the last two of the upper line joined by a bar."""
    ink = np.zeros((300, 400), np.uint8)
    for row, width in ((0, 8), (1, 14)):
        for column in range(3):
            ink[40 + 130 * row : 120 + 130 * row, 40 + 90 * column : 40 + 90 * column + width] = 255
    return ink


@pytest.fixture
def boxes(qapp):
    boxes = PhotoBoxes()
    ink = page_of_bars()
    boxes.take(ink, photo_digits(find_digits(ink).digits))
    return boxes


def read_as(*digits, share=0.9):
    rows = np.full((len(digits), 10), (1 - share) / 9, np.float32)
    rows[np.arange(len(digits)), digits] = share
    return [Prediction(row) for row in rows]


def answer(boxes, *digits):
    boxes.set_answers(read_as(*digits))


def test_that_readings_stand_as_on_the_paper_and_in_a_table(boxes):
    assert boxes.text == "···\n···"
    answer(boxes, 1, 2, 3, 4, 5, 6)
    assert boxes.text == "123\n456"
    rows = [line.split("\t") for line in boxes.table.splitlines()]
    assert rows[0] == ["number", "line", "left", "top", "width", "height", "reading", "probability", "unsure"]
    assert rows[5] == ["5", "2", "130", "170", "14", "80", "5", "0.900000", "no"]
    assert len(rows) == 7


def test_that_what_the_model_gets_is_what_the_canvas_would_make_of_the_digit(boxes):
    for digit, image in zip(boxes.digits, boxes.images, strict=True):
        assert digit.drawing.picture.shape == (280, 280)
        assert (digit_image(digit.drawing) == image).all()


def test_that_arrows_walk_along_the_lines(boxes):
    boxes.choose_next(1)
    assert boxes.chosen == 1
    boxes.choose_line(1)
    assert boxes.chosen == 4
    boxes.choose_line(1)
    assert boxes.chosen == 4
    boxes.choose_line(-1)
    boxes.choose_next(-1)
    boxes.choose_next(-1)
    assert boxes.chosen == 0


def test_that_a_correction_keeps_the_other_readings_and_can_be_undone(boxes):
    answer(boxes, 1, 2, 3, 4, 5, 6)
    before = boxes.digits
    boxes.remove(1)
    assert boxes.text == "1 3\n456"
    assert boxes.chosen == 1
    assert boxes.move(0, Box(30, 30, 60, 60))
    assert boxes.text == "· 3\n456"
    assert boxes.digits[0].box == Box(30, 30, 60, 60)
    boxes.undo()
    boxes.undo()
    assert boxes.digits == before
    boxes.undo()
    boxes.redo()
    assert len(boxes.digits) == 5


def test_that_a_box_is_added_in_its_place_in_the_order_of_reading(boxes):
    boxes.remove(4)
    assert boxes.add(Box(160, 120, 260, 150))
    assert boxes.chosen == 4
    assert len(boxes.digits) == 6


@pytest.mark.parametrize(
    "box", [Box(0, 0, 20, 20), Box(-50, -50, -1, -1), Box(60, 41, 62, 43), Box(290, 390, 900, 900)]
)
def test_that_a_box_without_ink_or_without_size_is_refused(boxes, box):
    before = boxes.digits
    assert not boxes.add(box)
    assert not boxes.move(0, box)
    assert boxes.digits == before


def test_that_a_box_is_split_where_there_is_least_ink_and_two_are_joined(boxes):
    boxes.join(0)
    assert boxes.digits[0].box == Box(40, 40, 120, 138)
    assert len(boxes.digits) == 5
    assert boxes.split(0)
    first, second = boxes.digits[:2]
    assert (first.box.left, second.box.right) == (40, 138)
    assert 48 <= first.box.right == second.box.left <= 130
    assert not boxes.join(2)  # the last of its line


def test_that_a_box_too_narrow_to_split_stays(boxes):
    boxes.add(Box(40, 44, 60, 48))
    number = boxes.chosen
    count = len(boxes.digits)
    assert not boxes.split(number)
    assert len(boxes.digits) == count


def test_that_removing_every_box_leaves_a_page_without_digits(boxes):
    while boxes.digits:
        boxes.remove(0)
    assert boxes.images is None
    assert boxes.text == ""
    assert boxes.chosen is None
    boxes.choose_next(1)
    boxes.choose_line(1)
    assert boxes.chosen is None


def test_that_without_a_model_nothing_is_claimed(boxes):
    answer(boxes, 1, 2, 3, 4, 5, 6)
    boxes.set_answers(None)
    assert boxes.text == "···\n···"
