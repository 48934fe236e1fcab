"""How soon the first point of the loss is there: with empty caches, and with full ones.

Each run is a process of its own whose libraries are loaded before the clock starts, as the window loads them in the
background. Repeat with `pytest -m benchmark tests/benchmarks/test_first_point.py`.
"""

import json
import os
import statistics
import subprocess
import sys

import pytest
from timing import size

pytestmark = pytest.mark.benchmark

RUN = """
import json, sys, time
from mnist_gui.engine import backend
from mnist_gui.engine.config import Device, TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import Ready, StepsDone
from mnist_gui.engine.trainer import train
from mnist_gui.data.library import bundled_mnist

network, whole = sys.argv[1], sys.argv[2] == "whole"
dataset, control, seen = bundled_mnist(), Control(), {}
backend.load_compilers()
config = TrainingConfig(network=network, device=Device.CPU, epochs=1000, patience=0)

def tell(event):
    now = time.perf_counter() - begun
    if isinstance(event, StepsDone):
        seen.setdefault("first point", now)
        if not whole:
            control.stop()
    elif isinstance(event, Ready) and event.compiler != "interpreter":
        seen["compiled"], seen["step"] = now, event.step
        control.stop()

begun = time.perf_counter()
train(config, dataset, tell, control, start_at_once=True)
print(json.dumps(seen))
"""


def measured(network, folder, *, whole):
    """Seconds from the start of a run to its first point, and to its first compiled step if it is waited for."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, network, "whole" if whole else "first"],
        env=os.environ | {"MNIST_GUI_COMPILE_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("network", ["softmax", "lenet"])
def test_that_the_first_point_comes_at_once(network, tmp_path, capsys):
    rounds = size(smoke=2, full=5)
    cold = [measured(network, tmp_path / str(number), whole=False)["first point"] for number in range(rounds)]
    filled = measured(network, tmp_path / "warm", whole=True)
    warm = [measured(network, tmp_path / "warm", whole=True) for _ in range(rounds)]
    first = statistics.median(run["first point"] for run in warm)
    with capsys.disabled():
        print(
            f"\n{network}: first point {statistics.median(cold):.2f} s with empty caches (target 1),"
            f" {first:.2f} s with full ones (target 0.5);"
            f" compiled steps after {filled['compiled']:.0f} s (step {filled['step']}) and"
            f" {statistics.median(run['compiled'] for run in warm):.2f} s (median of {rounds})"
        )
    assert statistics.median(cold) < 3
    assert first < 2
