import numpy as np
import pytest

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.gui.canvas.course import AIR_SPEED, MOST_POINTS, PEN_SPEED, Course

LINE = Stroke(np.array([[20, 50], [20, 140], [110, 140]], np.float64), 20.0)
OTHER = Stroke(np.array([[200, 140], [200, 50]], np.float64), 20.0, erase=True)


def test_that_a_pen_moves_evenly_and_faster_through_the_air():
    course = Course(Drawing((LINE, OTHER)))
    assert np.isclose(course.duration, (180 + 90) / PEN_SPEED + 90 / AIR_SPEED)
    (part,) = course.drawing_at(135 / PEN_SPEED).strokes
    assert np.allclose(part.points, [[20, 50], [20, 140], [65, 140]])
    assert len(course.drawing_at(180 / PEN_SPEED + 0.001).strokes) == 1  # in the air
    first, second = course.drawing_at(course.duration - 45 / PEN_SPEED).strokes
    assert first is LINE
    assert second.erase
    assert np.allclose(second.points, [[200, 140], [200, 95]])


def test_that_in_the_end_it_is_the_drawing_itself():
    drawing = Drawing((LINE, OTHER))
    course = Course(drawing)
    assert course.drawing_at(course.duration) is drawing
    assert course.drawing_at(float("inf")) is drawing
    assert course.drawing_at(0.0).strokes[0].points.tolist()[0] == [20, 50]


def test_that_a_width_grows_with_the_stroke():
    points = np.array([[20, 50], [110, 50]], np.float64)
    course = Course(Drawing((Stroke(points, 30.0, widths=np.array([10.0, 30.0])),)))
    (part,) = course.drawing_at(45 / PEN_SPEED).strokes
    assert np.allclose(part.widths, [10, 20])
    assert part.width == part.widths.max()


def test_that_dots_rests_and_no_strokes_are_no_trouble():
    dot = Stroke(np.array([[50.0, 50.0]]), 20.0)
    rest = Stroke(np.array([[90.0, 90.0]] * 3 + [[90.0, 120.0]] * 2), 20.0)
    course = Course(Drawing((dot, rest)))
    times = np.linspace(0, course.duration, 40)
    assert [len(course.drawing_at(t).strokes) for t in times] == sorted(
        len(course.drawing_at(t).strokes) for t in times
    )
    assert Course(Drawing()).duration == 0
    assert Course(Drawing()).drawing_at(0).strokes == ()


def test_that_points_that_do_not_show_are_left_out_of_a_long_one():
    t = np.linspace(0, 6, 50_000)
    circle = np.stack([140 + 90 * np.cos(t), 140 + 90 * np.sin(t)], axis=1)
    whole = Course(Drawing((Stroke(circle, 20.0),))).whole
    assert len(whole.strokes[0].points) < 200
    assert (whole.strokes[0].points[[0, -1]] == circle[[0, -1]]).all()


def test_that_points_of_a_stroke_of_changing_width_are_left_out_with_their_widths():
    x = np.linspace(40, 240, 5_001)
    widths = np.interp(x, [40, 140, 240], [8.0, 40.0, 8.0])
    stroke = Stroke(np.stack([x, np.full_like(x, 140)], axis=1), 40.0, widths=widths)
    (kept,) = Course(Drawing((stroke,))).whole.strokes
    assert len(kept.points) == len(kept.widths) < 500
    assert np.allclose(kept.widths, np.interp(kept.points[:, 0], [40, 140, 240], [8.0, 40.0, 8.0]))
    between = np.interp(x, kept.points[:, 0], kept.widths)
    assert np.abs(between - widths).max() < 1


def test_that_a_scribble_without_end_is_refused_in_a_sentence():
    scribble = np.random.default_rng(1).uniform(20, 260, (3 * MOST_POINTS, 2))
    with pytest.raises(DatasetError, match=r"here: expected at most 1,000 points .* found [23],\d\d\d"):
        Course(Drawing((Stroke(scribble, 20.0),)), "here")
