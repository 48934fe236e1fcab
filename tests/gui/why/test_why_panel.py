"""The room that shows why, with stand-ins for the session and the explainer."""

import numpy as np
import pytest
from PyQt6.QtWidgets import QAbstractButton, QLabel
from why_tools import IMAGE, found_of, look_of, map_of

from mnist_gui.data.drawing import Drawing
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.why import inside, likeness, looking
from mnist_gui.gui.why.digit_row import DigitRow
from mnist_gui.gui.why.panel import WhyPanel
from mnist_gui.session.explainer import Step
from mnist_gui.session.states import Asker

SEVEN = Prediction(np.array([0, 0, 0, 0, 0, 0, 0, 0.9, 0, 0.1], np.float32))


@pytest.fixture
def panel(session, explainer, theme, qtbot):
    panel = WhyPanel(session, theme, explainer=explainer)
    qtbot.addWidget(panel)
    panel.set_watched(True)
    return panel


def text(panel, name):
    return panel.findChild(QLabel, name).text()


def test_that_without_a_digit_the_panel_says_what_it_is_for(panel):
    assert "Draw a digit" in text(panel, "why_note")
    for name, purpose in (
        ("why_pixels_note", likeness.PURPOSE), ("why_maps_note", looking.PURPOSE), ("why_inside_note", inside.PURPOSE),
    ):  # fmt: skip
        assert text(panel, name) == purpose


def test_that_the_answer_and_its_runner_up_stand_above(panel, session):
    panel.show_subject(IMAGE, Drawing(), None)
    session.answered.emit(Asker.CANVAS, SEVEN)
    session.answered.emit(Asker.BROWSER, None)
    assert text(panel, "why_title") == "7: 90.0 %, before 9: 10.0 %"
    assert "drawing" in text(panel, "why_note")
    panel.show_subject(IMAGE, None, 4)
    assert "label 4" in text(panel, "why_note")


def test_that_without_a_model_nothing_is_read(panel, session):
    panel.show_subject(IMAGE, Drawing(), None)
    session.answered.emit(Asker.CANVAS, SEVEN)
    session.model = None
    session.model_changed.emit()
    assert text(panel, "why_title") == "Nothing read yet"


def test_that_a_panel_that_nobody_sees_catches_up_when_it_is_seen(panel, session):
    panel.set_watched(False)
    panel.show_subject(IMAGE, None, 4)
    session.answered.emit(Asker.CANVAS, SEVEN)
    assert "label 4" not in text(panel, "why_note")
    panel.set_watched(True)
    assert "label 4" in text(panel, "why_note")
    assert text(panel, "why_title").startswith("7")


def test_that_only_what_can_be_seen_is_wanted(panel, explainer):
    assert explainer.wanted[-1] == frozenset(Step)
    panel.findChild(QAbstractButton, "why_section_looking").click()
    assert explainer.wanted[-1] == {Step.LOOK, Step.PIXELS, Step.FEATURES}
    panel.set_watched(False)
    assert explainer.wanted[-1] == frozenset()
    panel.set_watched(True)
    panel.findChild(QAbstractButton, "why_section_looking").click()
    assert explainer.wanted[-1] == frozenset(Step)


def test_that_a_digit_that_is_taken_away_leaves_nothing_of_itself(panel, session, explainer):
    panel.show_subject(IMAGE, Drawing(), None)
    explainer.looked.emit(look_of())
    explainer.mapped.emit(Step.SALIENCY, map_of())
    explainer.resembled.emit(Step.PIXELS, found_of(session.dataset.labels[:200]))
    assert text(panel, "why_summary_inside") == "2 hidden layers"
    assert text(panel, "why_summary_looking") == "for 7"
    panel.show_subject(None, Drawing(), None)
    assert explainer.images[-1] is None
    assert text(panel, "why_inside_note") == inside.PURPOSE
    assert not any(row.neighbours for row in panel.findChildren(DigitRow))
    assert text(panel, "why_summary_inside") == text(panel, "why_summary_looking") == ""


def test_that_a_neighbour_is_selected_at_once_and_shown_in_the_grid_or_in_draw(panel, session, explainer, qtbot):
    row = panel.findChild(DigitRow)
    seen = []
    panel.digit_chosen.connect(lambda index: seen.append(("grid", index)))
    panel.digit_opened.connect(lambda index: seen.append(("draw", index)))
    row.pressed.emit(17)
    row.chosen.emit(17)
    row.opened.emit(27)
    assert session.selected == [17]
    assert seen == [("grid", 17), ("draw", 27)]


def test_that_a_failure_is_passed_on(panel, session, explainer, qtbot):
    with qtbot.waitSignal(session.problem) as said:
        explainer.failed.emit("It failed.", "details")
    assert said.args == ["It failed.", "details"]
