"""How PyTensor hands a graph to Numba: as its own linker does, but sooner, and while other threads go on."""

from typing import Any

from pytensor.configdefaults import config
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS
from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key, numba_njit
from pytensor.link.numba.linker import NumbaLinker


class LockReleasingNumbaLinker(NumbaLinker):
    """PyTensor's Numba linker, but the compiled function runs without the interpreter lock.

    WORKAROUND https://github.com/numba/numba/issues/6845: Numba's disk cache does not see the `nogil` flag, so the
    key of the outermost function is changed, lest a function that holds the lock be served.

    PyTensor's own puts another function around that of the graph, for the cache's sake, and both are compiled: a
    sixth of the time that a deep network takes, as each holds the code of all operations. Here there is one.
    """

    def fgraph_convert(self, fgraph: Any, *arguments: Any, **keywords: Any) -> tuple[Any, str | None]:
        """The function of a whole graph, not yet compiled, and its key in the cache; called by PyTensor."""
        function, cache_key = numba_funcify_and_cache_key(fgraph, *arguments, **keywords)
        return function, cache_key

    def jit_compile(self, fn_and_cache: Any) -> Any:
        """Compiles the outermost function of a graph; called by PyTensor."""
        made, cache_key = fn_and_cache
        function = made.py_func
        keep = cache_key is not None
        if keep:
            # Numba's cache goes by the file a function stands in, too; that of this one had a name made at random.
            function.__code__ = function.__code__.replace(co_filename="<graph>")
            CACHED_SRC_FUNCTIONS[function] = f"{cache_key}_fastmath{int(config.numba__fastmath)}_nogil"
        return numba_njit(function, final_function=True, cache=keep, nogil=True, no_cfunc_wrapper=True)
