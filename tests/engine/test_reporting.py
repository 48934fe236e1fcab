from types import SimpleNamespace

import numpy as np
import pytest

from mnist_gui.engine import reporting
from mnist_gui.engine.reporting import Reporter


def test_that_weights_are_shown_often_at_first_and_less_often_later(monkeypatch):
    now = 0.0
    monkeypatch.setattr(reporting, "time", SimpleNamespace(monotonic=lambda: now))
    reporter, shown = Reporter(lambda event: None, 100, 100), []
    now = 5.0  # preparing took so long
    for step in range(1, 10_001):
        reporter.add((1.0,), 0.001, timed=True)
        if reporter.snapshot_due:
            reporter.showed_weights(step)
            shown.append(now - 5.0)
        now += 0.001
    gaps = np.diff(shown)
    assert gaps[0] == pytest.approx(0.03, abs=0.002)
    assert gaps[-1] == pytest.approx(0.3, abs=0.002)
    assert (np.diff(gaps) > -0.002).all()
    assert sum(moment <= 1.0 for moment in shown) >= 20
