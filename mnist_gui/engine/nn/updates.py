"""Rules that turn gradients into new weights.

Each returns updates as `pytensor.function` takes them: pairs of a shared variable and its next value, for the weights
and for what the rule itself remembers from step to step. Hyper-parameters are shared scalars, so that a new value
acts at the next step and nothing is compiled again.

Conventions are PyTorch's: the velocity of momentum collects gradients and is multiplied by the learning rate when it
is used, ``v = m v + g; w = w - r v``. (Sutskever et al. and Lasagne put the rate inside, ``v = m v - r g; w = w + v``.
Both give the same weights while the rate is constant; here a new rate acts on the whole step at once.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pytensor
import pytensor.tensor as pt

from mnist_gui.engine.config import Updates

EPSILON: Final = np.float32(1e-8)
"""Keeps RMSprop, Adagrad and Adam from dividing by zero (Kingma and Ba; PyTorch's default for RMSprop and Adam)."""

ADADELTA_EPSILON: Final = np.float32(1e-6)
"""Adadelta's own, which also sets the size of its first steps (Zeiler, arXiv:1212.5701; PyTorch's default)."""

Gradients = list[tuple[Any, Any]]
"""Pairs of a shared variable and the gradient of the loss with respect to it."""

Pairs = list[tuple[Any, Any]]
"""Pairs of a shared variable and its next value."""


@dataclass(frozen=True)
class Rule:
    """What a rule is given besides gradients; all are float32 scalar expressions.

    Attributes:
        rate: the learning rate at this step.
        momentum: 0 to 1, the share of the last step that is kept (momentum, Nesterov; beta 1 of Adam and AdamW).
        square_decay: 0 to 1, how slowly the average of squared gradients forgets (RMSprop, Adadelta; beta 2 of Adam
            and AdamW).
        decays: strength of the penalty on weights, by the name of a parameter; others have none.
    """

    rate: Any
    momentum: Any
    square_decay: Any
    decays: Mapping[str, Any]


def make_updates(updates: Updates, loss: Any, parameters: Mapping[str, Any], rule: Rule) -> Pairs:
    """Updates that make a loss smaller, and weights with it.

    The penalty on a weight is half its square times its decay, so its gradient is decay times weight: the strength is
    what the field calls weight decay (and twice the `L2_reg` of the Theano tutorials, which leave the half out).
    AdamW takes this part out of its averages (Loshchilov and Hutter, arXiv:1711.05101).

    Args:
        updates: by which rule.
        loss: what is to become smaller, a scalar float32 expression.
        parameters: the weights, shared float32 variables by name.
        rule: hyper-parameters.
    """
    weights = list(parameters.values())
    slopes: Any = pytensor.grad(loss, weights)
    gradients: Gradients = list(zip(weights, slopes, strict=True))
    if updates is Updates.ADAMW:
        pairs = adam(gradients, rule)
        decayed = {parameters[name]: rule.rate * decay for name, decay in rule.decays.items()}
        return [(w, value - decayed[w] * w if w in decayed else value) for w, value in pairs]
    decays = {parameters[name]: decay for name, decay in rule.decays.items()}
    return _RULES[updates]([(w, g + decays[w] * w if w in decays else g) for w, g in gradients], rule)


def sgd(gradients: Gradients, rule: Rule) -> Pairs:
    """Stochastic gradient descent: ``w = w - r g``."""
    return [(w, w - rule.rate * g) for w, g in gradients]


def with_momentum(gradients: Gradients, rule: Rule) -> Pairs:
    """Momentum: ``v = m v + g; w = w - r v`` (Polyak, "Some methods of speeding up ...", 1964)."""
    pairs: Pairs = []
    for w, g in gradients:
        velocity = _zeros_like(w, "velocity")
        faster = rule.momentum * velocity + g
        pairs += [(velocity, faster), (w, w - rule.rate * faster)]
    return pairs


def nesterov(gradients: Gradients, rule: Rule) -> Pairs:
    """Nesterov momentum: ``v = m v + g; w = w - r (g + m v)``.

    The form of Bengio, Boulanger-Lewandowski and Pascanu, arXiv:1212.0901, section 3.5, in which the weights that are
    kept are those at which the gradient is taken.
    """
    pairs: Pairs = []
    for w, g in gradients:
        velocity = _zeros_like(w, "velocity")
        faster = rule.momentum * velocity + g
        pairs += [(velocity, faster), (w, w - rule.rate * (g + rule.momentum * faster))]
    return pairs


def rmsprop(gradients: Gradients, rule: Rule) -> Pairs:
    """RMSprop: ``s = d s + (1 - d) g²; w = w - r g / (sqrt(s) + 1e-8)``.

    Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012.
    """
    pairs: Pairs = []
    for w, g in gradients:
        square, average = _average_of_squares(w, g, rule.square_decay)
        pairs += [(square, average), (w, w - rule.rate * g / (pt.sqrt(average) + EPSILON))]
    return pairs


def adagrad(gradients: Gradients, rule: Rule) -> Pairs:
    """Adagrad: ``s = s + g²; w = w - r g / (sqrt(s) + 1e-8)``.

    Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 12, 2011, in its diagonal form.
    """
    pairs: Pairs = []
    for w, g in gradients:
        square = _zeros_like(w, "square")
        total = square + pt.sqr(g)
        pairs += [(square, total), (w, w - rule.rate * g / (pt.sqrt(total) + EPSILON))]
    return pairs


def adadelta(gradients: Gradients, rule: Rule) -> Pairs:
    """Adadelta: each step is as long as the average step so far, relative to the average gradient.

    ``s = d s + (1-d) g²; u = g sqrt(t + e) / sqrt(s + e); t = d t + (1-d) u²; w = w - r u`` with e = 1e-6: Zeiler,
    arXiv:1212.5701, algorithm 1, with a rate r (1 in the paper).
    """
    pairs: Pairs = []
    one = np.float32(1)
    for w, g in gradients:
        square, average = _average_of_squares(w, g, rule.square_decay)
        steps = _zeros_like(w, "steps")
        step = g * pt.sqrt(steps + ADADELTA_EPSILON) / pt.sqrt(average + ADADELTA_EPSILON)
        next_steps = rule.square_decay * steps + (one - rule.square_decay) * pt.sqr(step)
        pairs += [(square, average), (steps, next_steps), (w, w - rule.rate * step)]
    return pairs


def adam(gradients: Gradients, rule: Rule) -> Pairs:
    """Adam: averages of the gradient and of its square, corrected for having started at zero.

    ``m = a m + (1-a) g; s = b s + (1-b) g²; w = w - r (m / (1-a^t)) / (sqrt(s / (1-b^t)) + 1e-8)``, where t counts
    steps from 1: Kingma and Ba, arXiv:1412.6980, algorithm 1.
    """
    one = np.float32(1)
    # What 1 - a^t and 1 - b^t were: x = 1 - (1 - x) d gives the next one without losing digits.
    seen = pytensor.shared(np.float32(0), name="mean.seen")
    square_seen = pytensor.shared(np.float32(0), name="square.seen")
    next_seen = seen * rule.momentum + (one - rule.momentum)
    next_square_seen = square_seen * rule.square_decay + (one - rule.square_decay)
    pairs: Pairs = [(seen, next_seen), (square_seen, next_square_seen)]
    for w, g in gradients:
        mean = _zeros_like(w, "mean")
        next_mean = rule.momentum * mean + (one - rule.momentum) * g
        square, next_square = _average_of_squares(w, g, rule.square_decay)
        stride = (next_mean / next_seen) / (pt.sqrt(next_square / next_square_seen) + EPSILON)
        pairs += [(mean, next_mean), (square, next_square), (w, w - rule.rate * stride)]
    return pairs


_RULES: Final = {
    Updates.SGD: sgd,
    Updates.MOMENTUM: with_momentum,
    Updates.NESTEROV: nesterov,
    Updates.RMSPROP: rmsprop,
    Updates.ADAGRAD: adagrad,
    Updates.ADADELTA: adadelta,
    Updates.ADAM: adam,
}


def averaging(network: Mapping[str, Any], averages: Mapping[str, Any], pairs: Pairs, memory: Any, step: Any) -> Pairs:
    """Updates of a moving average of weights: ``a = m a + (1-m) w`` with the next value of w.

    At first the average remembers less, ``m = min(memory, (1 + t) / (10 + t))`` at step t, so that the random first
    weights are soon forgotten (the `num_updates` of TensorFlow's ExponentialMovingAverage).

    Args:
        network: the weights, shared variables by name.
        averages: shared variables of the same names and shapes.
        pairs: the updates of the weights; a weight without one keeps its value.
        memory: float32 scalar expression, 0 to 1.
        step: how many steps were made before this one, float32 scalar expression.
    """
    following = dict(pairs)
    kept = pt.minimum(memory, (step + np.float32(1)) / (step + np.float32(10)))
    return [
        (averages[name], kept * averages[name] + (np.float32(1) - kept) * following.get(w, w))
        for name, w in network.items()
    ]


def _average_of_squares(variable: Any, gradient: Any, decay: Any) -> tuple[Any, Any]:
    """The average of squared gradients that a rule remembers, and its next value."""
    square = _zeros_like(variable, "square")
    return square, decay * square + (np.float32(1) - decay) * pt.sqr(gradient)


def _zeros_like(variable: Any, name: str) -> Any:
    """A shared variable of zeros, shaped like another; `name` says what of it is remembered here."""
    value = np.zeros_like(variable.get_value(borrow=True))
    return pytensor.shared(value, name=f"{variable.name}.{name}", shape=variable.type.shape)
