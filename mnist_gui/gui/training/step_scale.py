"""The axis of steps that all pinned digits share: where a step is, and which steps are named."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_APART: Final = 48
"""Two named steps are at least this far apart, in device-independent pixels."""


@dataclass(frozen=True)
class StepScale:
    """Steps from `left` to `right`, even or logarithmic.

    Attributes:
        left: the first step in sight.
        right: the last one, more than `left`.
        steps_per_epoch: minibatches in an epoch; 0 while unknown.
        logarithmic: whether the first steps get most of the room: a step s lies at log(1 + s).
    """

    left: float = 0.0
    right: float = 100.0
    steps_per_epoch: int = 0
    logarithmic: bool = False

    def places(self, steps: NDArray[np.int64] | NDArray[np.float64], width: float) -> NDArray[np.float64]:
        """Where steps are, in pixels from the left; float64 of the shape of `steps`."""
        first, last = self._on_scale(np.array([self.left, self.right]))
        places: NDArray[np.float64] = (self._on_scale(steps.astype(np.float64)) - first) / (last - first) * width
        return places

    def step_at(self, place: float, width: float) -> float:
        """The step at a place, in pixels from the left."""
        first, last = self._on_scale(np.array([self.left, self.right]))
        value = float(first + (last - first) * place / max(width, 1.0))
        return math.expm1(value) if self.logarithmic else value

    @property
    def unit(self) -> str:
        """What the numbers of `ticks` count."""
        return "step" if self.logarithmic or not self.steps_per_epoch else "epoch"

    def ticks(self, width: float) -> list[tuple[float, str]]:
        """Named steps: where they are in pixels from the left, and their names."""
        steps, names = self._decades() if self.logarithmic else self._even(width)
        places = self.places(np.array(steps, np.float64), width).tolist()
        kept: list[tuple[float, str]] = []
        for place, name in zip(places, names, strict=True):
            if not kept or place - kept[-1][0] >= _APART - 1e-6:
                kept.append((place, name))
        return kept

    def _on_scale(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log1p(np.maximum(steps, 0.0)) if self.logarithmic else steps

    def _decades(self) -> tuple[list[float], list[str]]:
        inside = [0.0] if self.left <= 0 else []
        value = 1.0
        while value <= self.right:
            inside += [value] if value >= self.left else []
            value *= 10
        return inside, [f"{step:,.0f}" for step in inside]

    def _even(self, width: float) -> tuple[list[float], list[str]]:
        unit = float(self.steps_per_epoch or 1)
        first, last = self.left / unit, self.right / unit
        spacing = _round_spacing((last - first) * _APART / max(width, 1.0))
        if last - first > 2 or not self.steps_per_epoch:
            spacing = max(1.0, spacing)
        numbers = np.arange(math.ceil(first / spacing - 1e-9), math.floor(last / spacing + 1e-9) + 1) * spacing
        return (numbers * unit).tolist(), [f"{number:,.4g}" for number in numbers]


def _round_spacing(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9))
