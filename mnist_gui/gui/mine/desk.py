"""My digits in the window: what keeps them in Draw, shows them in Browse, collects them and learns from them."""

from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import QFileDialog, QMenu, QVBoxLayout, QWidget

from mnist_gui.data.dataset import CLASSES
from mnist_gui.gui.browser.grid import DigitGrid
from mnist_gui.gui.browser.panel import BrowserPanel
from mnist_gui.gui.canvas.answer import Answer
from mnist_gui.gui.canvas.canvas import DrawingCanvas
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.gui.layout import Layout
from mnist_gui.gui.mine.bar import MineBar
from mnist_gui.gui.mine.collection import CollectionStrip
from mnist_gui.gui.mine.keeping import Keeping
from mnist_gui.gui.mine.label_button import LabelButton
from mnist_gui.gui.mine.tuning_window import TuningWindow
from mnist_gui.gui.theme import Theme
from mnist_gui.session.fine_tuning import FineTuning, Tune, Watched, tune_with_pytensor
from mnist_gui.session.my_digits import MyDigits
from mnist_gui.session.pins import Pins
from mnist_gui.session.session import Session

_STROKES: Final = "Pen strokes (*.jsonl *.jsonl.gz)"
_READABLE: Final = "Digits (*.jsonl *.jsonl.gz *ubyte *ubyte.gz *.npz *.pkl *.pkl.gz);;All files (*)"


class DrawRoom(QWidget):
    """The canvas, and above it what is there now and then."""

    def __init__(self, canvas: CanvasPanel) -> None:
        super().__init__()
        self.setObjectName("draw_room")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(canvas, 1)

    def put_above(self, widget: QWidget) -> None:
        """Puts something above the canvas."""
        self._column.insertWidget(0, widget)


class MineDesk(QObject):
    """Owns My digits and fine-tuning, and connects them with the rooms.

    Attributes:
        digits: My digits.
        keeping: keeps the drawing of the canvas.
        tuning: fine-tuning.
        strip: guided collection, above the canvas.
        window: where fine-tuning is seen.
    """

    def __init__(
        self,
        session: Session,
        theme: Theme,
        rooms: Layout,
        browser: BrowserPanel,
        canvas: CanvasPanel,
        room: DrawRoom,
        pins: Pins,
        *,
        tune: Tune = tune_with_pytensor,
    ) -> None:
        super().__init__(rooms.window)
        self._session, self._rooms, self._browser, self._canvas, self._pins = session, rooms, browser, canvas, pins
        self.digits = MyDigits(session)
        self.keeping = Keeping(session, canvas, self.digits, self)
        self.tuning = FineTuning(session, self.digits, tune)
        self.strip = CollectionStrip(self.digits, self.keeping, theme)
        self.window = TuningWindow(self.tuning, theme, rooms.window)
        room.put_above(self.strip)
        self._bar = MineBar()
        browser.add_bar(self._bar)
        self._row = LabelButton()
        canvas.add_action_button(self._row)
        self._connect()
        self._bind_keys()
        self._follow()

    # ---- what the window's commands do
    def show(self) -> None:
        """Shows My digits in the grid."""
        self.digits.show()
        self._rooms.browse.go_to()

    def collect(self) -> None:
        """Begins a guided collection, or ends the one that goes on."""
        if self.strip.active:
            self.strip.finish()
        elif self.digits.trouble:
            self._session.notice.emit(self.digits.trouble)
        else:
            self._rooms.draw.go_to()
            self._canvas.clear()  # what is there is not what will be asked for
            self.strip.begin()
            self._focus_canvas()

    def tune(self) -> None:
        """Has the model learn from My digits."""
        watched = [Watched(pin.image, pin.label, pin.title) for pin in self._pins.pins]
        if self.tuning.start(watched):
            self.window.show()
        elif self.window.isVisible():
            self.window.raise_()

    def import_digits(self) -> None:
        """Asks for a file and adds its digits."""
        path, _ = QFileDialog.getOpenFileName(self._browser, "Add digits from a file", "", _READABLE)
        if path:
            self.digits.import_from(Path(path))

    def export_strokes(self) -> None:
        """Asks for a file and writes the strokes."""
        path, _ = QFileDialog.getSaveFileName(self._browser, "Save My digits", "my-digits.jsonl", _STROKES)
        if path:
            self.digits.export_strokes(Path(path))

    def export_idx(self) -> None:
        """Asks for a folder and writes images and labels."""
        path = QFileDialog.getExistingDirectory(self._browser, "Save My digits as IDX files in a folder")
        if path:
            self.digits.export_idx(Path(path))

    # ---- building
    def _connect(self) -> None:
        session, digits, bar, strip = self._session, self.digits, self._bar, self.strip
        self._row.chosen.connect(self.keeping.keep)
        digits.changed.connect(self._follow)
        session.dataset_changed.connect(self._follow)
        self._canvas.image_changed.connect(self._follow_canvas)
        self._browser.menu_opened.connect(self._fill_menu)
        self._browser.draw_wanted.connect(self._draw)
        bar.back.clicked.connect(digits.show_other)
        bar.collect.clicked.connect(self.collect)
        bar.tune.clicked.connect(self.tune)
        for text, act in (
            ("Add digits from a file…", self.import_digits),
            ("Save as strokes (.jsonl)…", self.export_strokes),
            ("Save as IDX files…", self.export_idx),
        ):
            bar.files.addAction(text, act)
        strip.tune_wanted.connect(self.tune)
        strip.hide_answer.connect(self._hide_answer)
        strip.finished.connect(self._focus_canvas)

    def _bind_keys(self) -> None:
        canvas, grid = self._canvas.findChild(DrawingCanvas), self._browser.findChild(DigitGrid)
        assert canvas is not None, "the room has a canvas"
        assert grid is not None, "the room has a grid"
        keys: list[QAction] = []
        context = Qt.ShortcutContext.WidgetShortcut
        for label in range(CLASSES):
            shortcut = QShortcut(QKeySequence(str(label)), canvas)
            shortcut.setContext(context)
            shortcut.activated.connect(partial(self.keeping.keep, label))
            relabel = QAction(self)
            relabel.setShortcut(QKeySequence(f"Alt+{label}"))
            relabel.triggered.connect(partial(self._relabel_selected, label))
            keys.append(relabel)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(key), canvas)
            shortcut.setContext(context)
            shortcut.activated.connect(self.strip.accept)
            shortcut.setEnabled(False)  # the pen of the keyboard uses this key, too
            self.strip.begun.connect(partial(shortcut.setEnabled, True))
            self.strip.finished.connect(partial(shortcut.setEnabled, False))
        remove = QAction(self)
        remove.setShortcuts([QKeySequence(Qt.Key.Key_Delete), QKeySequence(Qt.Key.Key_Backspace)])
        remove.triggered.connect(self._remove_selected)
        for action in (*keys, remove):
            action.setShortcutContext(context)
            grid.addAction(action)

    # ---- following
    def _follow(self) -> None:
        shown, digits = self.digits.shown, self.digits
        self._bar.setVisible(shown)
        name = "MNIST" if digits.other is None else digits.other.name
        self._bar.back.setText(f"Back to {name}")
        self._bar.tune.setEnabled(bool(digits.dataset.sizes[0]))
        self._bar.collect.setEnabled(digits.writable)
        self._follow_canvas()

    def _follow_canvas(self) -> None:
        if not self._canvas.shows_drawing:  # nobody draws what is asked for
            self.strip.finish()
        self._row.setEnabled(self.keeping.possible and self.digits.writable)

    def _hide_answer(self, hidden: bool) -> None:
        answer = self._canvas.findChild(Answer)
        assert answer is not None, "the room has an answer"
        answer.setVisible(not hidden)

    def _focus_canvas(self) -> None:
        canvas = self._canvas.findChild(DrawingCanvas)
        if canvas is not None:
            canvas.setFocus()

    def _draw(self) -> None:
        self._rooms.draw.go_to()
        self._focus_canvas()

    # ---- the selected digit of the grid
    def _fill_menu(self, menu: QMenu) -> None:
        selected = self.digits.selected
        if selected is None:
            return
        menu.addSeparator()
        inner = menu.addMenu("It &is a")
        assert inner is not None, "Qt makes the menu that it is asked for"
        for label in range(CLASSES):
            action = inner.addAction(str(label), QKeySequence(f"Alt+{label}"), partial(self._relabel_selected, label))
            assert action is not None, "Qt makes the action that it is asked for"
            action.setEnabled(label != selected.label)
        remove = menu.addAction("&Take out of My digits", QKeySequence(Qt.Key.Key_Delete), self._remove_selected)
        assert remove is not None, "Qt makes the action that it is asked for"
        for action in (remove, inner.menuAction()):
            assert action is not None, "Qt makes the action that it is asked for"
            action.setEnabled(self.digits.writable)

    def _relabel_selected(self, label: int) -> None:
        selected = self.digits.selected
        if selected is not None:
            self.keeping.relabel(selected.key, label)

    def _remove_selected(self) -> None:
        selected = self.digits.selected
        if selected is not None:
            self.keeping.remove(selected.key)
