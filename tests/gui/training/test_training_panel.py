from dataclasses import replace
from pathlib import Path

import pytest
from panel_tools import FIRST, button, make, page, press, text
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QSlider, QWidget
from scripted_session import ScriptedSession, typical_events

from mnist_gui.data.dataset import Dataset
from mnist_gui.engine.config import Device, TrainingConfig
from mnist_gui.engine.events import RunFailed, RunFinished, StepsDone, StopReason
from mnist_gui.gui.training.panel import TrainingPanel
from mnist_gui.session.states import RunState


def test_that_the_empty_room_says_what_it_is_for_and_starts_a_run(qtbot, panel, session):
    assert page(panel) == "training_empty"
    assert "431,080 parameters" in panel._empty._text.text()
    press(qtbot, panel, "empty_start")
    assert session.calls == [("start", FIRST)]


def test_that_without_digits_nothing_can_be_started_until_they_are_there(qtbot, theme, tiny_dataset):
    session = ScriptedSession()
    panel = make(qtbot, theme, session)
    assert not button(panel, "start").isEnabled()
    assert not button(panel, "empty_start").isEnabled()
    session.loading = "MNIST"
    session.loading_changed.emit()
    assert "MNIST is being read." in panel._empty._text.text()
    session.loading, session.dataset = "", tiny_dataset
    session.dataset_changed.emit()
    assert button(panel, "start").isEnabled()
    assert button(panel, "empty_start").isEnabled()


def test_that_a_missing_test_split_is_told_before_the_run(qtbot, theme, tiny_dataset):
    whole = Dataset("no test", tiny_dataset.images[:220], tiny_dataset.labels[:220], (200, 20, 0))
    panel = make(qtbot, theme, ScriptedSession(whole))
    assert "there will be no test error" in panel._empty._text.text()


def test_that_the_note_for_the_title_follows_the_network(qtbot, panel):
    with qtbot.waitSignal(panel.note_changed) as told:
        panel._form.network.set_value("softmax")
    assert told.args == [panel.note] == ["Softmax regression: 7,850 parameters"]


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (RunState.IDLE, {"start", "step"}),
        (RunState.LOADING, {"stop"}),
        (RunState.COMPILING, {"stop"}),
        (RunState.TRAINING, {"pause", "step", "stop"}),
        (RunState.PAUSED, {"pause", "step", "stop"}),
        (RunState.STOPPING, set()),
    ],
)
def test_that_only_what_means_something_can_be_pressed(panel, session, state, enabled):
    session.enter(state)
    assert {name for name in ("start", "pause", "step", "stop") if button(panel, name).isEnabled()} == enabled


def test_that_the_buttons_ask_the_session(qtbot, panel, session):
    press(qtbot, panel, "step")
    session.begin()
    session.enter(RunState.TRAINING)
    press(qtbot, panel, "pause")
    press(qtbot, panel, "step")
    session.enter(RunState.PAUSED)
    assert button(panel, "pause").text() == "Resume"
    press(qtbot, panel, "pause")
    press(qtbot, panel, "stop")
    config = FIRST
    assert session.calls == [("step", config), "pause", ("step", config), "resume", "stop"]


def test_that_pause_and_resume_take_the_same_room(panel, session):
    session.enter(RunState.TRAINING)
    width = button(panel, "pause").width()
    session.enter(RunState.PAUSED)
    assert button(panel, "pause").width() == width


def test_that_start_while_a_run_goes_on_does_nothing(panel, session):
    session.begin()
    panel.start()
    assert session.calls == []


def test_that_compiling_is_prominent_and_its_time_runs(qtbot, panel, session):
    session.begin()
    session.enter(RunState.COMPILING, "LeNet for CPU, 2 threads", 14.0)
    assert page(panel) == "training_waiting"
    assert text(panel, "waiting_elapsed") == "00:14"
    session.phase_seconds = 15.0
    qtbot.waitUntil(lambda: text(panel, "waiting_elapsed") == "00:15")
    assert button(panel, "stop").isEnabled()


def test_that_the_first_steps_bring_the_curves_and_the_numbers(qtbot, panel, session):
    session.begin()
    session.enter(RunState.TRAINING, "Numba on CPU, 2 threads")
    session.say(*typical_events(1204))
    qtbot.waitUntil(lambda: text(panel, "step_value") == "1,204")
    assert panel.pages.currentWidget() is panel._curves
    assert text(panel, "epoch_value") == "4 of 20"
    assert text(panel, "speed_value") == "5,214"
    assert text(panel, "elapsed_value") == "00:29"
    assert text(panel, "left_value") == "02:42"
    assert text(panel, "status") == "Training: Numba on CPU, 2 threads (no NVIDIA GPU was found)"


def test_that_no_number_moves_another(qtbot, panel, session):
    session.begin()
    session.enter(RunState.TRAINING, "Numba on CPU, 2 threads")
    session.say(*typical_events(20))
    qtbot.waitUntil(lambda: text(panel, "step_value") == "20")
    QTest.qWait(0)
    places = [child.geometry() for child in panel._readouts.findChildren(QLabel)]
    curves = panel._curves.geometry()
    session.say(StepsDone(21, (0.1,) * 199_980, 512, 1_234_567.0, 40_000.0))
    qtbot.waitUntil(lambda: text(panel, "step_value") == "200,000")
    QTest.qWait(0)
    assert [child.geometry() for child in panel._readouts.findChildren(QLabel)] == places
    assert panel._curves.geometry() == curves


def test_that_a_moved_learning_rate_reaches_the_run(panel, session):
    panel.findChild(QAbstractSpinBox, "training_learning_rate").setValue(0.01)
    assert session.calls == [{"learning_rate": 0.01}]
    panel.start()
    assert session.calls[-1] == ("start", replace(FIRST, learning_rate=0.01))


def test_that_settings_are_locked_while_a_run_goes_on_but_not_the_live_ones(panel, session):
    session.begin()
    assert not panel.findChild(QWidget, "training_network").isEnabled()
    assert panel.findChild(QSlider, "training_learning_rate_slider").isEnabled()
    session.enter(RunState.IDLE)
    assert panel.findChild(QWidget, "training_network").isEnabled()


def test_that_a_failed_run_keeps_its_message_and_hint_in_sight(qtbot, panel, session):
    session.begin()
    session.say(*typical_events(50), RunFailed("The loss is not finite. Try less.", "Traceback", 50, None, None))
    session.enter(RunState.IDLE)
    assert text(panel, "status") == "The loss is not finite. Try less."
    assert panel._status._mark.isVisible()
    press(qtbot, panel, "copy_details")
    assert QGuiApplication.clipboard().text() == "The loss is not finite. Try less.\n\nTraceback"
    session.dataset_changed.emit()
    assert text(panel, "status") == "The loss is not finite. Try less."
    session.begin()
    assert not panel._status._mark.isVisible()
    assert not button(panel, "copy_details").isVisible()


@pytest.mark.parametrize("reason", [StopReason.COMPLETED, StopReason.INTERRUPTED])
def test_that_a_run_that_ended_says_where_it_was_saved(panel, session, reason):
    session.begin()
    session.say(*typical_events(400), RunFinished(reason, 400, object(), 2.5, None, 9.0, "CPU"))
    session.enter(RunState.IDLE)
    session.saved.emit(Path("/data/runs/lenet.safetensors"))
    session.saved.emit(Path("/elsewhere/copy.safetensors"))
    status = text(panel, "status").replace("\u200b", "")
    assert "Validation error 2.50 %" in status
    assert status.endswith("Saved as /data/runs/lenet.safetensors")


def test_that_all_of_a_long_message_can_be_read(qtbot, panel, session):
    session.begin()
    session.say(RunFailed("Something went wrong in the middle of it. " * 6, "", 0, None, None))
    session.enter(RunState.IDLE)
    panel.resize(480, 400)
    QTest.qWait(0)
    label = panel.findChild(QLabel, "training_status")
    assert label.height() >= label.heightForWidth(label.width())


def test_that_a_file_saved_during_a_run_is_not_taken_for_that_run(panel, session):
    session.begin()
    session.saved.emit(Path("/elsewhere/copy.safetensors"))
    session.say(*typical_events(400), RunFinished(StopReason.COMPLETED, 400, object(), 2.5, 2.0, 9.0, "CPU"))
    session.enter(RunState.IDLE)
    assert "Saved" not in text(panel, "status")


def test_that_a_second_run_begins_with_empty_curves(qtbot, panel, session):
    session.begin()
    session.enter(RunState.TRAINING)
    session.say(*typical_events(400))
    qtbot.waitUntil(lambda: text(panel, "step_value") == "400")
    session.begin()
    qtbot.waitUntil(lambda: text(panel, "step_value") == "0")
    assert page(panel) == "training_waiting"


def test_that_a_narrow_room_shows_settings_or_curves_and_a_wide_one_both(qtbot, panel):
    press(qtbot, panel, "settings_button")
    assert panel._form.isVisible()
    assert not panel.pages.isVisible()
    panel.resize(1000, 700)
    QTest.qWait(0)
    assert panel._form.isVisible()
    assert panel.pages.isVisible()
    panel.resize(480, 340)
    QTest.qWait(0)
    assert not panel.pages.isVisible()
    panel.start()
    assert panel.pages.isVisible()


def test_that_the_room_folds_when_the_text_grows(panel, theme):
    assert button(panel, "stop").text() == "Stop"
    field = panel.findChild(QAbstractSpinBox, "training_learning_rate")
    width = field.width()
    theme.set_scale(1.5)
    QTest.qWait(0)
    assert button(panel, "stop").text() == ""
    assert field.width() > width


def test_that_the_room_fits_its_smallest_place(panel, session):
    session.begin()
    session.enter(RunState.TRAINING, "Numba on CPU, 2 threads")
    session.say(*typical_events(400))
    panel.resize(480, 340)
    QTest.qWait(0)
    assert (panel.width(), panel.height()) == (480, 340)
    for name in ("start", "pause", "step", "stop", "settings_button"):
        assert panel.rect().contains(
            button(panel, name).geometry().translated(button(panel, name).parentWidget().pos())
        )


def test_that_remembered_settings_and_the_preferred_device_come_back(qtbot, theme, tiny_dataset):
    remembered = TrainingConfig(network="mlp", epochs=3, learning_rate=0.3).to_dict()
    panel = make(qtbot, theme, ScriptedSession(tiny_dataset, training=remembered, device="cpu"))
    assert panel._form.config() == TrainingConfig(network="mlp", epochs=3, learning_rate=0.3, device=Device.CPU)


def test_that_damaged_settings_are_replaced_by_the_defaults(qtbot, theme, tiny_dataset):
    panel = make(qtbot, theme, ScriptedSession(tiny_dataset, training={"epochs": -3}))
    assert panel._form.config() == FIRST


def test_that_the_log_scale_can_be_set_before_and_after_the_plots_are_made(qtbot, theme, session):
    panel = TrainingPanel(session, theme)
    qtbot.addWidget(panel)
    told = []
    panel.log_scale_changed.connect(told.append)
    assert panel.log_scale
    with qtbot.waitSignal(panel.curves_ready):
        panel.log_scale = False
        panel.show()
    assert not panel._curves.log_scale
    panel.log_scale = True
    assert panel._curves.log_scale
    assert told == [False, True]


def test_that_everything_can_be_reached_and_named(panel):
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider)
    controls = [child for child in panel.findChildren(QWidget) if isinstance(child, kinds)]
    controls = [child for child in controls if not child.objectName().startswith("qt_")]
    assert len(controls) > 20
    for control in controls:
        assert control.objectName(), control
        assert control.accessibleName() or control.text(), control.objectName()
        assert control.toolTip(), control.objectName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.objectName()


def test_that_a_run_can_be_started_and_stopped_with_the_keyboard_alone(panel, session):
    button(panel, "start").setFocus()
    QTest.keyClick(button(panel, "start"), Qt.Key.Key_Space)
    session.begin()
    session.enter(RunState.COMPILING, "LeNet")
    button(panel, "stop").setFocus()
    QTest.keyClick(button(panel, "stop"), Qt.Key.Key_Space)
    assert session.calls == [("start", FIRST), "stop"]


def test_that_tab_goes_through_the_room_from_top_to_bottom(qtbot, panel):
    order, widget = [], button(panel, "start")
    first = widget
    while True:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(widget.objectName())
        widget = widget.nextInFocusChain()
        if widget is first:
            break
    expected = [
        "start",
        "step",
        "preset",
        "settings_button",
        "empty_start",
        "learning_rate_slider",
        "learning_rate",
        "more_live",
    ]
    assert [name.removeprefix("training_") for name in order if name.startswith("training_")] == expected
