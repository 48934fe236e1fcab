"""What is remembered between starts: a JSON file that a person can read.

Qt's QSettings is not used: PyQt stores unknown types as pickles and runs them when the file is opened.
"""

import base64
import binascii
import json
import logging
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path
from PyQt6.QtCore import QT_VERSION_STR, QByteArray

from mnist_gui.data.files import write_atomically

SCHEMA: Final = 1
"""Version of the file's layout. A newer file is read as far as its keys are known, and its other keys are kept."""

RECENT: Final = 8
"""Number of recent files that are remembered of each kind."""

THEMES: Final = ("system", "light", "dark")
DEVICES: Final = ("auto", "cpu", "cuda")

_log = logging.getLogger(__name__)


def pack_state(state: QByteArray) -> str:
    """Makes the answer of saveState or saveGeometry a text that tells whether it was damaged."""
    data = state.data()
    return f"{QT_VERSION_STR}:{zlib.crc32(data):08x}:{base64.b64encode(data).decode('ascii')}"


def unpack_state(text: str) -> QByteArray | None:
    """The inverse of `pack_state`.

    Returns:
        None if the text is empty, damaged, or was written by another Qt: QMainWindow.restoreState can crash on
        bytes that are not its own.
    """
    version, _, rest = text.partition(":")
    crc, _, encoded = rest.partition(":")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data or version != QT_VERSION_STR or crc != f"{zlib.crc32(data):08x}":
        return None
    return QByteArray(data)


@dataclass
class Values:
    """All settings with their defaults.

    Attributes:
        theme: "system", "light" or "dark".
        device: where training computes: "auto", "cpu" or "cuda".
        threads: CPU threads for training; 0 takes one for each core.
        tile_size: side of a tile of the grid in device-independent pixels.
        show_labels: whether the label stands above each digit of the grid.
        pen_width: width of the canvas' pen, in the unit that the canvas uses (280 is its side).
        eraser_width: of the canvas' eraser, in the same unit.
        stroke_eraser_width: of the canvas' eraser of whole strokes, in the same unit.
        pressure: whether a pen that is pressed harder draws a wider stroke.
        drawing_folder: into which a drawing was saved last; empty at first.
        stroke_folder: from which a stroke file was replayed last; empty at first.
        recent_datasets: newest first, absolute paths.
        recent_models: newest first, absolute paths.
        geometry: place and size of the window, see `pack_state`.
        layout: arrangement of the panels, see `pack_state`.
        procedure: stages from a drawing to its 28x28 that are used or left out, as `Procedure.to_dict` makes them.
        training: settings of the last run, as `TrainingConfig.to_dict` makes them.
        open_sections: parts of those settings that are not folded, by name.
    """

    theme: str = "system"
    device: str = "auto"
    threads: int = 0
    tile_size: int = 28
    show_labels: bool = True
    pen_width: float = 26.0
    eraser_width: float = 40.0
    stroke_eraser_width: float = 16.0
    pressure: bool = True
    drawing_folder: str = ""
    stroke_folder: str = ""
    recent_datasets: list[str] = field(default_factory=list)
    recent_models: list[str] = field(default_factory=list)
    geometry: str = ""
    layout: str = ""
    procedure: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    open_sections: list[str] = field(default_factory=lambda: ["network", "learning"])


_ALLOWED: Final[Mapping[str, Any]] = {
    "theme": THEMES,
    "device": DEVICES,
    "threads": range(257),
    "tile_size": range(8, 257),
}


def _usable(name: str, value: Any, default: Any) -> bool:
    """Whether a value from the file has the type of its setting and is within its limits."""
    if isinstance(default, float) and type(value) is int:
        return True
    if type(value) is not type(default) or value not in _ALLOWED.get(name, (value,)):
        return False
    return not isinstance(value, list) or all(isinstance(item, str) for item in value)


class Settings:
    """Settings and the file they live in.

    Attributes:
        values: the settings; change them freely, then call `save`.
        notices: sentences for the user about what was wrong with the file.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Reads the settings; never fails: what cannot be used is replaced by its default.

        Args:
            path: the file; by default the one of the user.
        """
        self._path = path or user_config_path("mnist-gui") / "settings.json"
        self._unknown: dict[str, Any] = {}
        self.values = Values()
        self.notices: list[str] = []
        self._read()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def save(self) -> None:
        """Writes the file; a failure is logged, since nothing that the user made is lost by it."""
        content = {**self._unknown, "schema": SCHEMA, **asdict(self.values)}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            _log.warning("settings were not saved: %s", error)

    def add_recent_dataset(self, path: Path) -> None:
        """Puts a data set at the top of the recent ones."""
        _put_first(self.values.recent_datasets, path)

    def add_recent_model(self, path: Path) -> None:
        """Puts a model at the top of the recent ones."""
        _put_first(self.values.recent_models, path)

    def _read(self) -> None:
        try:
            content = json.loads(self._path.read_bytes())
            if not isinstance(content, dict):
                raise ValueError("no JSON object")
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            self._set_aside(error)
            return
        defaults = Values()
        for item in fields(Values):
            default = getattr(defaults, item.name)
            value = content.pop(item.name, default)
            if _usable(item.name, value, default):
                setattr(self.values, item.name, value)
            else:
                _log.warning("setting %s: %r cannot be used, %r is taken", item.name, value, default)
        content.pop("schema", None)
        self._unknown = content

    def _set_aside(self, error: Exception) -> None:
        aside = self._path.with_name(f"{self._path.stem}.corrupt-{time.strftime('%Y%m%d-%H%M%S')}.json")
        _log.warning("settings %s cannot be read: %s", self._path, error)
        try:
            self._path.rename(aside)
        except OSError:
            self.notices.append(f"The settings in {self._path} cannot be read; the defaults are used.")
        else:
            self.notices.append(f"The settings could not be read and were set aside as {aside.name}.")


def _put_first(recent: list[str], path: Path) -> None:
    text = str(path.absolute())
    recent[:] = [text, *(item for item in recent if item != text)][:RECENT]
