"""What tests do with the room of training: make it, find and press buttons, read texts."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel

from mnist_gui.engine.presets import PRESETS
from mnist_gui.gui.training.panel import TrainingPanel

FIRST = PRESETS["lenet"].config
"""What is trained where nobody has chosen anything."""


def make(qtbot, theme, session):
    panel = TrainingPanel(session, theme)
    qtbot.addWidget(panel)
    panel.resize(680, 400)
    with qtbot.waitSignal(panel.curves_ready):
        panel.show()
    return panel


def button(panel, name):
    return panel.findChild(QAbstractButton, f"training_{name}")


def press(qtbot, panel, name):
    qtbot.mouseClick(button(panel, name), Qt.MouseButton.LeftButton)


def text(panel, name):
    return panel.findChild(QLabel, f"training_{name}").text()


def page(panel):
    return panel.pages.currentWidget().objectName()
