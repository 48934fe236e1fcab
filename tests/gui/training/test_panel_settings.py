from dataclasses import replace

import pytest
from panel_tools import FIRST, button, make
from PyQt6.QtWidgets import QAbstractButton, QAbstractSpinBox, QLabel, QWidget
from scripted_session import typical_events

from mnist_gui.engine.config import STRENGTHS
from mnist_gui.session.states import RunState


def test_that_a_run_starts_only_with_a_network_and_the_room_says_why_not(qtbot, panel, session):
    with qtbot.waitSignal(panel.can_start_changed) as told:
        panel.findChild(QWidget, "training_network").setPlainText("dense 20")
    assert told.args == [panel.can_start] == [False]
    for name in ("start", "step", "empty_start"):
        assert not button(panel, name).isEnabled()
    assert "The last layer must be `dense 10`" in button(panel, "start").toolTip()
    assert "The last layer must be `dense 10`" in panel._empty._text.text()
    panel.start()
    panel.step()
    assert session.calls == []
    panel.findChild(QWidget, "training_network").setPlainText("dense 10")
    assert button(panel, "start").isEnabled()
    assert panel.can_start


def test_that_augmentation_is_shown_on_the_selected_digit(panel, session, tiny_dataset):
    panel._settings_button.setChecked(True)
    panel.findChild(QAbstractButton, "training_section_augmentation").click()
    caption = panel.findChild(QLabel, "training_augmentation_caption")
    preview = panel.findChild(QWidget, "training_augmentation")
    for name in STRENGTHS:
        panel.findChild(QAbstractSpinBox, f"training_{name}").setValue(0)
    assert caption.text().startswith("The first digit.")
    assert (preview.forms == tiny_dataset.images[0]).all()
    session.selection = 103
    session.selection_changed.emit()
    assert caption.text().startswith("Digit 103, a 3.")
    assert (preview.forms == tiny_dataset.images[103]).all()
    panel.findChild(QAbstractSpinBox, "training_rotation").setValue(30)
    assert (preview.forms != tiny_dataset.images[103]).any()
    assert session.calls[-1] == {"rotation": 30.0}


def test_that_the_plot_of_the_schedule_marks_where_the_run_is(qtbot, panel, session):
    plot = panel.findChild(QWidget, "training_schedule_plot")
    session.begin(replace(FIRST, epochs=20))
    session.enter(RunState.TRAINING, "Numba on CPU, 2 threads")
    session.say(*typical_events(400))
    qtbot.waitUntil(lambda: plot._step == 400)
    assert plot._config.epochs == 20
    session.enter(RunState.IDLE)
    assert plot._step is None
    assert plot._config.epochs == FIRST.epochs


@pytest.mark.parametrize(("processors", "drawings"), [(2, 5), (16, 10)])
def test_that_few_processors_draw_less_often_while_a_run_goes_on(panel, session, monkeypatch, processors, drawings):
    monkeypatch.setattr("mnist_gui.session.pace.cpu_count", lambda: processors)
    session.begin()
    assert 1000 / panel._refresh._interval_ms == drawings
    session.enter(RunState.IDLE)
    assert panel._refresh._interval_ms == 100


def test_that_the_room_remembers_which_sections_are_open(panel, session, qtbot, theme):
    assert session.settings.values.open_sections == ["network", "learning"]
    panel._settings_button.setChecked(True)
    panel.findChild(QAbstractButton, "training_section_augmentation").click()
    panel.findChild(QAbstractButton, "training_section_network").click()
    assert session.settings.values.open_sections == ["learning", "augmentation"]
    again = make(qtbot, theme, session)
    assert again._form.open_sections == ["learning", "augmentation"]
