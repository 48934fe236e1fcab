import numpy as np
from redrawn_digits import redrawn, thinned
from scipy.ndimage import label


def test_that_a_bar_becomes_a_line_along_its_middle():
    ink = np.zeros((1, 30, 20), bool)
    ink[0, 5:25, 6:13] = True
    rows, columns = np.nonzero(thinned(ink)[0])
    assert len(rows) == len(set(rows))
    assert len(rows) >= 12
    assert np.abs(columns - 9).max() <= 1


def test_that_a_ring_stays_a_ring_of_one_pixel():
    y, x = np.mgrid[:40, :40] - 19.5
    distance = np.hypot(x, y)
    line = thinned(((distance > 8) & (distance < 14))[None])[0]
    assert label(~line)[1] == 2
    assert not (line[:-1, :-1] & line[1:, :-1] & line[:-1, 1:] & line[1:, 1:]).any()


def test_that_digits_are_redrawn_where_they_were(mnist):
    images = mnist.images[:20]
    again = redrawn(images, np.random.default_rng(0))
    assert again.shape == images.shape
    for before, after in zip(images, again, strict=True):
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.6
