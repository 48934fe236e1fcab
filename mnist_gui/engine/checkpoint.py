"""Models in files: safetensors for the weights, JSON for what is known of them.

One file holds both. The JSON lies in the header of the safetensors file and carries the SHA-256 of the weights and of
itself, so that a damaged file is noticed and not used. Nothing in such a file can be executed: the
network is named, never imported.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from mnist_gui.data.files import write_atomically
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.model import Model

FORMAT_VERSION: Final = 2
SUFFIX: Final = ".safetensors"
_MAXIMUM_BYTES: Final = 64 * 2**20
_KEY: Final = "mnist_gui"


class CheckpointError(Exception):
    """A file holds no model that can be used; the message is one sentence for the user that names the file."""


def save(model: Model, path: Path) -> None:
    """Writes a model; a crash leaves the old file or the new one, never a part.

    Raises:
        OSError: the file cannot be written.
    """
    header = {
        "format_version": FORMAT_VERSION,
        "network": model.network,
        "metadata": dict(model.metadata),
    }
    header["sha256"] = _digest(header, model)
    write_atomically(path, save_tensors(dict(model.weights), metadata={_KEY: json.dumps(header)}))


def load(path: Path) -> Model:
    """Reads a model.

    Raises:
        CheckpointError: the file cannot be read, is damaged, comes from a newer version or is no model of this
            application.
    """
    try:
        if path.stat().st_size > _MAXIMUM_BYTES:
            raise CheckpointError(f"{path.name} is larger than any model of this application (64 MiB)")
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read: {error.strerror or error}") from error
    header = _header(data, path.name)
    try:
        version = header["format_version"]
        if version not in (1, FORMAT_VERSION):
            raise CheckpointError(
                f"{path.name} has format version {version!r}, this application reads versions 1 to {FORMAT_VERSION}"
            )
        network = _line(header)
        tensors = load_tensors(data)
        weights = {name: tensors[name] for name in _names(network, tensors)}
        model = Model(network, weights, dict(header["metadata"]))
        digest = header.pop("sha256")
    except (KeyError, ValueError, TypeError, SafetensorError) as error:
        raise CheckpointError(f"{path.name} is damaged: {error}") from error
    if digest != _digest(header, model):
        raise CheckpointError(f"{path.name} is damaged: its checksum does not fit its contents")
    return model


def _line(header: dict[str, Any]) -> str:
    """The network of a file. Version 1 named it and gave the size of its hidden layer."""
    line, hidden = header["network"], header.get("hidden", 500)
    if type(line) is not str or type(hidden) is not int:
        raise ValueError("it names no network")
    return parse(line).line.replace("dense 500", f"dense {hidden}") if "hidden" in header else line


def _names(line: str, tensors: dict[str, Any]) -> list[str]:
    """The weights in the order of the network; ones that do not belong are kept, so that they are noticed."""
    expected = list(parse(line).weights)
    return [*expected, *(name for name in tensors if name not in expected)]


def _header(data: bytes, name: str) -> dict[str, Any]:
    """The application's JSON from the header of a safetensors file (length, JSON, tensors)."""
    try:
        length = int.from_bytes(data[:8], "little")
        if len(data) < 8 or not 0 < length <= len(data) - 8:
            raise ValueError("no header")
        header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][_KEY])
        if not isinstance(header, dict) or not isinstance(header.get("metadata"), dict):
            raise ValueError("no metadata")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{name} is no model of this application: its header was not found") from error
    return header


def _digest(header: dict[str, Any], model: Model) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, array in model.weights.items():
        digest.update(name.encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
