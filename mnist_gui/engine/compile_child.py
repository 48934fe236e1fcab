"""What the child process does: it fills the cache with all functions of a run, on made-up digits.

`python -m mnist_gui.engine.compile_child`, with an `Order` as JSON for its argument; see `compiling.py`.
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mnist_gui.engine import compile_cache
from mnist_gui.engine.config import Device, TrainingConfig


@dataclass(frozen=True)
class Order:
    """What to compile.

    Attributes:
        config: settings of the run.
        compiler: by whom, as `Compiler` spells it.
        platform: for which kind of device, as `Backend` spells it.
        threads: CPU threads of its kernels.
        sizes: digits of its training, validation and test split.
        targets: for each number of steps in one call, from the smallest, its `target` of `compile_cache.marker`.
        folder: for files before they are whole.
    """

    config: TrainingConfig
    compiler: str
    platform: str
    threads: int
    sizes: tuple[int, int, int]
    targets: dict[int, str]
    folder: str

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self) | {"config": self.config.to_dict()})

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """From such a text."""
        values = json.loads(text)
        values["config"] = TrainingConfig.from_dict(values["config"])
        values["targets"] = {int(launch): target for launch, target in values["targets"].items()}
        return cls(**values | {"sizes": tuple(values["sizes"])})


def carry_out(order: Order) -> None:
    """Compiles, and says in the cache that it is done."""
    from mnist_gui.engine import backend

    device = Device.CUDA if order.platform == "gpu" else Device.CPU
    chosen = backend.choose(device, order.threads, backend.Compiler(order.compiler))
    with backend.thread_limits(chosen):
        if chosen.compiler is backend.Compiler.JAX:
            _compile_for_jax(chosen, order)
        else:
            _compile_for_numba(chosen, order)


def _compile_for_numba(backend: Any, order: Order) -> None:
    """Calls each function, on four digits: lengths are arguments of what Numba compiles."""
    import numpy as np

    from mnist_gui.engine import kernel_files
    from mnist_gui.engine.functions import TrainingFunctions

    began = time.monotonic()
    images, labels = _digits(4)
    functions = TrainingFunctions(backend, order.config, images, labels)
    for _ in range(2):  # what the first step leaves behind might be of another type than what it found
        functions.step(np.arange(2, dtype=np.int32))
    functions.set_pool(images, labels)
    functions.judge(np.arange(2, dtype=np.int32))
    if not kernel_files.lost:
        compile_cache.mark_compiled(order.config, kernel_files.used)
    if any("numba_funcified_fgraph" in path.name for path in kernel_files.written):  # not the parts of it alone
        compile_cache.remember_cost(order.config, time.monotonic() - began)


def _compile_for_jax(backend: Any, order: Order) -> None:
    """Compiles for the lengths of this very run, and calls nothing: a launch of many steps is slow on a CPU.

    JAX writes a file in place and does not replace one that was cut short; so here it has a folder of its own, and
    what is whole goes to the cache.
    """
    import jax

    from mnist_gui.engine.functions import TrainingFunctions

    jax.config.update("jax_compilation_cache_dir", order.folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    cache = compile_cache.jax_folder()
    cache.mkdir(exist_ok=True)
    training, *pools = order.sizes
    functions = TrainingFunctions(backend, order.config, *_digits(training))
    for launch, target in order.targets.items():
        functions.compile_learning(order.config.batch_size, launch)
        if launch == 1:
            for count in sorted({count for count in pools if count}):
                functions.set_pool(*_digits(count))
                functions.compile_judging(count)
        files = [path.replace(cache / path.name) for path in Path(order.folder).iterdir()]
        if files:  # JAX goes on without those that it cannot write
            compile_cache.mark_compiled(order.config, files, target)  # the run need not wait for the rest


def _digits(count: int) -> tuple[Any, Any]:
    """Made-up images and labels, read-only like those of a data set: to Numba what may be written is another type."""
    import numpy as np

    images, labels = np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.uint8)
    images.setflags(write=False)
    labels.setflags(write=False)
    return images, labels


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(max(0, 10 - os.nice(0)))  # the window goes first
    carry_out(Order.from_json(sys.argv[1]))
