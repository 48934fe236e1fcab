"""From the data set to a drawing that is read, with the real engine."""

import pytest
from PyQt6 import sip

from mnist_gui.app import open_window
from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import Device, TrainingConfig, Updates
from mnist_gui.engine.presets import SUGGESTED_LEARNING_RATE
from mnist_gui.session.session import Asker, RunState, Session
from mnist_gui.session.settings import Settings


@pytest.fixture
def session(tmp_path, qapp):
    settings = Settings(tmp_path / "settings.json")
    settings.values.device = "cpu"
    settings.values.training = TrainingConfig(
        network="softmax",
        updates=Updates.ADAM,
        learning_rate=SUGGESTED_LEARNING_RATE[Updates.ADAM],
        epochs=1,
        device=Device.CPU,
    ).to_dict()
    session = Session(settings, runs=tmp_path / "runs")
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


def test_that_a_run_learns_mnist_is_saved_and_reads_what_is_drawn_and_browsed(window, session, qtbot):
    with qtbot.waitSignal(session.dataset_changed, timeout=20_000):
        session.open_dataset(None)
    with qtbot.waitSignal(session.saved, timeout=150_000) as signal:
        window.training.start()
    assert session.run_state is RunState.IDLE
    assert session.history.outcome.test_error < 12.0
    assert checkpoint.load(signal.args[0]).metadata["test_error"] == session.history.outcome.test_error
    assert session.device.startswith("CPU")

    answers = {}
    session.answered.connect(answers.__setitem__)
    session.select(60_000)  # the first test digit, a clear seven
    qtbot.waitUntil(lambda: answers.get(Asker.BROWSER) is not None, timeout=20_000)
    assert answers[Asker.BROWSER].digit == 7 == session.dataset.labels[60_000]

    session.request_predictions()
    qtbot.waitUntil(lambda: session.predictions_progress == 1.0, timeout=60_000)
    wrong = session.predictions[60_000:].argmax(axis=1) != session.dataset.labels[60_000:]
    assert 100 * wrong.mean() == pytest.approx(session.history.outcome.test_error, abs=0.05)

    session.ask(Asker.CANVAS, session.dataset.images[60_001])
    qtbot.waitUntil(lambda: answers.get(Asker.CANVAS) is not None, timeout=20_000)
    assert answers[Asker.CANVAS].digit == session.dataset.labels[60_001]
