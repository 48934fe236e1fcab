"""A network with weights, as plain arrays: what is trained, saved, opened and handed from thread to thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.config import Network, parameter_shapes


@dataclass(frozen=True, eq=False)
class Model:
    """Immutable: weights are read-only arrays, so one model may be used in several threads.

    Attributes:
        network: which network.
        hidden: size of its hidden layer (unused by softmax regression).
        weights: float32 arrays by name, as `parameter_shapes` lists them.
        metadata: what is known of it, as JSON can hold it: name, config, epoch, step, validation_error,
            test_error (percent), dataset, created, recipe.

    Raises:
        ValueError: a weight is missing, unknown, not finite, or of the wrong shape or dtype.
    """

    network: Network
    hidden: int
    weights: Mapping[str, NDArray[np.float32]]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = parameter_shapes(self.network, self.hidden)
        if list(self.weights) != list(expected):
            raise ValueError(f"{self.network} has the weights {', '.join(expected)}, got {', '.join(self.weights)}")
        for name, shape in expected.items():
            array = self.weights[name]
            if array.dtype != np.float32 or array.shape != shape:
                raise ValueError(f"{name} must be float32 of shape {shape}, got {array.dtype} {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds values that are not finite")
            array.setflags(write=False)

    @property
    def name(self) -> str:
        """What the window calls it."""
        return str(self.metadata.get("name", self.network))
