import numpy as np
import pytest

from mnist_gui.data.drawing import Drawing, Stroke, picture_drawing
from mnist_gui.data.raster import covered
from mnist_gui.data.touching import touched


def stroke(*points, width=20.0, erase=False):
    return Stroke(np.array(points, np.float64), width, erase)


LEVEL = stroke((40, 100), (240, 100))
UPRIGHT = stroke((140, 150), (140, 250))


def test_that_a_stroke_is_touched_from_the_rim_of_its_ink_on():
    drawing = Drawing((LEVEL, UPRIGHT))
    assert touched(drawing, (60, 85.1), (60, 85.1), 5) == (0,)
    assert touched(drawing, (60, 84.9), (60, 84.9), 5) == ()
    assert touched(drawing, (254.9, 100), (254.9, 100), 5) == (0,)  # its round cap
    assert touched(drawing, (140, 125), (140, 125), 20) == (0, 1)
    assert touched(drawing, (10, 10), (10, 10), 5) == ()


def test_that_a_fast_eraser_touches_all_that_it_crosses():
    drawing = Drawing((LEVEL, UPRIGHT, stroke((20, 260))))
    assert touched(drawing, (70, 10), (70, 270), 1) == (0,)
    assert touched(drawing, (10, 60), (200, 270), 1) == (0, 1)
    assert touched(drawing, (5, 240), (45, 275), 4) == (2,)


def test_that_a_stroke_that_erases_and_a_picture_are_not_taken():
    drawing = Drawing((stroke((100, 100), erase=True),), picture_drawing(np.full((28, 28), 255, np.uint8)).picture)
    assert touched(drawing, (100, 100), (100, 100), 20) == ()


def test_that_what_was_erased_can_no_longer_be_touched():
    gone = stroke((120, 100), (160, 100), width=40, erase=True)
    drawing = Drawing((LEVEL, gone, UPRIGHT))
    assert touched(drawing, (140, 100), (140, 100), 8) == ()
    assert touched(drawing, (60, 100), (60, 100), 8) == (0,)
    assert touched(drawing, (140, 100), (140, 160), 8) == (2,)
    assert touched(drawing, (60, 100), (140, 100), 8) == (0,)
    again = Drawing((gone, LEVEL))  # drawn after the erasing
    assert touched(again, (140, 100), (140, 100), 8) == (1,)


def test_that_a_taper_counts_as_wide_as_it_is():
    points = np.array([[40, 100], [240, 100]], np.float64)
    tapered = Drawing((Stroke(points, 60.0, widths=np.array([60.0, 4.0])),))
    assert touched(tapered, (45, 125), (45, 125), 3) == (0,)
    assert touched(tapered, (235, 125), (235, 125), 3) == ()


@pytest.mark.parametrize("seed", range(4))
def test_that_touching_is_the_meeting_of_two_areas(seed):
    """By definition: the samples of the stroke and those of the disc's way have one in common."""
    rng = np.random.default_rng(seed)
    for _ in range(60):
        points, way = rng.uniform(0, 280, (rng.integers(1, 5), 2)), rng.uniform(0, 280, (2, 2))
        width, radius = rng.uniform(6, 40), rng.uniform(4, 25)

        def area(points, radius):
            last = np.zeros(len(points), bool)
            last[-1] = True
            return covered(points, last, np.full(len(points), radius), (280, 280))

        found = bool(touched(Drawing((Stroke(points, width),)), tuple(way[0]), tuple(way[1]), radius))
        # A sample's breadth of doubt on either side.
        if not found:
            assert not (area(points, width / 2 - 1) & area(way, radius - 1)).any()
        else:
            assert (area(points, width / 2 + 1) & area(way, radius + 1)).any()
