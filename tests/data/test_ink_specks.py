"""Specks: what is dropped, and what is not."""

import numpy as np
import pytest

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.ink import digit_image, stages
from mnist_gui.data.procedure import Procedure

ON = Procedure(specks=True, width=False)
OFF = Procedure(specks=False, width=False)

SEVEN = (
    Stroke(np.array([[80.0, 70], [190, 75], [120, 220]]), 20.0),
    Stroke(np.array([[100.0, 150], [170, 148]]), 20.0),
)


def dot(x, y, width=6.0):
    return Stroke(np.array([[x, y]], np.float64), width)


def painted(drawing):
    """The same as a picture, one pixel a unit."""
    y, x = np.mgrid[:280, :280] + 0.5
    picture = np.zeros((280, 280), np.uint8)
    for stroke in drawing.strokes:
        for first, last in zip(stroke.points, [*stroke.points[1:], stroke.points[-1]], strict=True):
            step = last - first
            along = ((x - first[0]) * step[0] + (y - first[1]) * step[1]) / max(step @ step, 1e-9)
            along = np.clip(along, 0, 1)
            near = np.hypot(x - first[0] - along * step[0], y - first[1] - along * step[1]) <= stroke.width / 2
            picture[near] = 255
    return Drawing(picture=picture)


@pytest.mark.parametrize("of", [lambda drawing: drawing, painted], ids=["strokes", "a picture"])
def test_that_specks_are_dropped_and_the_digit_is_as_without_them(of):
    with_specks = of(Drawing((dot(20, 260), *SEVEN, dot(262, 15, 4.0))))
    result = stages(with_specks, ON)
    assert result.specks == 2
    assert (result.image == digit_image(of(Drawing(SEVEN)), OFF)).all()
    assert stages(with_specks, OFF).specks == 0
    assert (digit_image(with_specks, OFF) != result.image).any()


@pytest.mark.parametrize(
    "other",
    [dot(150, 52), dot(20, 260, 30.0), Stroke(np.array([[20.0, 20], [20, 120]]), 6.0)],
    ids=["near", "large", "long"],
)
def test_that_what_is_near_or_no_small_part_is_kept(other):
    assert stages(Drawing((*SEVEN, other)), ON).specks == 0


def test_that_small_strokes_that_touch_one_another_count_as_one():
    chain = tuple(dot(20, y, 8.0) for y in range(20, 260, 4))
    assert stages(Drawing((*SEVEN, *chain)), ON).specks == 0


def test_that_a_digit_of_many_small_strokes_is_no_speck():
    points = np.linspace(40, 240, 150)
    dashes = tuple(dot(140, y, 12.0) for y in points)
    result = stages(Drawing(dashes), ON)
    assert result.specks == 0
    assert (result.image == digit_image(Drawing(dashes), OFF)).all()


def test_that_the_crumbs_that_an_eraser_left_are_dropped():
    far = Stroke(np.array([[20.0, 20], [60, 20]]), 10.0)
    rubbed = Stroke(np.array([[23.0, 20], [70, 20]]), 14.0, True)
    result = stages(Drawing((*SEVEN, far, rubbed)), ON)
    assert result.specks == 1
    left = Drawing((*SEVEN, far, Stroke(np.array([[0.0, 20], [70, 20]]), 14.0, True)))
    assert np.abs(result.image.astype(int) - digit_image(left, OFF)).mean() < 1
