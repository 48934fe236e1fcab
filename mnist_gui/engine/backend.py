"""What computes: the one place that knows PyTensor's compilers, devices, cache folder and threads.

Import this module before anything else of PyTensor: floatX and the compile folder are read once, when PyTensor is
imported for the first time.

One graph, two compilers. On the CPU PyTensor's Numba linker, changed so that the interpreter lock is released while a
compiled function runs (a window on another thread then stays responsive). On an NVIDIA GPU PyTensor's JAX linker. The
third way, the interpreter, runs each operation's NumPy `perform`: nothing is compiled, so its answers are there
at once; it serves the canvas and everything that is computed only a few times.
"""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from mnist_gui.engine import compile_cache
from mnist_gui.engine.allocation import keep_freed_memory
from mnist_gui.engine.collecting import load_library
from mnist_gui.engine.config import Device, TrainingConfig
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.denormals import denormals_are_zero
from mnist_gui.engine.generated_code import leave_no_files
from mnist_gui.engine.processors import cpu_count


class DeviceError(Exception):
    """The device that was asked for is not there; the message is one sentence for the user."""


class Compiler(StrEnum):
    """Who turns a graph into something that runs."""

    INTERPRETER = "interpreter"
    NUMBA = "Numba"
    JAX = "JAX"


if "pytensor" in sys.modules:
    raise ImportError("mnist_gui.engine.backend must be imported before pytensor, whose settings it makes")

COMPILE_FOLDER: Final = compile_cache.compile_folder()

# No C compiler is looked for (cxx): Numba needs none, and a machine without one behaves the same.
os.environ["PYTENSORRC"] = os.devnull
os.environ["PYTENSOR_FLAGS"] = f"floatX=float32,cxx=,base_compiledir={COMPILE_FOLDER}"
# The threads of OpenMP take up a kernel within microseconds where those of Numba's own layer, which every machine has,
# need 0.15 ms: a fifth of a step of LeNet. They may spin for some microseconds only, while they wait for more: on a
# machine that is busy with something else a step took 2.5 s when they did so for long.
os.environ.setdefault("NUMBA_THREADING_LAYER_PRIORITY", "omp workqueue tbb")
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
# The third level of LLVM's optimisations makes no step shorter, and an eighth of compiling is its.
os.environ.setdefault("NUMBA_OPT", "2")
# JAX would take three quarters of the GPU's memory at first use.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
# What a child compiled for JAX is read here and never written: JAX writes a file in place, and does not replace one
# that was cut short. XLA's own caches would make the name of a file depend on the folder that it was written to.
os.environ |= {
    "JAX_COMPILATION_CACHE_DIR": str(compile_cache.jax_folder()),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "1e9",
    "JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES": "none",
}

# WORKAROUND https://github.com/pymc-devs/pytensor/blob/main/pytensor/utils.py (`add_excepthook`): PyTensor puts a hook
# of its own in place of the window's, to which faults that nobody caught would never come then.
_hook = sys.excepthook

import pytensor  # noqa: E402
import scipy.linalg.cython_blas  # noqa: E402, F401 - the BLAS of Numba, there before its threads are limited
from pytensor.compile.mode import Mode, get_mode  # noqa: E402
from pytensor.graph.features import Feature  # noqa: E402
from pytensor.graph.rewriting.basic import GraphRewriter  # noqa: E402
from pytensor.graph.rewriting.db import RewriteDatabaseQuery  # noqa: E402
from pytensor.link import utils as link_utils  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

sys.excepthook = _hook

# One thread for matrix products, unless a run asks for more (`thread_limits`). Those of a single digit are so small
# that the threads of BLAS only wait for each other: beside a busy processor LeNet read one in 36 ms with two threads,
# in 0.6 ms with one.
threadpool_limits(limits=1, user_api="blas")
keep_freed_memory()
leave_no_files(link_utils)


@dataclass(frozen=True)
class Backend:
    """A compiler on a device.

    Attributes:
        compiler: who compiles.
        device: what the user reads, for example "CPU, 2 threads".
        reason: why this one was chosen.
        threads: number of CPU threads for the kernels.
        platform: what JAX calls the kind of device, "cpu" or "gpu".
    """

    compiler: Compiler
    device: str
    reason: str
    threads: int
    platform: str = "cpu"

    def function(
        self,
        inputs: Sequence[Any],
        outputs: Any,
        updates: Any = None,
        *,
        stopped: Callable[[], bool] | None = None,
    ) -> Any:
        """`pytensor.function` for this backend.

        Nothing is compiled yet: Numba and JAX do that at the first call.

        Args:
            inputs: as for `pytensor.function`, like the next two.
            outputs: expressions.
            updates: pairs of a shared variable and its next value.
            stopped: asked again and again; when it answers yes, `Stopped` is raised.
        """
        mode = _mode(self.compiler)
        if stopped is not None:
            rewriter: Any = _Interruptible(mode.optimizer, stopped)
            mode = Mode(mode.linker, rewriter)
        return pytensor.function(list(inputs), outputs, updates=updates, mode=mode)

    def target(self, config: TrainingConfig, sizes: tuple[int, int, int], launch: int) -> str:
        """What compiled functions of a run depend on besides their graph: nothing, or with JAX all lengths and more.

        Args:
            config: settings of the run.
            sizes: digits of its training, validation and test split.
            launch: number of steps in one call.
        """
        if self.compiler is not Compiler.JAX:
            return ""
        import jax

        settings = [os.environ.get(name, "") for name in ("JAX_DEFAULT_MATMUL_PRECISION", "XLA_FLAGS")]
        return f"{self.device}; JAX {jax.__version__}; {settings}; {launch} x {config.batch_size} of {sizes}"

    def place(self, *variables: Any) -> None:
        """Puts the values of shared variables where they are computed with.

        Under JAX an ordinary shared variable would be sent to the device again at each call; on the CPU there is
        nothing to do. (`set_value` would bring a device array back to NumPy, hence the container.)
        """
        if self.compiler is Compiler.JAX:
            import jax

            for variable in variables:
                variable.container.storage[0] = jax.device_put(variable.container.storage[0])


def compile_only(function: Any, *arguments: Any) -> None:
    """Has JAX compile a function, and computes nothing.

    Args:
        function: made by `Backend.function` for JAX.
        arguments: of the shapes and types that it will be called with.
    """
    for container, argument in zip(function.input_storage, arguments, strict=False):  # shared variables come behind
        container.storage[0] = argument
    function.vm.jit_fn.lower(*(cell[0] for cell in function.vm.inputs)).compile()


class _Interruptible(GraphRewriter):
    """Rewrites a graph, which takes about a second for LeNet, and gives up as soon as it is asked to."""

    def __init__(self, rewriter: Any, stopped: Callable[[], bool]) -> None:
        super().__init__()
        self._rewriter, self._stopped = rewriter, stopped

    def add_requirements(self, fgraph: Any) -> None:
        """Called by PyTensor before `apply`."""
        fgraph.attach_feature(_Interruption(self._stopped))
        self._rewriter.add_requirements(fgraph)

    def apply(self, fgraph: Any, *arguments: Any, **keywords: Any) -> Any:
        """Called by PyTensor."""
        return self._rewriter.apply(fgraph, *arguments, **keywords)


class _Interruption(Feature):
    """Sees every change of a graph."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped

    def clone(self) -> "_Interruption":
        """For a copy of the graph."""
        return _Interruption(self._stopped)

    def on_import(self, *_: Any, **__: Any) -> None:
        """An operation joined the graph."""
        if self._stopped():
            raise Stopped

    def on_change_input(self, *_: Any, **__: Any) -> None:
        """An operation of the graph has another input."""
        if self._stopped():
            raise Stopped


_ALGEBRA: Final = ["local_mul_canonizer", "local_add_canonizer", "local_greedy_distributor"]
"""Rewrites that look for shorter products and sums. A network has none that they shorten, but a third of the time that
rewriting takes is theirs; and what they join has more than two factors, which NumPy computes element by element."""


def _mode(compiler: Compiler) -> Mode:
    match compiler:
        case Compiler.INTERPRETER:
            return Mode("py", RewriteDatabaseQuery(include=["fast_compile"], exclude=_ALGEBRA))
        case Compiler.NUMBA:
            load_library("mnist_gui.engine.kernel_files")
            from mnist_gui.engine import kernel_files

            kernel_files.install()
            load_library("mnist_gui.engine.ops.numba_lowering")  # registers convolution and pooling
            from pytensor.link.numba import cache as numba_cache

            from mnist_gui.engine.ops.numba_linker import LockReleasingNumbaLinker

            leave_no_files(numba_cache)
            rewrites = RewriteDatabaseQuery(include=["fast_run", "numba"], exclude=_ALGEBRA)
            return Mode(LockReleasingNumbaLinker(), rewrites)
        case Compiler.JAX:
            load_library("mnist_gui.engine.ops.jax_lowering")  # registers convolution and pooling
            mode: Mode = get_mode("JAX").excluding(*_ALGEBRA)
            return mode


def load_compilers() -> None:
    """Loads the libraries of the compiler that runs take on this machine, so that a run need not."""
    _mode(choose(Device.AUTO).compiler)


INTERPRETER: Final = Backend(Compiler.INTERPRETER, "CPU", "nothing to compile", 1)
"""The way without compiling."""


def choose(device: Device, threads: int = 0, compiler: Compiler | None = None) -> Backend:
    """The backend for what the user asked for.

    Args:
        device: `auto` takes an NVIDIA GPU when JAX finds one that works, else the CPU.
        threads: CPU threads for the kernels; 0 takes one for each processor.
        compiler: overrules the usual choice (Numba on the CPU, JAX on the GPU).

    Raises:
        DeviceError: what was asked for does not work; the message says why.
    """
    threads = min(threads, cpu_count()) if threads > 0 else cpu_count()
    cpu = f"CPU, {threads} thread{'s' if threads > 1 else ''}"
    reason = "the CPU was asked for"
    if device is not Device.CPU:
        problem = _why_no_gpu()
        if compiler not in (None, Compiler.JAX):
            problem = problem or f"{compiler} computes on the CPU only"
        if not problem:
            import jax

            reason = "an NVIDIA GPU works" if device is Device.AUTO else "the GPU was asked for"
            return Backend(Compiler.JAX, str(jax.devices("gpu")[0].device_kind), reason, threads, "gpu")
        if device is Device.CUDA:
            raise DeviceError(f"No NVIDIA GPU can be used: {problem}")
        reason = f"no GPU: {problem}"
    if compiler is Compiler.JAX and importlib.util.find_spec("jax") is None:
        raise DeviceError("JAX is not installed (pip install 'mnist-gui[cuda]')")
    return Backend(compiler or Compiler.NUMBA, cpu, reason, threads)


def _why_no_gpu() -> str:
    """Why there is no GPU to compute on, as the end of a sentence; empty when there is one."""
    if not (Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidiactl").exists()):
        return "this computer has no NVIDIA driver"
    if importlib.util.find_spec("jax") is None:
        return "JAX is not installed (pip install 'mnist-gui[cuda]')"
    try:
        import jax
    except Exception as error:  # noqa: BLE001 - whatever is wrong with that library, the CPU works without it
        return f"JAX cannot be loaded ({_first_line(error)})"
    try:
        jax.devices("gpu")
    except RuntimeError as error:
        return f"JAX finds none ({_first_line(error)})"
    return ""


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


@contextmanager
def thread_limits(backend: Backend) -> Iterator[None]:
    """Sets the number of threads of the kernels and of BLAS while a run goes on, and the device of JAX.

    A fixed number of threads is part of reproducibility: sums depend on it in their last bits. The calling thread
    takes numbers that are nearly zero for zero if kernels of Numba are to run in it; those of JAX do so by themselves.
    """
    with ExitStack() as stack:
        if backend.compiler is Compiler.NUMBA:
            load_library("numba")
            import numba

            stack.callback(numba.set_num_threads, numba.get_num_threads())
            numba.set_num_threads(min(backend.threads, numba.config.NUMBA_NUM_THREADS))
            stack.enter_context(denormals_are_zero())
        if backend.compiler is Compiler.JAX:
            import jax

            stack.enter_context(jax.default_device(jax.devices(backend.platform)[0]))
        # Large products run on the threads of Numba (`ops.numba_dot`), and two kinds of threads wait for each other.
        of_blas = 1 if backend.compiler is Compiler.NUMBA else backend.threads
        stack.enter_context(threadpool_limits(limits=of_blas, user_api="blas"))
        yield
