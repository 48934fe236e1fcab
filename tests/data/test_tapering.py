import numpy as np

from mnist_gui.data.drawing import Stroke
from mnist_gui.data.tapering import sleeves


def tapered(points, widths):
    widths = np.array(widths, np.float64)
    return Stroke(np.array(points, np.float64), float(widths.max()), widths=widths)


def test_that_a_sleeve_of_one_width_is_a_rectangle():
    (corners,) = sleeves(tapered([[10, 10], [50, 10]], [8, 8]))
    assert sorted(corners.tolist()) == [[10, 6], [10, 14], [50, 6], [50, 14]]


def test_that_its_sides_touch_both_discs():
    stroke = tapered([[10, 10], [60, 40], [70, 200]], [30, 6, 18])
    for number, corners in enumerate(sleeves(stroke)):
        for side in ((corners[0], corners[1]), (corners[3], corners[2])):
            along = (side[1] - side[0]) / np.hypot(*(side[1] - side[0]))
            for place, corner in zip((number, number + 1), side, strict=True):
                spoke = corner - stroke.points[place]
                assert abs(np.hypot(*spoke) - stroke.radii[place]) < 1e-9
                assert abs(spoke @ along) < 1e-9  # a tangent is square to its radius


def test_that_sleeves_all_turn_the_same_way():
    rng = np.random.default_rng(2)
    corners = sleeves(tapered(rng.uniform(0, 280, (50, 2)), rng.uniform(2, 20, 50)))
    x, y = corners[..., 0], corners[..., 1]
    areas = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    assert (areas > 0).all()


def test_that_a_disc_within_another_needs_no_sleeve():
    assert len(sleeves(tapered([[10, 10], [11, 10], [90, 10]], [40, 4, 4]))) == 1
    assert len(sleeves(tapered([[10, 10]], [40]))) == 0
