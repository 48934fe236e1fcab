"""The 28x28 does not depend on the screen."""

import subprocess
import sys

import pytest
from test_canvas_tools import MOVE, PRESS, RELEASE, drag, pen

from mnist_gui.data.ink import digit_image
from mnist_gui.gui.canvas.tool import Tool

SEVEN = ((70.25, 71.5), (209.75, 70.125), (126.5, 238.0625))


@pytest.mark.parametrize("side", [120, 300, 333, 900])
def test_that_the_same_strokes_give_the_same_28x28_at_every_size(canvas, document, side):
    def drawn(side):
        document.clear()
        canvas.resize(side, side)
        drag(canvas, *((x * side / 280, y * side / 280) for x, y in SEVEN))
        for kind, x, y, pressure in ((PRESS, 90, 150, 0.3), (MOVE, 180, 155, 0.8), (RELEASE, 180, 155, 0.0)):
            pen(canvas, kind, x * side / 280, y * side / 280, pressure)
        canvas.hand.choose(Tool.ERASER)
        drag(canvas, (125 * side / 280, 150 * side / 280), (135 * side / 280, 152 * side / 280))
        canvas.hand.choose(Tool.PEN)
        return digit_image(document.drawing)

    assert (drawn(side) == drawn(280)).all()


SCRIPT = """
import sys
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication
from mnist_gui.data.ink import digit_image
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.document import CanvasDocument
from mnist_gui.gui.canvas.tool import Tool
from mnist_gui.gui.theme import Theme, ThemeMode
app = QApplication(sys.argv)
document = CanvasDocument()
canvas = DrawingCanvas(document, Theme(ThemeMode.LIGHT))
canvas.hand.set_width(Tool.PEN, 26)
canvas.resize(210, 210)
canvas.show()
app.processEvents()
left = Qt.MouseButton.LeftButton
for kind, x, y in ((QEvent.Type.MouseButtonPress, 60, 52.5), (QEvent.Type.MouseMove, 160.5, 54),
                   (QEvent.Type.MouseMove, 99.75, 180), (QEvent.Type.MouseButtonRelease, 99.75, 180)):
    place = QPointF(x, y)
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)
print(canvas.devicePixelRatioF(), digit_image(document.drawing).tobytes().hex())
"""


def test_that_the_28x28_does_not_depend_on_the_scale_factor_of_the_screen(monkeypatch):
    started = {}
    for factor in (1.0, 1.5, 2.0):
        monkeypatch.setenv("QT_SCALE_FACTOR", str(factor))
        started[factor] = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)
    answers = {factor: process.communicate(timeout=60)[0].split() for factor, process in started.items()}
    assert [float(ratio) for ratio, _ in answers.values()] == list(answers)
    assert len({pixels for _, pixels in answers.values()}) == 1
