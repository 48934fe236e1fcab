"""What the browser shows while a model still reads the digits of the data set."""

from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLabel

from mnist_gui.data.queries import Order
from mnist_gui.gui.browser.grid import DigitGrid


def _text(panel, name):
    return panel.findChild(QLabel, name).text()


def _press(panel, name):
    panel.findChild(QAbstractButton, name).click()


def _grid(panel):
    return panel.findChild(DigitGrid)


def test_that_misread_digits_are_shown_as_they_are_found(qtbot, browsing, session, tiny_dataset, misreading):
    found = misreading(tiny_dataset, [4, 17, 203])
    session.take_model()
    _press(browsing, "misread")
    session.take_rows(found, 0, 10)
    assert _grid(browsing).model().order.tolist() == [4]
    assert _text(browsing, "browser_remark") == "10 of 240 read"
    assert _text(browsing, "digit_count") == "1 of 240 digits"
    session.take_rows(found, 10, 230)
    assert _text(browsing, "browser_remark") == "230 of 240 read"
    qtbot.waitUntil(lambda: _grid(browsing).model().order.tolist() == [4, 17, 203], timeout=2000)


def test_that_rows_that_come_in_a_hurry_are_shown_together(qtbot, browsing, session, tiny_dataset, misreading):
    found, resets = misreading(tiny_dataset, [4, 17, 203]), []
    session.take_model()
    _press(browsing, "misread")
    _grid(browsing).model().modelReset.connect(lambda: resets.append(1))
    for first in range(0, 230, 10):
        session.take_rows(found, first, first + 10)
    assert len(resets) == 1
    session.take_predictions(found)
    assert _grid(browsing).model().order.tolist() == [4, 17, 203]


def test_that_the_digits_that_pass_the_other_filters_are_read_first(browsing, session, tiny_dataset, misreading):
    session.take_model()
    _press(browsing, "label_3")
    assert session.reading.preferred is None
    _press(browsing, "misread")
    assert session.reading.preferred == [*range(203, 240, 10), *range(3, 200, 10)]  # those for training last
    session.take_rows(misreading(tiny_dataset, []), 0, 14)
    assert _text(browsing, "browser_remark") == "2 of 24 read"


def test_that_reading_is_stopped_and_continued(qtbot, browsing, session, tiny_dataset, misreading):
    found = misreading(tiny_dataset, [4, 17, 203])
    session.take_model()
    stop = browsing.findChild(QAbstractButton, "browser_stop")
    assert not stop.isVisible()
    _press(browsing, "misread")
    session.take_rows(found, 0, 10)
    assert (stop.isVisible(), stop.text()) == (True, "Stop")
    session.take_rows(found, 10, 20)
    stop.click()
    assert (session.reading.stopped, stop.text()) == (True, "Continue")
    assert _grid(browsing).model().order.tolist() == [4, 17]
    assert _text(browsing, "browser_remark") == "20 of 240 read"
    stop.click()
    assert not session.reading.stopped
    session.take_predictions(found)
    assert not stop.isVisible()
    assert _text(browsing, "browser_remark") == ""


def test_that_who_looks_at_all_digits_is_not_bothered_with_the_reading(browsing, session, tiny_dataset, misreading):
    session.take_model()
    session.take_rows(misreading(tiny_dataset, []), 0, 10)
    assert not browsing.findChild(QAbstractButton, "browser_stop").isVisible()
    assert _text(browsing, "browser_remark") == ""


def test_that_digits_read_so_far_are_sorted_and_the_others_come_last(browsing, session, tiny_dataset, misreading):
    session.take_model()
    order = browsing.findChild(QComboBox, "order")
    order.setCurrentIndex(order.findData(Order.MOST_WRONG))
    session.take_rows(misreading(tiny_dataset, [7]), 0, 10)
    shown = _grid(browsing).model().order.tolist()
    assert shown[0] == 7
    assert shown[10:] == list(range(10, 240))
