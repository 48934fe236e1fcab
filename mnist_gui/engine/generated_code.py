"""The functions that PyTensor generates leave no files behind.

PyTensor writes the source of each to a temporary file, some fifty for a run, and removes none. Only a traceback reads
such a file, to quote a line of it; so here it goes as soon as the function is there.

WORKAROUND https://github.com/pymc-devs/pytensor/blob/main/pytensor/link/utils.py (`compile_function_src`): there is no
setting for this, so what the modules of PyTensor call to make the files is replaced.
"""

from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Any


def _removed_when_closed(**_: Any) -> Any:
    """A temporary file that goes when it is closed; PyTensor asks for one that stays (`delete=False`)."""
    return NamedTemporaryFile()


def leave_no_files(module: ModuleType) -> None:
    """From now on what this module of PyTensor generates stays in memory.

    Args:
        module: `pytensor.link.utils` (for JAX and Numba) or `pytensor.link.numba.cache`.
    """
    module.NamedTemporaryFile = _removed_when_closed  # type: ignore[attr-defined]
