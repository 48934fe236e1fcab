"""The commands of the menu Draw in the real window."""

import json

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QFileDialog
from session_fakes import FakeClassifier, scripted_train

from mnist_gui.app import open_window
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.menus import Menus
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def session(tmp_path, qapp):
    settings = Settings(tmp_path / "settings.json")
    session = Session(settings, train=scripted_train, make_classifier=FakeClassifier, runs=tmp_path / "runs")
    yield session
    assert session.close()


@pytest.fixture
def window(session, theme, qtbot):
    window = open_window(session, theme)
    with qtbot.waitSignals([window.painted, window.training.curves_ready]):
        window.show()
    yield window
    window.close()
    sip.delete(window)


@pytest.fixture
def filled(window, session, tiny_dataset, monkeypatch, qtbot):
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: tiny_dataset)
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    session.select(123)
    return window


def actions(window):
    return window.findChild(Menus).actions


def test_that_the_tools_are_taken_by_their_keys_and_put_down_by_the_same(window, qtbot):
    qtbot.keyClick(window, Key.Key_E, Modifier.ControlModifier)
    assert window.canvas.tool is Tool.ERASER
    qtbot.keyClick(window, Key.Key_E, Modifier.ControlModifier | Modifier.ShiftModifier)
    assert window.canvas.tool is Tool.STROKE_ERASER
    assert [str(tool) for tool in Tool if actions(window)[str(tool)].isChecked()] == ["stroke_eraser"]
    qtbot.keyClick(window, Key.Key_E, Modifier.ControlModifier | Modifier.ShiftModifier)
    assert window.canvas.tool is Tool.PEN
    actions(window)["pen"].trigger()
    assert actions(window)["pen"].isChecked()


def test_that_the_menu_says_what_would_be_undone(filled, session, qtbot):
    undo, redo = actions(filled)["undo"], actions(filled)["redo"]
    assert undo.text() == "Undo"
    qtbot.keyClick(filled, Key.Key_D, Modifier.ControlModifier | Modifier.ShiftModifier)
    assert undo.text() == "Undo starting from digit 123"
    undo.trigger()
    assert (undo.text(), redo.text()) == ("Undo", "Redo starting from digit 123")


def test_that_a_digit_of_the_grid_is_taken_to_draw_on(filled, session):
    filled.browser.draw_on_selected()
    assert (filled.canvas.drawing.picture[5::10, 5::10] == session.dataset.images[123]).all()
    assert filled.rooms.draw.isVisible()


def test_that_a_stroke_file_dropped_on_the_window_is_replayed(window, tmp_path, qtbot):
    path = tmp_path / "dropped.jsonl"
    path.write_text(json.dumps({"strokes": [[[0, 0], [9, 40]]], "label": 1}) + "\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Modifier.NoModifier)
    window.dropEvent(event)
    qtbot.waitUntil(lambda: window.canvas.label == 1)
    qtbot.waitUntil(lambda: window.canvas.image is not None)


def test_that_a_drawing_is_saved_through_the_dialog(filled, session, tmp_path, qtbot):
    actions(filled)["save_drawing"].trigger()
    assert filled.findChild(QFileDialog) is None  # there is nothing to save
    filled.canvas.draw_on_digit(7)
    qtbot.waitUntil(lambda: filled.canvas.image is not None)
    qtbot.keyClick(filled, Key.Key_S, Modifier.ControlModifier)
    dialog = filled.findChild(QFileDialog)
    with qtbot.waitSignal(session.notice):
        dialog.fileSelected.emit(str(tmp_path / "mine.png"))
    dialog.reject()
    assert (tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")
    assert session.settings.values.drawing_folder == str(tmp_path)


def test_that_digits_are_drawn_with_the_keyboard_alone(window, qtbot):
    qtbot.keyClick(window, Key.Key_3, Modifier.ControlModifier)
    canvas = window.findChild(DrawingCanvas)
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_Space)
    for _ in range(20):
        qtbot.keyClick(canvas, Key.Key_Down)
    qtbot.keyClick(canvas, Key.Key_Space)
    assert len(window.canvas.drawing.strokes) == 1
    qtbot.waitUntil(lambda: window.canvas.image is not None)
