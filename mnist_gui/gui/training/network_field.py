"""The field in which a network is written, or chosen by its name."""

from typing import Final

from PyQt6.QtCore import QMimeData, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QTextCharFormat, QTextCursor, QTextDocument
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from mnist_gui.engine.architecture import NAMED, TITLES, parse
from mnist_gui.gui.theme import SPACE, Theme, mix
from mnist_gui.gui.training.fields import FIELDS, WheelGuard, default_of
from mnist_gui.gui.training.network_reading import Reading, read_line
from mnist_gui.gui.training.network_strip import NetworkStrip

_LEAST_LINES: Final = 2
_MOST_LINES: Final = 6
"""The field shows so many lines at least and at most; a network of 20 layers needs three to five, longer ones scroll.
While it is typed in, it grows but does not shrink."""

OWN: Final = "Own layers"
"""What the choice says of a network that has no name."""


class NetworkEdit(QPlainTextEdit):
    """One line that is shown on as many as it needs. Return and leaving the field finish it, Tab leaves it.

    Signals:
        finished: the user is done with it for now.
    """

    finished = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("training_network")
        self.setAccessibleName(FIELDS["network"].metadata["title"])
        self.setToolTip(
            "Layers with commas between them: conv 5x5x20 [same], bn, relu, tanh, pool 2, dense 500, dropout 0.3."
            " The last one is dense 10."
        )
        self.setPlaceholderText("conv 5x5x20, relu, pool 2, dense 10")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # it would take from the width
        self._lines = _LEAST_LINES
        layout = _document(self).documentLayout()
        assert layout is not None, "a document has a layout"
        layout.documentSizeChanged.connect(lambda _: self.take_height(shrink=not self.hasFocus()))

    def take_height(self, *, shrink: bool) -> None:
        """As high as the text is, within limits."""
        needed = round(_document(self).size().height())  # which a plain document gives in lines
        lines = min(max(needed, _LEAST_LINES if shrink else self._lines), _MOST_LINES)
        self._lines = lines
        margins = 2 * (round(_document(self).documentMargin()) + self.frameWidth()) + 1
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + margins)

    def mark(self, start: int, end: int, theme: Theme) -> None:
        """Underlines and tints a stretch; an empty one takes the mark away."""
        selections = []
        if end > start:
            selection = QTextEdit.ExtraSelection()
            colours = theme.colours
            format_ = QTextCharFormat()
            format_.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            format_.setUnderlineColor(colours.warning)
            format_.setBackground(mix(colours.base, colours.warning, 0.18))
            selection.format = format_
            cursor = self.textCursor()
            cursor.setPosition(start)
            cursor.setPosition(min(end, len(self.toPlainText())), QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selections.append(selection)
        self.setExtraSelections(selections)

    # ---- Qt
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finished.emit()
            self.take_height(shrink=True)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.finished.emit()
        self.take_height(shrink=True)

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        if source is not None and source.hasText():
            self.insertPlainText(" ".join(source.text().split()))


class NetworkField(QWidget):
    """Choice of a name, the line itself, what is wrong with it or what it is, and its layers.

    Whatever is typed, `value` is a network: the last one that the line was.

    Signals:
        edited: `value` or `problem` is another one.
    """

    edited = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._value = str(default_of("network"))
        self._note = ""
        self._choice = QComboBox()
        self._choice.setObjectName("training_network_name")
        self._choice.setAccessibleName("Named networks")
        self._choice.setToolTip("Networks that have a name. Choose one to train it or to change its layers below.")
        self._choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._choice.installEventFilter(WheelGuard(self._choice))
        for name in NAMED:
            self._choice.addItem(TITLES[name], name)
        self._choice.addItem(OWN, "")
        self._edit = NetworkEdit()
        self._message = QLabel()
        self._message.setObjectName("training_plan")
        self._message.setAccessibleName("What would be trained")
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._strip = NetworkStrip(theme)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        self._label = QLabel("Layers of")
        self._label.setBuddy(self._choice)
        self._label.setToolTip(FIELDS["network"].metadata["tip"])
        row.addWidget(self._label)
        row.addWidget(self._choice)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(row)
        layout.addWidget(self._edit)
        layout.addWidget(self._message)
        layout.addWidget(self._strip)
        self._choice.activated.connect(self._take_choice)
        self._edit.textChanged.connect(self._follow)
        self._edit.cursorPositionChanged.connect(self._show_current)
        self._edit.finished.connect(self._tidy)
        self._strip.pressed.connect(self._go_to)
        self.setFocusProxy(self._edit)
        self.set_value(self._value)
        theme.follow(self._restyle)

    @property
    def problem(self) -> str:
        """Why the line is no network, in one sentence; empty if it is one."""
        return self._reading().problem

    def value(self) -> str:
        """The network as a name if it has one, else its line; the last one if the present line is none."""
        return self._value

    def set_value(self, network: str) -> None:
        """Shows another network, a name or a line."""
        line = parse(network).line
        if line != self._edit.toPlainText():
            self._edit.setPlainText(line)
            self._edit.take_height(shrink=True)

    def set_label_width(self, width: int) -> None:
        """Gives the label a width, so that the choice stands above other fields."""
        self._label.setMinimumWidth(width)

    def show_note(self, note: str) -> None:
        """One or two lines on the network, which stand where otherwise a problem is told."""
        self._note = note
        self._show_message()

    def _reading(self) -> Reading:
        return read_line(self._edit.toPlainText())

    def _follow(self) -> None:
        reading = self._reading()
        if reading.architecture is not None:
            name = reading.architecture.short_name
            self._value = name if name in NAMED else reading.architecture.line
        index = self._choice.findData(self._value if reading.architecture is not None else "")
        self._choice.setCurrentIndex(index if index >= 0 else self._choice.count() - 1)
        self._edit.mark(*reading.mark, self._theme)
        self._strip.show_pieces(reading.pieces, settled=reading.architecture is not None)
        self._show_message()
        self._show_current()
        self.edited.emit()

    def _show_message(self) -> None:
        problem = self.problem
        self._message.setText(f"⚠ {problem}" if problem else self._note)
        palette = self.palette()
        palette.setColor(
            self._message.foregroundRole(), self._theme.colours.warning if problem else self._theme.colours.text
        )
        self._message.setPalette(palette)

    def _show_current(self) -> None:
        """Marks the layer in which the cursor is, while the field has the keyboard."""
        position = self._edit.textCursor().position()
        pieces = self._reading().pieces
        before = [number for number, piece in enumerate(pieces) if piece.start <= position]
        self._strip.show_current(before[-1] if before and self._edit.hasFocus() else -1)

    def _take_choice(self) -> None:
        name = self._choice.currentData()
        if name:
            self.set_value(name)
        else:
            self._edit.setFocus()

    def _tidy(self) -> None:
        """Writes a network in the one spelling that files keep, and a name as its layers."""
        architecture = self._reading().architecture
        if architecture is not None and architecture.line != self._edit.toPlainText():
            cursor = self._edit.textCursor()
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(architecture.line)  # which can be undone, unlike setPlainText
        self._show_current()

    def _go_to(self, position: int) -> None:
        cursor = self._edit.textCursor()
        cursor.setPosition(min(position, len(self._edit.toPlainText())))
        self._edit.setTextCursor(cursor)
        self._edit.setFocus()
        self._show_current()

    def _restyle(self) -> None:
        self._edit.take_height(shrink=True)
        self._message.setMinimumHeight(2 * self._edit.fontMetrics().lineSpacing())
        self._edit.mark(*self._reading().mark, self._theme)
        self._show_message()


def _document(edit: QPlainTextEdit) -> QTextDocument:
    document = edit.document()
    assert document is not None, "an editor has a document"
    return document
