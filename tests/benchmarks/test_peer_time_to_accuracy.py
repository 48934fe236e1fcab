"""How long a complete run takes that misreads at most one test digit in a hundred, here and in PyTorch.

Repeat with `pytest -m benchmark tests/benchmarks/test_peer_time_to_accuracy.py -s`. The recipe is a preset, which was
chosen on the validation digits; both programs follow it with the same network, batch, rule, schedule and epochs. Both
read the validation digits after each epoch, and the test digits once, with the best weights. All seeds count.
"""

import os
import statistics
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
from side_by_side import TORCH, Worker, interpreter, median_ratio
from timing import SMOKE, size

from mnist_gui.data.library import bundled_mnist
from mnist_gui.engine.config import Device
from mnist_gui.engine.presets import PRESETS

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

CONFIG = replace(PRESETS["one-epoch"].config, device=Device.CPU)
LARGEST_ERROR = 1.0
"""Percent of the test digits, mean over the seeds."""
TARGET = 1.5
"""How many times as fast as PyTorch."""


def in_words(name, seconds, errors):
    return (
        f"  {name:10s} {statistics.median(seconds):7.2f} s, best {min(seconds):.2f}; "
        f"test error {statistics.mean(errors):.3f} % ± {np.std(errors, ddof=min(1, len(errors) - 1)):.3f}"
    )


def test_that_one_percent_is_reached_sooner_than_in_pytorch(tmp_path, capsys):
    seeds = range(1, size(full=5, smoke=1) + 1)
    threads = min(2, os.cpu_count() or 1)
    sizes = (5_000, 1_000, 1_000) if SMOKE else (50_000, 10_000, 10_000)
    config = CONFIG.to_dict()
    found = {"ours": [], "PyTorch": []}
    with ExitStack() as stack:
        ours = stack.enter_context(Worker("our_run_worker.py"))
        ours.ask("prepare", threads=threads, sizes=(512, 128, 128))
        ours.ask("complete", config=config)  # compiles, and loads libraries
        ours.ask("prepare", threads=threads, sizes=sizes)
        torch = None
        if python := interpreter(TORCH):
            mnist = bundled_mnist()
            starts = np.cumsum([0, *mnist.sizes[:2]])
            chosen = np.concatenate([np.arange(a, a + count) for a, count in zip(starts, sizes, strict=True)])
            np.savez(tmp_path / "digits.npz", images=mnist.images[chosen], labels=mnist.labels[chosen])
            torch = stack.enter_context(Worker("torch_recipe_worker.py", python))
            torch.ask("prepare", threads=threads, digits=str(tmp_path / "digits.npz"), sizes=sizes)
        for seed in seeds:
            found["ours"].append(ours.ask("complete", config=config | {"seed": seed}))
            if torch:
                line = CONFIG.architecture.line
                found["PyTorch"].append(torch.ask("complete", config=config, line=line, seed=seed))

    with capsys.disabled():
        print(f"\n{CONFIG.network}, {CONFIG.epochs} epochs of {sizes[0]:,}, {len(seeds)} seeds, whole runs")
        for name, runs in found.items():
            if runs:
                print(in_words(name, [run["seconds"] for run in runs], [run["test_error"] for run in runs]))
        if found["PyTorch"]:
            ratio = median_ratio(*([run["seconds"] for run in found[name]] for name in ("PyTorch", "ours")))
            print(
                f"  ours is {ratio:.2f} times as fast; target {TARGET}, at a mean error of {LARGEST_ERROR} % at most"
            )
    assert statistics.mean(run["test_error"] for run in found["ours"]) <= (10 if SMOKE else LARGEST_ERROR)
