"""The bundled files are found from a checkout and from an installed wheel."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mnist_gui.resources import resource_path


def test_that_the_checkout_gives_its_own_resources():
    assert resource_path("mnist").is_dir()
    assert resource_path("icons", "mnist-gui.svg").is_file()


def test_that_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"lacks its bundled file mnist/gone\.gz"):
        resource_path("mnist", "gone.gz")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_an_installed_wheel_gives_the_same_resources(tmp_path):
    root = Path(__file__).parents[1]
    wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(root)]
    subprocess.run(wheel, check=True, timeout=500)
    (path,) = tmp_path.glob("mnist_gui-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(installed)
    script = (
        "from mnist_gui.resources import resource_path\n"
        "from mnist_gui.data.library import bundled_mnist\n"
        "print(resource_path('mnist')); print(len(bundled_mnist()))"
    )
    environment = os.environ | {"PYTHONPATH": str(installed)}
    answer = subprocess.run(
        [sys.executable, "-P", "-c", script], check=True, capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    folder, count = answer.stdout.split()
    assert Path(folder) == installed / "mnist_gui" / "_resources" / "mnist"
    assert count == "70000"
    for file in ("README.md", "train-images-idx3-ubyte.gz"):
        assert (Path(folder) / file).read_bytes() == resource_path("mnist", file).read_bytes()
