"""The softmax. What training makes small is in `ops.cross_entropy`; penalties on weights are in `updates`."""

from typing import Any

import pytensor.tensor as pt


def probabilities(logits: Any) -> Any:
    """Softmax of each row: (n, classes) -> (n, classes), each row sums to 1.

    Written out, because PyTensor's own `softmax` is a graph of its own that even the interpreter compiles by Numba.
    """
    powers = pt.exp(logits - pt.max(logits, axis=1, keepdims=True))
    return powers / pt.sum(powers, axis=1, keepdims=True)
