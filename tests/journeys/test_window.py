"""The real window with the real digits, from its opening to its end."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QMimeData, QPointF, QSize, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSpinBox
from session_fakes import FakeClassifier, make_model, scripted_train

from mnist_gui.app import open_window
from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.gui.browser.grid import DigitGrid
from mnist_gui.gui.dialogs.preferences import PreferencesDialog
from mnist_gui.gui.dialogs.shortcuts import ShortcutsDialog
from mnist_gui.gui.layout import Arrangement
from mnist_gui.gui.main_window import MainWindow
from mnist_gui.gui.menus import Menus
from mnist_gui.gui.theme import ThemeMode
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings, pack_state
from mnist_gui.session.states import RunState


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def open_session(tmp_path, qapp):
    opened = []

    def make(settings):
        opened.append(Session(settings, train=scripted_train, make_classifier=FakeClassifier, runs=tmp_path / "runs"))
        return opened[-1]

    yield make
    for session in opened:
        assert session.close()


@pytest.fixture
def session(open_session, settings):
    return open_session(settings)


@pytest.fixture
def show(open_session, theme, qtbot):
    shown = []

    def show(session: Session) -> MainWindow:
        window = open_window(session, theme)
        shown.append(window)
        with qtbot.waitSignals([window.painted, window.training.curves_ready]):
            window.show()
        return window

    yield show
    for window in shown:
        window.close()
        # At once, as the application does it; else Python's garbage collector would do it at some later time.
        sip.delete(window)


@pytest.fixture
def window(show, session):
    return show(session)


@pytest.fixture
def filled(window, session, mnist, monkeypatch, qtbot):
    """The window with MNIST read."""
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: mnist)
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    return window


def actions(window):
    return window.findChild(Menus).actions


def test_that_every_command_does_something(window):
    assert actions(window).unbound == set()


def test_that_three_rooms_are_seen_together_and_the_fourth_is_behind_a_tab(window, qtbot):
    window.resize(QSize(1366, 768))
    window.reset_layout()
    rooms = window.rooms.docks[:3]
    qtbot.waitUntil(lambda: all(room.on_top and room.width() > 300 for room in rooms))
    browse, train, draw = (room.geometry() for room in rooms)
    assert browse.right() < train.left() == draw.left()
    assert train.bottom() < draw.top()
    assert window.tabifiedDockWidgets(window.rooms.browse) == [window.rooms.why]
    assert not window.rooms.why.on_top
    assert window.rooms.present() is Arrangement.TOGETHER


def test_that_a_small_window_puts_train_and_draw_behind_tabs_and_a_large_one_brings_them_back(window, qtbot):
    window.resize(QSize(1366, 768))
    window.reset_layout()
    window.resize(QSize(1024, 640))
    qtbot.waitUntil(lambda: window.rooms.present() is Arrangement.TABBED)
    assert window.size() == QSize(1024, 640)
    window.resize(QSize(1400, 800))
    qtbot.waitUntil(lambda: window.rooms.present() is Arrangement.TOGETHER)


def test_that_the_room_in_front_stays_there_when_the_window_is_resized(window, qtbot):
    window.resize(QSize(1366, 768))
    window.reset_layout()
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.rooms.why.on_top)
    window.resize(QSize(1024, 640))
    qtbot.waitUntil(lambda: window.rooms.present() is Arrangement.TABBED)
    qtbot.waitUntil(lambda: window.rooms.why.on_top and not window.rooms.browse.on_top)


def test_that_the_button_below_the_answer_shows_why(window, qtbot):
    window.resize(QSize(1024, 640))
    window.reset_layout()
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(window.findChild(QAbstractButton, "ask_why"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.rooms.why.on_top)
    assert window.rooms.draw.on_top


def test_that_an_arrangement_of_the_user_stays_when_the_window_is_resized(window, qtbot):
    window.resize(QSize(1366, 768))
    window.reset_layout()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.rooms.draw)
    window.resize(QSize(1024, 640))
    qtbot.wait(20)
    assert window.dockWidgetArea(window.rooms.draw) is Qt.DockWidgetArea.LeftDockWidgetArea
    actions(window)["reset_layout"].trigger()
    assert window.rooms.present() is Arrangement.TABBED


def test_that_size_and_arrangement_come_back_at_the_next_start(show, open_session, settings, window):
    window.resize(QSize(950, 720))
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.rooms.draw)
    window.close()
    settings.save()
    again = show(open_session(Settings(settings.path)))
    # Qt keeps the width within the screen, which is 800 wide on the offscreen platform.
    assert again.height() == 720
    assert again.dockWidgetArea(again.rooms.draw) is Qt.DockWidgetArea.LeftDockWidgetArea


@pytest.mark.parametrize("closed", ["none", "browse"])
def test_that_an_arrangement_without_the_newest_room_comes_back_with_it_behind_browse(
    closed, show, open_session, settings, window
):
    window.rooms.why.deleteLater()
    window.removeDockWidget(window.rooms.why)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.rooms.draw)
    window.rooms.browse.setVisible(closed == "none")
    QApplication.sendPostedEvents(window.rooms.why, QEvent.Type.DeferredDelete)
    layout = pack_state(window.saveState())
    window.close()
    settings.values.layout = layout
    again = show(open_session(settings))
    assert again.dockWidgetArea(again.rooms.draw) is Qt.DockWidgetArea.BottomDockWidgetArea
    assert again.dockWidgetArea(again.rooms.why) is Qt.DockWidgetArea.LeftDockWidgetArea
    if closed == "none":
        assert again.tabifiedDockWidgets(again.rooms.browse) == [again.rooms.why]
        assert again.rooms.browse.on_top
        assert not again.rooms.why.on_top
    else:
        assert again.rooms.why.on_top


def test_that_a_damaged_arrangement_is_not_given_to_qt(show, open_session, settings):
    settings.values.layout = settings.values.geometry = "6.0.0:00000000:AAAA"
    assert show(open_session(settings)).rooms.present() is not None


def test_that_a_closed_room_comes_back_by_its_key(window, qtbot):
    window.rooms.draw.close()
    assert window.rooms.draw.isHidden()
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.rooms.draw.isVisible()
    assert window.rooms.draw.isAncestorOf(QApplication.focusWidget())


def test_that_the_key_of_a_room_gives_the_keyboard_to_what_can_be_seen_and_used_there(filled, session, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(filled, Qt.Key.Key_4, control)
    qtbot.keyClick(filled, Qt.Key.Key_1, control)
    assert QApplication.focusWidget() is filled.findChild(DigitGrid)
    session.start_training(TrainingConfig(network="softmax", epochs=10_000, patience=0))
    qtbot.waitUntil(lambda: session.run_state is RunState.TRAINING)
    qtbot.keyClick(filled, Qt.Key.Key_2, control)
    taker = QApplication.focusWidget()
    assert filled.rooms.train.isAncestorOf(taker)
    assert taker.isEnabled()
    assert taker.isVisible()
    session.stop_training()
    qtbot.waitUntil(lambda: session.run_state is RunState.IDLE)


def test_that_a_window_that_opens_has_the_keyboard_in_the_grid_and_no_digit_selected(filled, session, qtbot):
    grid = filled.findChild(DigitGrid)
    qtbot.waitUntil(grid.hasFocus)
    assert session.selection is None
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert session.selection == 0


def test_that_a_digit_of_the_grid_can_be_shown_on_the_canvas(filled, session, qtbot):
    session.select(12_345)
    assert actions(filled)["open_digit"].isEnabled()
    actions(filled)["open_digit"].trigger()
    assert filled.rooms.draw.isVisible()


def test_that_a_digit_that_looks_alike_is_one_click_from_the_grid_and_two_from_the_canvas(filled, session, qtbot):
    filled.rooms.why.go_to()
    assert not filled.rooms.browse.on_top
    session.select(17)
    filled.why.digit_chosen.emit(17)
    assert filled.rooms.browse.on_top
    filled.why.digit_opened.emit(27)
    assert filled.rooms.draw.on_top
    assert filled.canvas.label == session.dataset.labels[27]


def test_that_a_run_is_started_by_its_key_and_followed_to_its_end(filled, session, qtbot):
    with qtbot.waitSignal(session.saved, timeout=10_000):
        qtbot.keyClick(filled, Qt.Key.Key_F5)
    assert session.history.outcome is not None
    assert "saved" in filled.statusBar().findChild(object, "status_saved").text()


def test_that_closing_while_a_run_goes_on_ends_cleanly_and_keeps_the_weights(filled, session, tmp_path, qtbot):
    qtbot.keyClick(filled, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: session.history is not None and session.history.step >= 10)
    with qtbot.waitSignal(filled.closed):
        actions(filled)["quit"].trigger()
    assert session.close()
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_that_a_model_dropped_on_the_window_is_opened(window, session, tmp_path, qtbot):
    path = tmp_path / "dropped.safetensors"
    checkpoint.save(make_model(name="Softmax"), path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    with qtbot.waitSignal(session.model_changed):
        window.dropEvent(
            QDropEvent(
                QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )  # fmt: skip
    assert session.model_source.startswith("dropped.safetensors")


def drop(window, mime):
    window.dropEvent(
        QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def test_that_a_picture_dropped_on_the_window_goes_to_the_canvas_whatever_its_name(window, mnist, tmp_path, qtbot):
    path = tmp_path / "a digit"
    assert grey_image(mnist.images[7]).save(str(path), "png")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    drop(window, mime)
    qtbot.waitUntil(lambda: window.canvas.drawing.picture is not None)
    window.canvas.undo_stack.undo()
    mime = QMimeData()
    mime.setImageData(grey_image(mnist.images[8]))
    drop(window, mime)
    qtbot.waitUntil(lambda: window.canvas.drawing.picture is not None)


def test_that_the_picture_on_the_clipboard_is_pasted_by_its_key(window, mnist, qtbot):
    QApplication.clipboard().setImage(grey_image(mnist.images[7]))
    window.rooms.draw.close()
    qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.rooms.draw.isVisible()
    qtbot.waitUntil(lambda: window.canvas.drawing.picture is not None)


def test_that_a_session_that_ends_while_a_picture_is_read_ends_in_good_order(window, session, tmp_path):
    path = tmp_path / "page.png"
    assert grey_image(np.random.default_rng(1).integers(0, 255, (900, 900)).astype(np.uint8)).save(str(path))
    window.photos.open_file(path)
    assert session.close()


def test_that_the_list_of_shortcuts_opens_by_its_key(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    dialog = window.findChild(ShortcutsDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_that_the_theme_chosen_in_the_menu_is_used_and_remembered(window, session, theme):
    actions(window)["theme_dark"].trigger()
    assert theme.mode is ThemeMode.DARK
    assert session.settings.values.theme == "dark"
    assert actions(window)["theme_dark"].isChecked()
    assert not actions(window)["theme_light"].isChecked()


def test_that_preferences_are_used_and_remembered(window, session, theme, qtbot):
    actions(window)["preferences"].trigger()
    dialog = window.findChild(PreferencesDialog)
    dialog.findChild(QComboBox, "theme").setCurrentText("Dark")
    dialog.findChild(QComboBox, "device").setCurrentText("CPU")
    dialog.findChild(QSpinBox, "threads").setValue(1)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.accept()
    assert theme.dark
    values = Settings(session.settings.path).values
    assert (values.theme, values.device, values.threads) == ("dark", "cpu", 1)


def test_that_the_window_fills_the_screen_and_no_longer(window, qtbot):
    actions(window)["full_screen"].trigger()
    assert window.isFullScreen()
    actions(window)["full_screen"].trigger()
    assert not window.isFullScreen()


def test_that_projector_mode_enlarges_the_text(window, theme):
    actions(window)["projector"].trigger()
    assert theme.scale > 1
    actions(window)["projector"].trigger()
    assert theme.scale == 1


# ---- as a process
def start(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "mnist_gui", *arguments],
        stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
    )  # fmt: skip


def wait_for_line(process, text):
    lines = []
    for line in process.stderr:
        lines.append(line)
        if text in line:
            return
    raise AssertionError(f"{text!r} was not said:\n{''.join(lines)}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_that_a_signal_ends_the_program_in_good_order(number):
    process = start()
    try:
        wait_for_line(process, "window ready")
        process.send_signal(number)
        sent = time.monotonic()
        _, rest = process.communicate(timeout=30)
        assert process.returncode == 0, rest
        assert time.monotonic() - sent < 10
    finally:
        process.kill()
        process.wait()


def test_that_without_a_display_the_program_says_so_and_does_not_abort():
    environment = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    process = start(**environment)
    _, text = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "DISPLAY" in text


def test_that_an_option_that_does_not_exist_is_wrong_use():
    process = start("--data", "x", "--purple")
    _, text = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "--purple" in text
