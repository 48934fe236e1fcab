"""The form and the live settings, as the room of training makes them."""

import pytest
from panel_tools import make
from scripted_session import ScriptedSession

from mnist_gui.engine.config import LIVE_SETTINGS, STRENGTHS
from mnist_gui.gui.training.form import ConfigForm
from mnist_gui.gui.training.live import LiveSettings
from mnist_gui.session.settings import Values


@pytest.fixture
def live(qtbot):
    live = LiveSettings([name for name in LIVE_SETTINGS if name not in STRENGTHS], always=1)
    qtbot.addWidget(live)
    return live


@pytest.fixture
def form(qtbot, theme, live):
    form = ConfigForm(theme, live)
    qtbot.addWidget(form)
    form.set_open_sections(Values().open_sections)
    qtbot.addWidget(form.presets)
    form.resize(480, 300)
    form.show()
    return form


@pytest.fixture
def session(tiny_dataset):
    return ScriptedSession(tiny_dataset)


@pytest.fixture
def panel(qtbot, theme, session):
    return make(qtbot, theme, session)
