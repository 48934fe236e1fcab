import numpy as np
import pytest

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.data.library import bundled_mnist
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.trainer import train
from mnist_gui.engine.variants import flagged, hooked, stroke_width, with_variants


@pytest.fixture(scope="module")
def small():
    mnist = bundled_mnist()
    chosen = np.r_[:2000, 50_000:50_100, 60_000:60_100]
    return Dataset("MNIST, a part", mnist.images[chosen], mnist.labels[chosen], (2000, 100, 100))


def bar(width, height, left=12):
    image = np.zeros((28, 28), np.uint8)
    image[4 : 4 + height, left : left + width] = 255
    return image


def generator():
    return np.random.default_rng(5)


def test_that_no_variants_leave_the_data_set_as_it_is(small):
    assert with_variants(small, 0.0, 1) is small


def test_that_only_the_training_digits_get_variants_and_the_others_stay(small):
    more = with_variants(small, 100.0, 1)
    assert more.sizes[0] > 2000
    assert more.sizes[1:] == small.sizes[1:]
    for split in (Split.VALIDATION, Split.TEST):
        assert np.array_equal(more.images_of(split), small.images_of(split))
        assert np.array_equal(more.labels_of(split), small.labels_of(split))
    assert np.array_equal(more.images[:2000], small.images[:2000])
    assert set(more.labels_of(Split.TRAINING)[2000:].tolist()) == {1, 9}


def test_that_the_share_says_how_many_variants_there_are(small):
    nines = int((small.labels[:2000] == 9).sum())
    added = [
        int((with_variants(small, percent, 1).labels_of(Split.TRAINING)[2000:] == 9).sum()) for percent in (100, 30)
    ]
    assert added[0] == nines
    assert added[1] == pytest.approx(0.3 * nines, rel=0.25)


def test_that_the_same_seed_makes_the_same_variants_and_another_seed_others(small):
    first, again, other = (with_variants(small, 50.0, seed).images_of(Split.TRAINING) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_that_a_flag_is_added_at_the_upper_left_of_a_one():
    ones = np.stack([bar(3, 20)] * 40)
    made = flagged(ones, generator())
    assert len(made) == 40
    rows = np.arange(28)
    for image in made:
        ink = image.sum(axis=1) > 0
        assert ink.sum() >= 20
        upper = image[rows[ink][:12]]
        columns = np.flatnonzero(upper.sum(axis=0))
        stem = np.flatnonzero((image > 128).sum(axis=0) >= 18)
        assert columns.min() < stem.min() - 1
        assert columns.max() <= stem.max() + 1


def test_that_every_third_flagged_one_stands_on_a_foot():
    made = flagged(np.stack([bar(3, 20)] * 300), generator())
    lowest = [image[np.flatnonzero(image.sum(axis=1))[-2]] for image in made]
    footed = sum(np.count_nonzero(row > 128) > 5 for row in lowest)
    assert 60 < footed < 140


def test_that_a_one_that_has_a_flag_already_gets_none():
    one = bar(3, 20)
    for step in range(11):
        one[5 + step, 12 - step] = 255
    dot = bar(4, 4)
    assert len(flagged(np.stack([one, dot]), generator())) == 0


def test_that_a_hook_goes_to_the_left_of_the_lower_end():
    nines = np.stack([bar(3, 20)] * 20)
    for image in hooked(nines, generator()):
        lowest = image[np.flatnonzero(image.sum(axis=1))[-6:]].sum(axis=0)
        upper = image[np.flatnonzero(image.sum(axis=1))[:10]].sum(axis=0)
        assert np.flatnonzero(lowest).min() < np.flatnonzero(upper).min()
        assert np.flatnonzero(lowest).max() <= np.flatnonzero(upper).max() + 2


def test_that_variants_are_centred_as_mnist_is(small):
    made = with_variants(small, 100.0, 3).images_of(Split.TRAINING)[2000:].astype(np.float64)
    for axis in (1, 2):
        centre = made.sum(axis=3 - axis) @ np.arange(28) / made.sum(axis=(1, 2))
        assert np.abs(centre - 14).max() <= 0.75


@pytest.mark.parametrize("width", [2, 3, 5])
def test_that_the_width_of_a_stroke_is_measured(width):
    assert stroke_width(bar(width, 20)[np.newaxis])[0] == pytest.approx(width, rel=0.3)


def test_that_the_strokes_of_mnist_are_about_three_pixels_wide(small):
    assert 2.3 < np.median(stroke_width(small.images)) < 3.5


def test_that_a_run_learns_from_the_variants_too(small):
    control, events = Control(), []
    control.stop()
    config = TrainingConfig(network="softmax", batch_size=1, variants=100.0)
    train(config, small, events.append, control, compiler=Compiler.INTERPRETER)
    assert events[0].steps_per_epoch == with_variants(small, 100.0, config.seed).sizes[0]
