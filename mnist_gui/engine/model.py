"""A network with weights, as plain arrays: what is trained, saved, opened and handed from thread to thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.architecture import Architecture, parse
from mnist_gui.engine.calibration import Calibration


@dataclass(frozen=True, eq=False)
class Model:
    """Immutable: weights are read-only arrays, so one model may be used in several threads.

    Attributes:
        network: its line, in the language of `architecture` and in the one spelling that `Architecture.line` gives.
        weights: float32 arrays by name, as `Architecture.weights` lists them.
        metadata: what is known of it, as JSON can hold it: name, config, epoch, step, validation_error,
            test_error (percent), dataset, created, recipe, calibration.

    Raises:
        ValueError: the line is no network, or a weight is missing, unknown, not finite, or of the wrong shape or
            dtype.
    """

    network: str
    weights: Mapping[str, NDArray[np.float32]]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", self.architecture.line)
        expected = self.architecture.weights
        if list(self.weights) != list(expected):
            raise ValueError(f"`{self.network}` has the weights {', '.join(expected)}, got {', '.join(self.weights)}")
        for name, shape in expected.items():
            array = self.weights[name]
            if array.dtype != np.float32 or array.shape != shape:
                raise ValueError(f"{name} must be float32 of shape {shape}, got {array.dtype} {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds values that are not finite")
            array.setflags(write=False)

    @property
    def architecture(self) -> Architecture:
        """The network, read."""
        return parse(self.network)

    @property
    def name(self) -> str:
        """What the window calls it."""
        return str(self.metadata.get("name", self.architecture.title))

    @cached_property
    def calibration(self) -> Calibration | None:
        """How far its answers can be believed; None where nobody measured that, or the measures cannot be used."""
        values = self.metadata.get("calibration")
        if not isinstance(values, Mapping):
            return None
        try:
            return Calibration.from_dict(values)
        except ValueError:
            return None

    def with_calibration(self, calibration: Calibration | None) -> "Model":
        """The same model with this calibration, or with none."""
        metadata = {name: value for name, value in self.metadata.items() if name != "calibration"}
        if calibration is not None:
            metadata["calibration"] = calibration.to_dict()
        return replace(self, metadata=metadata)
