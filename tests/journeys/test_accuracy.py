"""What the networks reach on MNIST through the command line, as a user runs it."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def trained(folder, *arguments):
    """The events of a run with its default settings but for the arguments."""
    command = [sys.executable, "-m", "mnist_gui", "train", "--json", "--output", str(folder), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("network", "epochs", "percent"), [("softmax", 10, 8.0), ("mlp", 10, 2.5), ("lenet", 3, 1.5)])
def test_that_a_network_reaches_its_test_error(tmp_path, network, epochs, percent):
    end = trained(tmp_path, "--network", network, "--epochs", epochs, "--seed", 1)[-1]
    print(f"{network}, {epochs} epochs: {end['test_error']:.2f} % of the test digits misread, {end['seconds']:.0f} s")
    assert end["event"] == "RunFinished"
    assert end["test_error"] <= percent


@pytest.mark.parametrize("network", ["softmax", "mlp", "lenet"])
def test_that_the_same_seed_repeats_a_run_bit_for_bit(tmp_path, tiny_files, network):
    def losses():
        events = trained(
            tmp_path, "--network", network, "--epochs", 3, "--batch-size", 20, "--seed", 7, "--data", tiny_files
        )
        steps = [loss for event in events if event["event"] == "StepsDone" for loss in event["losses"]]
        return steps, [event["loss"] for event in events if event["event"] == "Validated"]

    first = losses()
    assert len(first[0]) == 3 * 10  # 200 of the 240 digits are for training
    assert first == losses()


@pytest.fixture
def tiny_files(tmp_path, tiny_dataset):
    from dataset_files import write_idx

    write_idx(tmp_path / "made", (tiny_dataset.images, tiny_dataset.labels))
    return tmp_path / "made"
