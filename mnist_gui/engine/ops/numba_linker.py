"""How PyTensor hands a graph to Numba: as its own linker does, but so that other threads go on meanwhile."""

from typing import Any

from pytensor.link.numba.linker import NumbaLinker


class LockReleasingNumbaLinker(NumbaLinker):
    """PyTensor's Numba linker, but the compiled function runs without the interpreter lock.

    WORKAROUND https://github.com/numba/numba/issues/6845: Numba's disk cache does not see the `nogil` flag, so the
    key of the outermost function is changed, lest a function that holds the lock be served.
    """

    def jit_compile(self, fn_and_cache: Any) -> Any:
        """Compiles the outermost function of a graph; called by PyTensor."""
        from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS
        from pytensor.link.numba.dispatch.basic import numba_njit

        function, cache_key = fn_and_cache
        if cache_key is not None:
            CACHED_SRC_FUNCTIONS[function.py_func] = f"{cache_key}_nogil"
        return numba_njit(function.py_func, final_function=True, cache=cache_key is not None, nogil=True)
