import numpy as np
import pytest
from PyQt6 import sip

from mnist_gui.data.drawing import CANVAS_SIDE, LEAST_SIDE, Drawing
from mnist_gui.gui.canvas.document import CanvasDocument


@pytest.fixture
def document(qapp):
    return CanvasDocument()


def draw(document, *points, width=20.0, erase=False):
    document.begin(*points[0], width, erase=erase)
    for point in points[1:]:
        document.extend(*point)
    document.finish()


def test_that_the_stroke_under_the_pen_is_part_of_the_drawing_at_once(document, qtbot):
    with qtbot.waitSignal(document.changed):
        document.begin(50, 60, 20.0, erase=False)
    assert document.drawing.strokes[0].points.tolist() == [[50, 60]]
    with qtbot.waitSignal(document.changed):
        document.extend(70, 80)
    assert document.drawing.strokes[0].points.tolist() == [[50, 60], [70, 80]]
    assert not document.finished.strokes
    assert not document.undo_stack.canUndo()
    document.finish()
    assert len(document.finished.strokes) == 1
    assert document.drawing.least_side == LEAST_SIDE


def test_that_every_stroke_and_every_clearing_is_undone_and_redone_in_turn(document):
    draw(document, (50, 50), (60, 200))
    draw(document, (90, 50), (100, 200))
    document.clear()
    draw(document, (30, 30), (40, 40))
    counts = [1]
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
        counts.append(len(document.drawing.strokes))
    assert counts == [1, 0, 2, 1, 0]
    assert document.undo_stack.redoText() == "stroke"
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    assert [stroke.points[0].tolist() for stroke in document.drawing.strokes] == [[30, 30]]


def test_that_at_least_fifty_changes_can_be_undone(document):
    for i in range(60):
        draw(document, (20 + i, 20), (20 + i, 90))
    for _ in range(50):
        assert document.undo_stack.canUndo()
        document.undo_stack.undo()
    assert len(document.drawing.strokes) == 10


def test_that_clearing_an_empty_canvas_leaves_nothing_to_undo(document):
    document.clear()
    draw(document, (10, 10), (90, 90), erase=True)
    assert not document.undo_stack.canUndo()
    assert document.empty


def test_that_erasing_is_a_change_of_its_own(document):
    draw(document, (50, 50), (200, 200))
    draw(document, (100, 100), width=30.0, erase=True)
    assert document.undo_stack.undoText() == "erasing"
    assert [stroke.erase for stroke in document.drawing.strokes] == [False, True]
    assert not document.empty


def test_that_strokes_taken_away_are_gone_at_once_and_come_back_together(document, qtbot):
    for left in (50, 100, 150):
        draw(document, (left, 50), (left, 200))
    for _ in range(2):
        with qtbot.waitSignal(document.changed):
            document.remove({0})
    assert len(document.drawing.strokes) == 1
    document.finish()
    document.undo_stack.undo()
    assert len(document.drawing.strokes) == 3


def test_that_an_eraser_stays_where_a_picture_is_below_it_and_goes_with_the_last_ink_else(document):
    draw(document, (50, 50), (50, 200))
    draw(document, (40, 100), (60, 100), erase=True)
    document.remove({0})
    assert not document.drawing.strokes
    document.finish()
    document.set_drawing(Drawing(picture=np.full((28, 28), 9, np.uint8)), "a picture")
    draw(document, (40, 100), (60, 100), erase=True)
    draw(document, (50, 50), (50, 200))
    document.remove({1})
    assert [stroke.erase for stroke in document.drawing.strokes] == [True]


def test_that_a_cancelled_stroke_leaves_no_trace(document):
    document.begin(50, 50, 20.0, erase=False)
    document.extend(90, 90)
    document.cancel()
    assert document.empty
    assert not document.undo_stack.canUndo()


def test_that_ink_cannot_leave_the_paper_but_the_eraser_reaches_its_edge(document):
    draw(document, (-500, 140), (140, 9000), width=30.0)
    draw(document, (-500, 140), (140, 9000), width=30.0, erase=True)
    ink, erased = document.drawing.strokes
    assert ink.points.tolist() == [[15, 140], [140, CANVAS_SIDE - 15]]
    assert erased.points.tolist() == [[0, 140], [140, CANVAS_SIDE]]


def test_that_a_pen_that_rests_adds_no_points(document):
    draw(document, (50, 50), (50, 50), (60, 50), (60, 50))
    assert len(document.drawing.strokes[0].points) == 2


def test_that_moving_a_pen_that_is_up_draws_nothing(document):
    document.extend(50, 50)
    document.finish()
    assert document.empty


def test_that_a_drawing_goes_away_in_silence(qapp, qtbot):
    document = CanvasDocument()
    stack = document.undo_stack
    asked = []
    stack.canUndoChanged.connect(lambda: asked.append(stack.canUndo()))
    draw(document, (50, 50), (60, 200))
    assert asked == [True]
    sip.delete(document)
    assert asked == [True]
