import json

import pytest
from PyQt6.QtCore import QByteArray

from mnist_gui.session.settings import Settings, pack_state, unpack_state


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "settings.json"


def test_that_settings_come_back_as_they_were_saved(path):
    settings = Settings(path)
    settings.values.theme = "dark"
    settings.values.tile_size = 56
    settings.add_recent_model(path)
    settings.save()
    again = Settings(path)
    assert again.values == settings.values
    assert again.values.recent_models == [str(path)]
    assert again.notices == []


def test_that_unknown_keys_of_a_newer_version_are_kept(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"schema": 9, "theme": "light", "colour_of_the_moon": [1, 2]}))
    Settings(path).save()
    content = json.loads(path.read_text())
    assert content["colour_of_the_moon"] == [1, 2]
    assert content["theme"] == "light"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_that_a_corrupt_file_is_set_aside_with_a_notice(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    settings = Settings(path)
    assert settings.values.theme == "system"
    assert len(settings.notices) == 1
    (aside,) = path.parent.glob("settings.corrupt-*.json")
    assert aside.read_bytes() == content
    assert not path.exists()


def test_that_a_corrupt_file_that_cannot_be_set_aside_is_told_of_as_well(path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError("read-only")

    path.parent.mkdir()
    path.write_bytes(b"{")
    monkeypatch.setattr(type(path), "rename", refuse)
    assert Settings(path).notices == [f"The settings in {path} cannot be read; the defaults are used."]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "purple"), ("theme", 3), ("threads", -1), ("threads", True), ("tile_size", 10**9),
        ("recent_models", [1]), ("recent_models", "x"), ("training", []), ("pen_width", "wide"),
    ],
)  # fmt: skip
def test_that_a_value_that_cannot_be_used_is_replaced_by_its_default(path, name, value):
    path.parent.mkdir()
    path.write_text(json.dumps({name: value, "device": "cpu"}))
    settings = Settings(path)
    assert getattr(settings.values, name) == getattr(Settings(path.parent / "none").values, name)
    assert settings.values.device == "cpu"


def test_that_recent_files_are_few_new_first_and_each_once(path):
    settings = Settings(path)
    for number in [*range(12), 5]:
        settings.add_recent_dataset(path.parent / str(number))
    recent = settings.values.recent_datasets
    assert len(recent) == 8
    assert recent[0].endswith("5")
    assert len(set(recent)) == 8


def test_that_a_folder_that_cannot_be_written_is_no_fault(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    Settings(tmp_path / "file" / "settings.json").save()
    assert "not saved" in caplog.text


def test_that_a_packed_state_comes_back():
    assert unpack_state(pack_state(QByteArray(b"\x00state\xff"))) == QByteArray(b"\x00state\xff")


@pytest.mark.parametrize("position", [0, 8, -1])
def test_that_a_damaged_state_is_noticed(position):
    text = pack_state(QByteArray(b"state of a window"))
    changed = list(text)
    changed[position] = "B" if changed[position] != "B" else "C"
    assert unpack_state("".join(changed)) is None


@pytest.mark.parametrize("text", ["", ":", "::", "6.0.0:00000000:", "ä:ö:ü"])
def test_that_a_text_that_is_no_state_is_refused(text):
    assert unpack_state(text) is None
