"""Rules that turn gradients into new weights.

Each returns updates as `pytensor.function` takes them: pairs of a shared variable and its next value, for the weights
and for what the rule itself remembers from step to step. Hyper-parameters are shared scalars, so that a new value
acts at the next step and nothing is compiled again.

Conventions are PyTorch's: the velocity of momentum collects gradients and is multiplied by the learning rate when it
is used, ``v = m v + g; w = w - r v``. (Sutskever et al. and Lasagne put the rate inside, ``v = m v - r g; w = w + v``.
Both give the same weights while the rate is constant; here a new rate acts on the whole step at once.)
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pytensor
import pytensor.tensor as pt

from mnist_gui.engine.config import Updates

EPSILON: Final = np.float32(1e-8)
"""Keeps RMSprop and Adam from dividing by zero (Kingma and Ba; PyTorch's default for both)."""

ADAM_DECAYS: Final = (0.9, 0.999)
"""Decay of Adam's averages of the gradient and of its square (Kingma and Ba, arXiv:1412.6980, algorithm 1)."""

Gradients = list[tuple[Any, Any]]
"""Pairs of a shared variable and the gradient of the loss with respect to it."""

Pairs = list[tuple[Any, Any]]
"""Pairs of a shared variable and its next value."""


def make_updates(
    updates: Updates, loss: Any, parameters: Mapping[str, Any], hyperparameters: Mapping[str, Any]
) -> Pairs:
    """Updates that make a loss smaller.

    Args:
        updates: by which rule.
        loss: what is to become smaller, a scalar float32 expression.
        parameters: the weights, shared float32 variables by name.
        hyperparameters: shared float32 scalars: "learning_rate", and "momentum" (0 to 1; the share of the last step
            that momentum and Nesterov keep, or of RMSprop's average; plain SGD and Adam do not use it).
    """
    weights = list(parameters.values())
    slopes: Any = pytensor.grad(loss, weights)
    gradients = list(zip(weights, slopes, strict=True))
    rate, momentum = hyperparameters["learning_rate"], hyperparameters["momentum"]
    match updates:
        case Updates.SGD:
            return sgd(gradients, rate)
        case Updates.MOMENTUM:
            return with_momentum(gradients, rate, momentum)
        case Updates.NESTEROV:
            return nesterov(gradients, rate, momentum)
        case Updates.RMSPROP:
            return rmsprop(gradients, rate, momentum)
        case Updates.ADAM:
            return adam(gradients, rate)


def sgd(gradients: Gradients, rate: Any) -> Pairs:
    """Stochastic gradient descent: ``w = w - r g``."""
    return [(w, w - rate * g) for w, g in gradients]


def with_momentum(gradients: Gradients, rate: Any, momentum: Any) -> Pairs:
    """Momentum: ``v = m v + g; w = w - r v`` (Polyak, "Some methods of speeding up ...", 1964)."""
    pairs: Pairs = []
    for w, g in gradients:
        velocity = _zeros_like(w, "velocity")
        faster = momentum * velocity + g
        pairs += [(velocity, faster), (w, w - rate * faster)]
    return pairs


def nesterov(gradients: Gradients, rate: Any, momentum: Any) -> Pairs:
    """Nesterov momentum: ``v = m v + g; w = w - r (g + m v)``.

    The form of Bengio, Boulanger-Lewandowski and Pascanu, arXiv:1212.0901, section 3.5, in which the weights that are
    kept are those at which the gradient is taken.
    """
    pairs: Pairs = []
    for w, g in gradients:
        velocity = _zeros_like(w, "velocity")
        faster = momentum * velocity + g
        pairs += [(velocity, faster), (w, w - rate * (g + momentum * faster))]
    return pairs


def rmsprop(gradients: Gradients, rate: Any, decay: Any) -> Pairs:
    """RMSprop: ``s = d s + (1 - d) g²; w = w - r g / (sqrt(s) + 1e-8)``.

    Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012.
    """
    pairs: Pairs = []
    for w, g in gradients:
        square = _zeros_like(w, "square")
        average = decay * square + (np.float32(1) - decay) * pt.sqr(g)
        pairs += [(square, average), (w, w - rate * g / (pt.sqrt(average) + EPSILON))]
    return pairs


def adam(gradients: Gradients, rate: Any) -> Pairs:
    """Adam: averages of the gradient and of its square, corrected for having started at zero.

    ``m = a m + (1-a) g; s = b s + (1-b) g²; w = w - r (m / (1-a^t)) / (sqrt(s / (1-b^t)) + 1e-8)``, where t counts
    steps from 1: Kingma and Ba, arXiv:1412.6980, algorithm 1.
    """
    steps = pytensor.shared(np.float32(0), name="steps")
    step = steps + np.float32(1)
    pairs: Pairs = [(steps, step)]
    first, second = (np.float32(decay) for decay in ADAM_DECAYS)
    # In float32, 1 - b^t keeps few digits while b^t is close to 1; expm1 keeps them all.
    first_seen, second_seen = (-pt.expm1(step * np.float32(np.log(decay))) for decay in ADAM_DECAYS)
    for w, g in gradients:
        mean, square = _zeros_like(w, "mean"), _zeros_like(w, "square")
        next_mean = first * mean + (np.float32(1) - first) * g
        next_square = second * square + (np.float32(1) - second) * pt.sqr(g)
        stride = (next_mean / first_seen) / (pt.sqrt(next_square / second_seen) + EPSILON)
        pairs += [(mean, next_mean), (square, next_square), (w, w - rate * stride)]
    return pairs


def _zeros_like(variable: Any, name: str) -> Any:
    """A shared variable of zeros, shaped like another; `name` says what of it is remembered here."""
    value = np.zeros_like(variable.get_value(borrow=True))
    return pytensor.shared(value, name=f"{variable.name}.{name}", shape=variable.type.shape)
