"""Programs that take turns: each is a process that computes only while it is asked to.

See `peers/README.md` for how the others are installed and found.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent / "peers"

TORCH = "MNIST_GUI_TORCH_PYTHON"
TORCH_CUDA = "MNIST_GUI_TORCH_CUDA_PYTHON"
THEANO = "MNIST_GUI_THEANO_PYTHON"


def interpreter(variable: str) -> str | None:
    """The Python of a peer, or None where there is none.

    Raises:
        FileNotFoundError: the variable names something that is not there.
    """
    path = os.environ.get(variable)
    if path and not Path(path).exists():
        raise FileNotFoundError(f"{variable} names {path}, which does not exist")
    return path or None


def needed_interpreter(variable: str) -> str:
    """The Python of a peer; the test is skipped where there is none."""
    path = interpreter(variable)
    if path is None:
        pytest.skip(f"{variable} names no interpreter of that peer; tests/benchmarks/peers/README.md says how")
    return path


class Worker:
    """A process that answers requests; a context manager that leaves no process behind."""

    def __init__(self, script: str, python: str = sys.executable, **environment: str) -> None:
        """Starts it.

        Args:
            script: its name in the folder `peers`.
            python: the interpreter; the one of this process stands for this project.
            environment: variables that are different for this process.
        """
        # Neither this project's code nor what it sets for its own threads is for peers.
        ours = ("PYTHONPATH", "GOMP_SPINCOUNT", "NUMBA_THREADING_LAYER_PRIORITY", "OPENBLAS_THREAD_TIMEOUT")
        variables = {name: value for name, value in os.environ.items() if name not in ours}
        if python == sys.executable:
            variables["PYTHONPATH"] = str(FOLDER.parents[2])
        self._words = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in __exit__
        self._process = subprocess.Popen(
            [python, str(FOLDER / script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, text=True, env=variables | environment,
        )  # fmt: skip

    def ask(self, what: str, **arguments: object) -> dict:
        """Has one method of the worker called, and waits for what it returns.

        Raises:
            RuntimeError: it failed; with what it said.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        stdin.flush()
        line = stdout.readline()
        answer = json.loads(line) if line else {"error": "it ended"}
        if "error" in answer:
            self._words.seek(0)
            raise RuntimeError(f"{self._process.args}: {answer['error']}\n{self._words.read()[-4000:]}")
        return answer

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._words.close()


def digits_file(folder: Path, count: int) -> Path:
    """A file with the first training digits: `images` uint8 (n, 28, 28) and `labels` uint8 (n,)."""
    from mnist_gui.data.library import bundled_mnist

    mnist, path = bundled_mnist(), folder / f"digits {count}.npz"
    np.savez(path, images=mnist.images[:count], labels=mnist.labels[:count])
    return path


def take_turns(workers: Mapping[str, Worker], rounds: int, seconds: float, threads: int) -> dict[str, list[float]]:
    """Steps a second of each worker, round by round.

    With one thread these are steps in a second of the processor, so that other work on the machine does not count.
    With more they are those by the clock, for threads that wait for each other may or may not use the processor.

    Args:
        workers: by name; all prepared.
        rounds: how often each has its turn.
        seconds: about how long a turn lasts.
        threads: how many each has.
    """
    kind = "processor" if threads == 1 else "seconds"
    turns = {}
    for name, worker in workers.items():
        worker.ask("run", steps=2)  # loads, compiles, starts threads
        steps, took = 2, 0.0
        while took < seconds / 4:
            took = worker.ask("run", steps=steps)["seconds"]
            turns[name] = max(1, round(steps * seconds / took))
            steps = 2 * steps
    rates: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            rates[name].append(turns[name] / worker.ask("run", steps=turns[name])[kind])
    return rates


def median_ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """The median over the rounds of how many times the second the first is."""
    return statistics.median(a / b for a, b in zip(ours, others, strict=True))
