"""What a step computes: augmentation that fades with the schedule."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.functions import TrainingFunctions

INDICES = np.arange(20, dtype=np.int32)


def first_loss(mnist, factor, **settings):
    """Of the first step on the first digits, with a schedule that multiplies the learning rate by `factor`."""
    augmented = TrainingConfig(
        network="dense 10", augment=True, shift=3.0, rotation=20.0, scale=16.0, shear=10.0, elastic=1.0
    )
    config = replace(augmented, **settings)
    functions = TrainingFunctions(backend.INTERPRETER, config, mnist.images[:20], mnist.labels[:20])
    # First weights of zeros would find all digits alike.
    weights = np.random.default_rng(0).normal(0, 0.1, (784, 10)).astype(np.float32)
    functions.network.set_weights(functions.network.get_weights() | {"dense1.W": weights})
    return functions.step(INDICES, factor)


@pytest.mark.parametrize(
    ("fade", "factor", "share"), [(100.0, 1.0, 1.0), (50.0, 0.0, 0.5), (100.0, 0.5, 0.5), (75.0, 0.5, 0.625)]
)
def test_that_augmentation_fades_as_far_as_the_schedule_has_fallen(mnist, fade, factor, share):
    weaker = {"shift": 3 * share, "rotation": 20 * share, "scale": 16 * share, "shear": 10 * share, "elastic": share}
    loss = first_loss(mnist, factor, fade=fade)
    assert loss == pytest.approx(first_loss(mnist, factor, **weaker), rel=1e-5)
    assert abs(loss - first_loss(mnist, factor, augment=False)) > 1e-3


def test_that_augmentation_that_fades_wholly_ends_on_plain_digits(mnist):
    assert first_loss(mnist, 0.0, fade=100.0) == first_loss(mnist, 0.0, augment=False)
    assert first_loss(mnist, 0.0, fade=0.0) != first_loss(mnist, 0.0, augment=False)
