"""How much of an epoch the training loop spends outside the compiled functions.

Repeat with `pytest -m benchmark tests/benchmarks/test_loop_share.py -s`. An epoch is from one `Validated` to the next.
In it, time inside `learn` is arithmetic; inside `judge` it is the reading of the validation digits; the rest is
shuffling, taking digits, events, copies of the weights and bookkeeping.
"""

import statistics
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from timing import size

from mnist_gui.data.library import bundled_mnist
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import Device, TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFinished, Validated
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.trainer import train

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(580)]

TARGET = 5.0
"""Percent of an epoch, without the reading of validation digits."""


@pytest.mark.parametrize("network", ["mlp", "lenet"])
def test_that_an_epoch_is_spent_on_arithmetic(network, monkeypatch, capsys):
    spent = {"learn": 0.0, "judge": 0.0}

    def timed(name):
        method = getattr(TrainingFunctions, name)

        def call(*arguments):
            begun = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                spent[name] += time.perf_counter() - begun

        monkeypatch.setattr(TrainingFunctions, name, call)

    for name in spent:
        timed(name)
    epochs = []
    events = []

    def listen(event):
        events.append(event)
        if isinstance(event, Validated):
            epochs.append((time.perf_counter(), *spent.values()))

    mnist, digits = bundled_mnist(), size(full=50_000, smoke=5_000)
    # A fifth as many validation digits keep the proportions of MNIST in the small size as well.
    dataset = replace(
        mnist, images=mnist.images[: digits + digits // 5], labels=mnist.labels[: digits + digits // 5],
        sizes=(digits, digits // 5, 0),
    )  # fmt: skip
    config = TrainingConfig(network=network, device=Device.CPU, epochs=size(full=5, smoke=4), patience=0)
    train(config, dataset, listen, Control(), compiler=Compiler.NUMBA)
    assert isinstance(events[-1], RunFinished), events[-1]
    with_reading, without = [], []
    for (before, learnt_before, judged_before), (after, learnt, judged) in pairwise(epochs):
        whole, learning, judging = after - before, learnt - learnt_before, judged - judged_before
        with_reading.append(100 * (whole - learning) / whole)
        without.append(100 * (whole - learning - judging) / (whole - judging))
    share = statistics.median(without)
    with capsys.disabled():
        print(
            f"\n{network}: {share:.1f} % of an epoch outside the functions, target {TARGET:g} %;"
            f" {statistics.median(with_reading):.1f} % with the reading of {digits // 5:,} validation digits"
        )
    assert share < 3 * TARGET  # what other programs take of the processors falls on both sides, unevenly
