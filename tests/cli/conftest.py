"""What the tests of the command line share: small data sets in files, and a model trained on the interpreter."""

import json
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from dataset_files import write_idx

from mnist_gui import cli
from mnist_gui.__main__ import _read_picture
from mnist_gui.data.dataset import Split
from mnist_gui.engine import checkpoint
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFinished
from mnist_gui.engine.trainer import train


@pytest.fixture
def run(capsys):
    """Runs a command in this process: its exit code, standard output, standard error and the output's JSON lines."""

    def call(*arguments, read_picture=_read_picture):
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments], read_picture)
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        lines = [json.loads(line) for line in out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(code=code, out=out, err=err, lines=lines)

    return call


@pytest.fixture
def interpreted(monkeypatch):
    """Runs of the command line compile nothing."""
    from mnist_gui.engine import trainer

    monkeypatch.setattr(trainer, "train", partial(trainer.train, compiler=Compiler.INTERPRETER))


@pytest.fixture(scope="session")
def files(tmp_path_factory, tiny_dataset):
    """A folder with the made digits as MNIST's files: 220 for training and validation, 20 for test."""
    folder = tmp_path_factory.mktemp("data") / "made"
    write_idx(folder, (tiny_dataset.images[:220], tiny_dataset.labels[:220]), "train")
    write_idx(folder, (tiny_dataset.images[220:], tiny_dataset.labels[220:]), "t10k")
    return folder


@pytest.fixture(scope="session")
def files_without_test(tmp_path_factory, tiny_dataset):
    """The same digits in one file: there is no test split."""
    folder = tmp_path_factory.mktemp("data") / "half"
    write_idx(folder, (tiny_dataset.images, tiny_dataset.labels), "train")
    return folder


@pytest.fixture(scope="session")
def mnist_model(tmp_path_factory, mnist):
    """The file of a softmax regression that has seen the first 5,000 digits of MNIST."""
    from mnist_gui.data.dataset import Dataset

    parts = [slice(0, 5000), slice(50_000, 50_500)]
    images, labels = (np.concatenate([array[part] for part in parts]) for array in (mnist.images, mnist.labels))
    events = []
    config = TrainingConfig(network="softmax", batch_size=100, epochs=6)
    train(config, Dataset("part of MNIST", images, labels, (5000, 500, 0)), events.append, Control(),
          compiler=Compiler.INTERPRETER)  # fmt: skip
    assert isinstance(events[-1], RunFinished)
    assert events[-1].validation_error < 15
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    checkpoint.save(events[-1].model, path)
    return path


@pytest.fixture(scope="session")
def digit_image_of(mnist):
    """The first test digit of a class, uint8 (28, 28)."""
    labels = mnist.labels_of(Split.TEST)
    return lambda digit: mnist.images_of(Split.TEST)[int((labels == digit).argmax())]


@pytest.fixture
def plain(mnist_model, tmp_path):
    """The same model as it was before anybody calibrated it."""
    path = tmp_path / "plain.safetensors"
    checkpoint.save(checkpoint.load(mnist_model).with_calibration(None), path)
    return path
