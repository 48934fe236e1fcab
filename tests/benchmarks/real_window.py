"""The real window with the real session, measured from within; runs in a process of its own, see `timing`.

PyTensor and the plotting library are not loaded yet when it starts, as when a user starts the program.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PyQt6 import sip
from PyQt6.QtCore import QEventLoop, QObject, QPointF, Qt, QTimer, pyqtBoundSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget
from timing import busy_processors

from mnist_gui.app import make_application, open_window
from mnist_gui.engine.config import Device, TrainingConfig
from mnist_gui.gui.theme import Theme, ThemeMode
from mnist_gui.gui.widgets.probability_bars import ProbabilityBars
from mnist_gui.session.explainer import FeaturesState
from mnist_gui.session.session import RunState, Session
from mnist_gui.session.settings import Settings

LENET = TrainingConfig(network="lenet", device=Device.CPU, epochs=100, patience=0, validate_every=100)
"""Goes on until it is stopped, and looks at the validation digits every few seconds."""


class Probe(QObject):
    """A timer of 5 ms on the GUI thread. What keeps the window from answering shows as a gap between two ticks.

    Where Linux tells it, the part of a gap is known in which the GUI thread was ready but had no processor. On a busy
    machine that says nothing about the program; the rest is the program's own: its work and the interpreter lock.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._gaps: list[float] = []
        self._own: list[float] = []
        self._last = time.perf_counter()
        self._waited = waited_for_processor()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def take(self) -> dict[str, list[float]]:
        """The gaps since the last call, in milliseconds: whole, and without waiting for a processor."""
        gaps, self._gaps = self._gaps, []
        own, self._own = self._own, []
        return {"whole": gaps, "own": own}

    def _tick(self) -> None:
        now, waited = time.perf_counter(), waited_for_processor()
        self._gaps.append(1000 * (now - self._last))
        self._own.append(1000 * (now - self._last - (waited - self._waited)))
        self._last, self._waited = now, waited


def waited_for_processor() -> float:
    """Seconds in which the main thread was ready to run and had no processor; 0 where the system does not tell."""
    try:
        # Linux, Documentation/scheduler/sched-stats.rst: time on the processor, time waiting for it, time slices.
        return int(Path("/proc/self/schedstat").read_bytes().split()[1]) / 1e9
    except OSError:
        return 0.0


class Opened:
    """The window as it is a moment after its start: MNIST and the bundled model read, curves loaded, 1366x768."""

    def __init__(self) -> None:
        self.application = make_application()
        theme = Theme(ThemeMode.LIGHT, self.application)
        theme.install(self.application)
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.session = Session(Settings(folder / "settings.json"), self.application, runs=folder / "runs")
        self.window = open_window(self.session, theme)
        self.window.resize(1366, 768)
        self.window.reset_layout()
        self.window.show()
        wait_for(self.window.training.curves_ready)
        self.session.dataset_changed.connect(self.session.preload)
        self.session.open_dataset(None)
        wait_for(self.session.dataset_changed)
        self.session.open_bundled_model()
        wait_for(self.session.model_changed)

    def draw(self) -> None:
        """A seven on the canvas, and a digit of the grid selected, so that both have to be read."""
        draw_line(self.canvas, [(70, 60), (200, 60), (130, 230)])
        self.session.select(1000)

    def train(self) -> None:
        """A run of LeNet, until it makes steps."""
        self.session.start_training(LENET)
        wait_until(self.session.history_extended, lambda: bool(self.session.history and self.session.history.step > 2))

    def wait_for_compiled(self) -> None:
        """Until the run makes compiled steps."""

        def compiled() -> bool:
            return any(name == "Numba" for _, name in self.session.history.compilers)

        if not compiled():
            wait_until(self.session.history_extended, compiled)

    @property
    def canvas(self) -> QWidget:
        """What one draws on."""
        canvas = self.window.findChild(QWidget, "canvas")
        assert canvas is not None
        return canvas

    def close(self) -> None:
        """As when the program ends."""
        self.window.close()
        assert self.session.close()
        sip.delete(self.window)
        self._folder.cleanup()


def wait_for(signal: pyqtBoundSignal) -> None:
    """Until the signal comes."""
    wait_until(signal, lambda: True)


def wait_until(signal: pyqtBoundSignal, done: Callable[[], bool]) -> None:
    """Until the signal comes and something is true."""
    loop = QEventLoop()

    def look() -> None:
        if done():
            loop.quit()

    signal.connect(look)
    loop.exec()
    signal.disconnect(look)


def go_on(seconds: float) -> None:
    """Lets the window live for some time."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def send_mouse(widget: QWidget, kind: QMouseEvent.Type, x: float, y: float) -> None:
    """A mouse event at a point given in units of the canvas, which is 280 wide."""
    place = QPointF(x * widget.width() / 280, y * widget.height() / 280)
    pressed = Qt.MouseButton.NoButton if kind is QMouseEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QMouseEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, place, widget.mapToGlobal(place), button, pressed, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def draw_line(widget: QWidget, corners: list[tuple[float, float]]) -> None:
    """One stroke."""
    send_mouse(widget, QMouseEvent.Type.MouseButtonPress, *corners[0])
    for corner in corners[1:]:
        send_mouse(widget, QMouseEvent.Type.MouseMove, *corner)
    send_mouse(widget, QMouseEvent.Type.MouseButtonRelease, *corners[-1])


# ---- what is measured
def gaps(seconds: str) -> dict:
    """Gaps of the probe, in order: nothing happens; beside busy processes; a run is prepared; it makes its first steps
    while a child compiles; it trains."""
    length = float(seconds)
    opened = Opened()
    probe = Probe(opened.window)
    go_on(1.0)
    found = {}
    probe.take()
    go_on(length / 2)
    found["idle"] = probe.take()
    with busy_processors(psutil.cpu_count() or 1):
        go_on(0.5)
        probe.take()
        go_on(length / 2)
        found["busy"] = probe.take()
    opened.draw()
    opened.train()
    found["preparing"] = probe.take()
    opened.wait_for_compiled()
    found["compiling"] = probe.take()
    go_on(length)
    found["training"] = probe.take()
    validations = len(opened.session.history.validations)
    speed = opened.session.history.digits_per_second
    opened.close()
    return {"gaps": found, "validations": validations, "digits_per_second": speed}


def answers(rounds: str, training: str) -> dict:
    """Milliseconds from a mouse event to the repainted bars, for points that follow each other as on a screen."""
    latencies: list[float] = []
    seen: list[object] = [None]
    sent = 0.0
    paint = ProbabilityBars.paintEvent

    def paint_and_look(bars: ProbabilityBars, event: object) -> None:
        nonlocal sent
        paint(bars, event)
        if bars.objectName() == "canvas_bars" and sent and bars._prediction is not seen[0]:
            latencies.append(1000 * (time.perf_counter() - sent))
            sent = 0.0
            loop.quit()

    ProbabilityBars.paintEvent = paint_and_look
    opened = Opened()
    loop = QEventLoop()
    patience = QTimer(opened.window)
    patience.setSingleShot(True)
    patience.timeout.connect(loop.quit)
    bars = opened.window.findChild(ProbabilityBars, "canvas_bars")
    opened.draw()
    if training == "training":
        opened.train()
    go_on(2.0)
    for stroke in range(int(rounds) // 20):
        opened.window.canvas.clear()
        x = 80 + stroke % 100
        send_mouse(opened.canvas, QMouseEvent.Type.MouseButtonPress, x, 30)
        send_mouse(opened.canvas, QMouseEvent.Type.MouseMove, x, 110)  # from here on it is no dot
        go_on(0.1)
        for point in range(20):
            seen[0] = bars._prediction
            sent = time.perf_counter()
            send_mouse(opened.canvas, QMouseEvent.Type.MouseMove, x + point % 3, 115 + 6 * point)
            patience.start(3000)
            loop.exec()
            go_on(0.02)
        send_mouse(opened.canvas, QMouseEvent.Type.MouseButtonRelease, x, 230)
        go_on(0.05)
    opened.close()
    assert len(latencies) == int(rounds), "every point was answered"
    return {"latencies": latencies}


def first_answer() -> dict:
    """Seconds from the window to the first answer for what is drawn in it at once."""
    opened = Opened()
    begun = time.perf_counter()
    opened.draw()
    wait_until(opened.session.answered, lambda: bool(opened.window.canvas._answer.text))
    seconds = time.perf_counter() - begun
    opened.close()
    return {"seconds": seconds}


def memory(seconds: str) -> dict:
    """Resident memory in MB with everything open, and after a run."""
    opened = Opened()
    process = psutil.Process()
    found = {"opened": process.memory_info().rss / 1e6}
    opened.draw()
    opened.train()
    go_on(float(seconds))
    found["training"] = process.memory_info().rss / 1e6
    opened.session.stop_training()
    wait_until(opened.session.run_changed, lambda: opened.session.run_state is RunState.IDLE)
    opened.session.request_predictions()
    wait_until(opened.session.predictions_changed, lambda: opened.session.predictions_progress == 1.0)
    go_on(0.5)
    found["after"] = process.memory_info().rss / 1e6
    explainer = opened.window.why.explainer
    opened.window.rooms.why.go_to()
    wait_until(explainer.features_changed, lambda: explainer.features_state is FeaturesState.READY)
    go_on(0.5)
    found["with the hidden layer of all digits"] = process.memory_info().rss / 1e6
    opened.close()
    return found


def stopping(rounds: str) -> dict:
    """Milliseconds from Stop to the end of the run, while it is prepared and while it trains; and those of closing."""
    opened = Opened()
    session = opened.session

    def stop() -> float:
        begun = time.perf_counter()
        session.stop_training()
        wait_until(session.run_changed, lambda: session.run_state is RunState.IDLE)
        return 1000 * (time.perf_counter() - begun)

    opened.train()  # loads what is loaded once
    found: dict[str, list[float]] = {"training": [stop()], "preparing": [], "closing": []}
    for number in range(int(rounds)):
        session.start_training(LENET)
        wait_until(session.run_changed, lambda: session.run_state is RunState.COMPILING)
        go_on(0.03 * (number % 8))
        found["preparing"].append(stop())
        opened.train()
        go_on(0.1 + 0.037 * (number % 8))
        found["training"].append(stop())
    opened.train()
    go_on(0.5)
    begun = time.perf_counter()
    opened.close()
    found["closing"].append(1000 * (time.perf_counter() - begun))
    return found


def rate(rounds: str, seconds: str) -> dict:
    """Steps a second of compiled LeNet: with the window alive and its curves seen, and while the GUI thread sleeps.

    The two alternate within one run. A window that sleeps takes nothing from the processors, draws nothing and has
    nothing read, as if there were none.
    """
    opened = Opened()
    opened.draw()
    session = opened.session
    session.start_training(LENET)
    opened.wait_for_compiled()
    from mnist_gui.engine.functions import TrainingFunctions

    learn, steps = TrainingFunctions.learn, [0]

    def counted(functions, batches, factors):
        losses = learn(functions, batches, factors)
        steps[0] += len(losses)
        return losses

    TrainingFunctions.learn = counted
    found: dict[str, list[float]] = {"window": [], "headless": []}
    go_on(1.0)
    for _ in range(int(rounds)):
        for name, wait in (("window", go_on), ("headless", time.sleep)):
            before, begun = steps[0], time.perf_counter()
            wait(float(seconds))
            found[name].append((steps[0] - before) / (time.perf_counter() - begun))
            go_on(0.3)  # what a sleeping window has missed
    opened.close()
    return found


if __name__ == "__main__":
    measurements = {f.__name__: f for f in (gaps, answers, first_answer, memory, stopping, rate)}
    print(json.dumps(measurements[sys.argv[1]](*sys.argv[2:])))
