"""From drawing to 28x28: the rules that MNIST itself was made by, held against MNIST itself."""

import numpy as np
import pytest

from mnist_gui.data.dataset import Split
from mnist_gui.data.drawing import CANVAS_SIDE, FARTHEST, LEAST_SIDE, Drawing, Stroke, picture_drawing
from mnist_gui.data.ink import (
    digit_image,
    full_contrast,
    place,
    placement,
    stages,
)
from mnist_gui.data.procedure import Procedure
from mnist_gui.data.resampling import Square, resample, square_around
from mnist_gui.data.sampling import BOX, FINENESS, Box, ink_box, rasterise


def stroke(*points, width=20.0, erase=False):
    return Stroke(np.array(points, np.float64), width, erase)


def curve(start, stop, centre, radii, n=40):
    """Part of an ellipse, angles in turns, clockwise on the screen."""
    t = np.linspace(start, stop, n) * 2 * np.pi
    return np.stack([centre[0] + radii[0] * np.cos(t), centre[1] + radii[1] * np.sin(t)], axis=1)


SEVEN = Drawing((stroke((80, 70), (190, 75), (120, 220)), stroke((100, 150), (170, 148))), least_side=LEAST_SIDE)
NINE = Drawing((Stroke(curve(0, -1, (140, 100), (45, 50)), 22.0), stroke((185, 100), (180, 160), (150, 230))))
TWO = Drawing((Stroke(np.concatenate([curve(0.5, 1.1, (140, 110), (60, 50)), [[70, 220], [215, 215]]]), 18.0),))


def moved(drawing, dx, dy):
    strokes = tuple(Stroke(s.points + np.array([dx, dy]), s.width, s.erase) for s in drawing.strokes)
    return Drawing(strokes, drawing.picture, drawing.least_side)


def centre_of_mass(image):
    ink = image.astype(np.float64)
    axis = np.arange(28)
    return np.array([ink.sum(axis=1) @ axis, ink.sum(axis=0) @ axis]) / ink.sum()


@pytest.mark.parametrize("drawing", [SEVEN, NINE, TWO], ids=["seven", "nine", "two"])
def test_that_a_drawing_becomes_an_image_as_mnist_has_them(drawing):
    image = digit_image(drawing)
    assert image.dtype == np.uint8
    assert image.shape == (28, 28)
    assert image.max() == 255
    assert image[0].max() == image[:, 0].max() == 0
    assert ink_box(image).side == 20
    assert (centre_of_mass(image) > 13.5).all()
    assert (centre_of_mass(image) <= 14.5).all()


@pytest.mark.parametrize("drawing", [SEVEN, NINE, TWO], ids=["seven", "nine", "two"])
def test_that_the_same_strokes_anywhere_give_the_identical_image(drawing):
    image = digit_image(drawing)
    for dx, dy in ((1, 0), (-0.5, 1 / 3), (61.7, -33.3), (0.1, 0.2), (-4321.03, 98765.4321), (1 / 128, 3 / 128)):
        assert (digit_image(moved(drawing, dx, dy)) == image).all()


def test_that_coordinates_half_way_between_two_steps_move_as_safely_as_others():
    points = np.round(np.random.default_rng(5).uniform(0, 280, (200, 2)) * 64) / 64 + 1 / 128
    points[0] = 0.0
    drawing = Drawing((Stroke(points, 7.0),))
    image = digit_image(drawing)
    for shift in np.random.default_rng(6).uniform(-1000, 1000, (20, 2)):
        assert (digit_image(moved(drawing, *shift)) == image).all()


def test_that_size_changes_the_image_by_no_more_than_rounding():
    image = digit_image(NINE).astype(int)
    for scale in (0.3, 0.5, 0.77, 3.0):
        small = Drawing(tuple(Stroke(s.points * scale, s.width * scale) for s in NINE.strokes))
        assert np.abs(digit_image(small) - image).max() <= 40
        assert np.abs(digit_image(small) - image).mean() < 0.7


@pytest.mark.parametrize(
    "drawing",
    [
        Drawing(),
        Drawing((stroke((10, 10), (90, 200), erase=True),)),
        Drawing((stroke((140, 140)),)),
        Drawing((stroke((140, 140), (143, 141), (141, 139)),)),
        Drawing((stroke((140, 140)), stroke((142, 141)))),
        Drawing((stroke((40, 40), (240, 240)), stroke((30, 30), (250, 250), width=40.0, erase=True))),
        Drawing(picture=np.zeros((280, 280), np.uint8)),
        Drawing(picture=np.zeros((280, 280), np.uint8), strokes=(stroke((140, 140)),)),
    ],
    ids=["nothing", "only erased", "a dot", "a short tap", "two taps", "all erased", "blank", "a dot on paper"],
)
def test_that_a_blank_and_a_lone_dot_are_no_digit(drawing):
    assert digit_image(drawing) is None


@pytest.mark.parametrize("radius", [4, 9, 25])
def test_that_a_lone_dot_in_a_picture_is_no_digit(radius):
    y, x = np.mgrid[:280, :280] + 0.5
    distance = np.hypot(x - 97.3, y - 141.8)
    dot = (255 * np.clip(radius + 0.5 - distance, 0, 1)).astype(np.uint8)
    assert digit_image(Drawing(picture=dot)) is None


def test_that_a_short_bar_is_a_digit():
    assert digit_image(Drawing((stroke((100, 100), (100, 125)),), least_side=LEAST_SIDE)) is not None


def test_that_ink_smaller_than_the_least_side_is_not_enlarged_further():
    points = ((100, 100), (100, 104))
    small = stages(Drawing((stroke(*points, width=1.0),), least_side=LEAST_SIDE))
    assert ink_box(small.image).height == pytest.approx(20 * 5 / LEAST_SIDE, abs=1)
    assert ink_box(digit_image(Drawing((stroke(*points, width=1.0),)))).height == 20
    assert LEAST_SIDE / CANVAS_SIDE == 10 / 280


def test_that_an_eraser_takes_away_what_lies_below_it_only():
    cross = (stroke((40, 140), (240, 140)), stroke((140, 40), (140, 240)))
    rubbed = stroke((180, 60), (180, 220), width=30.0, erase=True)
    before = stages(Drawing((*cross, rubbed)))
    after = stages(Drawing((rubbed, *cross)))
    assert (after.image == digit_image(Drawing(cross))).all()
    column = round((180 - 30) * before.raster.scale)  # the cross begins at 30 in both directions
    assert not before.raster.samples[:, column].any()
    assert after.raster.samples[:, column].any()


def test_that_a_digit_left_after_erasing_is_sampled_as_finely_as_a_whole_drawing():
    small = [stroke((40, 40), (60, 42), (45, 75), width=4.0)]
    scribble = stroke((200, 200), (270, 270), width=10.0)
    rubber = stroke((195, 195), (275, 275), width=40.0, erase=True)
    left = stages(Drawing((*small, scribble, rubber)))
    alone = stages(Drawing(tuple(small)))
    assert left.box.side >= BOX * FINENESS / 2
    assert np.abs(left.image.astype(int) - alone.image).max() <= 24
    assert np.abs(left.image.astype(int) - alone.image).mean() < 1


def test_that_the_box_is_that_of_the_ink_with_its_width():
    raster = rasterise(Drawing((stroke((100, 100), (200, 100), width=20.0),)))
    assert raster.samples.shape == (np.ceil(20 * raster.scale), np.ceil(120 * raster.scale))
    assert raster.samples.shape[1] == BOX * FINENESS


def test_that_the_square_is_widened_evenly():
    square = square_around(Box(top=10, left=20, bottom=50, right=35))
    assert (square.top, square.left, square.side) == (10, 7.5, 40)
    least = square_around(Box(top=10, left=20, bottom=14, right=22), least=10.0)
    assert (least.top, least.left, least.side) == (7, 16, 10)


def test_that_resampling_is_by_exact_area():
    rng = np.random.default_rng(8)
    samples = rng.integers(0, 256, (37, 53), np.uint8)
    top, left, side = 3.25, -4.5, 61.3
    # The same by brute force: the integral of the samples, read off at the corners of each pixel.
    total = np.zeros((38, 54))
    total[1:, 1:] = samples.astype(float).cumsum(axis=0).cumsum(axis=1)

    def integral(y, x):
        y, x = min(max(y, 0.0), 37.0), min(max(x, 0.0), 53.0)
        i, j = min(int(y), 36), min(int(x), 52)
        fy, fx = y - i, x - j
        upper = total[i, j] * (1 - fx) + total[i, j + 1] * fx
        return upper * (1 - fy) + (total[i + 1, j] * (1 - fx) + total[i + 1, j + 1] * fx) * fy

    step = side / 20
    ys, xs = (start + step * np.arange(21) for start in (top, left))
    corner = np.array([[integral(y, x) for x in xs] for y in ys])
    expected = np.diff(np.diff(corner, axis=0), axis=1) / step**2
    got = resample(samples, Square(top, left, side))
    assert got == pytest.approx(expected, abs=1e-9)


def test_that_contrast_is_full_and_paper_stays_paper():
    small = np.zeros((20, 20))
    small[3, 4], small[5, 6] = 100.0, 50.0
    full = full_contrast(small)
    assert (full[3, 4], full[5, 6], full[0, 0]) == (255, 128, 0)


def test_that_the_centre_of_mass_is_placed_as_in_mnist():
    full = np.zeros((20, 20), np.uint8)
    full[9:11, 4:6] = 255  # centre of mass at row 10, column 5
    assert placement(full) == (5, 10)
    image = place(full, (5, 10))
    assert (image[14:16, 14:16] == 255).all()
    assert centre_of_mass(image) == pytest.approx([14.5, 14.5])


def test_that_without_a_box_all_the_paper_becomes_the_image():
    image = digit_image(SEVEN, Procedure(box=False, centring=False, width=False))
    assert image.shape == (28, 28)
    box = ink_box((image > 16).view(np.uint8))
    assert (box.top, box.left, box.bottom, box.right) == (6, 7, 23, 20)
    beside = moved(SEVEN, 50, 30)
    shifted = digit_image(beside, Procedure(box=False, centring=False, width=False))
    assert np.abs(shifted[3:, 5:].astype(int) - image[:-3, :-5]).max() <= 16
    assert (np.abs(centre_of_mass(digit_image(beside, Procedure(box=False))) - 14) <= 0.55).all()
    digit = np.zeros((28, 28), np.uint8)
    digit[3:20, 5:9] = 200
    plain = Procedure(box=False, contrast=False, centring=False)
    assert (digit_image(picture_drawing(digit), plain) == digit).all()
    assert digit_image(moved(SEVEN, 900, 0), Procedure(box=False)) is None


@pytest.mark.parametrize("turned", [False, True])
def test_that_without_a_box_a_picture_is_widened_evenly_to_a_square(turned):
    picture = np.full((28, 14), 200, np.uint8)
    expected = np.zeros((28, 28), np.uint8)
    expected[:, 7:21] = 200
    if turned:
        picture, expected = picture.T, expected.T
    plain = Procedure(box=False, contrast=False, centring=False, width=False)
    assert (digit_image(Drawing(picture=picture), plain) == expected).all()


def test_that_contrast_and_centring_can_be_left_out():
    whole = stages(SEVEN)
    pale = stages(SEVEN, Procedure(contrast=False))
    assert (pale.full == np.floor(whole.small + 0.5)).all()
    beside = stages(SEVEN, Procedure(centring=False))
    assert whole.offset != (4, 4) == beside.offset
    assert (beside.image[4:24, 4:24] == whole.full).all()


def test_that_what_falls_outside_the_28x28_is_cut():
    full = np.zeros((20, 20), np.uint8)
    full[0, 0] = 255
    assert placement(full) == (14, 14)
    image = place(full, (14, 14))
    assert image[14, 14] == 255
    assert image.sum() == 255


@pytest.mark.timeout(600)
def test_that_mnist_digits_put_on_the_canvas_are_placed_where_they_were(mnist):
    images = mnist.images_of(Split.TEST)[::4]
    moved_digits = sum(not same_place(ink_box(image), stages(picture_drawing(image))) for image in images)
    assert moved_digits <= len(images) // 1000


def same_place(before, after):
    """Whether the ink is where it was: to the pixel along the longer side, within half a one along the shorter.

    The square is widened evenly. Where the margins of the shorter side add up to an odd number of pixels, each is half
    a pixel more or less than a whole number, and no placement in whole pixels can undo that.
    """
    a_pixel = BOX / after.square.side
    shifts = (
        (after.offset[0] + (after.box.top - after.square.top) * a_pixel - before.top, before.height),
        (after.offset[1] + (after.box.left - after.square.left) * a_pixel - before.left, before.width),
    )
    return all(abs(shift) <= (0 if length == before.side else 0.5) for shift, length in shifts)


def test_that_an_even_margin_brings_an_mnist_digit_back_bit_for_bit(mnist):
    tried = same = 0
    for image in mnist.images_of(Split.TEST)[:2000]:
        box = ink_box(image)
        if box.side == 20 and (box.height - box.width) % 2 == 0 and image.max() == 255:
            tried += 1
            same += (digit_image(picture_drawing(image)) == image).all()
    assert tried > 500
    assert same == tried


def test_that_strokes_on_a_picture_lie_where_they_were_drawn():
    picture = np.zeros((100, 60), np.uint8)
    picture[20:80, 10:14] = 200
    drawing = Drawing((stroke((12, 22), (52, 22), width=4.0),), picture)
    raster = rasterise(drawing)
    times = round(raster.scale)
    assert times >= 2  # 60 pixels high: repeated, so that strokes are fine enough
    samples = raster.samples[times // 2 :: times, times // 2 :: times]
    assert samples.shape == (60, 44)
    assert samples[2, 30] == 255
    assert samples[30, 1] == 200
    assert samples[30, 20] == 0


def test_that_a_picture_is_erased_like_strokes():
    picture = np.zeros((100, 100), np.uint8)
    picture[10:90, 20:24] = 255
    picture[10:90, 70:74] = 255
    left = digit_image(Drawing((stroke((72, 0), (72, 100), width=12.0, erase=True),), picture))
    alone = picture.copy()
    alone[:, 70:] = 0
    assert (left == digit_image(Drawing(picture=alone))).all()


def test_that_strokes_beyond_the_paper_of_a_picture_are_cut():
    picture = np.zeros((100, 100), np.uint8)
    picture[10:90, 20:24] = 255
    far = Drawing((stroke((50, -1e9), (50, 1e9), width=6.0), stroke((-70, -70), (-90, -90))), picture)
    assert ink_box(digit_image(far)).side == 20
    assert rasterise(far).samples.shape == (200, 106)


def test_that_a_drawing_far_away_or_huge_or_tiny_is_still_finite():
    for points in (((1e9, 1e9), (1e9 - 500, 1e9 - 900)), ((0, 0), (1e-6, 3e-6)), ((-1e9, 0), (1e9, 1e9))):
        image = digit_image(Drawing((stroke(*points, width=1e-9),)))
        assert image is None or image.max() == 255


@pytest.mark.parametrize(
    ("points", "width", "message"),
    [
        (np.zeros((0, 2)), 1.0, "at least one point"),
        (np.zeros((3, 3)), 1.0, "shape"),
        (np.zeros((3, 2), np.float32), 1.0, "float64"),
        (np.array([[0.0, np.nan]]), 1.0, "finite"),
        (np.array([[0.0, np.inf]]), 1.0, "finite"),
        (np.array([[0.0, 2 * FARTHEST]]), 1.0, "thousand million"),
        (np.zeros((1, 2)), 0.0, "width"),
        (np.zeros((1, 2)), float("nan"), "width"),
    ],
)
def test_that_a_stroke_that_cannot_be_is_refused(points, width, message):
    with pytest.raises(ValueError, match=message):
        Stroke(points, width)


def test_that_a_stroke_of_changing_width_gives_the_same_picture_anywhere():
    rng = np.random.default_rng(4)
    way = curve(0, 1.2, (140, 110), (60, 70))
    widths = rng.uniform(10, 34, len(way))
    tapered = Stroke(way, float(widths.max()), widths=widths)
    first = digit_image(Drawing((tapered,), least_side=10))
    plain = digit_image(Drawing((Stroke(way, 22.0),), least_side=10))
    assert (first != plain).any()
    for shift in ([0.3, 31.7], [-40, 12.25], [1e4, -1e4]):
        moved = Stroke(way + np.array(shift), tapered.width, widths=widths)
        assert (digit_image(Drawing((moved,), least_side=10)) == first).all()


def test_that_one_width_said_at_each_point_is_that_width():
    way = curve(0, 1.2, (140, 110), (60, 70))
    each = Stroke(way, 24.0, widths=np.full(len(way), 24.0))
    assert (digit_image(Drawing((each,))) == digit_image(Drawing((Stroke(way, 24.0),)))).all()


@pytest.mark.parametrize("widths", [[3.0], [3.0, 0.0], [3.0, np.nan], [3.0, 2.0, 1.0], [2.0, 2.5]])
def test_that_widths_that_make_no_sense_are_refused(widths):
    with pytest.raises(ValueError, match="width"):
        Stroke(np.zeros((2, 2)), 3.0, widths=np.array(widths))
