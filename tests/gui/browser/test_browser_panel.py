"""The browser as a whole, against a session that says what the test wants."""

from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QMenu, QProgressBar, QSlider

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.gui.browser.grid import DigitGrid
from mnist_gui.gui.browser.panel import BrowserPanel
from mnist_gui.session.session import RunState


def _text(panel, name):
    return panel.findChild(QLabel, name).text()


def _title(panel):
    """What the empty state says; None when the grid is shown."""
    label = panel.findChild(QLabel, "empty_title")
    return label.text() if label.isVisible() else None


def _press(panel, name):
    panel.findChild(QAbstractButton, name).click()


def _grid(panel):
    return panel.findChild(DigitGrid)


def _go_to(qtbot, panel, text):
    panel.focus_go_to()
    field = panel.findChild(QLineEdit, "go_to")
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


# ---- states
def test_that_without_a_data_set_the_one_action_opens_mnist(panel, session):
    assert _title(panel) == "No data set"
    _press(panel, "empty_action")
    assert session.calls == ["open_dataset None"]


def test_that_a_data_set_being_read_is_named(panel, session):
    session.loading = "MNIST"
    session.loading_changed.emit()
    assert _title(panel) == "Reading MNIST …"
    assert not panel.findChild(QAbstractButton, "empty_action").isVisible()


def test_that_another_data_set_being_read_leaves_the_digits_in_place(browsing, session):
    session.loading = "more.npz"
    session.loading_changed.emit()
    assert _title(browsing) is None
    assert _text(browsing, "browser_remark") == "Reading more.npz …"


def test_that_the_header_counts_what_is_shown(browsing):
    assert _text(browsing, "digit_count") == "240 digits"
    _press(browsing, "label_3")
    assert _text(browsing, "digit_count") == "24 of 240 digits"


def test_that_no_hits_offer_to_show_all(panel, session, tiny_dataset):
    few = Dataset("threes", tiny_dataset.images[3:240:10], tiny_dataset.labels[3:240:10], (20, 2, 2))
    session.take_dataset(few)
    _press(panel, "label_7")
    assert _title(panel) == "No digit fits"
    _press(panel, "empty_action")
    assert _title(panel) is None
    assert _text(panel, "digit_count") == "24 digits"


def test_that_the_misread_filter_without_a_model_offers_the_bundled_one(browsing, session):
    _press(browsing, "misread")
    assert _title(browsing) == "No model yet"
    _press(browsing, "empty_action")
    assert "open_bundled_model" in session.calls
    session.take_model()
    assert _title(browsing) != "No model yet"


def test_that_the_misread_filter_asks_for_predictions_shows_progress_and_then_the_misread(
    browsing, session, tiny_dataset, misreading
):
    session.take_model()
    _press(browsing, "misread")
    assert "request_predictions" in session.calls
    assert _title(browsing) == "Reading the digits with LeNet"
    session.take_rows(misreading(tiny_dataset, [4, 17, 203]), 0, 3)
    assert _title(browsing) == "3 of 240 digits read, none misread"
    assert browsing.findChild(QProgressBar).value() == 12
    session.take_predictions(misreading(tiny_dataset, [4, 17, 203]))
    assert _title(browsing) is None
    assert _text(browsing, "digit_count") == "3 of 240 digits"
    assert _grid(browsing).model().order.tolist() == [4, 17, 203]


def test_that_a_model_in_training_is_waited_for(browsing, session):
    session.take_model()
    session.run_state = RunState.TRAINING
    _press(browsing, "misread")
    assert _title(browsing) == "A model is in training"


def test_that_readings_of_an_earlier_model_are_named_as_such(browsing, session, tiny_dataset, misreading):
    session.take_model()
    session.take_predictions(misreading(tiny_dataset, [4]))
    _press(browsing, "misread")
    session.predictions_progress = 0.0
    session.predictions_changed.emit()
    assert _title(browsing) is None
    assert _text(browsing, "browser_remark") == "As read by an earlier model"
    session.run_state = RunState.TRAINING
    session.run_changed.emit()
    assert "training" in _text(browsing, "browser_remark")


def test_that_marks_of_an_earlier_model_are_named_without_a_filter_too(browsing, session, tiny_dataset, misreading):
    session.take_predictions(misreading(tiny_dataset, [4]))
    assert _text(browsing, "browser_remark") == ""
    session.run_state, session.predictions_progress = RunState.TRAINING, 0.0
    session.run_changed.emit()
    assert _text(browsing, "browser_remark") == "As read before training"


def test_that_a_model_without_mistakes_is_praised(browsing, session, tiny_dataset, misreading):
    session.take_model("LeNet")
    session.take_predictions(misreading(tiny_dataset, []))
    _press(browsing, "misread")
    assert _title(browsing) == "No digit is misread"


def test_that_progress_alone_does_not_disturb_the_grid(browsing, session, tiny_dataset, misreading):
    session.take_model()
    session.take_predictions(misreading(tiny_dataset, [4]))
    resets = []
    _grid(browsing).model().modelReset.connect(lambda: resets.append(1))
    session.predictions_progress = 0.5
    session.predictions_changed.emit()
    assert resets == []


# ---- filters
def test_that_class_counts_follow_the_other_filters(browsing, session, tiny_dataset, misreading):
    def counts():
        return [browsing.findChild(QAbstractButton, f"label_{label}").accessibleName() for label in (3, 4)]

    assert counts() == ["Label 3, 24 digits", "Label 4, 24 digits"]
    split = browsing.findChild(QComboBox, "split")
    split.setCurrentIndex(split.findData(Split.TEST))
    _press(browsing, "label_3")
    assert counts() == ["Label 3, 2 digits", "Label 4, 2 digits"]


def test_that_the_selection_survives_a_filter_that_hides_it(browsing, session):
    _grid(browsing).select_digit(17)
    session.select(17)
    _press(browsing, "label_3")
    assert session.selection == 17
    assert _text(browsing, "fact_index") == "17"
    _press(browsing, "label_3")
    assert _grid(browsing).selected_digit == 17


def test_that_an_index_is_gone_to(qtbot, browsing, session):
    _go_to(qtbot, browsing, "123")
    assert session.selection == _grid(browsing).selected_digit == 123
    assert _grid(browsing).hasFocus()


def test_that_a_number_without_end_is_cut_short(qtbot, browsing, session):
    _go_to(qtbot, browsing, "9" * 5000)
    assert browsing.findChild(QLineEdit, "go_to").text() == "9" * 12


def test_that_going_to_a_hidden_digit_shows_all_and_says_so(qtbot, browsing, session):
    _press(browsing, "label_3")
    _go_to(qtbot, browsing, "17")
    assert session.selection == 17
    assert _text(browsing, "digit_count") == "240 digits"
    assert "hid this digit" in _text(browsing, "browser_remark")


@pytest.mark.parametrize("text", ["240", "-1", "seven", "", "1e3", "²"])
def test_that_an_index_that_is_none_is_refused_with_its_limits(qtbot, browsing, session, text):
    _go_to(qtbot, browsing, text)
    assert session.selection is None
    assert _text(browsing, "browser_remark") == "Indices go from 0 to 239"


# ---- the selected digit
def test_that_a_clicked_digit_is_selected_shown_and_read(qtbot, browsing, session, tiny_dataset):
    session.take_model()
    grid = _grid(browsing)
    place = grid.visualRect(grid.model().index(8)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.selection == 8
    assert _text(browsing, "fact_label") == "8"
    assert _text(browsing, "fact_read_as").startswith(str(tiny_dataset.images[8].sum() % 10))


def test_that_a_digit_selected_elsewhere_is_selected_here(browsing, session):
    session.select(33)
    assert _grid(browsing).selected_digit == 33
    assert _text(browsing, "fact_index") == "33"


def test_that_without_a_model_the_bars_say_why_they_are_empty(browsing, session):
    session.select(33)
    assert "No model yet" in browsing.findChild(type(browsing._detail.bars)).accessibleDescription()


def test_that_answers_to_others_are_not_shown(browsing, session):
    session.select(33)
    session.answered.emit("canvas", SimpleNamespace())
    assert _text(browsing, "fact_read_as") == "–"


def test_that_opening_a_digit_tells_its_index(qtbot, browsing, session):
    session.select(33)
    with qtbot.waitSignal(browsing.digit_opened) as told:
        browsing.open_selected()
    assert told.args == [33]
    with qtbot.waitSignal(browsing.digit_opened):
        qtbot.keyClick(_grid(browsing), Qt.Key.Key_Return)


def test_that_nothing_is_opened_or_copied_without_a_selection(qtbot, browsing):
    QApplication.clipboard().setText("before")
    with qtbot.assertNotEmitted(browsing.digit_opened):
        browsing.open_selected()
    browsing.copy_digit()
    browsing.copy_pixel_values()
    browsing.copy_probabilities()
    assert QApplication.clipboard().text() == "before"


def test_that_picture_pixel_values_and_probabilities_can_be_copied(browsing, session, tiny_dataset):
    session.take_model()
    session.select(33)
    browsing.copy_digit()
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (28, 28)
    assert image.pixelColor(10, 11).red() == tiny_dataset.images[33][11, 10]
    browsing.copy_pixel_values()
    table = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert np.array_equal(np.array(table, int), tiny_dataset.images[33])
    browsing.copy_probabilities()
    assert len(QApplication.clipboard().text().splitlines()) == 10


@pytest.mark.qt_log_ignore("grabbing the keyboard", "raise\\(\\)", extend=True)  # the offscreen platform
def test_that_the_context_menu_offers_what_can_be_done_with_a_digit(qtbot, browsing, session):
    session.select(33)
    _grid(browsing).customContextMenuRequested.emit(QPoint(20, 20))
    menu = browsing.findChild(QMenu)
    actions = {action.text().replace("&", ""): action for action in menu.actions() if action.text()}
    assert list(actions) == [
        "Show in Draw", "Draw on it", "Pin", "Copy picture", "Copy pixel values", "Copy probabilities",
    ]  # fmt: skip
    assert not actions["Copy probabilities"].isEnabled()  # without a model there are none
    with qtbot.waitSignal(browsing.digit_opened) as told:
        actions["Show in Draw"].trigger()
    assert told.args == [33]
    with qtbot.waitSignal(browsing.digit_taken) as told:
        actions["Draw on it"].trigger()
    assert told.args == [33]
    with qtbot.waitSignal(browsing.digit_pinned) as told:
        actions["Pin"].trigger()
    assert told.args == [33]
    menu.close()


# ---- sizes
def test_that_slider_commands_and_settings_agree_on_the_tile_size(browsing, session):
    slider = browsing.findChild(QSlider, "tile_size")
    slider.setValue(60)
    assert _grid(browsing).tile_size == session.settings.values.tile_size == 60
    browsing.zoom_in()
    assert slider.value() == _grid(browsing).tile_size == 74
    browsing.zoom_out()
    browsing.zoom_out()
    assert slider.value() == session.settings.values.tile_size == 46


def test_that_labels_are_on_by_default_and_their_switch_is_remembered(browsing, session):
    assert _grid(browsing).geometry_now().caption > 0
    _press(browsing, "labels")
    assert _grid(browsing).geometry_now().caption == 0
    assert session.settings.values.show_labels is False


def test_that_the_panel_begins_as_it_was_left(qtbot, session, theme, tiny_dataset):
    session.settings.values.tile_size, session.settings.values.show_labels = 70, False
    panel = BrowserPanel(session, theme)
    qtbot.addWidget(panel)
    assert panel.findChild(QSlider, "tile_size").value() == _grid(panel).tile_size == 70
    assert not panel.findChild(QAbstractButton, "labels").isChecked()


def test_that_the_panel_fits_half_of_a_small_screen(browsing):
    assert browsing.minimumSizeHint().width() <= 512
    assert browsing.minimumSizeHint().height() <= 480


def test_that_the_grid_takes_the_height_that_is_added(browsing):
    before = _grid(browsing).height()
    browsing.resize(560, 860)
    assert _grid(browsing).height() == before + 300


def test_that_nothing_moves_when_the_number_of_hits_changes(browsing):
    def places():
        return [
            browsing.findChild(kind, name).geometry().getRect()
            for kind, name in ((QSlider, "tile_size"), (QAbstractButton, "misread"), (QAbstractButton, "label_9"))
        ]

    before = places()
    _press(browsing, "label_3")
    assert places() == before
