"""How the learning rate goes through a run: a factor for each step, by which the learning rate is multiplied.

The learning rate of a run stays a control of its own: whoever moves it while the run goes on scales what is left
of the schedule.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.config import Schedule, TrainingConfig

FIRST_FACTOR: Final = 1 / 25
"""Where one-cycle begins, relative to its peak (the `div_factor` of PyTorch's OneCycleLR)."""

LAST_FACTOR: Final = 1e-5
"""Where one-cycle and cosine end, relative to their peak: practically nothing, but a number that still learns."""


def factors(config: TrainingConfig, steps_per_epoch: int, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    """By what the learning rate is multiplied at steps of a run.

    Constant: 1. Step: ``drop`` to the number of times that ``drop_every`` epochs are over. Exponential: the same
    between them as well. Cosine: half a cosine from 1 down (Loshchilov and Hutter, arXiv:1608.03983, no restarts).
    One-cycle: half a cosine up during the warm-up, then half a cosine down (Smith and Topin, arXiv:1708.07120, in the
    form of PyTorch's OneCycleLR).

    Args:
        config: schedule, warm_up, drop, drop_every and epochs of the run.
        steps_per_epoch: minibatches in an epoch.
        steps: numbers of steps, counted from 0, below epochs times steps_per_epoch.

    Returns:
        float32, of the shape of `steps`.
    """
    last = max(1, config.epochs * steps_per_epoch - 1)
    match config.schedule:
        case Schedule.CONSTANT:
            result = np.ones(steps.shape)
        case Schedule.STEP:
            result = config.drop ** (steps // (config.drop_every * steps_per_epoch)).astype(np.float64)
        case Schedule.EXPONENTIAL:
            result = config.drop ** (steps / (config.drop_every * steps_per_epoch))
        case Schedule.COSINE:
            result = _between(1.0, LAST_FACTOR, steps / last)
        case Schedule.ONE_CYCLE:
            top = config.warm_up * last
            up = _between(FIRST_FACTOR, 1.0, steps / max(top, 1e-9))
            down = _between(1.0, LAST_FACTOR, (steps - top) / max(last - top, 1e-9))
            result = np.where(steps < top, up, down)
    return np.asarray(result, np.float32)


def _between(first: float, last: float, share: NDArray[Any]) -> NDArray[Any]:
    """Half a cosine from `first` to `last`."""
    height: NDArray[Any] = (1 + np.cos(np.pi * np.clip(share, 0, 1))) / 2
    return last + (first - last) * height
