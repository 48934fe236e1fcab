"""The width of strokes: measured, and changed, in strokes and in pictures."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_gui.data.drawing import CANVAS_SIDE, Drawing, Stroke
from mnist_gui.data.ink import digit_image, stages
from mnist_gui.data.ink_width import DRAWN, MEASURED, factor_to, measured_width
from mnist_gui.data.procedure import DEFAULT
from mnist_gui.data.sampling import BOX, ink_box, rasterise
from mnist_gui.data.strokes import strokes_drawing

OFF = replace(DEFAULT, width=False)


def way(turns, radius_x=60.0, radius_y=90.0, n=60):
    t = np.linspace(0.1, 0.1 + turns, n) * 2 * np.pi
    return np.stack([140 + radius_x * np.cos(t), 140 + radius_y * np.sin(t)], axis=1)


RING = [way(1.0)]
SEVEN = [np.array([[60.0, 50], [200, 55], [120, 240]]), np.array([[90.0, 140], [180, 138]])]
T = np.linspace(0, 2 * np.pi, 80)
EIGHT = [np.stack([140 + 55 * np.sin(2 * T) + 30 * np.cos(T) ** 3, 140 - 90 * np.cos(T)], axis=1)]
DIGITS = pytest.mark.parametrize("strokes", [RING, SEVEN, EIGHT], ids=["ring", "seven", "eight"])


def as_picture(drawing):
    """The ink of a drawing as a picture of 280x280 that says nothing of its strokes."""
    raster = rasterise(drawing)
    picture = np.zeros((280, 280), np.uint8)
    y, x = (np.mgrid[:280, :280] + 0.5 - np.array([raster.top, raster.left])[:, None, None]) * raster.scale
    rows, columns = raster.samples.shape
    inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
    picture[inside] = raster.samples[y[inside].astype(int), x[inside].astype(int)]
    return Drawing(picture=picture)


@DIGITS
@pytest.mark.parametrize("pen", [1.0, 1.5, 2.0, 2.85, 4.0])
def test_that_the_width_of_a_known_pen_is_measured(strokes, pen):
    result = stages(strokes_drawing(strokes, pen), OFF)
    assert result.pen == pytest.approx(pen, rel=0.02)
    assert measured_width(result.small) == pytest.approx(pen, rel=0.25)
    assert measured_width(0.3 * result.small) == pytest.approx(measured_width(result.small))


def test_that_nothing_has_no_width():
    assert measured_width(np.zeros((20, 20))) == 0


def test_that_the_factor_counts_with_the_box_that_grows():
    factor = factor_to(width=10.0, target=2.85, side=110.0)
    assert 20 * factor * 10 / (100 + factor * 10) == pytest.approx(2.85)


@DIGITS
@pytest.mark.parametrize("pen", [0.5, 1.0, 4.0, 6.0, 9.0])
def test_that_strokes_of_any_pen_look_as_if_drawn_with_a_usual_one(strokes, pen):
    usual = float(np.clip(pen, *DRAWN))
    result = stages(strokes_drawing(strokes, pen))
    wanted = stages(strokes_drawing(strokes, usual), OFF)
    assert (result.pen, result.pen_used) == pytest.approx((pen, usual), rel=0.02)
    assert np.abs(result.image.astype(int) - wanted.image).mean() < 0.6
    assert np.abs(stages(strokes_drawing(strokes, pen), OFF).image.astype(int) - wanted.image).mean() > 4


@DIGITS
def test_that_strokes_of_a_usual_pen_stay_as_they_are(strokes):
    for pen in (2.05, 2.4, 2.8):
        drawing = strokes_drawing(strokes, pen)
        assert (digit_image(drawing) == digit_image(drawing, OFF)).all()


def test_that_a_thick_pen_fills_no_loop():
    small = Drawing(tuple(Stroke(points / 5, 26.0) for points in EIGHT))
    filled, open_ = (stages(small, procedure).image[8:20, 10:18].astype(int) for procedure in (OFF, DEFAULT))
    assert filled.min() > 150
    assert open_.min() < 60


def test_that_strokes_of_several_widths_keep_their_proportion():
    drawing = Drawing((Stroke(SEVEN[0], 60.0), Stroke(SEVEN[1], 20.0)))
    thick, thin = (stages(drawing, procedure) for procedure in (OFF, DEFAULT))
    assert thick.pen > DRAWN[1] > 0.95 * thin.pen_used
    bar = thin.raster.samples[:, round((180 + 2 - thin.raster.left) * thin.raster.scale)]
    stem = thin.raster.samples[round((60 - thin.raster.top) * thin.raster.scale)]
    assert 0 < np.count_nonzero(bar) < np.count_nonzero(stem)


def test_that_a_tapered_stroke_is_thinned_as_a_whole():
    widths = np.linspace(20.0, 80.0, len(RING[0]))
    tapered = Drawing((Stroke(RING[0], 80.0, False, widths),))
    assert stages(tapered, OFF).pen > 4
    assert measured_width(stages(tapered).small) == pytest.approx(DRAWN[1], rel=0.2)


def test_that_an_eraser_takes_away_no_less_after_ink_was_thickened():
    thin = Drawing((Stroke(RING[0], 4.0), Stroke(np.array([[0.0, 60], [280, 60]]), 60.0, True)))
    result = stages(thin)
    assert result.pen < DRAWN[0] == result.pen_used
    ink = ink_box(result.raster.samples)
    assert ink.top / result.raster.scale + result.raster.top >= 90


def test_that_a_digit_carved_with_the_eraser_stays_as_it_was_carved():
    block = Stroke(np.array([[140.0, 60], [140, 220]]), 120.0)
    carved = [Stroke(np.array([[140.0, -40], [140, 320]]), 100.0, True)]
    left = Stroke(np.array([[200.0, 0], [200, 280]]), 30.0, True)
    drawing = Drawing((block, *carved, left))
    assert (digit_image(drawing) == digit_image(drawing, OFF)).all()


@DIGITS
@pytest.mark.parametrize("pen", [0.5, 7.5])
def test_that_the_strokes_of_a_picture_are_brought_to_a_usual_width(strokes, pen):
    drawing = as_picture(strokes_drawing(strokes, pen))
    result = stages(drawing)
    before = stages(drawing, OFF)
    assert not MEASURED[0] <= before.pen <= MEASURED[1]
    assert before.pen_used == before.pen
    assert result.pen == before.pen
    assert result.pen_used in DRAWN
    assert 1.5 < measured_width(result.small) < 4
    assert ink_box(result.image).side == BOX


@DIGITS
def test_that_the_strokes_of_a_picture_are_left_alone_where_mnist_has_such(strokes):
    for pen in (1.2, 2.85, 4.5):
        drawing = as_picture(strokes_drawing(strokes, pen))
        assert (digit_image(drawing) == digit_image(drawing, OFF)).all()


def test_that_a_ring_stays_a_ring_when_its_picture_is_thinned():
    image = digit_image(as_picture(strokes_drawing(RING, 7.5))).astype(int)
    middle = image[13:15]
    assert middle[:, 13:15].max() == 0
    assert middle[:, :13].max(axis=1).min() > 150
    assert middle[:, 15:].max(axis=1).min() > 150


def test_that_the_same_strokes_anywhere_are_thickened_alike():
    thin = Drawing(tuple(Stroke(points, 3.3) for points in SEVEN))
    image = digit_image(thin)
    for dx, dy in ((0.1, 0.2), (-4321.03, 98765.4321), (1 / 128, 3 / 128)):
        moved = Drawing(tuple(Stroke(points + np.array([dx, dy]), 3.3) for points in SEVEN))
        assert (digit_image(moved) == image).all()


def test_that_without_a_box_the_pen_is_measured_on_the_canvas():
    drawing = Drawing((Stroke(np.array([[140.0, 100], [140, 180]]), 5.0),))
    result = stages(drawing, replace(DEFAULT, box=False))
    assert (result.pen, result.pen_used) == (5 * 28 / CANVAS_SIDE, 2.0)
    assert np.count_nonzero(result.image.max(axis=1)) == pytest.approx(10, abs=1)  # eight long, one more at each end
