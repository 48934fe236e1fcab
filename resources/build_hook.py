"""Runs when the package is built: refuses to pack a data set that is not the original MNIST."""

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# MD5 of the four original files, unpacked.
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


class VerifyMnist(BuildHookInterface[BuilderConfig]):
    """Compares the checksum of each bundled MNIST file with the published one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Called by hatchling before anything is packed."""
        for name, expected in MNIST_MD5.items():
            path = Path(self.root) / "resources" / "mnist" / name
            try:
                found = hashlib.md5(gzip.decompress(path.read_bytes()), usedforsecurity=False).hexdigest()
            except (OSError, EOFError, zlib.error) as error:
                raise RuntimeError(f"resources/mnist/{name}: {error}; expected MD5 {expected}") from error
            if found != expected:
                raise RuntimeError(f"resources/mnist/{name}: MD5 {found}, expected {expected}")
