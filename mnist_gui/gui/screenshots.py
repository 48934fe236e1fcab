"""Pictures of the real window for the README: the same objects, the same events, nothing arranged by hand."""

import logging
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PyQt6 import sip
from PyQt6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, QPointF, QSize, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication

from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.prediction import Prediction
from mnist_gui.engine.presets import SUGGESTED_LEARNING_RATE
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.main_window import MainWindow
from mnist_gui.gui.theme import Theme, ThemeMode
from mnist_gui.session.model_store import bundled_model
from mnist_gui.session.session import Asker, Session
from mnist_gui.session.settings import Settings

SIZE: Final = QSize(1366, 768)
SELECTED: Final = 50_247
PATIENCE_MS: Final = 300_000
"""The first run on a computer compiles, which may take minutes."""

SETTLE_MS: Final = 400
"""After a state was reached: curves are drawn ten times a second at most."""

_log = logging.getLogger(__name__)


class ScreenshotError(Exception):
    """The window did not come into the state that was to be pictured; the message is for the user."""


class Photographer(QObject):
    """Brings a window into a state, waits for it, and saves it in both themes."""

    def __init__(self, session: Session, window: MainWindow, theme: Theme, folder: Path) -> None:
        super().__init__()
        self._session = session
        self._window = window
        self._theme = theme
        self._folder = folder
        self._answered: set[str] = set()
        session.answered.connect(self._note_answer)

    def take_all(self) -> None:
        """Makes every picture.

        Raises:
            ScreenshotError: a state was not reached.
            OSError: a picture could not be written.
        """
        session = self._session
        session.open_dataset(None)
        session.open_bundled_model()
        self._wait_for("the digits", lambda: session.dataset is not None)
        if bundled_model() is not None:
            self._wait_for("the bundled model", lambda: session.model is not None)
        self._answered.clear()
        session.select(SELECTED)
        self._wait_for_answer(Asker.BROWSER)
        self._save("browsing")
        self._answered.clear()
        self._draw()
        self._wait_for_answer(Asker.CANVAS)
        self._save("drawing")
        self._window.training.start()
        self._wait_for("three epochs", self._three_epochs_done)
        self._answered.clear()
        self._wait_for_answer(Asker.CANVAS)
        self._save("training")

    def _three_epochs_done(self) -> bool:
        history = self._session.history
        return history is not None and (len(history.validations) >= 3 or history.outcome is not None)

    def _note_answer(self, asker: str, prediction: Prediction | None) -> None:
        if prediction is not None:
            self._answered.add(asker)

    def _wait_for_answer(self, asker: Asker) -> None:
        if self._session.model is not None:
            self._wait_for("an answer of the model", lambda: asker in self._answered)

    def _wait_for(self, what: str, reached: Callable[[], bool]) -> None:
        """Lets the window live until a condition holds, and then a moment longer, so that all is painted."""
        loop, clock = QEventLoop(), QElapsedTimer()
        clock.start()
        timer = QTimer()
        timer.setInterval(50)
        timer.timeout.connect(lambda: loop.quit() if reached() or clock.hasExpired(PATIENCE_MS) else None)
        timer.start()
        loop.exec()
        timer.stop()
        if not reached():
            raise ScreenshotError(f"{what} did not come within {PATIENCE_MS // 60_000} minutes")
        self._settle()

    def _settle(self) -> None:
        loop = QEventLoop()
        QTimer.singleShot(SETTLE_MS, loop.quit)
        loop.exec()

    def _draw(self) -> None:
        """Draws a two with the mouse."""
        canvas = self._window.canvas.findChild(DrawingCanvas)
        assert canvas is not None, "the room has a canvas"
        kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease)
        points = [QPointF(x * canvas.width(), y * canvas.height()) for x, y in two()]
        for number, point in enumerate(points):
            kind = kinds[0] if number == 0 else kinds[2] if number == len(points) - 1 else kinds[1]
            left = Qt.MouseButton.LeftButton
            QApplication.sendEvent(
                canvas,
                QMouseEvent(
                    kind, point, canvas.mapToGlobal(point), left,
                    Qt.MouseButton.NoButton if kind is kinds[2] else left, Qt.KeyboardModifier.NoModifier,
                ),
            )  # fmt: skip

    def _save(self, name: str) -> None:
        for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
            self._theme.set_mode(mode)
            self._settle()
            path = self._folder / f"{name}-{mode}.png"
            if not self._window.grab().save(str(path)):
                raise OSError(f"{path} cannot be written")
            _log.info("saved %s", path)


def two() -> list[tuple[float, float]]:
    """A two in one stroke, in parts of the canvas: a bow, a slope, a foot."""
    bow = [(0.5 - 0.2 * math.cos(angle), 0.36 - 0.18 * math.sin(angle)) for angle in _steps(0.1, 3.6, 24)]
    (x, y), foot = bow[-1], 0.8
    slope = [(x + (0.28 - x) * part, y + (foot - y) * part) for part in _steps(0.05, 1.0, 16)]
    return bow + slope + [(0.28 + 0.46 * part, foot - 0.02 * part) for part in _steps(0.05, 1.0, 12)]


def _steps(first: float, last: float, count: int) -> list[float]:
    return [first + (last - first) * number / (count - 1) for number in range(count)]


def take_screenshots(folder: Path, theme: Theme, open_window: Callable[[Session, Theme], MainWindow]) -> None:
    """Makes every picture in a folder, with settings and runs of its own.

    Args:
        folder: is made where it does not exist.
        theme: installed; it is switched between light and dark.
        open_window: makes the window, not yet shown.

    Raises:
        ScreenshotError: a state was not reached.
        OSError: a picture could not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mnist-gui-") as temporary:
        settings = Settings(Path(temporary) / "settings.json")
        rate = SUGGESTED_LEARNING_RATE[Updates.NESTEROV]
        config = TrainingConfig(network="mlp", updates=Updates.NESTEROV, learning_rate=rate, epochs=30, patience=0)
        settings.values.training = config.to_dict()
        session = Session(settings, runs=Path(temporary) / "runs")
        window = open_window(session, theme)
        window.resize(SIZE)
        window.reset_layout()
        window.show()
        try:
            Photographer(session, window, theme, folder).take_all()
        finally:
            window.close()
            session.close()
            sip.delete(window)
