"""Functions made by PyTensor's compilers, and the folder for temporary files."""

import tempfile

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.backend import Backend, Compiler


@pytest.mark.parametrize("compiler", [Compiler.NUMBA, Compiler.JAX])
def test_that_making_functions_leaves_no_temporary_files(compiler, tmp_path, monkeypatch):
    pytensor = backend.pytensor
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    values = pytensor.tensor.vector("values", dtype="float32")
    made = Backend(compiler, "CPU", "a test", 1).function([values], 2 * pytensor.tensor.zeros_like(values) + values)
    assert np.asarray(made(np.ones(3, np.float32))).tolist() == [1, 1, 1]
    assert not list(tmp_path.iterdir())
