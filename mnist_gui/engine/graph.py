"""What a run computes, as expressions over shared variables; nothing is compiled here.

The data set lies in shared variables, as uint8; a minibatch is given as indices only. Hyper-parameters are shared
scalars, so that changing them compiles nothing. The training part of the graph never sees the digits of the pool, and
the pool never holds the test split before the run is over.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.sharedvalue import shared
from pytensor.graph.replace import clone_replace

from mnist_gui.data.dataset import SIDE
from mnist_gui.engine.architecture import Convolution, Dense
from mnist_gui.engine.augment import augmented
from mnist_gui.engine.config import STRENGTHS, TrainingConfig
from mnist_gui.engine.networks import Training, build
from mnist_gui.engine.nn.layers import taken
from mnist_gui.engine.nn.updates import Rule, averaging, make_updates
from mnist_gui.engine.ops.cross_entropy import cross_entropy

SCALARS: Final = (
    "learning_rate",
    "momentum",
    "square_decay",
    "weight_decay",
    "label_smoothing",
    "average",
    "fade",
    *STRENGTHS,
)
"""The settings that are shared scalars of the graph."""

Pairs = list[tuple[Any, Any]]
"""Pairs of a shared variable and its next value."""


class LearningGraph:
    """Network, data and expressions of one run. Whatever is compiled from it shares its variables.

    Attributes:
        network: the network whose weights the run moves.
        reader: the network that reads: the same, or one whose weights are moving averages of its weights.
        hyperparameters: shared float32 scalars by field name of `TrainingConfig`.
        indices: argument: which digits, int32 vector.
        factor: argument: what the schedule multiplies the learning rate by, float32 scalar. Augmentation may fade
            with it.
        loss: mean loss of the minibatch, nats per digit, without the penalty on weights.
        updates: what a step changes: weights, averages, statistics, what the rule remembers, the counter of steps.
        judged: sum of the losses, number of digits misread, and scores before the softmax, for digits of the pool.
        pool_images: shared uint8 digits that `judged` reads.
        pool_labels: their labels.
    """

    def __init__(
        self,
        config: TrainingConfig,
        images: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Builds the expressions.

        Args:
            config: settings of the run; the first weights come from its seed.
            images: the training digits, uint8 (n, 28, 28), read-only; not copied.
            labels: their labels, uint8 (n,).
            check: is called now and then, and may raise to give up.
        """
        self.network = build(config.architecture)
        self.network.initialise(np.random.default_rng([config.seed, 0]))
        self.reader = self.network
        self.hyperparameters = {name: shared(np.float32(getattr(config, name)), name=name) for name in SCALARS}
        self.indices = pt.ivector("indices")
        self.factor = pt.fscalar("factor")
        shape = (None, SIDE, SIDE)
        all_images, all_labels = shared(images, borrow=True, shape=shape), shared(labels, borrow=True)
        self.pool_images = shared(images[:1], borrow=True, shape=shape)
        self.pool_labels = shared(labels[:1], borrow=True)
        counter = shared(np.uint32(0), name="counter")
        scalars = self.hyperparameters

        check()
        training = Training(shared(np.uint32(config.seed), name="seed"), counter)
        digits = taken(all_images, self.indices)
        if config.augment:
            digits = augmented(digits, self._strengths(fading=config.fade > 0), training.seed, training.step)
        logits = self.network.logits(digits, training)
        total, _ = cross_entropy(logits, all_labels[self.indices], scalars["label_smoothing"])
        self.loss: Any = total / self.indices.shape[0].astype("float32")
        check()
        rate = scalars["learning_rate"] * self.factor
        rule = Rule(rate, scalars["momentum"], scalars["square_decay"], self._decays())
        updates = make_updates(config.updates, self.loss, self.network.trained, rule) + training.updates
        check()
        if config.average:
            self.reader = build(config.architecture)
            self.reader.set_weights(self.network.get_weights())
            steps = counter.astype("float32")
            updates += averaging(self.network.parameters, self.reader.parameters, updates, scalars["average"], steps)
        self.updates: Pairs = [*updates, (counter, counter + np.uint32(1))]

        check()
        pool_logits = self.reader.logits(taken(self.pool_images, self.indices))
        self.judged: Any = [*cross_entropy(pool_logits, self.pool_labels[self.indices]), pool_logits]

    def many_steps(self, count: int) -> tuple[list[Any], Any, Pairs]:
        """Several steps as one expression, for a device that is slower to start than to compute.

        What a step changes is handed from step to step inside a scan, and only the last of it is kept.

        Args:
            count: how many steps; part of the graph, since JAX compiles loops of a known length only.

        Returns:
            Its arguments, int32 (count, n) indices and float32 (count,) factors; the losses, float32 (count,); and
            the updates.
        """
        batches, factors = pt.imatrix("batches"), pt.fvector("factors")
        variables = [variable for variable, _ in self.updates]
        results = [self.loss, *(value for _, value in self.updates)]

        def step(batch: Any, factor: Any, *values: Any) -> list[Any]:
            now = {self.indices: batch, self.factor: factor} | dict(zip(variables, values, strict=True))
            found: list[Any] = clone_replace(results, now, rebuild_strict=False)
            return found

        losses, *states = pytensor.scan(
            step,
            sequences=[batches, factors],
            outputs_info=[None, *variables],
            n_steps=count,
            return_updates=False,
        )
        return [batches, factors], losses, [(v, s[-1]) for v, s in zip(variables, states, strict=True)]

    def _strengths(self, *, fading: bool) -> dict[str, Any]:
        """How strongly digits are augmented at a step: as the settings say, or the less the lower the schedule is."""
        strengths = {name: self.hyperparameters[name] for name in STRENGTHS}
        if not fading:
            return strengths
        share = 1 - self.hyperparameters["fade"] / np.float32(100) * (1 - self.factor)
        return {name: strength * share for name, strength in strengths.items()}

    def _decays(self) -> dict[str, Any]:
        """The L2 penalty of each weight. Biases and batch normalisation have none.

        Why biases have none: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.
        """
        decays = {}
        for layer in self.network.architecture.layers:
            match layer.spec:
                case Convolution(decay=own) | Dense(decay=own):
                    common = self.hyperparameters["weight_decay"]
                    decays[f"{layer.name}.W"] = common if own is None else shared(np.float32(own))
        return decays
