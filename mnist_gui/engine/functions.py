"""The compiled functions of a run: one that learns from a minibatch, one that judges.

The data set lies in shared variables, as uint8; a call is given indices only. Hyper-parameters are shared scalars, so
that changing them compiles nothing. The training part of the graph never sees the digits of the pool, and the pool
never holds the test split before the run is over.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.sharedvalue import shared

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.architecture import Convolution, Dense
from mnist_gui.engine.augment import augmented
from mnist_gui.engine.backend import Backend
from mnist_gui.engine.config import STRENGTHS, TrainingConfig
from mnist_gui.engine.networks import BuiltNetwork, Training, build
from mnist_gui.engine.nn.updates import Rule, averaging, make_updates
from mnist_gui.engine.ops.cross_entropy import cross_entropy

SCALARS: Final = (
    "learning_rate",
    "momentum",
    "square_decay",
    "weight_decay",
    "label_smoothing",
    "average",
    *STRENGTHS,
)
"""The settings that are shared scalars of the graph."""


class TrainingFunctions:
    """Network, data and functions of one run.

    Attributes:
        network: the network whose weights the run moves.
        reader: the network that reads: the same, or one whose weights are moving averages of its weights.
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
        self.network = build(config.architecture)
        self.network.initialise(np.random.default_rng([config.seed, 0]))
        self.reader = self.network
        self.hyperparameters = {name: shared(np.float32(getattr(config, name)), name=name) for name in SCALARS}
        shape = (None, SIDE, SIDE)
        self._images = shared(images, borrow=True, shape=shape)
        self._labels = shared(labels, borrow=True)
        self._pool_images = shared(images[:1], borrow=True, shape=shape)
        self._pool_labels = shared(labels[:1], borrow=True)
        counter = shared(np.uint32(0), name="counter")

        indices = pt.ivector("indices")
        factor = pt.fscalar("factor")
        scalars = self.hyperparameters
        training = Training(shared(np.uint32(config.seed), name="seed"), counter)
        digits = self._images[indices]
        if config.augment:
            digits = augmented(digits, scalars, training.seed, training.step)
        total, _ = cross_entropy(
            self.network.logits(digits, training), self._labels[indices], scalars["label_smoothing"]
        )
        loss = total / indices.shape[0].astype("float32")
        rule = Rule(
            scalars["learning_rate"] * factor, scalars["momentum"], scalars["square_decay"], self._decays(self.network)
        )
        updates = make_updates(config.updates, loss, self.network.trained, rule) + training.updates
        if config.average:
            self.reader = build(config.architecture)
            self.reader.set_weights(self.network.get_weights())
            steps = counter.astype("float32")
            updates += averaging(self.network.parameters, self.reader.parameters, updates, scalars["average"], steps)
        updates.append((counter, counter + np.uint32(1)))
        backend.place(*self.network.parameters.values(), self._images, self._labels)
        self._step: Callable[..., Any] = backend.function([indices, factor], loss, updates)

        judged = cross_entropy(self.reader.logits(self._pool_images[indices]), self._pool_labels[indices])
        self._judge: Callable[..., Any] = backend.function([indices], list(judged))

    def _decays(self, network: BuiltNetwork) -> dict[str, Any]:
        """The L2 penalty of each weight. Biases and batch normalisation have none.

        Why biases have none: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.
        """
        decays = {}
        for layer in network.architecture.layers:
            match layer.spec:
                case Convolution(decay=own) | Dense(decay=own):
                    common = self.hyperparameters["weight_decay"]
                    decays[f"{layer.name}.W"] = common if own is None else shared(np.float32(own))
        return decays

    def step(self, indices: NDArray[np.int32], factor: float = 1.0) -> float:
        """Learns from a minibatch.

        Args:
            indices: which training digits, int32 (n,).
            factor: what the schedule multiplies the learning rate by.

        Returns:
            The mean loss of the minibatch before the step, nats per digit, without the penalty on weights.
        """
        return float(self._step(indices, np.float32(factor)))

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
