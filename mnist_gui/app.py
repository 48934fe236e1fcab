"""Starts the window.

The order matters: faults are logged from the first moment; hooks and signals come with the application object;
digits and the model are read when the window has been seen. Importing this module loads no PyTensor.
"""

import argparse
import faulthandler
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_log_path
from PyQt6 import sip
from PyQt6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

from mnist_gui import __version__
from mnist_gui.gui.dialogs.error import ErrorBridge
from mnist_gui.gui.main_window import MainWindow
from mnist_gui.gui.menus import Menus
from mnist_gui.gui.signals import SignalWatch
from mnist_gui.gui.theme import Theme, ThemeMode
from mnist_gui.resources import resource_path
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings

_log = logging.getLogger("mnist_gui")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run_window(arguments: Sequence[str]) -> int:
    """Opens the window and returns when it has been closed.

    Args:
        arguments: of the command line, without the program's name.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="mnist-gui", description="Opens the window.")
    parser.add_argument("--data", type=Path, metavar="PATH", help="data set to open: a folder or a file")
    options = parser.parse_args(arguments)
    with _faults_logged():
        application = make_application()
        bridge, signals = ErrorBridge(application), SignalWatch(application)
        bridge.install()
        settings = Settings()
        theme = Theme(ThemeMode(settings.values.theme), application)
        theme.install(application)
        session = Session(settings, application)
        window = open_window(session, theme)
        bridge.set_window(window)
        session.problem.connect(bridge.show)
        bridge.quit_wanted.connect(window.close)
        signals.arrived.connect(window.close)
        window.closed.connect(application.quit)

        def begin() -> None:
            _log.info("window ready")
            session.open_dataset(options.data)
            session.open_bundled_model()
            for notice in settings.notices:
                session.notice.emit(notice)

        window.painted.connect(begin)
        session.dataset_changed.connect(session.preload)
        window.show()
        code = application.exec()
        ended = session.close()
        # Now, while the application object lives; Python would delete both in an order of its own.
        sip.delete(window)
        signals.close()
        bridge.uninstall()
        if not ended:
            _log.critical("the training thread does not end; the process is ended without it")
            os._exit(1)
    return code


def run_screenshots(folder: Path) -> int:
    """Makes pictures of the real window: browsing, in training, with a drawing, in both themes.

    Returns:
        The exit code.
    """
    from mnist_gui.gui.screenshots import ScreenshotError, take_screenshots

    with _faults_logged():
        application = make_application()
        theme = Theme(ThemeMode.LIGHT, application)
        theme.install(application)
        try:
            take_screenshots(folder, theme, open_window)
        except (ScreenshotError, OSError) as error:
            _log.error("no screenshots: %s", error)
            return 1
    return 0


def make_application() -> QApplication:
    """The one application object, named; the process is made ready for a window beside threads that compute."""
    # Painting the window asks for the interpreter lock dozens of times. While libraries load or graphs are built on
    # another thread, each time would take Python's usual 5 ms, which adds up to gaps that are felt.
    sys.setswitchinterval(0.001)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("mnist-gui")
    application.setApplicationDisplayName("MNIST GUI")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("mnist-gui")
    application.setWindowIcon(QIcon(str(resource_path("icons", "mnist-gui.svg"))))
    return application


def open_window(session: Session, theme: Theme) -> MainWindow:
    """A window with its menus, not yet shown."""
    window = MainWindow(session, theme)
    Menus(window, session, theme)
    return window


@contextmanager
def _faults_logged() -> Iterator[None]:
    """Logs to standard error; a crash of the process writes its stacks to a file that an end in good order removes."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    qInstallMessageHandler(_take_qt_message)
    try:
        with _crash_log():
            yield
    finally:
        qInstallMessageHandler(None)
        _log.removeHandler(handler)


@contextmanager
def _crash_log() -> Iterator[None]:
    path = user_log_path("mnist-gui") / "crash.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            _log.warning("the last time the program crashed, see %s", path.replace(path.with_suffix(".old.log")))
        file = path.open("w")
    except OSError as error:
        _log.warning("no crash log: %s", error)
        yield
        return
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
    path.unlink(missing_ok=True)


def _take_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    _log.log(_LEVELS[kind], "Qt: %s", message)
