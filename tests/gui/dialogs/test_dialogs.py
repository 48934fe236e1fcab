import sys
import threading

import pytest
from PyQt6.QtCore import QObject, QThread, pyqtSignal
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSpinBox, QTableWidget, QWidget

from mnist_gui.gui.commands import shortcut_rows
from mnist_gui.gui.dialogs.about import AboutDialog, versions
from mnist_gui.gui.dialogs.error import ErrorBridge, ErrorDialog
from mnist_gui.gui.dialogs.preferences import Choice, PreferencesDialog
from mnist_gui.gui.dialogs.shortcuts import IN_PANELS, ShortcutsDialog
from mnist_gui.gui.theme import ThemeMode


def button(widget: QWidget, text: str) -> QAbstractButton:
    return next(found for found in widget.findChildren(QAbstractButton) if found.text().replace("&", "") == text)


# ---- about
def test_that_about_names_every_version_and_copies_them(qtbot, theme):
    dialog = AboutDialog(theme)
    qtbot.addWidget(dialog)
    assert {"Python", "Qt", "PyQt6", "pyqtgraph", "pytensor", "numpy"} <= set(versions())
    button(dialog, "Copy versions").click()
    text = QApplication.clipboard().text()
    assert text.splitlines() == [f"{name}: {version}" for name, version in versions().items()]


def test_that_a_package_that_is_missing_is_named_so(monkeypatch):
    monkeypatch.setattr("mnist_gui.gui.dialogs.about._PACKAGES", ("no-such-package",))
    assert versions()["no-such-package"] == "not installed"


# ---- shortcuts
def test_that_the_list_of_shortcuts_can_be_searched(qtbot):
    dialog = ShortcutsDialog()
    qtbot.addWidget(dialog)
    table = dialog.findChild(QTableWidget)
    assert table.rowCount() == len(shortcut_rows()) + len(IN_PANELS)
    qtbot.keyClicks(dialog.findChild(QLineEdit), "undo")
    shown = [table.item(row, 1).text() for row in range(table.rowCount()) if not table.isRowHidden(row)]
    assert "Undo" in shown
    assert "Start" not in shown


# ---- preferences
def test_that_preferences_show_the_choice_and_give_back_another(qtbot):
    dialog = PreferencesDialog(Choice(ThemeMode.DARK, 0, "cpu"))
    qtbot.addWidget(dialog)
    assert dialog.choice() == Choice(ThemeMode.DARK, 0, "cpu")
    dialog.findChild(QComboBox, "theme").setCurrentText("Light")
    dialog.findChild(QSpinBox, "threads").setValue(1)
    dialog.findChild(QComboBox, "device").setCurrentText("Auto")
    assert dialog.choice() == Choice(ThemeMode.LIGHT, 1, "auto")


def test_that_more_threads_than_this_computer_has_are_kept(qtbot):
    dialog = PreferencesDialog(Choice(ThemeMode.LIGHT, 200, "auto"))
    qtbot.addWidget(dialog)
    assert dialog.choice().threads == 200


def test_that_every_control_of_the_preferences_explains_itself(qtbot):
    dialog = PreferencesDialog(Choice(ThemeMode.LIGHT, 0, "auto"))
    qtbot.addWidget(dialog)
    for name in ("theme", "threads", "device"):
        control = dialog.findChild(QWidget, name)
        assert control.toolTip()
        assert control.accessibleName()


# ---- faults
class Sender(QObject):
    sent = pyqtSignal()


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def bridge(window, caplog):
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    bridge = ErrorBridge()
    bridge.set_window(window)
    bridge.install()
    yield bridge
    sys.excepthook, threading.excepthook, sys.unraisablehook = before


def raise_in_slot() -> None:
    sender = Sender()
    sender.sent.connect(lambda: 1 / 0)
    sender.sent.emit()


def raise_in_thread() -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


def raise_in_qthread() -> None:
    class Faulty(QThread):
        def run(self) -> None:
            raise ZeroDivisionError("division by zero")

    thread = Faulty()
    thread.start()
    thread.wait()


@pytest.mark.parametrize("fault", [raise_in_slot, raise_in_thread, raise_in_qthread])
def test_that_a_fault_in_any_thread_is_shown_with_its_traceback(bridge, window, qtbot, fault):
    fault()
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
    dialog = window.findChild(ErrorDialog)
    assert "division by zero" in dialog.text()
    assert "Traceback" in dialog.detailedText()
    button(dialog, "Copy details").click()
    assert dialog.isVisible()
    assert "Traceback" in QApplication.clipboard().text()
    assert "Python:" in QApplication.clipboard().text()
    button(dialog, "Continue").click()
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is None)


def test_that_many_faults_make_one_dialog_that_counts(bridge, window, qtbot):
    for _ in range(5):
        raise_in_slot()
    qtbot.waitUntil(lambda: bool(window.findChildren(ErrorDialog)))
    (dialog,) = window.findChildren(ErrorDialog)
    assert "4 more since" in dialog.informativeText()
    dialog.reject()


def test_that_save_and_quit_asks_to_quit(bridge, window, qtbot):
    raise_in_slot()
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
    with qtbot.waitSignal(bridge.quit_wanted):
        button(window.findChild(ErrorDialog), "Save and quit").click()


def test_that_a_known_problem_is_shown_without_details(bridge, window, qtbot):
    bridge.show("The file is no data set.", "")
    dialog = window.findChild(ErrorDialog)
    assert {found.text() for found in dialog.findChildren(QAbstractButton)} == {"Close"}
    dialog.reject()


def test_that_ctrl_c_asks_to_quit(bridge, qtbot):
    with qtbot.waitSignal(bridge.quit_wanted):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
