"""Stroke files on the real room, read by the real thread."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QLabel, QPushButton, QToolButton
from test_canvas_panel import SEVEN, canvas_of, draw, said, verdict

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import read_strokes, stroke_line
from mnist_gui.gui.canvas.replay_bar import SPEEDS
from mnist_gui.gui.widgets.elided_label import ElidedLabel

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "made.jsonl"
LEFT = Qt.MouseButton.LeftButton


class Clock:
    """Time that passes when a test says so, beside Qt's own timers."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def panel_size():
    return 790, 300


@pytest.fixture
def panel(panel):
    panel._replay._clock = Clock()
    return panel


@pytest.fixture
def pass_time(panel):
    def pass_time(seconds):
        panel._replay._clock.now += seconds
        panel._replay._tick()

    return pass_time


def begin(panel, qtbot, path):
    panel.replay(path)
    qtbot.waitUntil(lambda: panel._replay.place == 0 and panel._replay._file.complete)
    panel._replay._timer.stop()  # the test passes the time


def place(panel):
    return panel.findChild(QLabel, "replay_place").text()


def words(panel):
    return panel.findChild(ElidedLabel, "replay_label").text()


def button(panel, name):
    return panel.findChild(QToolButton, f"replay_{name}")


def written(folder, *lines):
    path = folder / "digits.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_that_digits_are_drawn_one_after_the_other_and_read_meanwhile(panel, session, qtbot, pass_time):
    begin(panel, qtbot, SAMPLE)
    digits = list(read_strokes(SAMPLE))
    assert (place(panel), words(panel)) == ("1 of 10", "label 0")
    pass_time(0.3)
    part = panel.drawing.strokes[0].points
    assert 1 < len(part) <= len(digits[0].drawing.strokes[0].points)
    assert panel.label == 0
    qtbot.waitUntil(lambda: session.asked[-1] is not None)
    assert verdict(panel) == "Read as 7, label 0"
    pass_time(60)
    assert (digit_image(panel.drawing) == digit_image(digits[0].drawing)).all()
    pass_time(60)
    assert (place(panel), words(panel)) == ("2 of 10", "label 1")
    assert panel.label == 1


def test_that_it_halts_at_the_end_of_the_file(panel, qtbot, pass_time):
    begin(panel, qtbot, SAMPLE)
    for _ in range(10):
        pass_time(60)
        pass_time(60)
    assert place(panel) == "10 of 10"
    assert not panel._replay.playing
    assert not button(panel, "next").isEnabled()


def test_that_the_buttons_go_back_and_forth_halt_and_go_on(panel, qtbot, pass_time):
    begin(panel, qtbot, SAMPLE)
    assert not button(panel, "previous").isEnabled()
    qtbot.mouseClick(button(panel, "play"), LEFT)
    assert not panel._replay.playing
    qtbot.mouseClick(button(panel, "next"), LEFT)
    qtbot.mouseClick(button(panel, "next"), LEFT)
    third = list(read_strokes(SAMPLE))[2].drawing
    assert place(panel) == "3 of 10"
    assert len(panel.drawing.strokes[0].points) == len(third.strokes[0].points)  # whole at once while it halts
    qtbot.mouseClick(button(panel, "previous"), LEFT)
    assert place(panel) == "2 of 10"
    qtbot.mouseClick(button(panel, "play"), LEFT)
    assert panel._replay.playing
    assert place(panel) == "3 of 10"  # the second was done


@pytest.mark.parametrize("speed", SPEEDS)
def test_that_the_speed_is_what_was_chosen(panel, qtbot, pass_time, speed):
    begin(panel, qtbot, SAMPLE)
    box = panel.findChild(QComboBox, "replay_speed")
    box.setCurrentIndex(SPEEDS.index(speed))
    box.activated.emit(box.currentIndex())
    pass_time(0.02)
    length = sum(np.hypot(*np.diff(stroke.points, axis=0).T).sum() for stroke in panel.drawing.strokes)
    whole = panel._replay.digit.drawing
    if np.isinf(speed):
        assert panel.drawing is whole
    else:
        assert np.isclose(length, 450 * 0.02 * speed)


def test_that_the_drawing_comes_back_when_the_replay_is_closed(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    before = panel._document.drawing
    begin(panel, qtbot, SAMPLE)
    assert panel.drawing is not before
    qtbot.mouseClick(button(panel, "close"), LEFT)
    assert panel.drawing is before
    assert not panel._replay.active
    assert button(panel, "play").isVisible() is False
    assert panel.undo_stack.count() == 1
    assert (session.asked[-1] == digit_image(before)).all()


def test_that_escape_ends_the_replay(panel, qtbot):
    begin(panel, qtbot, SAMPLE)
    qtbot.keyClick(button(panel, "play"), Qt.Key.Key_Escape)
    assert not panel._replay.active


def test_that_a_digit_can_be_kept_and_that_is_undone(panel, session, qtbot, pass_time):
    draw(qtbot, panel, *SEVEN)
    before = panel._document.drawing
    begin(panel, qtbot, SAMPLE)
    pass_time(0.1)
    qtbot.mouseClick(panel.findChild(QPushButton, "replay_keep"), LEFT)
    assert not panel._replay.active
    assert (digit_image(panel.drawing) == digit_image(next(read_strokes(SAMPLE)).drawing)).all()
    assert panel.undo_stack.undoText() == "replayed digit 1"
    panel.undo_stack.undo()
    assert panel.drawing is before


def test_that_one_can_draw_on_what_is_being_replayed(panel, qtbot, pass_time):
    begin(panel, qtbot, SAMPLE)
    pass_time(60)
    draw(qtbot, panel, (20, 20), (30, 30))
    assert not panel._replay.active
    assert len(panel.drawing.strokes) == 2


def test_that_a_digit_of_the_grid_and_undo_end_the_replay(panel, qtbot):
    draw(qtbot, panel, *SEVEN)
    begin(panel, qtbot, SAMPLE)
    panel.show_digit(5)
    assert not panel._replay.active
    assert panel.label == 5
    begin(panel, qtbot, SAMPLE)
    panel.undo_stack.undo()
    assert not panel._replay.active
    assert panel._document.empty


def test_that_a_drawing_that_was_saved_is_replayed_exactly(panel, qtbot, tmp_path, pass_time):
    rng = np.random.default_rng(3)
    widths = rng.uniform(10, 30, 6)
    strokes = (
        Stroke(rng.uniform(30, 250, (6, 2)), float(widths.max()), widths=widths),
        Stroke(rng.uniform(30, 250, (4, 2)), 40.0, erase=True),
    )
    drawing = Drawing(strokes, least_side=10.0)
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(gzip.compress(stroke_line(drawing).encode()))
    begin(panel, qtbot, path)
    pass_time(60)
    assert words(panel) == "no label"
    assert (digit_image(panel.drawing) == digit_image(drawing)).all()
    for one, other in zip(panel.drawing.strokes, strokes, strict=True):
        assert (one.points == other.points).all()
        assert (one.radii == other.radii).all()


GOOD = {"strokes": [[[0, 0], [5, 90]]], "label": 1}


@pytest.mark.parametrize(
    "line",
    [
        '{"strokes": [[[NaN, 1]]]}',
        '{"strokes": []}',
        '{"strokes": [[]]}',
        "not JSON",
        '{"strokes": [[["a", 1]]]}',
        '{"strokes": [[' + ",".join(["[1,2]"] * 1_000_000) + "]]}",
        json.dumps({"strokes": [np.random.default_rng(0).integers(0, 999, (4000, 2)).tolist()]}),
    ],
    ids=["NaN", "no strokes", "no points", "no JSON", "no numbers", "a million points", "a scribble"],
)
def test_that_a_line_that_is_no_digit_is_told_with_its_number_and_passed_over(
    panel, session, qtbot, tmp_path, pass_time, line
):
    draw(qtbot, panel, *SEVEN)
    before = panel._document.drawing
    begin(panel, qtbot, written(tmp_path, GOOD, line, GOOD))
    pass_time(60)
    pass_time(60)
    assert place(panel) == "2 of 3"
    assert "digits.jsonl, line 2: expected" in session.notices[-1]
    assert words(panel) == session.notices[-1]
    assert not panel.findChild(QPushButton, "replay_keep").isEnabled()
    qtbot.waitUntil(lambda: session.asked[-1] is None)
    pass_time(60)
    assert place(panel) == "3 of 3"
    assert panel._document.drawing is before


def test_that_a_digit_of_one_point_is_a_dot_that_nobody_reads(panel, qtbot, tmp_path, pass_time):
    begin(panel, qtbot, written(tmp_path, {"strokes": [[[7, 7]]], "label": 3}))
    pass_time(1)
    assert len(panel.drawing.strokes) == 1
    assert "answer appears here" in said(panel)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x1f\x8b\x08broken"], ids=["empty", "blank", "broken gz"])
def test_that_a_file_without_a_digit_is_a_sentence_and_the_drawing_stays(panel, session, qtbot, tmp_path, content):
    draw(qtbot, panel, *SEVEN)
    before = panel._document.drawing
    path = tmp_path / "none.jsonl"
    path.write_bytes(content)
    panel.replay(path)
    qtbot.waitUntil(lambda: session.problems != [])
    assert "none.jsonl" in session.problems[0]
    assert not panel._replay.active
    assert panel.drawing is before
    assert canvas_of(panel)._shown is None


def test_that_a_file_that_is_not_there_is_a_sentence(panel, session, qtbot, tmp_path):
    panel.replay(tmp_path / "nowhere.jsonl")
    qtbot.waitUntil(lambda: session.problems != [])
    assert "nowhere.jsonl" in session.problems[0]


def test_that_a_file_that_breaks_off_gives_what_it_has(panel, session, qtbot, tmp_path):
    path = tmp_path / "cut.jsonl.gz"
    lines = "".join(json.dumps({**GOOD, "writer": str(n)}) + "\n" for n in range(60_000))
    path.write_bytes(gzip.compress(lines.encode())[:-4000])
    panel.replay(path)
    qtbot.waitUntil(lambda: panel._replay._file.complete, timeout=20_000)
    qtbot.waitUntil(lambda: any("cut.jsonl.gz" in notice for notice in session.notices))
    assert len(panel._replay._file) > 100
    assert panel._replay.active


def test_that_the_folder_is_remembered(panel, session, qtbot):
    begin(panel, qtbot, SAMPLE)
    assert session.settings.values.stroke_folder == str(SAMPLE.parent.absolute())


def test_that_a_second_file_takes_the_place_of_the_first(panel, qtbot, tmp_path):
    begin(panel, qtbot, SAMPLE)
    begin(panel, qtbot, written(tmp_path, GOOD))
    assert place(panel) == "1 of 1"


def test_that_every_control_of_the_replay_explains_itself(panel, qtbot):
    begin(panel, qtbot, SAMPLE)
    for name in ("previous", "play", "next", "close"):
        assert button(panel, name).toolTip()
        assert button(panel, name).accessibleName()
    assert panel.findChild(QComboBox, "replay_speed").toolTip()
