"""Softmax cross-entropy of a minibatch, and how many of its digits are misread, in one pass.

With logits ``z`` (n, classes), labels ``t`` (n,) and a share ``s`` of each label that is spread over all classes
(label smoothing: Szegedy et al., arXiv:1512.00567, section 7)::

    q[n, c] = s / classes + (1 - s if c == t[n] else 0)
    loss = sum over n of log(sum over c of exp(z[n, c])) - sum over c of q[n, c] z[n, c]
    d loss / d z[n, c] = softmax(z[n])[c] - q[n, c]

The largest logit of each row is subtracted first, so that large logits neither overflow nor give the logarithm of 0.
A digit is misread unless its class alone has the largest logit: a tie is no reading, and neither is a NaN, so a
network that says the same of all classes reads nothing.

Theano had this as one operation as well (`CrossentropySoftmaxArgmax1HotWithBias`). Put together from PyTensor's
`log_softmax`, indexing and `argmax` it takes Numba about half a minute to compile; so it takes less than one second.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply
from pytensor.tensor.type import TensorType

from mnist_gui.engine.ops.shaped_op import ShapedOp


def cross_entropy(logits: Any, labels: Any, smoothing: Any = 0.0) -> tuple[Any, Any]:
    """Sum of the losses of a minibatch, and number of its digits misread.

    Args:
        logits: float, shape (n, classes).
        labels: integer, shape (n,), 0 to classes - 1.
        smoothing: scalar, 0 to 1, the share of each label that is spread over all classes.

    Returns:
        Two scalar expressions: negative log-probability of the labels in nats, of the dtype of the logits; and a
        count, int64.

    Raises:
        TypeError: logits are no float matrix, or labels no vector of integers.
    """
    logits = pt.as_tensor_variable(logits)
    loss, misread = CrossEntropy().make_node(logits, labels, _like(smoothing, logits)).outputs
    return loss, misread


class CrossEntropy(ShapedOp):
    """The measure itself: (logits, labels, smoothing) -> (sum of losses, number misread)."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; see `cross_entropy` for the arguments and what is raised."""
        logits, labels, smoothing = map(pt.as_tensor_variable, inputs)
        if logits.type.ndim != 2 or logits.type.dtype not in ("float32", "float64"):
            raise TypeError(f"logits must be a float matrix, got {logits.type}")
        if labels.type.ndim != 1 or "int" not in labels.type.dtype:
            raise TypeError(f"labels must be a vector of integers, got {labels.type}")
        return Apply(self, [logits, labels, smoothing], [TensorType(logits.type.dtype, shape=())(), pt.lscalar()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        logits, labels, smoothing = inputs
        shifted = logits - logits.max(axis=1, keepdims=True)
        of_label = shifted[np.arange(len(labels)), labels]
        losses = np.log(np.exp(shifted).sum(axis=1)) - of_label
        if smoothing:
            losses += smoothing * (of_label - shifted.mean(axis=1))
        output_storage[0][0] = np.asarray(losses.sum(), dtype=logits.dtype)
        output_storage[1][0] = np.asarray(((shifted >= of_label[:, None]).sum(axis=1) != 1).sum(), dtype=np.int64)

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """Both results are scalars."""
        return [(), ()]

    def connection_pattern(self, node: Apply[Any]) -> list[list[bool]]:
        """The loss depends on the logits smoothly; nothing else has a gradient."""
        return [[True, False], [False, False], [False, False]]

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Gradient with respect to the logits."""
        logits, labels, smoothing = inputs
        if isinstance(cotangents[0].type, DisconnectedType):
            return [logits.zeros_like(), disconnected_type(), disconnected_type()]
        gradient = CrossEntropyGradient()(logits, labels, smoothing, cotangents[0])
        return [gradient, disconnected_type(), disconnected_type()]


class CrossEntropyGradient(ShapedOp):
    """Gradient with respect to the logits: (logits, labels, smoothing, gradient of the sum) -> that of the logits."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply[Any]:
        """One application of this Op; the gradient of the sum is a scalar of the dtype of the logits."""
        logits, labels, smoothing, cotangent = map(pt.as_tensor_variable, inputs)
        return Apply(self, [logits, labels, smoothing, cotangent], [logits.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """The NumPy reference."""
        logits, labels, smoothing, cotangent = inputs
        gradient: NDArray[Any] = np.exp(logits - logits.max(axis=1, keepdims=True))
        gradient /= gradient.sum(axis=1, keepdims=True)
        gradient[np.arange(len(labels)), labels] -= 1 - smoothing
        gradient -= smoothing / logits.shape[1]
        gradient *= cotangent
        output_storage[0][0] = gradient

    def result_shapes(self, shapes: list[Any]) -> list[Any]:
        """The gradient is shaped like the logits."""
        return [shapes[0]]


def _like(smoothing: Any, logits: Any) -> Any:
    """A number as a constant of the dtype of the logits; an expression as it is."""
    if isinstance(smoothing, float | int):
        return pt.constant(np.asarray(smoothing, logits.type.dtype))
    return smoothing
