"""Where compiled functions are kept, whether those of a run are there, and what compiling them took.

Light: a form may ask what a network costs before anything is loaded.
"""

import atexit
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import platformdirs

from mnist_gui.engine.config import TrainingConfig

COSTS: Final = "compile-seconds.json"
"""Beside the folders of all versions: what compiling took on this machine. It may be lost without harm."""


def _digest(*patterns: str) -> str:
    """Changes with the source of these files of the engine."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _root() -> Path:
    return Path(os.environ.get("MNIST_GUI_COMPILE_FOLDER") or platformdirs.user_cache_path("mnist-gui") / "compiled")


@cache
def compile_folder() -> Path:
    """The application's own folder for compiled functions, another one for each version of the kernels' source.

    It holds pickles (Numba's cache format), so only the user may enter it. Where it cannot be made, or where its
    path could not be told to PyTensor, a temporary folder serves this process and its children: then each start
    compiles anew.
    """
    kernels = _digest("kernel_files.py", "threefry.py", "warping.py", "ops/*.py")
    name = f"python-{platform.python_version()}-pytensor-{version('pytensor')}-numba-{version('numba')}-{kernels}"
    folder = _root() / name
    try:
        if "," in str(folder):
            raise OSError("PyTensor separates its settings by commas")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        root = tempfile.mkdtemp(prefix="mnist_gui-")
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        os.environ["MNIST_GUI_COMPILE_FOLDER"] = root
        folder = Path(root) / name
        folder.mkdir(mode=0o700)
    return folder


def jax_folder() -> Path:
    """Where JAX finds what was compiled for it."""
    return compile_folder() / "jax"


def marker(config: TrainingConfig, target: str = "") -> Path:
    """The file that says that the functions of such a run are in the cache.

    The batch and all numbers are arguments of the functions that Numba compiles, and compile nothing anew.

    Args:
        config: settings of the run.
        target: what else they were compiled for; empty for Numba.
    """
    sources = ("architecture", "augment", "compile_child", "functions", "graph", "networks", "nn/*")
    graphs = _digest(*(f"{name}.py" for name in sources))
    digest = hashlib.sha256(f"{graphs} {_signature(config)} {target}".rstrip().encode()).hexdigest()[:16]
    return compile_folder() / f"{config.architecture.short_name}-{digest}.compiled"


def is_compiled(config: TrainingConfig, target: str = "") -> bool:
    """Whether the functions of such a run are in the cache, every file as long as it was when it was written."""
    try:
        sizes = json.loads(marker(config, target).read_text())
        return all((compile_folder() / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def mark_compiled(config: TrainingConfig, files: Iterable[Path], target: str = "") -> None:
    """Says that the functions of such a run are in the cache.

    Args:
        config: what was compiled.
        files: all files of the compile folder that they need.
        target: what else it was compiled for; empty for Numba.
    """
    folder = compile_folder()
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    _write(marker(config, target), json.dumps(sizes))


def compile_cost(config: TrainingConfig) -> float | None:
    """What compiling the functions of such a run for the CPU will take.

    Returns:
        Seconds: 0 if they are in the cache, else what it took on this machine before; None if that is not known.
    """
    if is_compiled(config):
        return 0.0
    cost = _costs().get(_signature(config))
    return float(cost) if isinstance(cost, int | float) and cost >= 0 else None


def remember_cost(config: TrainingConfig, seconds: float) -> None:
    """Keeps what compiling the functions of such a run took."""
    _write(_root() / COSTS, json.dumps(_costs() | {_signature(config): round(seconds, 1)}, indent=0))


def _write(path: Path, text: str) -> None:
    """Writes a file of which others see all or nothing."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        file = Path(folder) / path.name
        file.write_text(text)
        file.replace(path)


def _costs() -> dict[str, object]:
    try:
        costs = json.loads((_root() / COSTS).read_text())
    except (OSError, ValueError):
        return {}
    return costs if isinstance(costs, dict) else {}


def _signature(config: TrainingConfig) -> str:
    """What decides which functions a run needs."""
    parts = [config.architecture.line, str(config.updates)]
    parts += ["averaged"] * (config.average > 0) + ["augmented"] * config.augment
    parts += ["fading"] * (config.augment and config.fade > 0)
    return "; ".join(parts)
