"""The compiled functions of a run: one that learns from minibatches, one that judges.

The graph is built once. Its shared variables serve the functions of every compiler, so a run may begin with those of
one and go on with those of another.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_gui.engine.backend import Backend, compile_only
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.graph import LearningGraph
from mnist_gui.engine.memory import lacks_memory

JUDGED_AT_ONCE: Final = {"cpu": 500, "gpu": 2_500}
"""Digits of a split read in one call, by the kind of device. Between two calls a stop is heard, and each call costs a
GPU as much time as it reads hundreds of digits in."""

_FEWEST_AT_ONCE: Final = 16
"""Where there is no memory for a call, half as many digits are tried, down to about so many."""


class Judged(NamedTuple):
    """What came of reading some digits.

    Attributes:
        loss: the sum of their losses, nats.
        wrong: how many of them were misread.
        logits: what the network says of them before the softmax, float32 of shape (n, 10).
    """

    loss: float
    wrong: int
    logits: NDArray[np.float32]


def _never() -> bool:
    return False


class TrainingFunctions:
    """Network, data and functions of one run.

    Attributes:
        backend: whose functions are in use.
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
        stopped: Callable[[], bool] = _never,
    ) -> None:
        """Builds the graph and the function that learns; what is compiled is so at the first calls.

        Args:
            backend: compiler and device.
            config: settings of the run; the first weights come from its seed.
            images: the training digits, uint8 (n, 28, 28), read-only; not copied on the CPU.
            labels: their labels, uint8 (n,).
            stopped: asked again and again while functions are built; `Stopped` is raised when it answers yes.
        """
        self._stopped = stopped
        self._graph = LearningGraph(config, images, labels, self._check)
        self.backend = backend
        self.network, self.reader = self._graph.network, self._graph.reader
        self.hyperparameters = self._graph.hyperparameters
        self._prepared: tuple[Backend, Any] | None = None
        self._steps: dict[int, Any] = {}
        self._judge: Any = None
        self._most_at_once = max(JUDGED_AT_ONCE.values())
        self._pool: NDArray[np.uint8] | None = None
        self._use(backend, self._step_function(backend))

    def _check(self) -> None:
        if self._stopped():
            raise Stopped

    # ---- the functions of a compiler
    def prepare(self, backend: Backend) -> None:
        """Builds the function that learns for another backend, so that changing to it is quick."""
        if self._prepared is None:
            self._prepared = backend, self._step_function(backend)

    def change_to(self, backend: Backend) -> None:
        """Goes on with the functions of another backend, and with the same weights."""
        self.prepare(backend)
        assert self._prepared is not None, "it was prepared just now"
        backend, step = self._prepared
        self._use(backend, step)

    def _use(self, backend: Backend, step: Any) -> None:
        self.backend, self._prepared, self._steps = backend, None, {1: step}
        self._judge = self._pool = None
        for variable in step.get_shared():
            # The interpreter may leave scalars that are no arrays, and matrices with their rows side by side, which
            # Numba would compile anew for.
            storage = variable.container.storage
            if not (isinstance(storage[0], np.ndarray) and storage[0].flags.c_contiguous):
                storage[0] = np.array(storage[0], order="C")
        backend.place(*step.get_shared())

    def _step_function(self, backend: Backend) -> Any:
        graph = self._graph
        return self._function(backend, [graph.indices, graph.factor], graph.loss, graph.updates)

    def _function(self, backend: Backend, inputs: list[Any], outputs: Any, updates: Any = None) -> Any:
        function = backend.function(inputs, outputs, updates, stopped=self._stopped)
        function.trust_input = True  # their types are right, and looking takes a fifth of a small step
        return function

    # ---- learning
    def step(self, indices: NDArray[np.int32], factor: float = 1.0) -> float:
        """Learns from a minibatch.

        Args:
            indices: which training digits, int32 (n,).
            factor: what the schedule multiplies the learning rate by.

        Returns:
            The mean loss of the minibatch before the step, nats per digit, without the penalty on weights.
        """
        return float(self._steps[1](indices, np.asarray(factor, np.float32)))

    def learn(self, indices: NDArray[np.int32], factors: NDArray[np.float32]) -> list[float]:
        """Makes steps, in one call.

        Args:
            indices: which training digits, int32 (count, n); count is one of `launch_sizes` of the compiler.
            factors: what the schedule multiplies the learning rate by, float32 (count,).

        Returns:
            The loss of each step, as of `step`.
        """
        count = len(indices)
        if count == 1:
            return [self.step(indices[0], factors[0])]
        losses: list[float] = np.asarray(self._launch(count)(indices, factors)).tolist()
        return losses

    def _launch(self, count: int) -> Any:
        if count not in self._steps:
            self._steps[count] = self._function(self.backend, *self._graph.many_steps(count))
        return self._steps[count]

    def compile_learning(self, batch_size: int, count: int) -> None:
        """Has JAX compile what `learn` will call, and learns nothing.

        Args:
            batch_size: digits in a minibatch.
            count: steps in a call.
        """
        if count == 1:
            compile_only(self._steps[1], np.zeros(batch_size, np.int32), np.ones((), np.float32))
        else:
            compile_only(self._launch(count), np.zeros((count, batch_size), np.int32), np.ones(count, np.float32))

    def set_hyperparameter(self, name: str, value: float) -> None:
        """A setting has another value from the next step on."""
        self.hyperparameters[name].set_value(np.float32(value))
        self.backend.place(self.hyperparameters[name])

    # ---- judging
    def set_pool(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        """Says which digits `read` and `judge` read: those of one split, read-only.

        They stay on the device until others come, so that a look at the same split sends nothing.
        """
        graph = self._graph
        if self._judge is None:
            self._judge = self._function(self.backend, [graph.indices], graph.judged)
        if self._pool is None or images.__array_interface__ != self._pool.__array_interface__:
            graph.pool_images.set_value(images, borrow=True)
            graph.pool_labels.set_value(labels, borrow=True)
            self.backend.place(*self._judge.get_shared())
            self._pool = images

    def read(self, count: int) -> Iterator[Judged]:
        """Reads the first so many digits of the pool, as many in a call as the device reads well and has memory for.

        Raises:
            Stopped: the run was asked to stop; that is asked before each call.
        """
        start = 0
        while start < count:
            self._check()
            places = np.arange(start, min(start + self._at_once, count), dtype=np.int32)
            try:
                judged = self.judge(places)
            except Exception as error:
                if len(places) <= _FEWEST_AT_ONCE or not lacks_memory(error):
                    raise
                self._most_at_once = len(places) // 2
            else:
                yield judged
                start += len(places)

    @property
    def _at_once(self) -> int:
        return min(self._most_at_once, JUDGED_AT_ONCE[self.backend.platform])

    def judge(self, indices: NDArray[np.int32]) -> Judged:
        """Reads digits of the pool with the weights as they are, in one call."""
        loss, wrong, logits = self._judge(indices)
        return Judged(float(loss), int(wrong), np.asarray(logits))

    def compile_judging(self, count: int) -> None:
        """Has JAX compile what `read` will call for so many digits of the pool, and reads none."""
        for length in {min(self._at_once, count - start) for start in range(0, count, self._at_once)}:
            compile_only(self._judge, np.zeros(length, np.int32))

    def read_with(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Judges with other weights from now on; learning is over."""
        self.reader.set_weights(weights)
        self.backend.place(*self.reader.parameters.values())
