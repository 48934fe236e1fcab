"""What a model's probabilities are worth, measured on digits that it did not learn from.

Two things are fitted on validation digits and kept with the model: a temperature that makes "90 %" mean right nine
times in ten (Guo et al. 2017, arXiv 1706.04599), and how strange a picture may be before the model's answer to it is
not believed. Nothing here needs PyTensor.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.likeness import strangeness_of

BINS: Final = 15
"""Bins of the expected calibration error, as many as Guo et al. take."""

LEAST_DIGITS: Final = 200
"""With fewer digits than this neither a temperature nor a limit means anything."""

REFUSED_SHARE: Final = 0.0043
"""Share of the validation digits that may be stranger than the limit."""

_NOT_DIGITS: Final = 0.25
"""Where more of the digits than this are none to the detector, it knows another kind of picture: it is not asked."""

_TEMPERATURES: Final = (0.05, 20.0)

_LEAST_MISREAD: Final = 3
"""With fewer digits misread than this nothing says how sure a model may be: without any, the loss falls for ever as it
is made surer. So it is not made surer then."""


@dataclass(frozen=True)
class Calibration:
    """How far a model's answers can be believed.

    Attributes:
        temperature: what the scores before the softmax are divided by; 1 changes nothing.
        typical: strangeness of the median validation digit, nats; see `likeness.strangeness_of`.
        limit: strangeness above which a picture is not taken for a digit, nats; None when that is not judged, since
            the detector knows another kind of picture than the model.
        count: validation digits that this was measured on.
        error_before: expected calibration error with temperature 1, percent, over 15 bins.
        error_after: the same with the temperature, on the same digits.
        refused: percent of those digits that are unsure with all this: stranger than the limit, or without a majority.
    """

    temperature: float = 1.0
    typical: float = 0.0
    limit: float | None = None
    count: int = 0
    error_before: float = 0.0
    error_after: float = 0.0
    refused: float = 0.0

    def __post_init__(self) -> None:
        low, high = _TEMPERATURES
        if not low <= self.temperature <= high:  # false for NaN, too
            raise ValueError(f"a temperature must be {low} to {high}, got {self.temperature}")
        if self.limit is not None and not self.typical < self.limit < math.inf:
            raise ValueError(f"the limit must be more than {self.typical}, got {self.limit}")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Calibration":
        """From what `to_dict` gave; entries that it does not know are left out.

        Raises:
            ValueError: an entry is no number, or out of its range.
        """
        known = {item.name: values[item.name] for item in fields(cls) if item.name in values}
        for name, value in known.items():
            if name == "limit" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{name} must be a number, got {value!r}")
        return cls(**known)

    def strangeness(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """How strange pictures are: 0 is a typical digit, above 1 is none.

        Args:
            images: uint8, shape (n, 28, 28).

        Returns:
            float32, shape (n,); all 0 where strangeness is not judged.
        """
        if self.limit is None or not len(images):
            return np.zeros(len(images), np.float32)
        return ((strangeness_of(images) - self.typical) / (self.limit - self.typical)).astype(np.float32)


def softened(logits: NDArray[np.floating[Any]], temperature: float) -> NDArray[np.float32]:
    """Probabilities from the scores before the softmax, float of shape (n, 10), at a temperature."""
    from scipy.special import log_softmax  # late: loading SciPy would delay the window

    logarithms: NDArray[np.float64] = log_softmax(logits.astype(np.float64) / temperature, axis=1)
    return np.exp(logarithms).astype(np.float32)


def calibrate(
    logits: NDArray[np.floating[Any]], labels: NDArray[np.uint8], strangeness: NDArray[np.floating[Any]]
) -> Calibration | None:
    """Fits the temperature by maximum likelihood, and puts the limit where it refuses 0.43 % of the digits.

    Args:
        logits: the model's scores before the softmax of digits it did not learn from, float of shape (n, 10).
        labels: uint8, shape (n,).
        strangeness: of the same digits, by `likeness.strangeness_of`, float of shape (n,).

    Returns:
        None with fewer than `LEAST_DIGITS` digits.
    """
    count = len(labels)
    if count < LEAST_DIGITS:
        return None
    temperature = fitted_temperature(logits, labels)
    typical, limit = float(np.median(strangeness)), None
    if (strangeness > 0).mean() <= _NOT_DIGITS:
        limit = max(float(np.quantile(strangeness, 1 - REFUSED_SHARE)), typical + 1e-6)
    before, after = softened(logits, 1.0), softened(logits, temperature)
    unsure = after.max(axis=1) < 0.5
    if limit is not None:
        unsure |= strangeness > limit
    return Calibration(
        temperature,
        typical,
        limit,
        count,
        expected_calibration_error(before, labels),
        expected_calibration_error(after, labels),
        100.0 * float(unsure.mean()),
    )


def fitted_temperature(logits: NDArray[np.floating[Any]], labels: NDArray[np.uint8]) -> float:
    """The temperature with the lowest mean loss, at least 1 where hardly a digit is misread.

    See `calibrate` for the arguments.
    """
    from scipy.optimize import minimize_scalar  # late: loading SciPy would delay the window
    from scipy.special import log_softmax  # late: loading SciPy would delay the window

    rows = np.arange(len(labels))
    scores = logits.astype(np.float64)

    def loss(logarithm: float) -> float:
        return float(-log_softmax(scores * math.exp(-logarithm), axis=1)[rows, labels].mean())

    low, high = _TEMPERATURES
    if (logits.argmax(axis=1) != labels).sum() < _LEAST_MISREAD:
        low = 1.0
    found = minimize_scalar(loss, bounds=(math.log(low), math.log(high)), method="bounded")
    return min(max(math.exp(found.x), low), high)


def expected_calibration_error(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """How far confidence and the share of right answers lie apart, percent (Guo et al. 2017, equation 3).

    Args:
        probabilities: float32, shape (n, 10).
        labels: uint8, shape (n,).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, right - confidence, BINS)
    return 100.0 * float(np.abs(gaps).sum()) / max(1, len(labels))
