"""What a window needs of the system, looked for before Qt looks: its own answer to a lack is to abort the process."""

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "libglib2.0-0 libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4"
    " libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xkb1"
)
"""The Debian packages with everything that Qt's X11 platform asks for."""


def why_no_window() -> str:
    """Why Qt cannot open a window here, as text for the user; empty when nothing is known to be missing."""
    if importlib.util.find_spec("PyQt6") is None:
        return "PyQt6 is not installed; install it with: pip install mnist-gui"
    try:
        import PyQt6.QtGui
        import PyQt6.QtWidgets
    except ImportError as error:
        return f"Qt cannot be loaded: {error}.\n{_advice()}"
    if not sys.platform.startswith("linux") or _platform() not in ("", "xcb"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY") and not os.environ.get("DISPLAY") and not _platform():
        return ""
    if not os.environ.get("DISPLAY"):
        return (
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start the program on a desktop, or with"
            " xvfb-run; `mnist-gui train`, `evaluate` and `classify` need no display."
        )
    plugin = Path(PyQt6.QtGui.__file__ or "").parent / "Qt6" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.exists():
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            # Qt itself says that libxcb-cursor0 is needed, whatever it is that is missing.
            return f"Qt cannot open a window: {error}.\n{_advice()}"
    return ""


def _platform() -> str:
    return os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]


def _advice() -> str:
    return f"On Debian and Ubuntu these packages bring what Qt needs:\n    sudo apt install {PACKAGES}"
