from itertools import pairwise

import numpy as np

from mnist_gui.data.raster import LEAST_RADIUS, STRAY, covered, thinned


def drawn(points, radius, shape=(60, 80)):
    """One polyline of one width."""
    points = np.array(points, np.float64)
    ends = np.zeros(len(points), bool)
    ends[-1] = True
    return covered(points, ends, np.full(len(points), float(radius)), shape)


def near(points, radius, shape=(60, 80)):
    """The same by definition: every sample whose distance from the polyline is `radius` at most."""
    points = np.array(points, np.float64)
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    distance = np.hypot(x - points[0, 0], y - points[0, 1])
    for start, stop in pairwise(points):
        step = stop - start
        along = np.clip(((x - start[0]) * step[0] + (y - start[1]) * step[1]) / max(step @ step, 1e-12), 0, 1)
        distance = np.minimum(distance, np.hypot(x - start[0] - along * step[0], y - start[1] - along * step[1]))
    return distance <= radius


def test_that_a_polyline_covers_what_lies_within_its_radius():
    rng = np.random.default_rng(3)
    for _ in range(60):
        points = rng.uniform(-10, 80, (rng.integers(1, 6), 2))
        radius = rng.uniform(LEAST_RADIUS, 12)
        # Distances that equal the radius to the last bits may fall either way.
        assert (drawn(points, radius) == near(points, radius)).all()


def test_that_level_and_upright_segments_and_dots_are_covered_too():
    for points in ([[20, 30], [60, 30]], [[20, 10], [20, 50]], [[40, 30]], [[40, 30], [40, 30]]):
        assert (drawn(points, 7.25) == near(points, 7.25)).all()


def test_that_caps_are_round():
    samples = drawn([[30, 30], [50, 30]], 10)
    assert samples[30, 20]  # the far end of the cap, in the line's direction
    assert not samples[21, 21]  # the corner that a square cap would have
    assert samples[21, 30]


def test_that_the_thinnest_stroke_leaves_no_gap():
    samples = drawn([[3.2, 5.9], [70.4, 48.3]], 0.01)
    assert samples.any(axis=0)[4:70].all()


def test_that_polylines_are_not_joined():
    points = np.array([[10, 10], [10, 50], [70, 10], [70, 50]], np.float64)
    samples = covered(points, np.array([False, True, False, True]), np.full(4, 3.0), (60, 80))
    assert samples[30, 10]
    assert samples[30, 70]
    assert not samples[:, 20:60].any()


def test_that_thousands_of_segments_are_drawn_in_parts_without_a_seam():
    t = np.linspace(0, 2 * np.pi, 5000)
    points = np.stack([40 + 25 * np.cos(t), 30 + 25 * np.sin(t)], axis=1)
    assert (drawn(points, 3) != near(points[::4], 3)).mean() < 0.002


def test_that_what_lies_outside_is_cut():
    assert not drawn([[-500, -500], [-400, 900]], 5).any()
    assert drawn([[-500, 30], [500, 30]], 5)[30].all()


def thinned_line(points, radii=None):
    """The points that are left of one polyline, and which they were."""
    ends = np.zeros(len(points), bool)
    ends[-1] = True
    kept, _, chosen = thinned(points, ends, radii)
    return kept, chosen


def test_that_thinning_strays_by_less_than_a_sample_and_keeps_ends_and_corners():
    t = np.linspace(0, 2 * np.pi, 4000)
    circle = np.stack([100 * np.cos(t), 100 * np.sin(t)], axis=1)
    few, _ = thinned_line(circle)
    assert len(few) < 150
    assert (few[0] == circle[0]).all()
    assert (few[-1] == circle[-1]).all()
    middles = (few[:-1] + few[1:]) / 2
    assert np.abs(np.hypot(*middles.T) - 100).max() < 2 * STRAY
    there_and_back = np.array([[0, 0], [50, 0], [100, 0], [50, 0], [0, 0]], np.float64)
    assert thinned_line(there_and_back)[0][:, 0].max() == 100


def test_that_thinning_leaves_short_polylines_alone():
    for n in (1, 2):
        points = np.arange(2.0 * n).reshape(n, 2)
        assert (thinned_line(points)[0] == points).all()


def test_that_several_polylines_are_thinned_as_each_is_alone():
    rng = np.random.default_rng(4)
    lines = [np.cumsum(rng.normal(scale=2.0, size=(n, 2)), axis=0) for n in (1, 40, 2, 1, 3, 200, 7)]
    ends = np.zeros(sum(map(len, lines)), bool)
    ends[np.cumsum([len(line) for line in lines]) - 1] = True
    everything = np.concatenate(lines)
    points, kept_ends, chosen = thinned(everything, ends)
    assert (points == everything[chosen]).all()
    assert (kept_ends == ends[chosen]).all()
    assert points.tolist() == np.concatenate([thinned_line(line)[0] for line in lines]).tolist()
    assert len(points) < 0.9 * len(everything)


def test_that_a_segment_tapers_from_disc_to_disc():
    """By definition: the union of all discs whose centre and radius lie between those of the ends."""
    rng = np.random.default_rng(9)
    y, x = np.mgrid[:60, :80] + 0.5
    parts = np.linspace(0, 1, 2001)[:, np.newaxis]
    for _ in range(25):
        points = rng.uniform(0, 70, (2, 2))
        radii = rng.uniform(LEAST_RADIUS, 14, 2)
        samples = covered(points, np.array([False, True]), radii, (60, 80))
        centres = points[0] + parts * (points[1] - points[0])
        across = radii[0] + parts[:, 0] * (radii[1] - radii[0])
        slack = np.full(x.shape, np.inf)
        for (cx, cy), radius in zip(centres, across, strict=True):
            slack = np.minimum(slack, np.hypot(x - cx, y - cy) - radius)
        clear = np.abs(slack) > 0.02  # between the discs that were tried
        assert (samples == (slack <= 0))[clear].all()


def test_that_a_disc_within_another_adds_nothing():
    points = np.array([[40, 30], [42, 31]], np.float64)
    ends = np.array([False, True])
    for radii in ([12.0, 3.0], [3.0, 12.0]):
        large = points[[int(radii[1] > radii[0])]]
        alone = covered(large, np.array([True]), np.array([12.0]), (60, 80))
        assert (covered(points, ends, np.array(radii), (60, 80)) == alone).all()


def test_that_thinning_keeps_how_a_stroke_tapers():
    x = np.linspace(5, 75, 500)
    radius = 3 + 6 * np.sin(x / 12) ** 2
    kept, chosen = thinned_line(np.column_stack([x, np.full(500, 30.0)]), radius)
    assert len(kept) < 60
    assert np.abs(np.interp(x, kept[:, 0], radius[chosen]) - radius).max() < 2 * STRAY  # across the way it is less
    _, chosen = thinned_line(np.full((3, 2), 9.0), np.array([1.0, 8, 2]))
    assert 1 in chosen  # a pen that was pressed in one place
