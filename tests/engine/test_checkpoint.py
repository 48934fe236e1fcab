"""Checkpoints: what is saved comes back, and what is damaged is noticed."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save as save_tensors

from mnist_gui.engine import checkpoint
from mnist_gui.engine.architecture import NAMED, parse
from mnist_gui.engine.checkpoint import CheckpointError
from mnist_gui.engine.model import Model

SMALL = "dense 3, relu, dense 10"
"""Little to write."""


def random_weights(network: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in parse(network).weights.items()}


def make_model(network: str = SMALL) -> Model:
    return Model(network, random_weights(network), {"name": "trial", "epoch": 3, "validation_error": 1.25})


@pytest.mark.parametrize(
    "network",
    [
        "dense 10",
        SMALL,
        "conv 5x5x2, bn, relu, pool 2, conv 3x3x4 same, tanh, pool 2, dropout 0.3, dense 10 decay 0.1",
    ],
)
def test_that_a_saved_model_comes_back_bit_for_bit(tmp_path, network):
    model = make_model(network)
    checkpoint.save(model, tmp_path / "a.safetensors")
    loaded = checkpoint.load(tmp_path / "a.safetensors")
    assert loaded.network == network
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
        checkpoint.save(make_model("dense 4, relu, dense 10"), path)
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
    ours["format_version"] = 3
    header["__metadata__"]["mnist_gui"] = json.dumps(ours)
    target = path.with_name("newer.safetensors")
    target.write_bytes(with_header(header, rest))
    with pytest.raises(CheckpointError, match=r"newer\.safetensors has format version 3, .*reads versions 1 to 2"):
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
        Model(model.network, weights)


@pytest.mark.parametrize(
    ("network", "weights"),
    [("dense 10", SMALL), (SMALL, "dense 10"), ("dense 2, relu, dense 10", SMALL), (SMALL, "dense 3, bn, dense 10")],
)
def test_that_a_model_refuses_weights_of_another_network(network, weights):
    with pytest.raises(ValueError, match=r"has the weights .*, got |must be float32 of shape"):
        Model(network, random_weights(weights))


def test_that_a_model_keeps_the_one_spelling_of_its_network():
    model = Model(" Dense  3,RELU,dense 10", random_weights(SMALL))
    assert model.network == SMALL
    assert Model("softmax", random_weights("softmax")).network == NAMED["softmax"]


def changed(data: bytes, **fields: object) -> bytes:
    """A saved model with other values in its header."""
    header, rest = header_of(data)
    ours = json.loads(header["__metadata__"]["mnist_gui"]) | fields
    header["__metadata__"]["mnist_gui"] = json.dumps(ours)
    return with_header(header, rest)


@pytest.mark.parametrize(
    "network", ["dense 9", "poool 2, dense 10", "", "conv 30x30x1, dense 10", 7, None, ["dense 10"], "dense 10, relu"]
)
def test_that_a_file_whose_network_is_none_is_damaged(saved, network):
    path, data = saved
    target = path.with_name("odd.safetensors")
    target.write_bytes(changed(data, network=network))
    with pytest.raises(CheckpointError, match=r"odd\.safetensors is damaged: ."):
        checkpoint.load(target)


def test_that_a_file_whose_weights_do_not_fit_its_network_is_damaged(saved):
    path, data = saved
    target = path.with_name("other.safetensors")
    for network in (SMALL, "dropout 0.5, dense 10"):
        target.write_bytes(changed(data, network=network))
        with pytest.raises(CheckpointError, match=r"other\.safetensors is damaged"):
            checkpoint.load(target)


def test_that_weights_that_belong_to_no_layer_are_noticed_and_named(saved):
    path, data = saved
    header, _ = header_of(data)
    tensors = random_weights("softmax") | {"dense7.W": np.zeros(3, np.float32)}
    target = path.with_name("more.safetensors")
    target.write_bytes(save_tensors(tensors, header["__metadata__"]))
    with pytest.raises(CheckpointError, match=r"more\.safetensors is damaged: .*dense7\.W"):
        checkpoint.load(target)


# ---- version 1: a network had one of three names and the size of its hidden layer
def version_1(network: str, hidden: int, line: str) -> tuple[bytes, dict[str, np.ndarray]]:
    """A file as version 1 wrote it."""
    header = {"format_version": 1, "network": network, "hidden": hidden, "metadata": {"name": "old"}}
    weights = random_weights(line)
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, array in weights.items():
        digest.update(name.encode() + array.tobytes())
    return save_tensors(weights, {"mnist_gui": json.dumps(header | {"sha256": digest.hexdigest()})}), weights


VERSION_1 = [
    ("softmax", 500, "dense 10"),
    ("mlp", 500, "dense 500, relu, dense 10"),
    ("mlp", 7, "dense 7, relu, dense 10"),
    ("lenet", 30, "conv 5x5x20, relu, pool 2, conv 5x5x50, relu, pool 2, dense 30, relu, dense 10"),
]


@pytest.mark.parametrize(("network", "hidden", "line"), VERSION_1)
def test_that_a_file_of_version_1_is_read_as_the_network_it_names(tmp_path, network, hidden, line):
    data, weights = version_1(network, hidden, line)
    path = tmp_path / "old.safetensors"
    path.write_bytes(data)
    model = checkpoint.load(path)
    assert model.network == line
    assert model.metadata == {"name": "old"}
    for name, array in weights.items():
        np.testing.assert_array_equal(model.weights[name], array)
    checkpoint.save(model, path)  # as version 2
    assert checkpoint.load(path).network == line


@pytest.mark.parametrize("fields", [{"hidden": 8}, {"hidden": "7"}, {"hidden": -7}, {"network": "lenet"}])
def test_that_a_changed_header_of_version_1_is_noticed(tmp_path, fields):
    path = tmp_path / "old.safetensors"
    path.write_bytes(changed(version_1("mlp", 7, "dense 7, relu, dense 10")[0], **fields))
    with pytest.raises(CheckpointError, match=r"old\.safetensors is damaged"):
        checkpoint.load(path)
