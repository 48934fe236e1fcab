"""First values of weights.

Both draw uniformly from an interval around zero whose width keeps the variance of the signal from layer to layer.
Fan-in is the number of inputs that one unit sees, fan-out the number of units that one input reaches.
"""

import math

import numpy as np
from numpy.typing import NDArray


def glorot_uniform(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Values for a layer without non-linearity, or with tanh: uniform in ±sqrt(6 / (fan-in + fan-out)).

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, equation 16.

    Args:
        generator: source of the random numbers.
        shape: (in, out) of a dense layer or (height, width, in, out) of a convolution.

    Returns:
        float32 array of that shape.
    """
    fan_in, fan_out = _fans(shape)
    return _uniform(generator, shape, math.sqrt(6 / (fan_in + fan_out)))


def he_uniform(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Values for a layer with ReLU, which loses half the variance: uniform in ±sqrt(6 / fan-in).

    He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", arXiv:1502.01852, equation 10.

    Args:
        generator: source of the random numbers.
        shape: (in, out) of a dense layer or (height, width, in, out) of a convolution.

    Returns:
        float32 array of that shape.
    """
    fan_in, _ = _fans(shape)
    return _uniform(generator, shape, math.sqrt(6 / fan_in))


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    positions = math.prod(shape[:-2])
    return positions * shape[-2], positions * shape[-1]


def _uniform(generator: np.random.Generator, shape: tuple[int, ...], limit: float) -> NDArray[np.float32]:
    return generator.uniform(-limit, limit, shape).astype(np.float32)
