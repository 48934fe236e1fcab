"""What pinned digits cost: the drawing of their curves, the run that is recorded, the pen beside them.

Repeat with `pytest -m benchmark tests/benchmarks/test_pins_speed.py -s`.
"""

import statistics
import time

import numpy as np
import pytest
from PyQt6.QtCore import QElapsedTimer
from timing import in_words, percentile, size

from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import TrainingConfig, Updates
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.training.pins_page import PinsPage
from mnist_gui.session.pins import Pins
from mnist_gui.session.predictor import Predictor
from mnist_gui.session.probability_curve import ProbabilityCurve
from mnist_gui.session.session import Session
from mnist_gui.session.settings import Settings
from mnist_gui.session.states import Asker

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(580)]

DRAWING_LIMIT_MS = 40.0
SHARE_LIMIT = 5.0
"""Percent of one processor that may be spent on recording; the rest between two readings aims at less."""


def fill(curve: ProbabilityCurve, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = np.cumsum(random.normal(0, 0.1, (count, 10)), axis=0)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for step, row in enumerate(shares.astype(np.float32)):
        curve.add(7 * step, row)


@pytest.fixture
def session(qapp, tmp_path, mnist, monkeypatch, qtbot):
    monkeypatch.setattr("mnist_gui.data.library.bundled_mnist", lambda: mnist)

    def train(config, dataset, emit, control, threads):
        from mnist_gui.engine.trainer import train

        train(config, dataset, emit, control, threads=1, compiler=Compiler.INTERPRETER)

    session = Session(Settings(tmp_path / "settings.json"), train=train, runs=tmp_path / "runs")
    with qtbot.waitSignal(session.dataset_changed):
        session.open_dataset(None)
    yield session
    assert session.close()


@pytest.mark.parametrize("count", [1, 3, 12])
def test_that_a_tick_of_the_pins_leaves_the_window_free(count, session, theme, qtbot, capsys):
    pins = Pins(session)
    page = PinsPage(session, pins, theme)
    qtbot.addWidget(page)
    page.resize(774, 230)
    with qtbot.waitExposed(page):
        page.show()
    for index in range(count):
        number = pins.pin(session.dataset.images[index], None, int(session.dataset.labels[index]), "digit").number
        fill(pins.curve(number), 2000, index)
        pins._answers[number] = Prediction(pins.curve(number).probabilities[-1].copy())
    ticks, clock = [], time.thread_time
    for _ in range(size(40, 10)):
        begun = clock()
        page._draw()
        page._area.viewport().repaint()
        ticks.append(1000 * (clock() - begun))
    with capsys.disabled():
        print("\n" + in_words(f"{count} pins of 2,000 readings, drawn", ticks))
    assert statistics.median(ticks) < DRAWING_LIMIT_MS


def test_that_recording_many_pins_takes_little_from_a_run(session, mnist, qtbot, capsys):
    pins = Pins(session)
    config = TrainingConfig(network="mlp", updates=Updates.SGD, epochs=1000, patience=0, validate_every=100_000)
    pins.pin(mnist.images[0], None, None, "digit")
    session.start_training(config)
    qtbot.waitUntil(lambda: len(pins.curve(1)) > 3, timeout=120_000)
    thread = session._predictor._thread
    assert thread is not None
    cpu_of_reading = time.pthread_getcpuclockid(thread.ident)
    for index in range(1, 64):
        pins.pin(mnist.images[index], None, None, "digit")
    images = np.stack([pin.image for pin in pins.pins])
    shares, speeds = [], {True: [], False: []}
    for turn in range(size(8, 2)):
        for recorded in (True, False) if turn % 2 else (False, True):
            session.ask_all(Asker.PINS, images if recorded else None)
            qtbot.wait(200)
            begun, steps, cpu = time.perf_counter(), session.history.step, time.clock_gettime(cpu_of_reading)
            qtbot.wait(size(3000, 1500))
            seconds = time.perf_counter() - begun
            speeds[recorded].append((session.history.step - steps) / seconds)
            if recorded:
                shares.append(100 * (time.clock_gettime(cpu_of_reading) - cpu) / seconds)
    session.stop_training()
    session.ask_all(Asker.PINS, None)
    qtbot.waitUntil(lambda: session.history.outcome is not None, timeout=20_000)
    ratios = [with_pins / without for with_pins, without in zip(speeds[True], speeds[False], strict=True)]
    with capsys.disabled():
        print(
            f"\n64 pins beside a run: {statistics.median(shares):.1f} % of one processor (most {max(shares):.1f}),"
            f" speed {statistics.median(ratios):.3f} of that without; {len(pins.curve(1))} readings"
        )
    assert statistics.median(shares) < SHARE_LIMIT


def test_that_many_pins_hardly_delay_the_pen(mnist, qapp, qtbot, capsys):
    from mnist_gui.session.model_store import bundled_model

    predictor = Predictor(live={Asker.CANVAS}, records={Asker.PINS})
    model, answered = bundled_model(), []
    try:
        predictor.answered.connect(lambda asker, *_: answered.append(asker))
        predictor.set_model(model)
        predictor.ask(Asker.CANVAS, mnist.images[:1])
        qtbot.waitUntil(lambda: bool(answered), timeout=60_000)
        waits = {0: [], 64: []}
        for _ in range(size(60, 10)):
            for pinned, found in waits.items():
                predictor.ask(Asker.PINS, mnist.images[:pinned] if pinned else None)
                qtbot.wait(12)  # reading them has begun, and is far from its end
                answered.clear()
                clock = QElapsedTimer()
                clock.start()
                predictor.ask(Asker.CANVAS, mnist.images[:1])
                qtbot.waitUntil(lambda: Asker.CANVAS in answered, timeout=20_000)
                found.append(clock.nsecsElapsed() / 1e6)
    finally:
        predictor.close()
    with capsys.disabled():
        for pinned, found in waits.items():
            print("\n" + in_words(f"the pen's digit, {pinned} pins being read", found), end="")
        print()
    assert percentile(waits[64], 50) < percentile(waits[0], 50) + 60
