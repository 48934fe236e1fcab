"""The controls that choose which digits are shown."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.data.queries import ALL_LABELS, Order
from mnist_gui.gui.browser.filters import Choice, FilterBar


@pytest.fixture
def bar(qtbot, theme, tiny_dataset):
    widget = FilterBar(theme)
    qtbot.addWidget(widget)
    widget.set_dataset(tiny_dataset)
    widget.show()
    return widget


def _toggle(bar, label):
    return bar.findChild(QAbstractButton, f"label_{label}")


def test_that_everything_is_shown_by_index_at_first(bar):
    assert bar.choice == Choice()
    assert bar.choice.splits == tuple(Split)
    assert not bar.choice.needs_predictions


def test_that_pressed_labels_are_chosen_and_none_pressed_means_all(qtbot, bar):
    for label, expected in ((3, {3}), (5, {3, 5}), (3, {5})):
        with qtbot.waitSignal(bar.changed):
            qtbot.mouseClick(_toggle(bar, label), Qt.MouseButton.LeftButton)
        assert bar.choice.labels == expected
    qtbot.mouseClick(_toggle(bar, 5), Qt.MouseButton.LeftButton)
    assert bar.choice.labels == ALL_LABELS


def test_that_labels_can_be_chosen_with_the_keyboard(qtbot, bar):
    _toggle(bar, 4).setFocus()
    qtbot.keyClick(_toggle(bar, 4), Qt.Key.Key_Space)
    assert bar.choice.labels == {4}


def test_that_split_and_order_are_chosen(qtbot, bar):
    split, order = bar.findChild(QComboBox, "split"), bar.findChild(QComboBox, "order")
    with qtbot.waitSignals([bar.changed, bar.changed]):
        split.setCurrentIndex(split.findData(Split.TEST))
        order.setCurrentIndex(order.findData(Order.MOST_WRONG))
    assert bar.choice == Choice(Split.TEST, order=Order.MOST_WRONG)
    assert bar.choice.needs_predictions


def test_that_clearing_shows_everything_with_one_signal(qtbot, bar):
    split = bar.findChild(QComboBox, "split")
    split.setCurrentIndex(split.findData(Split.TEST))
    _toggle(bar, 4).click()
    bar.findChild(QAbstractButton, "misread").click()
    heard = []
    bar.changed.connect(lambda: heard.append(bar.choice))
    bar.clear()
    assert heard == [Choice()]
    bar.clear()
    assert len(heard) == 1


def test_that_clearing_keeps_an_order_that_needs_no_model(bar):
    order = bar.findChild(QComboBox, "order")
    order.setCurrentIndex(order.findData(Order.LABEL))
    _toggle(bar, 4).click()
    bar.clear()
    assert bar.choice == Choice(order=Order.LABEL)


def test_that_only_splits_with_digits_can_be_chosen(bar, tiny_dataset):
    split = bar.findChild(QComboBox, "split")
    assert split.findData(Split.TEST) > 0
    bar.set_dataset(Dataset("no test", tiny_dataset.images[:220], tiny_dataset.labels[:220], (200, 20, 0)))
    assert split.findData(Split.TEST) == -1
    assert split.findData(Split.VALIDATION) > 0


def test_that_nothing_can_be_chosen_without_a_data_set(bar, tiny_dataset):
    bar.set_dataset(None)
    assert not _toggle(bar, 3).isEnabled()
    bar.set_dataset(tiny_dataset)
    assert _toggle(bar, 3).isEnabled()


def test_that_a_chosen_split_stays_over_another_data_set(bar, tiny_dataset):
    split = bar.findChild(QComboBox, "split")
    split.setCurrentIndex(split.findData(Split.VALIDATION))
    bar.set_dataset(tiny_dataset)
    assert bar.choice.split is Split.VALIDATION


def test_that_counts_are_told_to_eyes_and_ears_without_moving_anything(bar):
    width = _toggle(bar, 7).sizeHint().width()
    before = _toggle(bar, 7).grab().toImage()
    bar.set_counts(np.arange(0, 70_000, 7_000))
    assert _toggle(bar, 7).accessibleName() == "Label 7, 49,000 digits"
    assert _toggle(bar, 7).grab().toImage() != before
    assert _toggle(bar, 7).sizeHint().width() == width


def test_that_an_entered_index_is_told(qtbot, bar):
    bar.focus_go_to()
    field = bar.findChild(QLineEdit, "go_to")
    with qtbot.waitSignal(bar.went_to) as told:
        qtbot.keyClicks(field, "12,345")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == ["12,345"]


def test_that_every_control_has_a_tip_of_at_most_two_sentences_and_a_name(bar):
    controls = bar.findChildren(QAbstractButton) + bar.findChildren(QComboBox)
    controls += [bar.findChild(QLineEdit, "go_to")]
    assert len(controls) >= 14
    for control in controls:
        assert control.objectName()
        assert control.accessibleName()
        assert 1 <= control.toolTip().count(".") <= 2
