"""What training makes small besides the cross-entropy (see `ops.cross_entropy`), and the softmax itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytensor.tensor as pt


def probabilities(logits: Any) -> Any:
    """Softmax of each row: (n, classes) -> (n, classes), each row sums to 1.

    Written out, because PyTensor's own `softmax` is a graph of its own that even the interpreter compiles by Numba.
    """
    powers = pt.exp(logits - pt.max(logits, axis=1, keepdims=True))
    return powers / pt.sum(powers, axis=1, keepdims=True)


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
