"""Checkpoints: what is saved comes back, and what is damaged is noticed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine import checkpoint
from mnist_gui.engine.checkpoint import CheckpointError
from mnist_gui.engine.model import Model


def make_model(network: Network = "mlp", hidden: int = 3) -> Model:
    rng = np.random.default_rng(7)
    weights = {
        name: rng.normal(size=shape).astype(np.float32) for name, shape in parameter_shapes(network, hidden).items()
    }
    return Model(network, hidden, weights, {"name": "trial", "epoch": 3, "validation_error": 1.25})


@pytest.mark.parametrize("network", list(Network))
def test_that_a_saved_model_comes_back_bit_for_bit(tmp_path, network):
    model = make_model(network)
    checkpoint.save(model, tmp_path / "a.safetensors")
    loaded = checkpoint.load(tmp_path / "a.safetensors")
    assert loaded.network is network
    assert loaded.hidden == 3
    assert loaded.metadata == model.metadata
    assert list(loaded.weights) == list(model.weights)
    for name, array in model.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], array)


def test_that_a_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    checkpoint.save(make_model(), path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(make_model(hidden=4), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "a.safetensors"
    checkpoint.save(make_model("softmax"), path)
    return path, path.read_bytes()


@given(position=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_that_one_flipped_bit_is_noticed_or_harmless(saved, position, bit):
    path, data = saved
    damaged = bytearray(data)
    damaged[position % len(data)] ^= 1 << bit
    target = path.with_name("damaged.safetensors")
    target.write_bytes(damaged)
    try:
        loaded = checkpoint.load(target)
    except CheckpointError as error:
        message = str(error)
    else:  # for example white space in the header
        message = "damaged.safetensors is whole"
        for name, array in make_model("softmax").weights.items():
            np.testing.assert_array_equal(loaded.weights[name], array)
    assert message.startswith("damaged.safetensors")


def header_of(data: bytes) -> tuple[dict, bytes]:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(header: dict, rest: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + rest


def test_that_a_newer_format_is_named_and_refused(saved):
    path, data = saved
    header, rest = header_of(data)
    ours = json.loads(header["__metadata__"]["mnist_gui"])
    ours["format_version"] = 2
    header["__metadata__"]["mnist_gui"] = json.dumps(ours)
    target = path.with_name("newer.safetensors")
    target.write_bytes(with_header(header, rest))
    with pytest.raises(CheckpointError, match=r"newer\.safetensors has format version 2.*reads version 1"):
        checkpoint.load(target)


@pytest.mark.parametrize("content", [b"", b"12345678", b"\xff" * 64, b"PK\x03\x04" + b"0" * 100, b"<html></html>"])
def test_that_a_file_of_another_kind_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"other\.bin is no model of this application"):
        checkpoint.load(path)


def test_that_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"gone\.safetensors cannot be read: No such file"):
        checkpoint.load(tmp_path / "gone.safetensors")


def test_that_a_model_refuses_weights_that_are_not_finite():
    model = make_model()
    weights = {name: array.copy() for name, array in model.weights.items()}
    weights["dense1.b"][0] = np.nan
    with pytest.raises(ValueError, match=r"dense1\.b holds values that are not finite"):
        Model(model.network, model.hidden, weights)
