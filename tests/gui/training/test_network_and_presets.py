from dataclasses import replace

import pytest
from form_tools import choose, control, field, section, write
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel

from mnist_gui.engine.architecture import NAMED, parse
from mnist_gui.engine.config import (
    Device,
    Group,
)
from mnist_gui.engine.presets import PRESETS
from mnist_gui.gui.training import form as form_module


def test_that_a_preset_fills_the_form_but_leaves_seed_and_device(form, live):
    field(form, "seed").set_value(7)
    form.set_device(Device.CPU)
    choose(form.presets, "Flagship")
    assert form.config() == replace(PRESETS["flagship"].config, seed=7, device=Device.CPU)
    assert form.presets.currentText() == "Flagship"
    assert PRESETS["flagship"].note in form.presets.toolTip()


@pytest.mark.parametrize("name", ["epochs", "learning_rate", "shift"])
def test_that_a_changed_preset_is_custom_until_it_is_as_before(form, live, name):
    choose(form.presets, "LeNet")
    widget = control(form, live, name)
    before = widget.value()
    widget.set_value(before + 1)
    assert form.presets.currentText() == "Custom"
    widget.set_value(before)
    assert form.presets.currentText() == "LeNet"


def test_that_each_preset_survives_the_form(form):
    for preset in PRESETS.values():
        form.set_config(preset.config)
        assert form.config() == preset.config
        assert form.presets.currentData() == preset.name


def test_that_the_form_says_what_a_preset_is_for_and_what_to_expect(form, monkeypatch):
    measured = replace(PRESETS["flagship"], expected_error="0.30 ± 0.02 %", expected_time="18 minutes")
    monkeypatch.setitem(PRESETS, "flagship", measured)
    choose(form.presets, "Flagship")
    said = form.findChild(QLabel, "training_preset_note")
    assert said.text() == f"Expect 0.30 ± 0.02 % test error in about 18 minutes on two cores. {measured.note}"
    field(form, "epochs").set_value(3)
    assert said.text() == "Settings of your own."


def test_that_custom_cannot_be_chosen(form):
    choose(form.presets, "Flagship")
    QTest.keyClick(form.presets, Qt.Key.Key_End)
    assert form.presets.currentText() != "Custom"


def test_that_a_named_network_is_chosen_by_its_title_and_shown_as_its_layers(form):
    choose(field(form, "network_name"), "Multilayer perceptron")
    assert field(form, "network").toPlainText() == NAMED["mlp"]
    assert form.config().network == "mlp"


def test_that_a_name_that_is_typed_becomes_its_layers(form):
    editor = write(form, "softmax")
    assert form.config().network == "softmax"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText() == "dense 10"
    assert field(form, "network_name").currentText() == "Softmax regression"


def test_that_a_line_that_is_no_network_keeps_the_last_one_and_says_where_it_breaks(form):
    write(form, "dense 30, relu, dense 10")
    editor = write(form, "dense 30, rel, dense 10")
    assert form.config().network == "dense 30, relu, dense 10"
    assert form.problem == "Layer 2, `rel`, is not known: did you mean `relu`?"
    assert form.findChild(QLabel, "training_plan").text() == f"⚠ {form.problem}"
    (mark,) = editor.extraSelections()
    assert mark.cursor.selectedText() == "rel"
    assert form.presets.currentText() == "Custom"
    write(form, "dense 30, relu, dense 10")
    assert not form.problem
    assert not editor.extraSelections()


@pytest.mark.parametrize("line", ["", ",", "dense 10,", "dense 10, , dense 10", "   "])
def test_that_an_empty_layer_is_marked_where_it_can_be_seen(form, line):
    editor = write(form, line) if line else write(form, " ")
    assert "is empty" in form.problem
    assert [len(selection.cursor.selectedText()) for selection in editor.extraSelections()] == [1]


def test_that_a_batch_larger_than_the_data_is_told_before_the_run(form):
    form.set_training_digits(200)
    field(form, "batch_size").set_value(201)
    assert form.problem == "The batch size 201 is larger than the 200 training digits."
    field(form, "batch_size").set_value(200)
    assert not form.problem
    form.set_training_digits(0)
    assert form.problem == "There are no training digits in this data set."
    form.set_training_digits(None)
    assert not form.problem


def test_that_return_and_tab_do_not_break_the_line(form):
    editor = write(form, "dense 20, relu, dense 10")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "dense 20, relu, dense 10"


def test_that_nothing_moves_while_a_network_is_typed(form):
    form.resize(480, 800)
    editor = write(form, "conv 5x5x20, relu, pool 2, conv 5x5x50, relu, pool 2, dense 500, relu, dense 10")
    QTest.qWait(0)
    below = section(form, Group.LEARNING)
    before = below.mapTo(form, below.rect().topLeft())
    cursor = editor.textCursor()
    cursor.setPosition(10)
    editor.setTextCursor(cursor)
    for key in (Qt.Key.Key_Backspace, Qt.Key.Key_Backspace, Qt.Key.Key_Comma, Qt.Key.Key_Delete, Qt.Key.Key_2):
        QTest.keyClick(editor, key)
        QTest.qWait(0)
        assert below.mapTo(form, below.rect().topLeft()) == before


def test_that_a_click_on_a_layer_goes_to_it_in_the_line(qtbot, form):
    strip = field(form, "layers")
    place = strip._cells[3].center().toPoint()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert field(form, "network").textCursor().position() == NAMED["lenet"].index("conv 5x5x50")
    assert strip._current == 3


def test_that_layers_are_told_to_screen_readers(form):
    description = field(form, "layers").accessibleDescription()
    assert description.startswith("conv 5x5x20: 28x28x1 to 24x24x20, 520 parameters; relu: ")
    assert description.count(";") == len(parse("lenet").layers) - 1


def test_that_pasted_lines_are_one_line(form, qapp):
    editor = field(form, "network")
    editor.selectAll()
    qapp.clipboard().setText("dense 20,\nrelu,\n dense 10\n")
    editor.paste()
    assert editor.toPlainText() == "dense 20, relu, dense 10"


@pytest.mark.parametrize(
    ("cost", "said"), [(None, "steps an epoch"), (0.0, "already compiled"), (39.6, "compiles once, about 40 s")]
)
def test_that_the_plan_says_what_compiling_costs_where_that_is_known(qtbot, form, monkeypatch, cost, said):
    plan = form.findChild(QLabel, "training_plan")
    form.set_training_digits(50_000)
    monkeypatch.setattr(form_module, "compile_cost", lambda config: cost if config.network == "mlp" else 7.0)
    with qtbot.waitSignal(form.changed):
        form.network.set_value("mlp")
    qtbot.waitUntil(lambda: plan.text().endswith(said))


def test_that_a_run_on_the_gpu_is_promised_no_time_of_the_cpu(qtbot, form, monkeypatch):
    asked = []
    monkeypatch.setattr(form_module, "compile_cost", lambda config: asked.append(config))
    form.set_device(Device.CUDA)
    qtbot.wait(400)
    assert not asked
    assert form.compile_seconds is None
