import pytest
from form_tools import control, field, section, write
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSpinBox, QApplication, QLabel

from mnist_gui.engine.config import (
    LIVE_SETTINGS,
    Device,
    Group,
    Schedule,
    TrainingConfig,
    Updates,
)
from mnist_gui.engine.presets import SUGGESTED_LEARNING_RATE, SUGGESTED_SQUARE_DECAY
from mnist_gui.gui.training.fields import FIELDS, CheckField, ChoiceField, NumberField, WholeField, next_on_ladder
from mnist_gui.gui.training.live import LiveSlider


def test_that_every_setting_has_a_named_control_with_its_tip(form, live):
    for name, item in FIELDS.items():
        widget = control(form, live, name)
        assert widget is not None, name
        assert widget.accessibleName() == item.metadata["title"]
        assert widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_that_the_form_begins_with_the_defaults(form):
    assert form.config() == TrainingConfig()


def test_that_settings_survive_the_form(form):
    config = TrainingConfig(
        network="mlp", updates=Updates.ADAM, learning_rate=0.0007, momentum=0.8, square_decay=0.98,
        weight_decay=0.0001, batch_size=64, schedule=Schedule.ONE_CYCLE, warm_up=0.2, drop=0.3, drop_every=4,
        label_smoothing=0.1, average=0.9995, augment=True, shift=1.5, rotation=12.0, scale=15.0, shear=3.0,
        elastic=0.7, fade=60.0, variants=20.0, epochs=3, patience=0, validate_every=100, seed=2**31 - 1,
        device=Device.CPU,
    )  # fmt: skip
    form.set_config(config)
    assert form.config() == config


@pytest.mark.parametrize("text", ["0", "-5", "99999999999", "abc", "", "1e99", "nan", "inf"])
def test_that_no_entry_can_make_an_invalid_config(form, live, text):
    for name in FIELDS:
        widget = control(form, live, name)
        if isinstance(widget, QAbstractSpinBox):
            widget.selectAll()
            QTest.keyClicks(widget, text)
            QTest.keyClick(widget, Qt.Key.Key_Return)
    form.config()  # raises ConfigError if one is outside its limits


def test_that_the_parameter_count_follows_the_line(form):
    plan = form.findChild(QLabel, "training_plan")
    form.set_training_digits(50_000)
    assert plan.text() == "LeNet: 431,080 parameters, 390 steps an epoch"
    write(form, "dense 10, relu, dense 10")
    assert plan.text() == "Network of 3 layers: 7,960 parameters, 390 steps an epoch"


def test_that_only_settings_that_matter_are_enabled_and_the_others_say_why(form, live):
    for updates in Updates:
        field(form, "updates").set_value(updates)
        names = {Updates.MOMENTUM, Updates.NESTEROV, Updates.ADAM, Updates.ADAMW}
        assert field(live, "momentum").isEnabled() is (updates in names)
        names = {Updates.RMSPROP, Updates.ADADELTA, Updates.ADAM, Updates.ADAMW}
        assert field(form, "square_decay").isEnabled() is (updates in names)
    for schedule in Schedule:
        field(form, "schedule").set_value(schedule)
        assert field(form, "warm_up").isEnabled() is (schedule is Schedule.ONE_CYCLE)
        for name in ("drop", "drop_every"):
            assert field(form, name).isEnabled() is (schedule in {Schedule.STEP, Schedule.EXPONENTIAL})
    assert "step and the exponential" in field(form, "drop").toolTip()


def test_that_strengths_and_their_preview_are_there_only_with_augmentation(form):
    section(form, Group.AUGMENTATION).click()
    assert not field(form, "shift").isVisible()
    field(form, "augment").click()
    assert field(form, "shift").isVisible()
    assert field(form, "augmentation").isVisible()


def test_that_fading_needs_augmentation_and_a_schedule_that_falls(form):
    assert not field(form, "fade").isEnabled()
    field(form, "augment").set_value(True)
    assert not field(form, "fade").isEnabled()
    assert "constant" in field(form, "fade").toolTip()
    field(form, "schedule").set_value(Schedule.COSINE)
    assert field(form, "fade").isEnabled()


def test_that_folded_headings_say_what_is_below_them(form):
    field(form, "augment").set_value(True)
    field(form, "average").set_value(0.99)
    said = {group: form.findChild(QLabel, f"training_summary_{group.name.lower()}").text() for group in Group}
    assert said == {
        Group.NETWORK: "LeNet",
        Group.LEARNING: "Nesterov momentum, batches of 128",
        Group.SCHEDULE: "Constant",
        Group.REGULARISATION: "averaging 0.99",
        Group.AUGMENTATION: "On",
        Group.RUN: "10 epochs, seed 1, Auto",
    }
    assert "On" in section(form, Group.AUGMENTATION).accessibleName()


def test_that_settings_cannot_be_changed_while_they_are_in_use(form):
    form.set_editable(False)
    assert not any(field(form, name).isEnabled() for name in FIELDS if name not in LIVE_SETTINGS)
    assert not form.presets.isEnabled()
    assert all(field(form, name).isEnabled() is False for name in ("network", "network_name"))
    form.set_editable(True)
    assert field(form, "epochs").isEnabled()
    assert field(form, "network").isEnabled()
    assert not field(form, "drop").isEnabled()


def test_that_an_untouched_learning_rate_follows_the_updates_and_a_chosen_one_stays(form):
    field(form, "updates").set_value(Updates.ADAM)
    assert form.config().learning_rate == SUGGESTED_LEARNING_RATE[Updates.ADAM]
    field(form, "updates").set_value(Updates.SGD)
    assert form.config().learning_rate == SUGGESTED_LEARNING_RATE[Updates.SGD]
    form.set_config(TrainingConfig(updates=Updates.SGD, learning_rate=0.33))
    field(form, "updates").set_value(Updates.ADAM)
    assert form.config().learning_rate == 0.33


def test_that_an_untouched_memory_of_squares_follows_the_updates(form):
    for updates in (Updates.ADADELTA, Updates.ADAM, Updates.RMSPROP):
        field(form, "updates").set_value(updates)
        assert form.config().square_decay == SUGGESTED_SQUARE_DECAY.get(updates, 0.999)
    field(form, "square_decay").set_value(0.7)
    field(form, "updates").set_value(Updates.ADADELTA)
    assert form.config().square_decay == 0.7


def test_that_remembered_settings_keep_their_learning_rate(form):
    form.set_config(TrainingConfig(updates=Updates.ADAM, learning_rate=0.02))
    assert form.config().learning_rate == 0.02


def test_that_the_wheel_changes_no_control_without_focus(qtbot, form):
    section(form, Group.RUN).click()
    epochs = field(form, "epochs")
    field(form, "seed").setFocus()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(epochs, event)
    assert epochs.value() == TrainingConfig().epochs


def test_that_a_wide_form_has_two_columns(form):
    section(form, Group.RUN).click()
    QApplication.sendPostedEvents()
    seed, epochs = field(form, "seed"), field(form, "epochs")
    assert seed.x() == epochs.x()
    form.resize(640, 300)
    QTest.qWait(0)
    assert seed.x() > epochs.x()


@pytest.mark.parametrize(
    ("value", "steps", "expected"),
    [(0.02, 1, 0.05), (0.02, -1, 0.01), (0.03, 1, 0.05), (0.03, -1, 0.02), (1, 2, 5), (1e-6, 1, 2e-6)],
)
def test_that_steps_climb_a_ladder_of_one_two_five(value, steps, expected):
    assert next_on_ladder(value, steps) == pytest.approx(expected, rel=1e-9)


def test_that_a_penalty_steps_down_to_zero_and_up_again(qtbot):
    penalty = NumberField("weight_decay")
    qtbot.addWidget(penalty)
    penalty.set_value(2e-6)
    seen = []
    for steps in (-1, -1, -1, 1, 1):
        penalty.stepBy(steps)
        seen.append(penalty.value())
    assert seen == pytest.approx([1e-6, 0.0, 0.0, 1e-6, 2e-6])


def test_that_an_average_steps_towards_one_in_ever_smaller_steps(qtbot):
    average = NumberField("average")
    qtbot.addWidget(average)
    average.set_value(0.9)
    seen = []
    for steps in (1, 1, 1, 1, -1, 3, 9):
        average.stepBy(steps)
        seen.append(average.value())
    assert seen == pytest.approx([0.95, 0.98, 0.99, 0.995, 0.99, 0.999, 0.9999])


def test_that_a_number_can_be_typed_before_its_unit(qtbot):
    shift = NumberField("shift")
    qtbot.addWidget(shift)
    shift.selectAll()
    QTest.keyClicks(shift, "3.5")
    QTest.keyClick(shift, Qt.Key.Key_Return)
    assert (shift.value(), shift.text()) == (3.5, "3.5 pixels")


@pytest.mark.parametrize("name", ["learning_rate", "weight_decay"])
def test_that_numbers_are_written_short(qtbot, name):
    number = NumberField(name)
    qtbot.addWidget(number)
    for value, text in ((0.05, "0.05"), (1.0, "1"), (0.000001, "1e-06")):
        number.set_value(value)
        assert number.text() == text
        assert number.value() == value


@pytest.mark.parametrize("name", LIVE_SETTINGS)
def test_that_a_slider_reaches_both_ends_and_finds_every_value_again(qtbot, name):
    slider = LiveSlider(name)
    qtbot.addWidget(slider)
    low, high = FIELDS[name].metadata["low"], FIELDS[name].metadata["high"]
    assert slider.value_at(slider.minimum()) == low
    assert slider.value_at(slider.maximum()) == high
    values = [slider.value_at(position) for position in range(slider.maximum() + 1)]
    assert values == sorted(values)
    for value in values[:: max(1, len(values) // 50)]:
        slider.set_value(value)
        assert slider.value_at(slider.value()) == value


def test_that_slider_and_field_follow_each_other_and_tell_once(qtbot, live):
    told = []
    live.changed.connect(lambda name, value: told.append((name, value)))
    slider = live.findChild(LiveSlider, "training_learning_rate_slider")
    rate = field(live, "learning_rate")
    slider.setValue(slider.maximum())
    assert rate.value() == 10.0
    assert told == [("learning_rate", 10.0)]
    rate.setValue(0.03)
    assert told[1:] == [("learning_rate", 0.03)]
    assert slider.value_at(slider.value()) == pytest.approx(0.03, rel=0.03)
    assert live.values()["learning_rate"] == 0.03


def test_that_a_typed_number_is_told_when_it_is_complete(qtbot, live):
    live.show()
    told = []
    live.changed.connect(lambda name, value: told.append(value))
    rate = field(live, "learning_rate")
    rate.selectAll()
    QTest.keyClicks(rate, "0.005")
    assert told == []
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert told == [0.005]


def test_that_momentum_and_penalty_unfold(qtbot, live):
    live.show()
    momentum = field(live, "momentum")
    assert not momentum.isVisible()
    qtbot.mouseClick(live.findChild(object, "training_more_live"), Qt.MouseButton.LeftButton)
    assert momentum.isVisible()
    assert field(live, "weight_decay").isVisible()


def test_that_each_kind_of_setting_has_its_kind_of_control(form, live):
    assert isinstance(field(form, "updates"), ChoiceField)
    assert isinstance(field(form, "epochs"), WholeField)
    assert isinstance(field(live, "learning_rate"), NumberField)
    assert isinstance(field(form, "average"), NumberField)
    assert isinstance(field(form, "augment"), CheckField)
