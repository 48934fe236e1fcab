import ctypes
import importlib.util
import sys

import pytest

from mnist_gui.preflight import PACKAGES, why_no_window

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about X11 libraries")


@pytest.fixture(autouse=True)
def desktop(monkeypatch):
    """An X11 desktop; tests take things away."""
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(ctypes, "CDLL", lambda path: None)


def test_that_nothing_is_said_where_nothing_is_missing():
    assert why_no_window() == ""


def test_that_a_missing_display_is_named_with_the_way_out(monkeypatch):
    monkeypatch.delenv("DISPLAY")
    text = why_no_window()
    assert "DISPLAY" in text
    assert "xvfb-run" in text


def test_that_the_library_that_is_really_missing_is_named_with_the_packages(monkeypatch):
    def refuse(path):
        assert path.endswith("libqxcb.so")
        raise OSError("libxcb-icccm.so.4: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    text = why_no_window()
    assert "libxcb-icccm.so.4" in text
    assert f"sudo apt install {PACKAGES}" in text


def test_that_a_library_that_qt_itself_needs_is_named(monkeypatch):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "PyQt6.QtWidgets":
                raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.delitem(sys.modules, "PyQt6.QtWidgets")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert "libEGL.so.1" in why_no_window()


def test_that_a_missing_pyqt_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "PyQt6 is not installed" in why_no_window()


@pytest.mark.parametrize("platform", ["offscreen", "wayland", "offscreen:enable_fonts"])
def test_that_a_platform_that_was_chosen_by_hand_needs_no_display(monkeypatch, platform):
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    monkeypatch.delenv("DISPLAY")
    assert why_no_window() == ""


def test_that_wayland_without_x11_is_a_display(monkeypatch):
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert why_no_window() == ""
