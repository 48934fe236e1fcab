"""Erasers, pressure, fingers and keys on the real canvas, through the events that Qt sends."""

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import (
    QColor,
    QEventPoint,
    QImage,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
)
from PyQt6.QtWidgets import QApplication

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.ink import digit_image
from mnist_gui.data.raster import covered
from mnist_gui.gui.canvas.canvas import MARK
from mnist_gui.gui.canvas.painting import drawing_image
from mnist_gui.gui.canvas.tool import Tool, pressed_width

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PEN, RUBBER = QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser
PRESS, MOVE, RELEASE = QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease
Key = Qt.Key


def mouse(canvas, kind, x, y, button=LEFT, buttons=LEFT):
    place = QPointF(x, y)
    no_keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(canvas, QMouseEvent(kind, place, canvas.mapToGlobal(place), button, buttons, no_keys))


def drag(canvas, *points):
    mouse(canvas, QEvent.Type.MouseButtonPress, *points[0])
    for point in points[1:]:
        mouse(canvas, QEvent.Type.MouseMove, *point, NONE)
    mouse(canvas, QEvent.Type.MouseButtonRelease, *points[-1], LEFT, NONE)


def grey(image):
    """An image as uint8, shape (height, width)."""
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    lines = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint8)
    return lines.reshape(image.height(), image.bytesPerLine())[:, : image.width()].copy()


def hover(canvas, x, y):
    mouse(canvas, QEvent.Type.MouseMove, x, y, NONE, NONE)


def pen(canvas, kind, x, y, pressure=0.6, end=PEN, *, feels=True):
    able = QInputDevice.Capability.Position
    if feels:
        able |= QInputDevice.Capability.Pressure
    stylus = QInputDevice.DeviceType.Stylus
    device = QPointingDevice("pen", 7, stylus, end, able, 1, 2, "", QPointingDeviceUniqueId())
    button = NONE if kind == MOVE else LEFT
    buttons = NONE if kind == RELEASE else LEFT
    place, no_keys = QPointF(x, y), Qt.KeyboardModifier.NoModifier
    event = QTabletEvent(kind, device, place, place, pressure, 0, 0, 0, 0, 0, no_keys, button, buttons)
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted()


# ---- the eraser of strokes
def test_that_the_eraser_of_strokes_takes_each_stroke_that_it_touches_and_one_undo_brings_all_back(canvas, document):
    drag(canvas, (40, 60), (240, 60))
    drag(canvas, (40, 140), (240, 140))
    drag(canvas, (40, 220), (240, 220))
    before = document.drawing
    canvas.hand.choose(Tool.STROKE_ERASER)
    mouse(canvas, QEvent.Type.MouseButtonPress, 100, 40)
    mouse(canvas, QEvent.Type.MouseMove, 100, 150, NONE)
    assert [stroke.points[0, 1] for stroke in document.drawing.strokes] == [220]  # gone before it is lifted
    mouse(canvas, QEvent.Type.MouseButtonRelease, 100, 150, LEFT, NONE)
    assert document.undo_stack.undoText() == "erasing of strokes"
    document.undo_stack.undo()
    assert document.drawing is before
    document.undo_stack.redo()
    assert len(document.drawing.strokes) == 1


def test_that_an_eraser_of_strokes_that_touches_nothing_leaves_nothing_to_undo(canvas, document):
    drag(canvas, (40, 60), (240, 60))
    canvas.hand.choose(Tool.STROKE_ERASER)
    drag(canvas, (40, 200), (240, 200))
    assert document.undo_stack.undoText() == "stroke"


def test_that_escape_gives_back_what_the_eraser_of_strokes_has_taken(canvas, document, qtbot):
    drag(canvas, (40, 60), (240, 60))
    canvas.hand.choose(Tool.STROKE_ERASER)
    mouse(canvas, QEvent.Type.MouseButtonPress, 100, 60)
    assert not document.drawing.strokes
    qtbot.keyClick(canvas, Key.Key_Escape)
    mouse(canvas, QEvent.Type.MouseButtonRelease, 100, 60, LEFT, NONE)
    assert len(document.drawing.strokes) == 1
    assert document.undo_stack.count() == 1


def test_that_erasings_with_nothing_below_go_with_the_stroke(canvas, document):
    drag(canvas, (40, 60), (240, 60))
    canvas.hand.choose(Tool.ERASER)
    drag(canvas, (140, 60), (150, 60))
    canvas.hand.choose(Tool.STROKE_ERASER)
    drag(canvas, (60, 60), (61, 60))
    assert document.drawing.strokes == ()
    assert document.empty


def test_that_a_stroke_is_marked_before_it_is_taken(canvas, document):
    drag(canvas, (40, 60), (240, 60))
    drag(canvas, (40, 140), (240, 140))
    canvas.hand.choose(Tool.STROKE_ERASER)

    def colour(y):
        return canvas.grab().toImage().pixelColor(60, y)

    hover(canvas, 200, 60)
    assert canvas.hand.marked == (0,)
    assert (colour(60), colour(140)) == (MARK, QColor("white"))
    hover(canvas, 200, 100)
    assert canvas.hand.marked == ()
    assert colour(60) == QColor("white")
    canvas.hand.choose(Tool.PEN)
    hover(canvas, 200, 60)
    assert canvas.hand.marked == ()


def test_that_what_was_erased_of_a_marked_stroke_stays_dark(canvas, document):
    drag(canvas, (40, 60), (240, 60))
    canvas.hand.choose(Tool.ERASER)
    drag(canvas, (140, 60), (150, 60))
    canvas.hand.choose(Tool.STROKE_ERASER)
    hover(canvas, 60, 66)
    image = canvas.grab().toImage()
    assert image.pixelColor(200, 60) == MARK
    assert image.pixelColor(145, 60) == QColor("black")


def test_that_each_tool_has_its_own_ring(canvas, document):
    document.set_drawing(Drawing((Stroke(np.array([[20.0, 20]]), 6.0),)), "other")  # which takes the hint away
    radii = {}
    for tool in Tool:
        canvas.hand.choose(tool)
        hover(canvas, 140, 140)
        radii[tool] = max(np.flatnonzero(grey(canvas.grab().toImage())[135:146, 141:].max(axis=0) > 100)) + 1
    for tool, radius in ((Tool.PEN, 10), (Tool.ERASER, 20), (Tool.STROKE_ERASER, 6)):
        assert abs(radii[tool] - radius) <= 2


# ---- a pen
def test_that_pressure_is_the_width_along_the_stroke(canvas, document):
    for kind, x, pressure in ((PRESS, 60, 0.1), (MOVE, 120, 0.6), (MOVE, 200, 1.0), (RELEASE, 200, 0.0)):
        pen(canvas, kind, x, 140, pressure)
    (stroke,) = document.finished.strokes
    assert np.allclose(stroke.widths, [10, 20, 28])
    assert stroke.width == stroke.widths.max()
    assert np.allclose(stroke.widths, [pressed_width(20, p) for p in (0.1, 0.6, 1.0)])


def test_that_a_pen_pressed_harder_in_one_place_makes_a_larger_dot(canvas, document):
    for kind, pressure in ((PRESS, 0.1), (MOVE, 0.9), (MOVE, 0.3), (RELEASE, 0.0)):
        pen(canvas, kind, 140, 140, pressure)
    (stroke,) = document.finished.strokes
    assert len(stroke.points) == 1
    assert np.isclose(stroke.width, pressed_width(20, 0.9))


@pytest.mark.parametrize(("counts", "feels"), [(False, True), (True, False)])
def test_that_the_width_is_the_chosen_one_without_pressure(canvas, document, counts, feels):
    canvas.hand.pressure_counts = counts
    for kind, x, pressure in ((PRESS, 60, 0.1), (MOVE, 120, 0.9), (RELEASE, 120, 0.0)):
        pen(canvas, kind, x, 140, pressure, feels=feels)
    (stroke,) = document.finished.strokes
    assert (stroke.width, stroke.widths) == (20.0, None)


def test_that_ink_of_a_tapering_stroke_is_painted_as_it_is_sampled():
    rng = np.random.default_rng(8)
    for _ in range(5):
        points, widths = rng.uniform(40, 240, (12, 2)), rng.uniform(6, 40, 12)
        image = drawing_image(Drawing((Stroke(points, float(widths.max()), widths=widths),)), 560)
        painted = grey(image)
        last = np.zeros(12, bool)
        last[-1] = True
        sampled = covered(points * 2, last, widths, (560, 560))
        assert ((painted > 127) == sampled).mean() > 0.9995  # but for rims
        assert (painted[sampled] > 20).all()


def test_that_a_tapering_stroke_looks_the_same_under_the_pen_and_when_it_is_lifted(canvas):
    def seen():
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        return grey(canvas.grab().toImage())

    pen(canvas, PRESS, 60, 60, 0.2)
    for x, y, pressure in ((90, 62, 0.5), (140, 90, 0.9), (150, 160, 0.4), (90, 230, 0.7)):
        pen(canvas, MOVE, x, y, pressure)
        canvas.grab()
    wet = seen()
    pen(canvas, RELEASE, 90, 230, 0.0)
    dry = seen()
    assert ((wet > 127) == (dry > 127)).mean() > 0.999


@pytest.mark.parametrize("chosen", [Tool.ERASER, Tool.STROKE_ERASER])
def test_that_the_other_end_of_a_pen_is_the_eraser_that_was_chosen_last(canvas, document, chosen):
    drag(canvas, (40, 140), (240, 140))
    canvas.hand.choose(chosen)
    canvas.hand.choose(Tool.PEN)
    pen(canvas, MOVE, 100, 140, 0.0, RUBBER)
    assert canvas.hand.tool is chosen  # the ring shows it before it touches
    assert canvas.hand.marked == ((0,) if chosen is Tool.STROKE_ERASER else ())
    for kind in (PRESS, RELEASE):
        pen(canvas, kind, 100, 140, 0.5, RUBBER)
    if chosen is Tool.ERASER:
        assert [stroke.erase for stroke in document.finished.strokes] == [False, True]
        assert document.finished.strokes[1].width == 40
    else:
        assert document.finished.strokes == ()
    for put_away in (
        lambda: pen(canvas, MOVE, 100, 140, 0.0, PEN),
        lambda: hover(canvas, 100, 140),
        lambda: canvas.hand.choose(Tool.PEN),
    ):
        pen(canvas, MOVE, 100, 140, 0.0, RUBBER)
        assert canvas.hand.tool is chosen
        put_away()
        assert canvas.hand.tool is Tool.PEN


def test_that_the_palm_of_the_hand_with_the_pen_does_not_draw(canvas, document):
    state = QEventPoint.State
    canvas._follow_finger(1, state.Pressed, QPointF(200, 250))  # the palm comes first
    canvas._follow_finger(1, state.Updated, QPointF(205, 252))
    pen(canvas, PRESS, 60, 60)
    canvas._follow_finger(1, state.Updated, QPointF(230, 260))
    canvas._follow_finger(2, state.Pressed, QPointF(240, 240))
    pen(canvas, MOVE, 90, 150)
    canvas._follow_finger(2, state.Released, QPointF(240, 240))
    pen(canvas, RELEASE, 90, 150)
    (stroke,) = document.finished.strokes
    assert stroke.points.tolist() == [[60, 60], [90, 150]]


def test_that_two_fingers_take_back_the_last_change(canvas, document):
    state = QEventPoint.State
    drag(canvas, (40, 60), (240, 60))
    drag(canvas, (40, 140), (240, 140))
    for number, x in ((1, 60), (2, 200)):
        canvas._follow_finger(number, state.Pressed, QPointF(x, 200))
    for number, x in ((1, 60), (2, 200)):
        canvas._follow_finger(number, state.Released, QPointF(x, 200))
    assert len(document.drawing.strokes) == 1
    assert document.undo_stack.redoText() == "stroke"


# ---- keys
def press(qtbot, canvas, *keys):
    for key in keys:
        qtbot.keyClick(canvas, key)


def test_that_a_seven_can_be_drawn_with_keys_alone(canvas, document, qtbot):
    far = Qt.KeyboardModifier.ShiftModifier
    for key in [Key.Key_Left] * 4 + [Key.Key_Up] * 4:
        qtbot.keyClick(canvas, key, far)
    press(qtbot, canvas, Key.Key_Space)
    for key in [Key.Key_Right] * 7 + [Key.Key_Down] * 8:
        qtbot.keyClick(canvas, key, far)
    press(qtbot, canvas, Key.Key_Down, Key.Key_Space)
    (stroke,) = document.finished.strokes
    assert stroke.points[0].tolist() == [60, 60]
    assert stroke.points[-1].tolist() == [200, 224]
    assert digit_image(document.drawing) is not None
    press(qtbot, canvas, Key.Key_Up)
    assert len(document.finished.strokes) == 1  # the pen is up


def test_that_two_arrows_held_together_draw_aslant(canvas, document, qtbot):
    press(qtbot, canvas, Key.Key_Space)
    qtbot.keyPress(canvas, Key.Key_Right)
    qtbot.keyPress(canvas, Key.Key_Down)
    qtbot.keyRelease(canvas, Key.Key_Right)
    qtbot.keyRelease(canvas, Key.Key_Down)
    press(qtbot, canvas, Key.Key_Return)
    (stroke,) = document.finished.strokes
    assert stroke.points.tolist() == [[140, 140], [144, 140], [148, 144]]


def test_that_escape_forgets_what_the_keys_have_drawn(canvas, document, qtbot):
    press(qtbot, canvas, Key.Key_Space, Key.Key_Right, Key.Key_Right, Key.Key_Escape, Key.Key_Right)
    assert document.empty
    assert not document.undo_stack.canUndo()


def test_that_a_screen_reader_hears_where_the_pen_of_the_keys_is(canvas, document, qtbot):
    assert "pen" not in canvas.accessibleDescription()
    press(qtbot, canvas, Key.Key_Right)
    assert canvas.accessibleDescription() == "empty; draw a digit; pen up, 51 % across, 50 % down"
    press(qtbot, canvas, Key.Key_Space, Key.Key_Down)
    assert canvas.accessibleDescription() == "one stroke; pen down, 51 % across, 51 % down"
    canvas.clearFocus()
    hover(canvas, 50, 50)
    assert canvas.accessibleDescription() == "one stroke"
    assert len(document.finished.strokes) == 1


def test_that_the_pen_of_the_keys_is_seen(canvas, document, qtbot):
    def lit(x, y):
        return canvas.grab().toImage().pixelColor(x, y).lightness()

    document.set_drawing(Drawing((Stroke(np.array([[20.0, 20]]), 6.0),)), "other")  # which takes the hint away
    assert lit(140, 143) == 0
    press(qtbot, canvas, Key.Key_Right, Key.Key_Left)
    assert lit(140, 143) > 150
    hover(canvas, 20, 250)
    assert lit(140, 143) == 0


def test_that_the_keys_erase_strokes_too(canvas, document, qtbot):
    drag(canvas, (120, 140), (160, 140))
    canvas.hand.choose(Tool.STROKE_ERASER)
    press(qtbot, canvas, Key.Key_Up, Key.Key_Down)
    assert canvas.hand.marked == (0,)
    press(qtbot, canvas, Key.Key_Space, Key.Key_Space)
    assert document.finished.strokes == ()


def test_that_keys_of_others_are_left_to_them(canvas, qtbot):
    for key, modifiers in (
        (Key.Key_7, Qt.KeyboardModifier.NoModifier),
        (Key.Key_Right, Qt.KeyboardModifier.ControlModifier),
        (Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Key.Key_Return, Qt.KeyboardModifier.NoModifier),
    ):
        event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers)
        canvas.keyPressEvent(event)
        assert not event.isAccepted()
