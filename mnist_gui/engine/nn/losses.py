"""What training makes small, and what it is judged by."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.special import log_softmax, softmax


def probabilities(logits: Any) -> Any:
    """Softmax of each row: (n, classes) -> (n, classes), each row sums to 1."""
    return softmax(logits, axis=1)


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Negative log-probability of the true class of each digit, in nats.

    The logarithm is taken of the softmax as a whole (`log_softmax` subtracts the largest logit first), so large logits
    neither overflow nor give the logarithm of 0.

    Args:
        logits: float, shape (n, classes).
        labels: integer, shape (n,), 0 to classes - 1.

    Returns:
        An expression of shape (n,) and the dtype of the logits.
    """
    return -log_softmax(logits, axis=1)[pt.arange(labels.shape[0]), labels]


def l2_penalty(parameters: Mapping[str, Any]) -> Any:
    """Half the sum of all squared weights, without the biases.

    With the half, the gradient of ``strength * l2_penalty`` is ``strength * weight``: the strength is what the field
    calls weight decay (and twice the `L2_reg` of the Theano tutorials, which leave the half out). Why biases stay
    out: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.

    Args:
        parameters: shared variables by name; those whose names end in ``.W`` are weights.

    Returns:
        A scalar expression.
    """
    return sum(
        np.float32(0.5) * pt.sum(pt.sqr(variable)) for name, variable in parameters.items() if name.endswith(".W")
    )


def misread(logits: Any, labels: Any) -> Any:
    """Whether the largest logit is not that of the true class: boolean, shape (n,)."""
    return pt.neq(pt.argmax(logits, axis=1), labels)
