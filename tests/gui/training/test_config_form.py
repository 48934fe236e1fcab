import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel

from mnist_gui.engine.config import LIVE_SETTINGS, SUGGESTED_LEARNING_RATE, Device, TrainingConfig, Updates
from mnist_gui.gui.training.fields import FIELDS, ChoiceField, NumberField, WholeField, next_on_ladder
from mnist_gui.gui.training.form import ConfigForm
from mnist_gui.gui.training.live import LiveSettings, LiveSlider


@pytest.fixture
def live(qtbot):
    live = LiveSettings()
    qtbot.addWidget(live)
    return live


@pytest.fixture
def form(qtbot, theme, live):
    form = ConfigForm(theme, live)
    qtbot.addWidget(form)
    qtbot.addWidget(form.network)
    form.resize(480, 300)
    form.show()
    form.network.show()
    return form


def field(form, name):
    return form.network if name == "network" else form.findChild((QComboBox, QAbstractSpinBox), f"training_{name}")


def test_that_every_setting_has_a_named_control_with_its_tip(form, live):
    for name, item in FIELDS.items():
        widget = field(live if name in LIVE_SETTINGS else form, name)
        assert widget is not None, name
        assert widget.accessibleName() == item.metadata["title"]
        assert widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_that_the_form_begins_with_the_defaults(form):
    assert form.config() == TrainingConfig()


def test_that_settings_survive_the_form(form):
    config = TrainingConfig(
        network="mlp", hidden=77, updates=Updates.ADAM, learning_rate=0.0007, momentum=0.8, weight_decay=0.0001,
        batch_size=64, epochs=3, patience=0, validate_every=100, seed=2**31 - 1, device=Device.CPU,
    )  # fmt: skip
    form.set_config(config)
    assert form.config() == config


@pytest.mark.parametrize("text", ["0", "-5", "99999999999", "abc", "", "1e99", "nan", "inf"])
def test_that_no_entry_can_make_an_invalid_config(form, live, text):
    for name in FIELDS:
        widget = field(live if name in LIVE_SETTINGS else form, name)
        if isinstance(widget, QAbstractSpinBox):
            widget.selectAll()
            QTest.keyClicks(widget, text)
            QTest.keyClick(widget, Qt.Key.Key_Return)
    form.config()  # raises ConfigError if one is outside its limits


def test_that_the_parameter_count_follows_network_and_hidden_units(form):
    plan = form.findChild(QLabel, "training_plan")
    form.set_training_digits(50_000)
    assert plan.text() == "LeNet: 431,080 parameters, 391 steps an epoch"
    form.network.set_value("mlp")
    field(form, "hidden").setValue(10)
    assert plan.text() == "Multilayer perceptron: 7,960 parameters, 391 steps an epoch"


def test_that_only_settings_that_matter_are_enabled(form, live):
    assert field(form, "hidden").isEnabled()
    form.network.set_value("softmax")
    assert not field(form, "hidden").isEnabled()
    form.network.set_value("lenet")
    assert field(form, "hidden").isEnabled()
    for updates in Updates:
        field(form, "updates").set_value(updates)
        expected = updates in {Updates.MOMENTUM, Updates.NESTEROV, Updates.RMSPROP}
        assert field(live, "momentum").isEnabled() is expected


def test_that_settings_cannot_be_changed_while_they_are_in_use(form):
    form.network.set_value("softmax")
    form.set_editable(False)
    assert not any(field(form, name).isEnabled() for name in FIELDS if name not in LIVE_SETTINGS)
    form.set_editable(True)
    assert field(form, "epochs").isEnabled()
    assert not field(form, "hidden").isEnabled()


def test_that_an_untouched_learning_rate_follows_the_updates_and_a_chosen_one_stays(form):
    field(form, "updates").set_value(Updates.ADAM)
    assert form.config().learning_rate == SUGGESTED_LEARNING_RATE[Updates.ADAM]
    field(form, "updates").set_value(Updates.SGD)
    assert form.config().learning_rate == SUGGESTED_LEARNING_RATE[Updates.SGD]
    form.set_config(TrainingConfig(updates=Updates.SGD, learning_rate=0.33))
    field(form, "updates").set_value(Updates.ADAM)
    assert form.config().learning_rate == 0.33


def test_that_remembered_settings_keep_their_learning_rate(form):
    form.set_config(TrainingConfig(updates=Updates.ADAM, learning_rate=0.02))
    assert form.config().learning_rate == 0.02


def test_that_the_wheel_changes_no_control_without_focus(qtbot, form):
    epochs = field(form, "epochs")
    field(form, "seed").setFocus()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(epochs, event)
    assert epochs.value() == TrainingConfig().epochs


def test_that_a_wide_form_has_two_columns(form):
    seed, updates = field(form, "seed"), field(form, "updates")
    assert seed.x() == updates.x()
    form.resize(640, 300)
    QApplication.sendPostedEvents()
    assert field(form, "device").x() > updates.x()


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
