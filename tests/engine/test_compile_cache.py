import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_gui.engine import compile_cache
from mnist_gui.engine.compile_cache import compile_cost, is_compiled, mark_compiled, remember_cost
from mnist_gui.engine.config import TrainingConfig, Updates

CONFIG = TrainingConfig(network="mlp")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """An empty cache."""
    monkeypatch.setattr(compile_cache, "_root", lambda: tmp_path)
    compile_cache.compile_folder.cache_clear()
    yield compile_cache.compile_folder()
    compile_cache.compile_folder.cache_clear()


def made_file(folder, name="numba/kernel.nbc"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(100))
    return path


def test_that_a_cost_is_unknown_then_known_then_nothing(folder):
    assert compile_cost(CONFIG) is None
    remember_cost(CONFIG, 40.04)
    assert compile_cost(CONFIG) == 40.0
    assert compile_cost(replace(CONFIG, network="softmax")) is None
    mark_compiled(CONFIG, [made_file(folder)])
    assert compile_cost(CONFIG) == 0.0


@pytest.mark.parametrize(
    "changes",
    [{"batch_size": 7}, {"learning_rate": 1.0}, {"epochs": 99}, {"momentum": 0.1}, {"seed": 3}, {"shift": 1.0}],
)
def test_that_numbers_compile_nothing_anew(changes, folder):
    mark_compiled(CONFIG, [made_file(folder)])
    assert is_compiled(replace(CONFIG, **changes))


@pytest.mark.parametrize(
    "changes", [{"network": "softmax"}, {"updates": Updates.ADAM}, {"augment": True}, {"average": 0.99}]
)
def test_that_another_graph_is_compiled_anew(changes, folder):
    mark_compiled(CONFIG, [made_file(folder)])
    assert not is_compiled(replace(CONFIG, **changes))


def test_that_only_augmentation_that_fades_is_another_graph(folder):
    augmented = replace(CONFIG, augment=True)
    mark_compiled(CONFIG, [made_file(folder)])
    mark_compiled(augmented, [made_file(folder)])
    assert is_compiled(replace(CONFIG, fade=50.0))
    assert not is_compiled(replace(augmented, fade=50.0))
    mark_compiled(replace(augmented, fade=50.0), [made_file(folder)])
    assert is_compiled(replace(augmented, fade=60.0))


def test_that_a_network_counts_as_compiled_only_while_its_files_are_whole(folder):
    path = made_file(folder)
    mark_compiled(CONFIG, [path])
    path.write_bytes(bytes(99))
    assert not is_compiled(CONFIG)
    path.unlink()
    assert not is_compiled(CONFIG)
    made_file(folder)
    assert is_compiled(CONFIG)


@pytest.mark.parametrize("text", ["", "[]", '{"a": ', '{"a": "b"}', "null", "\0"])
def test_that_damaged_notes_are_as_good_as_none(text, folder, tmp_path):
    mark_compiled(CONFIG, [made_file(folder)])
    compile_cache.marker(CONFIG).write_text(text)
    (tmp_path / compile_cache.COSTS).write_text(text)
    assert not is_compiled(CONFIG)
    assert compile_cost(CONFIG) is None
    remember_cost(CONFIG, 3.0)
    assert compile_cost(CONFIG) == 3.0


def test_that_the_newest_time_counts(folder):
    remember_cost(CONFIG, 40.0)
    remember_cost(replace(CONFIG, network="softmax"), 3.0)
    remember_cost(CONFIG, 20.0)
    assert compile_cost(CONFIG) == 20.0


def test_that_other_kernels_have_another_folder_for_the_user_alone(folder, monkeypatch, tmp_path):
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(compile_cache, "_digest", lambda *_patterns: "another")
    compile_cache.compile_folder.cache_clear()
    assert compile_cache.compile_folder() != folder


def test_that_a_process_and_its_children_share_a_folder_where_theirs_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    for forbidden in (tmp_path / "file", tmp_path / "with,comma"):
        monkeypatch.setenv("MNIST_GUI_COMPILE_FOLDER", str(forbidden))
        source = "from mnist_gui.engine.compile_cache import compile_folder as f; print(f(), flush=True)"
        child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {source!r}], check=True)"
        both = f"{source}; assert f().is_dir(); {child}"
        said = subprocess.run([sys.executable, "-c", both], capture_output=True, text=True, check=True).stdout.split()
        assert said[0] == said[1]
        assert not Path(said[0]).parent.exists(), "it is gone with the process"
