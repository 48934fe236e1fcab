"""New values of large matrices under Numba: shared out among threads, and the same."""

import numpy as np
import pytest

from mnist_gui.engine.backend import Backend, Compiler
from mnist_gui.engine.ops.numba_elemwise import is_shared_out

import pytensor  # isort: skip
from pytensor.tensor.elemwise import Elemwise  # isort: skip

NUMBA = Backend(Compiler.NUMBA, "CPU", "test", 1)


def stepping(shape):
    """A step of momentum on weights of this shape, the weights, and the nodes that are shared out."""
    random = np.random.default_rng(1)
    weights, velocity, gradient = (
        pytensor.shared(random.normal(size=shape).astype(np.float32), shape=shape) for _ in range(3)
    )
    rate = pytensor.shared(np.float32(0.5))
    faster = np.float32(0.9) * velocity + gradient
    step = NUMBA.function([], [], [(velocity, faster), (weights, weights - rate * faster)])
    nodes = [node for node in step.maker.fgraph.toposort() if isinstance(node.op, Elemwise)]
    expected = weights.get_value() - 0.5 * (0.9 * velocity.get_value() + gradient.get_value())
    return step, weights, expected, [node for node in nodes if is_shared_out(node.op, node)]


@pytest.mark.parametrize(("shape", "shared_out"), [((401, 300), 1), ((300, 20), 0), ((3, 3, 200, 80), 0)])
def test_that_weights_are_changed_rightly_and_large_matrices_by_all_threads(shape, shared_out):
    step, weights, expected, nodes = stepping(shape)
    step()
    np.testing.assert_allclose(weights.get_value(), expected, rtol=1e-5, atol=1e-6)
    assert len(nodes) == shared_out
