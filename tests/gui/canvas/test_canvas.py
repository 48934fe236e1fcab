import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QEventPoint, QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent, QTouchEvent
from PyQt6.QtWidgets import QApplication

from mnist_gui.data.ink import digit_image
from mnist_gui.gui.canvas.tool import Tool

LEFT = Qt.MouseButton.LeftButton


def drag(qtbot, canvas, *points):
    qtbot.mousePress(canvas, LEFT, pos=QPoint(*points[0]))
    for point in points[1:]:
        qtbot.mouseMove(canvas, QPoint(*point))
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(*points[-1]))


def touch(canvas, kind, *fingers):
    """Sends fingers: state, x, y. PyQt gives all of them the number 0."""
    points = [QEventPoint(0, state, QPointF(x, y), canvas.mapToGlobal(QPointF(x, y))) for state, x, y in fingers]
    kind_of_device, end = QInputDevice.DeviceType.TouchScreen, QPointingDevice.PointerType.Finger
    device = QPointingDevice("screen", 9, kind_of_device, end, QInputDevice.Capability.Position, 10, 0)
    event = QTouchEvent(kind, device, Qt.KeyboardModifier.NoModifier, points)
    QApplication.sendEvent(canvas, event)
    assert event.isAccepted()


def grabbed(canvas):
    """The canvas as a grey array of device pixels."""
    image = canvas.grab().toImage()
    rows, columns = range(image.height()), range(image.width())
    return np.array([[image.pixelColor(x, y).lightness() for x in columns] for y in rows])


def test_that_dragging_the_mouse_draws_a_stroke(canvas, document, qtbot):
    drag(qtbot, canvas, (60, 60), (100, 200), (200, 220))
    (stroke,) = document.finished.strokes
    assert stroke.points.tolist() == [[60, 60], [100, 200], [200, 220]]
    assert (stroke.width, stroke.erase) == (20.0, False)


def test_that_a_fast_move_leaves_no_gap(canvas, document, qtbot):
    drag(qtbot, canvas, (40, 140), (240, 140))
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    picture = grabbed(canvas)
    assert (picture[140, 40:241] == 255).all()
    assert not (picture[100] == 255).any()


def test_that_strokes_are_smooth_at_their_edges(canvas, qtbot):
    drag(qtbot, canvas, (40, 60), (230, 200))
    levels = np.unique(grabbed(canvas)[20:260, 20:260])
    assert len(levels) > 20


def test_that_the_picture_read_does_not_depend_on_the_size_on_the_screen(canvas, document, qtbot):
    drag(qtbot, canvas, (70, 70), (210, 70), (126, 238))
    first = digit_image(document.drawing)
    document.clear()
    canvas.resize(140, 140)
    drag(qtbot, canvas, (35, 35), (105, 35), (63, 119))
    assert (digit_image(document.drawing) == first).all()


def test_that_the_eraser_takes_ink_away_on_the_screen_and_shows_its_ring(canvas, document, qtbot):
    drag(qtbot, canvas, (40, 140), (240, 140))
    canvas.hand.choose(Tool.ERASER)
    drag(qtbot, canvas, (140, 140), (140, 140))
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert document.finished.strokes[-1].erase
    assert document.finished.strokes[-1].width == 40.0
    picture = grabbed(canvas)
    assert picture[140, 140] == 0
    assert picture[140, 60] == 255
    qtbot.mouseMove(canvas, QPoint(140, 200))
    assert grabbed(canvas)[200, 117:124].max() > 120


def test_that_the_hint_is_there_only_on_an_empty_canvas(canvas, document, qtbot):
    def middle():
        return grabbed(canvas)[125:155, 60:220].max()

    assert middle() > 100
    drag(qtbot, canvas, (30, 30), (30, 60))
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert middle() == 0
    document.undo_stack.undo()
    assert middle() > 100


def test_that_a_right_click_draws_nothing(canvas, document, qtbot):
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    assert document.empty


def test_that_escape_takes_back_the_stroke_under_the_pen(canvas, document, qtbot):
    qtbot.mousePress(canvas, LEFT, pos=QPoint(60, 60))
    qtbot.mouseMove(canvas, QPoint(160, 160))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(160, 160))
    assert document.empty
    assert not document.undo_stack.canUndo()


def test_that_a_finger_draws(canvas, document):
    touch(canvas, QEvent.Type.TouchBegin, (QEventPoint.State.Pressed, 60, 60))
    touch(canvas, QEvent.Type.TouchUpdate, (QEventPoint.State.Updated, 90.5, 150))
    touch(canvas, QEvent.Type.TouchEnd, (QEventPoint.State.Released, 120, 220))
    (stroke,) = document.finished.strokes
    assert stroke.points.tolist() == [[60, 60], [90.5, 150], [120, 220]]


def test_that_a_second_finger_does_not_disturb_the_first(canvas, document):
    state = QEventPoint.State
    canvas._follow_finger(3, state.Pressed, QPointF(60, 60))
    canvas._follow_finger(5, state.Pressed, QPointF(200, 20))
    canvas._follow_finger(3, state.Updated, QPointF(90, 150))
    canvas._follow_finger(5, state.Released, QPointF(210, 20))
    canvas._follow_finger(3, state.Released, QPointF(120, 220))
    (stroke,) = document.finished.strokes
    assert stroke.points.tolist() == [[60, 60], [90, 150], [120, 220]]


def test_that_a_cancelled_touch_leaves_no_trace(canvas, document):
    touch(canvas, QEvent.Type.TouchBegin, (QEventPoint.State.Pressed, 60, 60))
    touch(canvas, QEvent.Type.TouchUpdate, (QEventPoint.State.Updated, 90, 150))
    assert len(document.drawing.strokes) == 1
    touch(canvas, QEvent.Type.TouchCancel)
    assert document.empty
    touch(canvas, QEvent.Type.TouchBegin, (QEventPoint.State.Pressed, 70, 70))
    assert len(document.drawing.strokes) == 1


@pytest.mark.parametrize("end", [QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser])
def test_that_a_pen_draws_and_its_other_end_erases(canvas, document, qtbot, end):
    drag(qtbot, canvas, (40, 140), (240, 140))
    device = QPointingDevice(
        "pen",
        7,
        QInputDevice.DeviceType.Stylus,
        end,
        QInputDevice.Capability.Position,
        1,
        2,
        "",
        QPointingDeviceUniqueId(),
    )
    states = (
        (QEvent.Type.TabletPress, 80.25, LEFT),
        (QEvent.Type.TabletMove, 120.5, Qt.MouseButton.NoButton),
        (QEvent.Type.TabletRelease, 120.5, LEFT),
    )
    for kind, x, button in states:
        place = QPointF(x, 100.0)
        buttons = Qt.MouseButton.NoButton if kind is QEvent.Type.TabletRelease else LEFT
        no_keys = Qt.KeyboardModifier.NoModifier
        event = QTabletEvent(kind, device, place, place, 0.7, 0, 0, 0, 0, 0, no_keys, button, buttons)
        QApplication.sendEvent(canvas, event)
        assert event.isAccepted()
    stroke = document.finished.strokes[-1]
    assert stroke.points.tolist() == [[80.25, 100.0], [120.5, 100.0]]
    assert stroke.erase == (end is QPointingDevice.PointerType.Eraser)


def test_that_a_stroke_is_kept_when_the_canvas_is_hidden_under_the_pen(canvas, document, qtbot):
    qtbot.mousePress(canvas, LEFT, pos=QPoint(60, 60))
    qtbot.mouseMove(canvas, QPoint(160, 160))
    canvas.hide()
    assert len(document.finished.strokes) == 1


def test_that_a_screen_reader_hears_what_is_on_the_canvas(canvas, document, qtbot):
    assert canvas.accessibleName() == "Canvas"
    assert "empty" in canvas.accessibleDescription()
    drag(qtbot, canvas, (60, 60), (90, 200))
    assert canvas.accessibleDescription() == "one stroke"
    drag(qtbot, canvas, (90, 60), (120, 200))
    assert canvas.accessibleDescription() == "2 strokes"


def test_that_a_stroke_looks_the_same_under_the_pen_and_when_it_is_lifted(canvas, document, qtbot):
    def without_ring():
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        return grabbed(canvas).astype(int)

    qtbot.mousePress(canvas, LEFT, pos=QPoint(60, 60))
    for place in ((90, 62), (140, 90), (150, 160), (90, 230)):
        qtbot.mouseMove(canvas, QPoint(*place))
        canvas.grab()  # as the screen is refreshed while the pen moves
    wet = without_ring()
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(90, 230))
    dry = without_ring()
    assert ((wet == 255) == (dry == 255)).mean() > 0.999
    assert np.abs(wet - dry).mean() < 0.2


def test_that_a_cancelled_stroke_does_not_shine_through_the_next(canvas, document, qtbot):
    qtbot.mousePress(canvas, LEFT, pos=QPoint(30, 30))
    qtbot.mouseMove(canvas, QPoint(60, 30))
    canvas.grab()
    document.cancel()
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(60, 30))
    qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(220, 200))
    qtbot.mouseMove(canvas, QPoint(240, 200))
    assert grabbed(canvas)[30, 30:60].max() == 0
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(240, 200))
