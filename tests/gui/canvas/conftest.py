"""The drawing surface alone, and the room around it with a session that reads at once."""

import pytest

from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.document import CanvasDocument
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.gui.canvas.tool import Tool


@pytest.fixture
def document(qapp):
    return CanvasDocument()


@pytest.fixture
def canvas(document, theme, qtbot):
    canvas = DrawingCanvas(document, theme)
    qtbot.addWidget(canvas)
    for tool, width in ((Tool.PEN, 20.0), (Tool.ERASER, 40.0), (Tool.STROKE_ERASER, 12.0)):
        canvas.hand.set_width(tool, width)
    canvas.resize(280, 280)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


@pytest.fixture
def session(tiny_dataset):
    from test_canvas_panel import ReadingSession

    session = ReadingSession(tiny_dataset)
    session.problems = []
    session.problem.connect(lambda sentence, _details: session.problems.append(sentence))
    yield session
    for end in session.ends:
        end()


@pytest.fixture
def panel_size():
    """Width and height of the room, in pixels."""
    return 560, 230


@pytest.fixture
def panel(session, theme, qtbot, panel_size):
    panel = CanvasPanel(session, theme)
    qtbot.addWidget(panel)
    panel.resize(*panel_size)
    panel.show()
    qtbot.waitExposed(panel)
    return panel
