"""Augmentation in the graph of a run: each training digit changed a little, anew at each step."""

from collections.abc import Mapping
from typing import Any

from mnist_gui.engine.ops.random_warp import RandomWarp
from mnist_gui.engine.warping import NAMES


def augmented(images: Any, strengths: Mapping[str, Any], seed: Any, step: Any) -> Any:
    """Digits shifted, turned, scaled, slanted and bent at random, as the network sees them.

    What a digit gets depends on seed, step and its place in the minibatch alone, and is the same on all compilers but
    for rounding.

    Args:
        images: uint8 expression, shape (n, 28, 28), 0 paper to 255 ink.
        strengths: a float32 scalar expression for each name of `warping.NAMES`, in the units of `warping.Strengths`.
            Shared scalars may be changed between steps.
        seed: uint32 scalar expression: of the run.
        step: uint32 scalar expression: of the run.

    Returns:
        float32 expression, shape (n, 28, 28), 0 to 1. With all strengths 0 exactly the images divided by 255.

    Raises:
        KeyError: a strength is missing.
        TypeError: an expression has another dtype or shape.
    """
    return RandomWarp()(images, *(strengths[name] for name in NAMES), seed, step)
