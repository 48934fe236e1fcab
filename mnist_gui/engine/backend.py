"""What computes: the one place that knows PyTensor's compilers, devices, cache folder and threads.

Import this module before anything else of PyTensor: floatX and the compile folder are read once, when PyTensor is
imported for the first time.

One graph, two compilers. On the CPU PyTensor's Numba linker, changed so that the interpreter lock is released while a
compiled function runs (a window on another thread then stays responsive). On an NVIDIA GPU PyTensor's JAX linker. The
third way, the interpreter, runs each operation's NumPy `perform`: nothing is compiled, so its answers are there
at once; it serves the canvas and everything that is computed only a few times.
"""

import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import platformdirs

from mnist_gui.engine.collecting import load_library
from mnist_gui.engine.config import Device


class DeviceError(Exception):
    """The device that was asked for is not there; the message is one sentence for the user."""


class Compiler(StrEnum):
    """Who turns a graph into something that runs."""

    INTERPRETER = "interpreter"
    NUMBA = "Numba"
    JAX = "JAX"


def _source_digest() -> str:
    """Changes with the source of the graphs: what was compiled from older source must not be taken from the cache."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    graphs = [folder / name for name in ("backend.py", "networks.py", "functions.py", "threefry.py", "warping.py")]
    for path in sorted([*folder.glob("ops/*.py"), *folder.glob("nn/*.py"), *graphs]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def compile_folder() -> Path:
    """The application's own folder for compiled functions.

    It holds pickles (Numba's cache format), so only the user may enter it. Where it cannot be made, or where its
    path could not be told to PyTensor, a temporary folder serves: then each start compiles anew.
    """
    python = platform.python_version()
    name = f"python-{python}-pytensor-{version('pytensor')}-numba-{version('numba')}-{_source_digest()}"
    root = Path(os.environ.get("MNIST_GUI_COMPILE_FOLDER") or platformdirs.user_cache_path("mnist-gui") / "compiled")
    folder = root / name
    try:
        if "," in str(folder):
            raise OSError("PyTensor separates its settings by commas")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="mnist_gui-"))
    return folder


if "pytensor" in sys.modules:
    raise ImportError("mnist_gui.engine.backend must be imported before pytensor, whose settings it makes")

COMPILE_FOLDER: Final = compile_folder()

# No C compiler is looked for (cxx): Numba needs none, and a machine without one behaves the same.
os.environ["PYTENSORRC"] = os.devnull
os.environ["PYTENSOR_FLAGS"] = f"floatX=float32,cxx=,base_compiledir={COMPILE_FOLDER}"
# Numba's own threading layer: it is there on every machine, and its threads sleep while they wait. Those of OpenMP
# spin, and on a machine that is busy with something else a step of LeNet took 2.5 s with them where it took 0.2 s with
# these. It ends the process when two threads enter parallel kernels at a time; only the thread of a run ever does.
os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
# JAX would take three quarters of the GPU's memory at first use.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import pytensor  # noqa: E402
import scipy.linalg.cython_blas  # noqa: E402, F401 - the BLAS of Numba, there before its threads are limited
from pytensor.compile.mode import Mode  # noqa: E402
from pytensor.graph.rewriting.db import RewriteDatabaseQuery  # noqa: E402
from pytensor.link.numba.linker import NumbaLinker  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

# One thread for matrix products, unless a run asks for more (`thread_limits`). Those of a single digit are so small
# that the threads of BLAS only wait for each other: beside a busy processor LeNet read one in 36 ms with two threads,
# in 0.6 ms with one.
threadpool_limits(limits=1, user_api="blas")


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


@dataclass(frozen=True)
class Backend:
    """A compiler on a device.

    Attributes:
        compiler: who compiles.
        device: what the user reads, for example "CPU, 2 threads".
        reason: why this one was chosen.
        threads: number of CPU threads for the kernels.
    """

    compiler: Compiler
    device: str
    reason: str
    threads: int

    def function(self, inputs: Sequence[Any], outputs: Any, updates: Any = None) -> Any:
        """`pytensor.function` for this backend.

        Nothing is compiled yet: Numba and JAX do that at the first call.
        """
        return pytensor.function(list(inputs), outputs, updates=updates, mode=_mode(self.compiler))

    def place(self, *variables: Any) -> None:
        """Puts the values of shared variables where they are computed with.

        Under JAX an ordinary shared variable would be sent to the device again at each call; on the CPU there is
        nothing to do. (`set_value` would bring a device array back to NumPy, hence the container.)
        """
        if self.compiler is Compiler.JAX:
            import jax

            for variable in variables:
                variable.container.storage[0] = jax.device_put(variable.container.storage[0])


def _mode(compiler: Compiler) -> Any:
    match compiler:
        case Compiler.INTERPRETER:
            # Nothing that NumPy computes element by element: neither fused nodes, nor products and sums of more than
            # two factors, into which these two rewrites join others.
            joining = ["local_mul_canonizer", "local_add_canonizer"]
            return Mode("py", RewriteDatabaseQuery(include=["fast_compile"], exclude=joining))
        case Compiler.NUMBA:
            load_library("mnist_gui.engine.ops.numba_lowering")  # registers convolution and pooling

            return Mode(LockReleasingNumbaLinker(), RewriteDatabaseQuery(include=["fast_run", "numba"]))
        case Compiler.JAX:
            import mnist_gui.engine.ops.jax_lowering  # noqa: F401 (registers convolution and pooling)

            return "JAX"


INTERPRETER: Final = Backend(Compiler.INTERPRETER, "CPU", "nothing to compile", 1)
"""The way without compiling."""


def cpu_count() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose(device: Device, threads: int = 0, compiler: Compiler | None = None) -> Backend:
    """The backend for what the user asked for.

    Args:
        device: `auto` takes an NVIDIA GPU when JAX finds one that works, else the CPU.
        threads: CPU threads for the kernels; 0 takes one for each processor.
        compiler: overrules the usual choice (Numba on the CPU, JAX on the GPU).

    Raises:
        DeviceError: `cuda` was asked for and does not work; the message says why.
    """
    threads = min(threads, cpu_count()) if threads > 0 else cpu_count()
    cpu = f"CPU, {threads} thread{'s' if threads > 1 else ''}"
    if device is Device.CPU:
        return Backend(compiler or Compiler.NUMBA, cpu, "the CPU was asked for", threads)
    problem = _why_no_gpu()
    if not problem:
        import jax

        reason = "an NVIDIA GPU works" if device is Device.AUTO else "the GPU was asked for"
        return Backend(Compiler.JAX, str(jax.devices("gpu")[0].device_kind), reason, threads)
    if device is Device.CUDA:
        raise DeviceError(f"No NVIDIA GPU can be used: {problem}")
    return Backend(compiler or Compiler.NUMBA, cpu, f"no GPU: {problem}", threads)


def _why_no_gpu() -> str:
    """Why there is no GPU to compute on, as the end of a sentence; empty when there is one."""
    if not (Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidiactl").exists()):
        return "this computer has no NVIDIA driver"
    if importlib.util.find_spec("jax") is None:
        return "JAX is not installed (pip install 'mnist-gui[cuda]')"
    import jax

    try:
        jax.devices("gpu")
    except RuntimeError as error:
        return f"JAX finds none ({str(error).splitlines()[0]})"
    return ""


@contextmanager
def thread_limits(backend: Backend, *, convolutional: bool) -> Iterator[None]:
    """Sets the number of threads of the kernels and of BLAS while a run goes on.

    Convolutions share the images of a minibatch among threads, each with its own matrix products; a BLAS that
    started threads of its own inside them would only take turns with them. Without convolutions BLAS has them all.
    A fixed number of threads is part of reproducibility: sums depend on it in their last bits.
    """
    load_library("numba")
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(min(backend.threads, numba.config.NUMBA_NUM_THREADS))
    try:
        with threadpool_limits(limits=1 if convolutional else backend.threads, user_api="blas"):
            yield
    finally:
        numba.set_num_threads(before)
