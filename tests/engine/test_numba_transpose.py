"""Transposed matrices under Numba: multiplied where they lie, and right whatever the layout of the original."""

import numba
import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.link.numba.dispatch.basic import numba_funcify

from mnist_gui.engine.backend import Backend, Compiler
from mnist_gui.engine.ops import numba_lowering  # noqa: F401 - registers the kernels

NUMBA = Backend(Compiler.NUMBA, "CPU", "test", 1)


def test_that_the_transpose_of_a_matrix_is_known_to_be_contiguous():
    node = pt.matrix("x", dtype="float32").T.owner
    transpose = numba_funcify(node.op, node=node)
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    # Kernels can be called from compiled code only.
    np.testing.assert_array_equal(numba.njit(lambda x: transpose(x))(matrix), matrix.T)
    (signature,) = transpose.nopython_signatures
    assert signature.return_type.layout == "F"


@pytest.mark.parametrize("layout", ["rows", "columns", "every other"])
def test_that_products_with_a_transposed_matrix_are_right(layout):
    x, y = pt.matrix("x", dtype="float32"), pt.matrix("y", dtype="float32")
    product = NUMBA.function([x, y], pt.dot(x, y.T))
    random = np.random.default_rng(3)
    one, other = random.normal(size=(5, 7)).astype(np.float32), random.normal(size=(8, 14)).astype(np.float32)
    other = {"rows": other[:, :7].copy(), "columns": np.asfortranarray(other[:, :7]), "every other": other[:, ::2]}[
        layout
    ]
    np.testing.assert_allclose(product(one, other), one @ other.T, rtol=1e-5)


def test_that_other_orders_of_axes_are_left_to_pytensor():
    x = pt.matrix("x", dtype="float32")
    columns = NUMBA.function([x], x.dimshuffle(1, "x", 0))
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(columns(matrix), matrix.T[:, None])
