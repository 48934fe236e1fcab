"""The compiled functions of a run: one that learns from a minibatch, one that judges.

The data set lies in shared variables, as uint8; a call is given indices only. Hyper-parameters are shared scalars, so
that changing them compiles nothing. The training part of the graph never sees the digits of the pool, and the pool
never holds the test split before the run is over.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.sharedvalue import shared

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.backend import Backend
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.networks import build
from mnist_gui.engine.nn.losses import l2_penalty
from mnist_gui.engine.nn.updates import make_updates
from mnist_gui.engine.ops.cross_entropy import cross_entropy


class TrainingFunctions:
    """Network, data and functions of one run.

    Attributes:
        network: the network whose weights the run moves.
        hyperparameters: shared float32 scalars by field name of `TrainingConfig`.
    """

    def __init__(
        self,
        backend: Backend,
        config: TrainingConfig,
        images: NDArray[np.uint8],
        labels: NDArray[np.uint8],
    ) -> None:
        """Builds the graphs; compiling happens at the first calls.

        Args:
            backend: compiler and device.
            config: settings of the run; the first weights come from its seed.
            images: the training digits, uint8 (n, 28, 28), read-only; not copied on the CPU.
            labels: their labels, uint8 (n,).
        """
        self._backend = backend
        self.network = build(config.network, config.hidden)
        self.network.initialise(np.random.default_rng([config.seed, 0]))
        self.hyperparameters = {
            name: shared(np.float32(getattr(config, name)), name=name)
            for name in ("learning_rate", "momentum", "weight_decay")
        }
        shape = (None, SIDE, SIDE)
        self._images = shared(images, borrow=True, shape=shape)
        self._labels = shared(labels, borrow=True)
        self._pool_images = shared(images[:1], borrow=True, shape=shape)
        self._pool_labels = shared(labels[:1], borrow=True)
        backend.place(*self.network.parameters.values(), self._images, self._labels)

        indices = pt.ivector("indices")
        total, _ = cross_entropy(self.network.logits(self._images[indices]), self._labels[indices])
        loss = total / indices.shape[0].astype("float32")
        penalty = self.hyperparameters["weight_decay"] * l2_penalty(self.network.parameters)
        updates = make_updates(config.updates, loss + penalty, self.network.parameters, self.hyperparameters)
        self._step: Callable[..., Any] = backend.function([indices], loss, updates)

        judged = cross_entropy(self.network.logits(self._pool_images[indices]), self._pool_labels[indices])
        self._judge: Callable[..., Any] = backend.function([indices], list(judged))

    def step(self, indices: NDArray[np.int32]) -> float:
        """Learns from a minibatch.

        Args:
            indices: which training digits, int32 (n,).

        Returns:
            The mean loss of the minibatch before the step, nats per digit, without the penalty on weights.
        """
        return float(self._step(indices))

    def set_pool(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        """Says which digits `judge` reads: those of one split, read-only."""
        self._pool_images.set_value(images, borrow=True)
        self._pool_labels.set_value(labels, borrow=True)
        self._backend.place(self._pool_images, self._pool_labels)

    def judge(self, indices: NDArray[np.int32]) -> tuple[float, int]:
        """Reads digits of the pool with the weights as they are.

        Returns:
            The sum of their losses in nats, and how many of them were misread.
        """
        loss, count = self._judge(indices)
        return float(loss), int(count)
