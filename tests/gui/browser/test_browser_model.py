"""The digits as a list."""

import numpy as np
import pytest
from PyQt6.QtCore import QModelIndex, Qt

from mnist_gui.gui.browser.model import UNREAD, DigitModel, DigitRole


@pytest.fixture
def model(qapp, tiny_dataset):
    model = DigitModel()
    model.set_dataset(tiny_dataset, np.array([17, 3, 200, 239], np.int64))
    return model


def test_that_the_model_keeps_the_rules_of_qt(qtmodeltester, model, tiny_dataset):
    qtmodeltester.check(model)
    model.set_order(np.arange(40, dtype=np.int64))
    model.set_read_as(tiny_dataset.labels.astype(np.int8))
    model.set_order(np.empty(0, np.int64))
    model.set_dataset(None, np.empty(0, np.int64))


def test_that_rows_follow_the_order(model):
    digits = [model.data(model.index(row), DigitRole.INDEX) for row in range(model.rowCount())]
    assert digits == [17, 3, 200, 239]
    assert [model.row_of(digit) for digit in (17, 3, 200, 239, 5, None, 9999, -1)] == [0, 1, 2, 3] + [None] * 4


def test_that_a_row_tells_label_split_and_reading(model, tiny_dataset):
    read = np.full(len(tiny_dataset), UNREAD, np.int8)
    read[3] = 8
    model.set_read_as(read)
    row = model.index(1)
    assert model.data(row) == "3"
    assert (model.data(row, DigitRole.LABEL), model.data(row, DigitRole.READ_AS)) == (3, 8)
    assert model.data(row, DigitRole.SPLIT) == "training"
    assert model.data(model.index(0), DigitRole.READ_AS) is None
    assert model.data(model.index(3), DigitRole.SPLIT) == "test"


def test_that_a_screen_reader_hears_label_reading_verdict_and_index(model, tiny_dataset):
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0), role) == "digit 7, index 17"
    read = tiny_dataset.labels.astype(np.int8)
    read[17] = 1
    model.set_read_as(read)
    assert model.data(model.index(0), role) == "digit 7, predicted 1, wrong, index 17"
    assert model.data(model.index(1), role) == "digit 3, predicted 3, right, index 3"


def test_that_the_tip_names_index_label_and_split(model):
    tip = model.data(model.index(2), Qt.ItemDataRole.ToolTipRole)
    assert tip == "Label 0\nIndex 200 (validation)"


def test_that_new_readings_are_told_to_views_for_all_rows(qtbot, model, tiny_dataset):
    with qtbot.waitSignal(model.dataChanged) as told:
        model.set_read_as(tiny_dataset.labels.astype(np.int8))
    first, last, roles = told.args
    assert (first.row(), last.row()) == (0, 3)
    assert DigitRole.READ_AS in roles


def test_that_readings_of_another_data_set_are_refused(model):
    with pytest.raises(ValueError, match=r"expected shape \(240,\), got \(10,\)"):
        model.set_read_as(np.zeros(10, np.int8))


def test_that_another_data_set_forgets_the_readings(model, tiny_dataset):
    model.set_read_as(tiny_dataset.labels.astype(np.int8))
    model.set_dataset(tiny_dataset, np.arange(3, dtype=np.int64))
    assert (model.read_as == UNREAD).all()


def test_that_an_index_out_of_the_list_has_no_data(model):
    assert model.data(QModelIndex()) is None
    stale = model.index(3)
    model.set_order(np.array([1], np.int64))
    assert model.data(stale) is None
