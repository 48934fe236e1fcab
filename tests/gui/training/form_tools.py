"""What tests do with the form: find a control by its name, type, choose, unfold."""

from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QPlainTextEdit, QWidget


def field(form, name):
    return form.findChild(QWidget, f"training_{name}")


def control(form, live, name):
    return field(form, name) or field(live, name)


def write(form, line):
    editor = form.findChild(QPlainTextEdit, "training_network")
    editor.selectAll()
    QTest.keyClicks(editor, line)
    return editor


def section(form, group):
    return form.findChild(QAbstractButton, f"training_section_{group.name.lower()}")


def choose(box, text):
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())
