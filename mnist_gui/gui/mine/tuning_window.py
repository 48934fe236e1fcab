"""Fine-tuning as the user sees it: how far it is, then before and after side by side."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent, QFont
from PyQt6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mnist_gui.engine.tuning import Tuned
from mnist_gui.gui.mine.result_words import Row, remarks, rows, watched_rows
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.widgets.digit_view import DigitView
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.fine_tuning import FineTuning, TuningState

_HEADINGS = ("", "Misread before", "Misread after", "")


class TuningWindow(QDialog):
    """Beside the window, which can be used meanwhile. Closing it gives up, or discards."""

    def __init__(self, tuning: FineTuning, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tuning, self._theme = tuning, theme
        self.setObjectName("tuning_window")
        self.setWindowTitle("Fine-tune on My digits")
        self._title = named(QLabel(), "tuning_title")
        self._what = named(QLabel(), "tuning_what")
        self._bar = named(QProgressBar(), "tuning_progress", "Progress of fine-tuning")
        self._bar.setMaximum(1000)
        self._bar.setTextVisible(False)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._keep = named(
            QPushButton("Keep"), "tuning_keep", "", "Reads with the tuned model from now on, and saves it as a run."
        )
        self._discard = named(QPushButton("Discard"), "tuning_discard", "", "Leaves the model as it is.")
        self._cancel = named(QPushButton("Cancel"), "tuning_cancel", "", "Gives up; the model stays as it is.")
        self._keep.clicked.connect(tuning.keep)
        self._discard.clicked.connect(tuning.discard)
        self._cancel.clicked.connect(tuning.cancel)
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self._keep, self._discard, self._cancel):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        for widget in (self._title, self._what, self._bar):
            layout.addWidget(widget)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        self.setMinimumWidth(50 * SPACE)
        self._shown: Tuned | None = None
        tuning.changed.connect(self._follow)
        theme.follow(self._restyle)
        self._follow()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._give_up()
        super().closeEvent(event)

    def reject(self) -> None:
        self._give_up()
        super().reject()

    def _give_up(self) -> None:
        self._tuning.cancel()
        self._tuning.discard()

    def _follow(self) -> None:
        state, result = self._tuning.state, self._tuning.result
        running, done = state is TuningState.RUNNING, state is TuningState.DONE
        parts: dict[QWidget, bool] = {self._bar: running, self._cancel: running, self._what: running}
        for widget, seen in (parts | {self._area: done, self._keep: done, self._discard: done}).items():
            widget.setVisible(seen)
        if running:
            self._title.setText("Learning from My digits")
            self._what.setText(self._tuning.what[:1].upper() + self._tuning.what[1:] + " …")
            self._bar.setValue(round(1000 * self._tuning.share))
        elif done and result is not None:
            if result is not self._shown:
                self._show_result(result)
                (self._keep if self._keep.isEnabled() else self._discard).setFocus()
        elif self.isVisible():
            self.hide()
        self._shown = result

    def _show_result(self, tuned: Tuned) -> None:
        self._title.setText(f"Before and after {tuned.steps:,} steps, {tuned.seconds:.0f} seconds")
        body = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(5, 1)
        for column, heading in enumerate(_HEADINGS):
            grid.addWidget(self._muted(heading), 0, column + 1, Qt.AlignmentFlag.AlignRight)
        for place, row in enumerate(rows(tuned), start=1):
            self._add_row(grid, place, row, f"tuning_row_{place}")
        if self._tuning.watched:
            first = grid.rowCount()
            for column, heading in enumerate(("Pinned", "Read before", "Read after", "")):
                aligned = Qt.AlignmentFlag.AlignLeft if not column else Qt.AlignmentFlag.AlignRight
                grid.addWidget(self._muted(heading), first, column + 1, aligned)
            pairs = zip(self._tuning.watched, watched_rows(tuned, self._tuning.watched), strict=True)
            for place, (one, row) in enumerate(pairs, start=first + 1):
                view = DigitView(self._theme)
                view.setFixedSize(4 * SPACE, 4 * SPACE)
                view.set_image(one.image)
                grid.addWidget(view, place, 0)
                self._add_row(grid, place, row, f"tuning_pin_{place - first}")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, SPACE, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(grid)
        for number, sentence in enumerate(remarks(tuned)):
            remark = named(self._muted(sentence), f"tuning_remark_{number}")
            remark.setWordWrap(True)
            layout.addWidget(remark)
        layout.addStretch()
        self._area.setWidget(body)
        self.resize(max(self.width(), 76 * SPACE), max(self.height(), 44 * SPACE))
        self._keep.setEnabled(tuned.steps > 0)
        self._keep.setDefault(tuned.steps > 0)

    def _add_row(self, grid: QGridLayout, place: int, row: Row, name: str) -> None:
        for column, text in enumerate(row):
            label = QLabel(text)
            label.setObjectName(f"{name}_{column}")
            numbers = column in (1, 2)
            grid.addWidget(
                label, place, column + 1, Qt.AlignmentFlag.AlignRight if numbers else Qt.AlignmentFlag.AlignLeft
            )

    def _muted(self, text: str) -> QLabel:
        label = QLabel(text)
        palette = label.palette()
        palette.setColor(label.foregroundRole(), self._theme.colours.muted)
        label.setPalette(palette)
        return label

    def _restyle(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self._title.setFont(font)
        if self._shown is not None:
            self._show_result(self._shown)
