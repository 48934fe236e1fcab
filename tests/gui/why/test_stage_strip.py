"""The strip of stages, with a session that remembers what it was asked to read."""

from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QLabel

from mnist_gui.data.drawing import LEAST_SIDE, Drawing, Stroke
from mnist_gui.data.ink import digit_image
from mnist_gui.data.procedure import DEFAULT, STAGES, Procedure
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.why import stage_strip
from mnist_gui.gui.why.stage_strip import StageStrip
from mnist_gui.session.settings import Values
from mnist_gui.session.states import Asker

SEVEN = Drawing(
    (
        Stroke(np.array([[60.0, 50], [130, 55], [100, 140]]), 30.0),
        Stroke(np.array([[75.0, 100], [120, 98]]), 30.0),
    ),
    least_side=LEAST_SIDE,
)


class AskedSession(QObject):
    all_answered = pyqtSignal(str, object, object)

    def __init__(self):
        super().__init__()
        self.settings = SimpleNamespace(values=Values())
        self.asked = []

    def ask_all(self, asker, images):
        assert asker == Asker.STAGES
        self.asked.append(images)


def read_as(digit):
    probabilities = np.full(10, 0.01, np.float32)
    probabilities[digit] = 0.91
    return Prediction(probabilities)


@pytest.fixture
def session():
    return AskedSession()


@pytest.fixture
def strip(session, theme, qtbot):
    strip = StageStrip(session, theme)
    qtbot.addWidget(strip)
    strip.resize(760, 260)
    strip.show()
    return strip


def text(strip, name):
    return strip.findChild(QLabel, name).text()


def switch(strip, name):
    return strip.findChild(QCheckBox, f"stage_switch_{name}")


def test_that_the_image_and_one_variant_for_each_switch_are_read_together(strip, session):
    strip.show_drawing(SEVEN)
    (images,) = session.asked
    assert images.shape == (1 + len(STAGES), 28, 28)
    assert (images[0] == digit_image(SEVEN)).all()
    for image, name in zip(images[1:], STAGES, strict=True):
        other = Procedure(**{**DEFAULT.to_dict(), name: not getattr(DEFAULT, name)})
        assert (image == digit_image(SEVEN, other)).all()


def test_that_each_answer_stands_below_its_switch_and_another_digit_is_marked(strip, session):
    strip.show_drawing(SEVEN)
    session.all_answered.emit(Asker.STAGES, tuple(map(read_as, (7, 7, 1, 7, 7, 7))), None)
    assert text(strip, "stage_answer_image") == "read as 7, 91 %"
    assert text(strip, "stage_answer_specks") == "with: 7, 91 %"
    assert text(strip, "stage_answer_width") == "≠ without: 1, 91 %"
    session.all_answered.emit(Asker.CANVAS, (read_as(3),), None)
    assert text(strip, "stage_answer_image") == "read as 7, 91 %"
    session.all_answered.emit(Asker.STAGES, None, None)
    assert text(strip, "stage_answer_width") == ""


def test_that_numbers_say_what_each_stage_did(strip):
    strip.show_drawing(SEVEN)
    assert text(strip, "stage_numbers_strokes") == "2 strokes"
    assert text(strip, "stage_numbers_specks") == "none dropped"
    assert text(strip, "stage_numbers_width") == "5.0 to 2.9 px"
    assert text(strip, "stage_numbers_box").endswith("of 280 wide")
    assert text(strip, "stage_numbers_centring").startswith("mass at 1")


def test_that_a_switch_is_remembered_and_makes_the_drawing_be_read_again(strip, session, qtbot):
    strip.show_drawing(SEVEN)
    with qtbot.waitSignal(strip.procedure_changed):
        switch(strip, "width").click()
    assert session.settings.values.procedure == {**DEFAULT.to_dict(), "width": False}
    qtbot.waitUntil(lambda: len(session.asked) == 2)
    assert (session.asked[1][0] == digit_image(SEVEN, Procedure(width=False))).all()
    assert not switch(strip, "width").isChecked()
    assert text(strip, "stage_numbers_width") == "5.0 px"


def test_that_switches_show_what_the_settings_say(session, theme, qtbot):
    session.settings.values.procedure = {"box": False, "specks": True, "width": "perhaps"}
    strip = StageStrip(session, theme)
    qtbot.addWidget(strip)
    assert [switch(strip, name).isChecked() for name in STAGES] == [True, True, False, True, True]


def test_that_nothing_is_computed_while_it_cannot_be_seen(strip, session, qtbot, monkeypatch):
    strip.show_drawing(SEVEN)
    strip.set_watched(False)
    assert session.asked[-1] is None
    count = len(session.asked)
    monkeypatch.setattr(stage_strip, "stage_pictures", lambda *_: pytest.fail("it was computed"))
    strip.show_drawing(Drawing())
    qtbot.wait(60)
    assert len(session.asked) == count
    monkeypatch.undo()
    strip.hide()
    strip.set_watched(True)
    assert len(session.asked) == count
    strip.show_drawing(SEVEN)
    strip.show()
    assert session.asked[-1] is not None


def test_that_many_drawings_in_a_row_are_made_few_and_the_last_one_counts(strip, session, qtbot):
    for width in range(10, 40):
        strip.show_drawing(Drawing((Stroke(SEVEN.strokes[0].points, float(width)),)))
    assert len(session.asked) == 1
    last = digit_image(Drawing((Stroke(SEVEN.strokes[0].points, 39.0),)))
    qtbot.waitUntil(lambda: len(session.asked) == 2)
    assert (session.asked[1][0] == last).all()


def test_that_a_blank_canvas_and_a_digit_of_the_data_set_say_so(strip, session, qtbot):
    strip.show_drawing(Drawing())
    assert text(strip, "stage_note") == stage_strip.NOTHING
    assert session.asked == []
    strip.show_drawing(None)
    qtbot.waitUntil(lambda: text(strip, "stage_note") == stage_strip.BYPASSED)
    strip.show_drawing(SEVEN)
    qtbot.waitUntil(lambda: text(strip, "stage_note") == stage_strip.HINT)
    strip.show_drawing(None)
    qtbot.waitUntil(lambda: session.asked[-1] is None)
    assert text(strip, "stage_numbers_box") == ""


def test_that_a_variant_that_is_no_digit_is_not_read(strip, session):
    far = Drawing(tuple(Stroke(stroke.points + 900, stroke.width) for stroke in SEVEN.strokes))
    strip.show_drawing(far)
    assert len(session.asked[0]) == len(STAGES)
    assert text(strip, "stage_answer_box") == "without: no digit"


@pytest.mark.parametrize("width", [420, 600, 760, 1400])
def test_that_no_cell_is_cut_at_any_width(strip, qtbot, width):
    strip.show_drawing(SEVEN)
    strip.resize(width, strip.minimumSizeHint().height())
    qtbot.wait(1)
    strip.resize(width, strip.minimumSizeHint().height())
    qtbot.wait(1)
    for name in ("strokes", *STAGES, "image"):
        cell = strip.findChild(object, f"stage_{name}")
        assert strip.rect().contains(cell.geometry())
        for label in cell.findChildren(QLabel):
            assert label.sizeHint().width() <= cell.width()
