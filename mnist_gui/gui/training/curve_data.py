"""The arithmetic behind the curves: fewer points that look the same, and ranges that grow in steps."""

import math
from bisect import bisect_left
from typing import Final

import numpy as np
from numpy.typing import NDArray

POINTS: Final = 1000
"""A curve is drawn with at most this many points, since that is what a screen can show and Qt can draw in time."""

NICE: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
"""Leading digits of the ends of ranges. The next is at most 1.67 times larger, so a curve fills most of its plot."""


def peak_downsampled(
    x: NDArray[np.float64], y: NDArray[np.float64], points: int = POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most `points` points that keep the lowest and the highest value of each stretch of the curve.

    Stretches are a power of two long and begin at multiples of their length, so a curve to which values are
    appended does not shimmer.

    Args:
        x: ascending, shape (n,).
        y: finite, shape (n,).
        points: the most to return, at least 4.
    """
    if len(y) <= points:
        return x, y
    length = _stretch(len(y), points // 2)
    starts = np.arange(0, len(y), length)
    reduced = np.empty((len(starts), 2))
    reduced[:, 0] = np.maximum.reduceat(y, starts)
    reduced[:, 1] = np.minimum.reduceat(y, starts)
    return np.repeat(x[starts], 2), reduced.ravel()


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], points: int = POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most `points` points of a smooth curve: the last of each stretch of it, and its first and last.

    Args:
        x: ascending, shape (n,).
        y: finite, shape (n,).
        points: the most to return, at least 4.
    """
    if len(y) <= points:
        return x, y
    length = _stretch(len(y), points - 2)
    kept = np.arange(length - 1, len(y), length)
    kept = np.concatenate(([0], kept, [len(y) - 1] if kept[-1] != len(y) - 1 else [])).astype(np.intp)
    return x[kept], y[kept]


def _stretch(values: int, stretches: int) -> int:
    """The smallest power of two that is long enough for `values` to make at most so many stretches."""
    length = 1
    while -(-values // length) > stretches:
        length *= 2
    return length


def nice_above(value: float) -> float:
    """The smallest round number that is not below the positive `value`: 1, 1.5, 2, 3, 5 or 7 times a power of ten."""
    power = math.floor(math.log10(value))
    position = bisect_left(NICE, value / 10.0**power * (1 - 1e-9))
    return float(f"{NICE[position] * 10.0**power:.2g}") if position < len(NICE) else 10.0 ** (power + 1)


def nice_below(value: float) -> float:
    """The largest round number that is not above the positive `value`."""
    upper = nice_above(value)
    if upper <= value * (1 + 1e-9):
        return upper
    power = math.floor(math.log10(value))
    position = bisect_left(NICE, value / 10.0**power)
    return float(f"{NICE[position - 1] * 10.0**power:.2g}")


def step_range(step: int, total: int) -> float:
    """Where the axis of steps ends: a round number that holds `step`, at least 100, and no more than the run has.

    Args:
        step: the newest step.
        total: steps that the run makes at most; 0 when not known.
    """
    end = max(100.0, nice_above(max(step, 1)))
    return min(end, float(max(total, step))) if total else end


def loss_range(losses: NDArray[np.float64], smoothed: NDArray[np.float64], logarithmic: bool) -> tuple[float, float]:
    """Lower and upper end of the axis of losses, round numbers in nats per digit.

    The smoothed loss is always inside. Single raw losses may be cut off above three times its highest and, on a
    logarithmic axis, below a fifth of its lowest value.

    Args:
        losses: finite losses, shape (n,); none are taken for those of a network that knows nothing yet.
        smoothed: finite, shape (n,).
        logarithmic: whether the axis is, so that its lower end must be above 0.
    """
    if not len(losses):
        return (0.1 if logarithmic else 0.0), 3.0
    highest = max(float(smoothed.max()), min(float(losses.max()), 3.0 * float(smoothed.max())), 1e-6)
    upper = nice_above(highest * 1.02)
    if not logarithmic:
        return 0.0, upper
    lowest = max(float(losses.min()), float(smoothed.min()) / 5.0, upper * 1e-6)
    return nice_below(lowest), upper


def error_range(errors: NDArray[np.float64], logarithmic: bool) -> tuple[float, float]:
    """Lower and upper end of the axis of errors, round numbers in percent.

    Args:
        errors: percent of digits misread, shape (n,).
        logarithmic: whether the axis is, so that its lower end must be above 0.
    """
    if not len(errors):
        return (1.0 if logarithmic else 0.0), 10.0
    upper = min(100.0, nice_above(max(float(errors.max()) * 1.15, 0.1)))
    if not logarithmic:
        return 0.0, upper
    return nice_below(max(float(errors.min()) * 0.5, upper * 1e-4)), upper


def log_ticks(lower: float, upper: float) -> tuple[list[float], list[float]]:
    """Values that a logarithmic axis names, and those that it marks only.

    Args:
        lower: its lower end, above 0.
        upper: its upper end.
    """
    first, last = math.floor(math.log10(lower)), math.ceil(math.log10(upper))
    grid = [digit * 10.0**power for power in range(first, last + 1) for digit in range(1, 10)]
    inside = [value for value in grid if lower * (1 - 1e-9) <= value <= upper * (1 + 1e-9)]
    decades = math.log10(upper / lower)
    named_digits = (1,) if decades > 3.5 else (1, 3) if decades > 1.6 else (1, 2, 5)
    named = [value for value in inside if round(value / 10.0 ** math.floor(math.log10(value) + 1e-9)) in named_digits]
    return named, [value for value in inside if value not in named]
