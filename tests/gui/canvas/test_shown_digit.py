"""Digits of the data set in the room to draw in."""

import numpy as np
from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QLabel, QPushButton
from test_canvas_panel import LEFT, SEVEN, canvas_of, draw, probabilities, verdict

from mnist_gui.data.drawing import picture_drawing
from mnist_gui.data.ink import digit_image


def test_that_a_digit_of_the_data_set_reaches_the_model_as_it_is(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    session.prediction = probabilities(p3=0.9)
    panel.show_digit(123)
    assert (session.asked[-1] == session.dataset.images[123]).all()
    middle = canvas_of(panel).grab().toImage().pixelColor(QPoint(canvas_of(panel).width() // 2, 5))
    assert middle.lightness() == 0  # the hint and the drawing are out of sight
    assert canvas_of(panel)._shown is not None
    assert panel.findChild(QLabel, "canvas_digit_title").text() == "Digit 123"
    assert "made digits, training, label 3" in panel.findChild(QLabel, "canvas_digit_note").text()
    assert verdict(panel) == "Read as 3, right"
    session.answer(probabilities(p5=0.9))
    assert verdict(panel) == "Read as 5, label 3"


def test_that_one_action_brings_the_drawing_back_as_it_was(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: session.asked[-1] is not None)
    before = panel._document.drawing
    panel.show_digit(7)
    qtbot.mouseClick(panel.findChild(QPushButton, "canvas_back"), LEFT)
    assert panel._document.drawing is before
    assert canvas_of(panel)._shown is None
    assert (session.asked[-1] == digit_image(before)).all()
    assert verdict(panel) == "Read as 7"


def test_that_undo_and_another_data_set_bring_the_drawing_back_too(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    panel.show_digit(7)
    panel.undo_stack.undo()
    assert canvas_of(panel)._shown is None
    panel.show_digit(7)
    session.dataset_changed.emit()
    assert canvas_of(panel)._shown is None


def test_that_a_digit_that_does_not_exist_is_not_shown(panel, session):
    panel.show_digit(240)
    panel.show_digit(-1)
    session.dataset = None
    panel.show_digit(0)
    panel.draw_on_digit(0)
    assert canvas_of(panel)._shown is None
    assert not panel.undo_stack.canUndo()


def test_that_a_digit_that_is_shown_becomes_the_drawing_with_the_first_stroke_on_it(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    before = panel._document.drawing
    panel.show_digit(123)
    assert panel.drawing is None
    draw(qtbot, panel, (20, 80), (80, 85))
    assert (panel.drawing.picture[::10, ::10] == session.dataset.images[123]).all()
    assert len(panel.drawing.strokes) == 1
    assert panel.label is None
    qtbot.waitUntil(lambda: (session.asked[-1] == digit_image(panel.drawing)).all())
    assert panel.undo_stack.undoText() == "stroke"
    panel.undo_stack.undo()
    assert panel.undo_stack.undoText() == "starting from digit 123"
    assert not panel.drawing.strokes
    panel.undo_stack.undo()
    assert panel.drawing is before


def test_that_a_digit_is_taken_to_be_drawn_on_at_once(panel, session, qtbot):
    panel.draw_on_digit(41)
    assert (panel.drawing.picture[5::10, 5::10] == session.dataset.images[41]).all()
    assert "a picture" in canvas_of(panel).accessibleDescription()
    panel.clear()
    assert panel.drawing.picture is None
    panel.undo_stack.undo()
    assert panel.drawing.picture is not None


def test_that_a_real_digit_on_the_canvas_is_read_as_it_was(panel, session, mnist, qtbot):
    session.dataset = mnist
    # The 20 pixels of its box come back as they were; those of a smaller one would be enlarged.
    index = next(i for i in range(100) if np.ptp(np.flatnonzero(mnist.images[i].any(axis=1))) == 19)
    panel.draw_on_digit(index)
    qtbot.waitUntil(lambda: session.asked[-1] is not None)
    assert np.abs(session.asked[-1].astype(int) - mnist.images[index]).max() <= 1


def test_that_a_drawing_can_be_put_on_the_canvas_from_elsewhere(panel, qtbot):
    other = picture_drawing(np.eye(28, dtype=np.uint8) * 255)
    panel.set_drawing(other, "pasting")
    assert panel.drawing is other
    assert panel.undo_stack.undoText() == "pasting"
    panel.undo_stack.undo()
    assert panel._document.empty
