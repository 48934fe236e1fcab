"""Guided collection: one digit after the other is asked for, the rarest first."""

import random
from typing import Final

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.mine.keeping import Keeping
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.my_digits import MyDigits

_GOAL: Final = 5


def next_label(counts: tuple[int, ...], last: int | None, chance: random.Random) -> int:
    """Which digit to ask for: one of those of which there are fewest, not the last one again if there is another."""
    fewest = [label for label, count in enumerate(counts) if count == min(counts)]
    return chance.choice([label for label in fewest if label != last] or fewest)


class CountBars(QWidget):
    """How many there are of each digit, as ten bars up to the goal."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._counts: tuple[int, ...] = (0,) * CLASSES
        self._goal, self._asked = _GOAL, -1
        self.setObjectName("count_bars")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.follow(self.update)

    def show_counts(self, counts: tuple[int, ...], goal: int, asked: int) -> None:
        """Shows these; `asked` is the digit that is asked for now."""
        self._counts, self._goal, self._asked = counts, goal, asked
        told = ", ".join(f"{count} of {label}" for label, count in enumerate(counts))
        self.setAccessibleName(f"Kept so far, goal {goal} each: {told}")
        self.setToolTip(f"Kept so far, with a goal of {goal} each:\n{told}")
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(CLASSES * 3 * SPACE, 2 * line + 2 * SPACE + SPACE // 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(CLASSES * 2 * SPACE, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, line = self._theme.colours, self.fontMetrics().height()
        width, bar = self.width() / CLASSES, 2 * SPACE
        bold = QFont(self.font())
        bold.setBold(True)
        for label, count in enumerate(self._counts):
            left, asked = label * width, label == self._asked
            box = QRectF(left + 2, line, width - 4, bar)
            painter.fillRect(box, colours.line)
            share = min(1.0, count / self._goal)
            if share:
                colour = colours.classes[label]
                painter.fillRect(QRectF(box.left(), box.bottom() - bar * share, box.width(), bar * share), colour)
            painter.setPen(colours.muted)
            painter.setFont(self.font())
            painter.drawText(QRectF(left, 0, width, line), Qt.AlignmentFlag.AlignCenter, str(count))
            painter.setPen(colours.accent if asked else colours.text)
            painter.setFont(bold if asked else self.font())
            below = QRectF(left, line + bar, width, line + SPACE // 2)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(label))
            if asked:
                painter.fillRect(QRectF(left + 2, self.height() - 2, width - 4, 2), colours.accent)


class CollectionStrip(QWidget):
    """Above the canvas while digits are collected. What is kept is on the disk at once; the strip only asks.

    Signals:
        begun: collection has begun.
        finished: it has ended.
        hide_answer: (hidden): the model's answer shall not be seen meanwhile.
        tune_wanted: the user wants the model to learn from what there is.
    """

    begun = pyqtSignal()
    finished = pyqtSignal()
    hide_answer = pyqtSignal(bool)
    tune_wanted = pyqtSignal()

    def __init__(self, digits: MyDigits, keeping: Keeping, theme: Theme, seed: int | None = None) -> None:
        super().__init__()
        self._digits, self._keeping, self._theme = digits, keeping, theme
        self._chance = random.Random(seed)
        self._asked = 0
        self._history: list[int] = []
        self.setObjectName("collection")
        self._prompt = named(QLabel(), "collection_prompt")
        self._progress = named(QLabel(), "collection_progress")
        self._bars = CountBars(theme)
        self._goal = named(QSpinBox(), "collection_goal", "Goal", "How many of each digit you want.")
        self._goal.setRange(1, 999)
        self._goal.setValue(_GOAL)
        self._goal.setPrefix("goal ")
        self._next = named(
            QPushButton("Next"), "collection_next", "", "Keeps the drawing as what was asked for (Enter)."
        )
        self._skip = named(QPushButton("Skip"), "collection_skip", "", "Asks for another digit.")
        self._back = named(QPushButton("Back"), "collection_back", "", "Takes the last kept digit back.")
        self._finish = named(QPushButton("Finish"), "collection_finish", "", "Ends the collection.")
        self._tune = named(
            QPushButton("Fine-tune"), "collection_tune", "", "Has the model learn from My digits (fine-tuning)."
        )
        self._hidden = named(
            QCheckBox("Hide the answer"),
            "collection_hide",
            "",
            "Hides what the model reads, so that you write as you always do and not for the model.",
        )
        for button in (self._next, self._skip, self._back, self._finish, self._tune, self._hidden):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the canvas its keys
        self._lay_out()
        self._next.clicked.connect(self.accept)
        self._skip.clicked.connect(self._ask)
        self._back.clicked.connect(self.back)
        self._finish.clicked.connect(self.finish)
        self._tune.clicked.connect(self.tune_wanted)
        self._hidden.toggled.connect(self.hide_answer)
        self._goal.valueChanged.connect(self._show)
        digits.changed.connect(self._show)
        keeping.kept.connect(self._go_on)
        keeping.took_back.connect(self._go_back)
        theme.follow(self._restyle)
        self.hide()

    @property
    def active(self) -> bool:
        """Whether digits are being collected."""
        return self._keeping.clears

    @property
    def asked(self) -> int:
        """The digit that is asked for."""
        return self._asked

    def begin(self) -> None:
        """Asks for the first digit."""
        if self.active:
            return
        self._keeping.clears = True
        self._history.clear()
        self._ask()
        self.show()
        self.begun.emit()
        self.hide_answer.emit(self._hidden.isChecked())

    def accept(self) -> None:
        """Keeps the drawing as what was asked for."""
        self._keeping.keep(self._asked)

    def back(self) -> None:
        """Takes the last kept digit back and asks for it again; its drawing comes back, too."""
        if self._history:
            self._keeping.take_back()

    def finish(self) -> None:
        """Ends the collection; what was kept is kept."""
        if self.active:
            self._keeping.clears = False
            self.hide()
            self.hide_answer.emit(False)
            self.finished.emit()

    def _ask(self) -> None:
        self._asked = next_label(self._digits.counts, self._asked, self._chance)
        self._show()

    def _go_on(self, _key: str) -> None:
        if self.active:
            self._history.append(self._asked)
            self._ask()

    def _go_back(self) -> None:
        if self.active and self._history:
            self._asked = self._history.pop()
            self._show()

    def _show(self) -> None:
        counts, goal = self._digits.counts, self._goal.value()
        done = sum(min(count, goal) for count in counts)
        reached = done == CLASSES * goal
        self._prompt.setText(f"Draw a {self._asked}")
        left = CLASSES * goal - done
        self._progress.setText("Goal reached. Go on, or finish." if reached else f"{left:,} to go")
        self._bars.show_counts(counts, goal, self._asked)
        self._back.setEnabled(bool(self._history))
        self._tune.setVisible(reached)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._prompt)
        words.addWidget(self._progress)
        top = QHBoxLayout()
        top.setSpacing(2 * SPACE)
        top.addLayout(words)
        top.addWidget(self._bars, 1)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for widget in (self._next, self._skip, self._back, self._goal, self._hidden):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(self._tune)
        row.addWidget(self._finish)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(top)
        layout.addLayout(row)

    def _restyle(self) -> None:
        font = QApplication.font()
        metrics = QFontMetrics(font)
        for button in (self._next, self._skip, self._back, self._finish, self._tune):
            # As wide as its word: the style's least width would widen the room of a small window.
            button.setFixedWidth(metrics.horizontalAdvance(button.text()) + 3 * SPACE)
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setBold(True)
        self._prompt.setFont(font)
        palette = self._progress.palette()
        palette.setColor(self._progress.foregroundRole(), self._theme.colours.muted)
        self._progress.setPalette(palette)
