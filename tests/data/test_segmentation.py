import numpy as np
import pytest
from photo_pages import Look, found_on, make_page, score

from mnist_gui.data.dataset import Split
from mnist_gui.data.found_digits import MOST_DIGITS, ink_inside
from mnist_gui.data.sampling import Box
from mnist_gui.data.segmentation import find_digits


def blank(height=200, width=300):
    return np.zeros((height, width), np.uint8)


def boxes(page):
    return [(d.box.top, d.box.left, d.box.bottom, d.box.right) for d in page.digits]


@pytest.mark.parametrize(
    ("look", "least"),
    [
        (Look(), 0.99),
        (Look(paper=0.1, ink=0.85, noise=4), 0.99),
        (Look(gradient=0.65, noise=4, quality=40), 0.95),
        (Look(shadow=0.5, gradient=0.3, noise=4, quality=75), 0.95),
        (Look(ruled=40, gradient=0.4, noise=3, turned=3, quality=75), 0.95),
        (Look(checked=32, noise=3, quality=75), 0.95),
        (Look(paper=0.5, ink=0.12, gradient=0.5, noise=8, blur=1, quality=60), 0.95),
    ],
    ids=["clean", "chalk", "dim corner", "shadow", "ruled", "checked", "dark and noisy"],
)
def test_that_the_digits_of_a_page_are_found_however_it_is_lit_and_lined(mnist, look, least):
    made = make_page(mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST), look, np.random.default_rng(5))
    result = score(made, found_on(made))
    assert result.digits > 80
    assert result.exact >= least * result.digits
    assert result.extra <= 0.02 * result.digits


def test_that_digits_come_in_the_order_of_reading_on_a_turned_page(mnist):
    look = Look(turned=4, width=1600, noise=3)
    made = make_page(mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST), look, np.random.default_rng(3))
    result = score(made, found_on(made))
    assert result.exact == result.digits
    assert [place for _, place in result.pairs] == list(range(result.digits))


def test_that_a_5_whose_bar_stands_apart_and_a_4_of_two_strokes_are_one_digit_each():
    ink = blank()
    ink[60:140, 40:50] = ink[130:140, 40:80] = ink[100:110, 40:80] = ink[100:140, 72:80] = 255  # the belly of a 5
    ink[44:52, 44:86] = 255  # its bar
    ink[50:110, 150:158] = ink[102:110, 150:190] = 255  # the corner of a 4
    ink[48:140, 195:203] = 255  # its other stroke
    assert boxes(find_digits(ink)) == [(44, 40, 140, 86), (48, 150, 140, 203)]


def test_that_a_7_beside_a_1_and_a_small_0_stay_apart():
    ink = blank()
    ink[40:140, 40:50] = 255
    ink[40:50, 70:120] = ink[40:140, 110:120] = 255
    ink[90:130, 140:175] = 255
    ink[98:122, 148:167] = 0
    assert len(find_digits(ink).digits) == 3


def test_that_dots_dashes_frames_and_blots_are_left_out():
    ink = blank(400, 600)
    ink[100:200, 100:112] = ink[100:200, 300:312] = 255
    ink[195:203, 150:158] = 255  # a full stop
    ink[150:158, 200:250] = 255  # a dash
    ink[0:30, 500:600] = 255  # a dark corner
    ink[5:395, 4:8] = ink[391:395, 4:596] = 255  # a frame
    assert boxes(find_digits(ink)) == [(100, 100, 200, 112), (100, 300, 200, 312)]


def test_that_a_digit_keeps_its_own_ink_where_a_neighbour_reaches_into_its_box():
    ink = blank()
    for i in range(100):
        ink[40 + i, 60 + i // 2 : 70 + i // 2] = 255
        ink[40 + i, 90 + i // 2 : 100 + i // 2] = 200
    first, second = find_digits(ink).digits
    assert first.box.right > second.box.left
    assert set(np.unique(first.ink)) == {0, 255}
    assert set(np.unique(second.ink)) == {0, 200}


def test_that_touching_digits_stay_one_and_say_so():
    ink = blank()
    ink[40:140, 40:50] = ink[40:140, 240:250] = ink[90:100, 40:250] = 255
    (digit,) = find_digits(ink).digits
    assert digit.touching


def test_that_of_a_page_of_300_digits_the_first_are_returned_and_all_are_counted():
    ink = blank(1000, 1000)
    for row in range(15):
        for column in range(20):
            ink[20 + 60 * row : 60 + 60 * row, 20 + 48 * column : 28 + 48 * column] = 255
    page = find_digits(ink)
    assert page.count == 300
    assert len(page.digits) == MOST_DIGITS
    assert page.digits[0].box == Box(20, 20, 60, 28)


def test_that_a_small_picture_is_one_digit_whatever_its_spots(mnist):
    for image in mnist.images_of(Split.TEST)[:300]:
        page = find_digits(image)
        assert page.count == 1
        assert page.digits[0].ink.any()


def test_that_blank_paper_holds_no_digit():
    assert find_digits(blank()).digits == ()
    assert find_digits(np.zeros((1, 1), np.uint8)).count == 0


def test_that_a_drawn_box_is_made_tight_round_its_ink():
    ink = blank()
    ink[50:60, 70:75] = 9
    digit = ink_inside(ink, Box(0, 0, 200, 300))
    assert digit.box == Box(50, 70, 60, 75)
    assert (digit.ink == 9).all()
    assert ink_inside(ink, Box(0, 0, 40, 40)) is None
