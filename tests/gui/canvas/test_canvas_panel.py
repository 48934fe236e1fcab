import time
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QLabel, QSlider, QToolButton

from mnist_gui.data.ink import digit_image
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.answer import EMPTY, NO_MODEL
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.theme import DARK, LIGHT, ThemeMode
from mnist_gui.gui.widgets.digit_view import DigitView
from mnist_gui.gui.widgets.probability_bars import ProbabilityBars
from mnist_gui.session.settings import Values
from mnist_gui.session.states import Asker

LEFT = Qt.MouseButton.LeftButton


def probabilities(**shares):
    """A prediction from shares such as p7=0.9; the rest is spread over the other classes."""
    given = {int(name[1:]): share for name, share in shares.items()}
    p = np.full(10, (1 - sum(given.values())) / (10 - len(given)), np.float32)
    for digit, share in given.items():
        p[digit] = share
    return Prediction(p)


class ReadingSession(QObject):
    """The part of a session that the room uses: answers at once with `prediction`, keeps what it was asked."""

    dataset_changed = pyqtSignal()
    model_changed = pyqtSignal()
    answered = pyqtSignal(str, object)
    notice = pyqtSignal(str)
    problem = pyqtSignal(str, str)

    def __init__(self, dataset=None):
        super().__init__()
        self.settings = SimpleNamespace(values=Values())
        self.dataset = dataset
        self.model = object()
        self.model_source = "a stand-in"
        self.prediction = probabilities(p7=0.9)
        self.asked = []
        self.ends = []
        self.notices = []
        self.notice.connect(self.notices.append)

    def at_close(self, end):
        self.ends.append(end)

    def ask(self, asker, image):
        assert asker == Asker.CANVAS
        self.asked.append(image)
        self.answer(None if image is None or self.model is None else self.prediction)

    def answer(self, prediction):
        self.answered.emit(Asker.CANVAS, prediction)


def canvas_of(panel):
    return panel.findChild(DrawingCanvas)


def verdict(panel):
    return panel.findChild(QLabel, "canvas_verdict").text()


def said(panel):
    return panel.findChild(ProbabilityBars).accessibleDescription()


def draw(qtbot, panel, *points):
    """A stroke in hundredths of the canvas."""
    canvas = canvas_of(panel)
    places = [QPoint(round(x * canvas.width() / 100), round(y * canvas.height() / 100)) for x, y in points]
    qtbot.mousePress(canvas, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas, place)
    qtbot.mouseRelease(canvas, LEFT, pos=places[-1])


SEVEN = ((25, 20), (70, 22), (45, 85))


def test_that_an_empty_canvas_says_what_it_is_for(panel, session):
    assert said(panel) == EMPTY
    assert session.asked == [None]
    assert verdict(panel).strip() == ""


def test_that_the_bars_follow_the_pen_before_it_is_lifted(panel, session, qtbot):
    canvas = canvas_of(panel)
    qtbot.mousePress(canvas, LEFT, pos=QPoint(50, 40))
    assert said(panel) == EMPTY  # a dot is no digit
    qtbot.mouseMove(canvas, QPoint(150, 45))
    qtbot.mouseMove(canvas, QPoint(100, 180))
    qtbot.waitUntil(lambda: session.asked[-1] is not None)
    assert verdict(panel) == "Read as 7"
    assert "read as 7, 90.0 %" in said(panel)
    shown = len(session.asked)
    qtbot.mouseMove(canvas, QPoint(60, 60))
    qtbot.waitUntil(lambda: len(session.asked) > shown)
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(60, 60))


def test_that_the_session_is_asked_about_just_what_the_preview_shows(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: session.asked[-1] is not None and session.asked[-1].sum() > 0)
    qtbot.waitUntil(lambda: (session.asked[-1] == digit_image(panel._document.drawing)).all())
    preview = panel.findChild(DigitView, "canvas_preview")
    assert (preview._pixels == session.asked[-1]).all()


def test_that_an_unsure_answer_is_called_unsure(panel, session, qtbot):
    session.prediction = probabilities(p4=0.45, p9=0.42)
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: verdict(panel) == "Unsure: 4 or 9?")
    session.answer(probabilities(p4=0.8))
    assert verdict(panel) == "Read as 4"


def test_that_a_late_answer_to_a_drawing_that_is_gone_is_not_shown(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: verdict(panel) == "Read as 7")
    panel.clear()
    qtbot.waitUntil(lambda: session.asked[-1] is None)
    session.answer(probabilities(p3=0.9))
    assert said(panel) == EMPTY
    session.answered.emit(Asker.BROWSER, probabilities(p3=0.9))
    assert said(panel) == EMPTY


def test_that_the_bars_say_when_there_is_no_model(panel, session, qtbot):
    session.model = None
    session.model_changed.emit()
    assert said(panel) == EMPTY
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: said(panel) == NO_MODEL)
    session.model = object()
    session.answer(probabilities(p7=0.9))
    assert verdict(panel) == "Read as 7"


def test_that_undo_redo_and_clear_work_from_their_buttons(panel, session, qtbot):
    undo, redo, clear = (panel.findChild(QToolButton, f"canvas_{name}") for name in ("undo", "redo", "clear"))
    assert not undo.isEnabled()
    draw(qtbot, panel, *SEVEN)
    qtbot.mouseClick(undo, LEFT)
    qtbot.waitUntil(lambda: session.asked[-1] is None)
    assert redo.isEnabled()
    qtbot.mouseClick(redo, LEFT)
    qtbot.waitUntil(lambda: session.asked[-1] is not None)
    qtbot.mouseClick(clear, LEFT)
    qtbot.waitUntil(lambda: session.asked[-1] is None)
    qtbot.mouseClick(undo, LEFT)
    qtbot.waitUntil(lambda: session.asked[-1] is not None)


def test_that_a_tool_is_one_whether_chosen_here_or_in_the_menu(panel, session, qtbot):
    buttons = {tool: panel.findChild(QToolButton, f"canvas_{tool}") for tool in Tool}
    slider = panel.findChild(QSlider)
    widths = {}
    for tool in (Tool.ERASER, Tool.STROKE_ERASER, Tool.PEN):
        with qtbot.waitSignal(panel.tool_changed) as caught:
            qtbot.mouseClick(buttons[tool], LEFT)
        assert caught.args == [tool]
        assert panel.tool is tool
        widths[tool] = slider.value()
    assert len(set(widths.values())) == 3
    panel.set_tool(Tool.STROKE_ERASER)
    assert [tool for tool in Tool if buttons[tool].isChecked()] == [Tool.STROKE_ERASER]
    assert slider.value() == widths[Tool.STROKE_ERASER]
    with qtbot.assertNotEmitted(panel.tool_changed):
        panel.set_tool(Tool.STROKE_ERASER)


def test_that_each_tool_has_a_width_of_its_own_that_is_remembered(panel, session, theme, qtbot):
    slider, values = panel.findChild(QSlider), session.settings.values
    for tool, width in ((Tool.PEN, 40), (Tool.ERASER, 50), (Tool.STROKE_ERASER, 12)):
        panel.set_tool(tool)
        slider.setValue(width)
    panel.set_tool(Tool.PEN)
    draw(qtbot, panel, *SEVEN)
    panel.set_tool(Tool.ERASER)
    draw(qtbot, panel, (50, 50), (60, 60))
    assert [stroke.width for stroke in panel._document.finished.strokes] == [40, 50]
    assert (values.pen_width, values.eraser_width, values.stroke_eraser_width) == (40, 50, 12)
    again = CanvasPanel(session, theme)
    qtbot.addWidget(again)
    again.set_tool(Tool.STROKE_ERASER)
    assert again.findChild(QSlider).value() == 12


def test_that_pressure_is_switched_off_and_stays_off(panel, session, theme, qtbot):
    assert canvas_of(panel).hand.pressure_counts
    panel.set_pressure(False)
    again = CanvasPanel(session, theme)
    qtbot.addWidget(again)
    assert not canvas_of(again).hand.pressure_counts


def test_that_a_damaged_width_in_the_settings_is_brought_into_reach(session, theme, qtbot):
    session.settings.values.pen_width = -1e9
    panel = CanvasPanel(session, theme)
    qtbot.addWidget(panel)
    assert panel.findChild(QSlider).value() == panel.findChild(QSlider).minimum()


def test_that_the_drawing_what_the_model_sees_and_the_numbers_can_be_copied(panel, session, qtbot):
    clipboard = QGuiApplication.clipboard()
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: verdict(panel) == "Read as 7")
    panel.exports.copy_drawing()
    assert (clipboard.image().width(), clipboard.image().height()) == (280, 280)
    assert clipboard.image().pixelColor(140, 59).red() == 255
    panel.exports.copy_image()
    image = clipboard.image()
    levels = [[image.pixelColor(x, y).red() for x in range(28)] for y in range(28)]
    assert levels == session.asked[-1].tolist()
    panel.exports.copy_probabilities()
    assert "7\t0.900000" in clipboard.text()
    assert session.notices[-1] == "Copied the probabilities."


def test_that_copying_nothing_says_so_and_leaves_the_clipboard_alone(panel, session):
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("mine")
    for copy in (panel.exports.copy_drawing, panel.exports.copy_image, panel.exports.copy_probabilities):
        copy()
    assert clipboard.text() == "mine"
    assert all(notice.startswith("Nothing to copy") for notice in session.notices)


@pytest.mark.parametrize(
    "size",
    [(400, 210), (480, 230), (560, 230), (400, 420), (480, 560), (510, 550), (400, 900), (900, 420), (1600, 900)],
)
def test_that_nothing_overlaps_or_sticks_out_at_any_size(panel, qtbot, size):
    panel.resize(*size)
    parts = [canvas_of(panel).geometry(), panel._sight.geometry(), panel._answer.geometry()]
    for i, part in enumerate(parts):
        assert panel.rect().contains(part)
        assert not any(part.intersects(other) for other in parts[i + 1 :])
    assert parts[0].width() == parts[0].height()
    assert parts[0].width() >= 100


def test_that_nothing_moves_as_answers_change(panel, session, qtbot):
    draw(qtbot, panel, *SEVEN)
    places = set()
    for prediction in (probabilities(p7=0.999), probabilities(p7=0.4), probabilities(p1=0.11)):
        session.answer(prediction)
        qtbot.wait(1)  # layouts are done by the event loop
        parts = [*panel.findChildren(QLabel), *panel.findChildren(ProbabilityBars), canvas_of(panel)]
        places.add(tuple(part.geometry().getRect() for part in parts))
    assert len(places) == 1


def test_that_larger_text_gets_its_room(panel, theme, qtbot):
    before = panel._answer.width()
    theme.set_scale(1.5)
    qtbot.waitUntil(lambda: panel._answer.minimumSizeHint().width() <= panel._answer.width() != before)
    assert not panel._answer.geometry().intersects(panel._sight.geometry())


def test_that_nothing_is_cut_off_in_projector_mode(panel, theme, qtbot):
    panel.resize(790, 300)
    theme.set_scale(1.5)
    qtbot.waitUntil(lambda: panel._answer.minimumSizeHint().width() <= panel._answer.width())
    qtbot.wait(10)
    panel._arrange()
    assert panel._sight.height() >= panel._sight.minimumSizeHint().height()


def test_that_every_control_can_be_reached_by_keyboard_and_explains_itself(panel):
    controls = [*panel.findChildren(QToolButton), *panel.findChildren(QSlider), canvas_of(panel)]
    assert len(controls) == 12
    for control in controls:
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control.toolTip()
        assert control.accessibleName()
        assert control.objectName()


def test_that_the_room_follows_the_theme(panel, theme, qtbot):
    def background():
        return panel.grab().toImage().pixelColor(300, 3)

    theme.set_mode(ThemeMode.LIGHT)
    qtbot.waitUntil(lambda: background() == LIGHT.window)
    theme.set_mode(ThemeMode.DARK)
    qtbot.waitUntil(lambda: background() == DARK.window)


def test_that_a_drawing_that_takes_long_to_read_leaves_time_for_the_pen(panel, session, qtbot, monkeypatch):
    def slow(*arguments):
        time.sleep(0.05)  # stands for a scribble of hundreds of strokes
        return digit_image(*arguments)

    monkeypatch.setattr("mnist_gui.gui.canvas.panel.digit_image", slow)
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: panel._rest.interval() >= 100)
    asked = len(session.asked)
    panel._document.begin(100, 100, 20.0, erase=False)
    for x in range(101, 200):
        panel._document.extend(x, 100)
    assert len(session.asked) <= asked + 1
    qtbot.waitUntil(lambda: (session.asked[-1] == digit_image(panel._document.drawing)).all())
