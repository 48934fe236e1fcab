"""The window: places the rooms and connects them with each other."""

from pathlib import Path
from typing import Final

from PyQt6.QtCore import QByteArray, QMimeData, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QMainWindow, QPushButton, QTabWidget

from mnist_gui.data.picture_files import looks_like_picture
from mnist_gui.data.strokes import is_stroke_file
from mnist_gui.engine.checkpoint import SUFFIX
from mnist_gui.gui.browser.panel import BrowserPanel
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.gui.canvas.photo_desk import PhotoDesk
from mnist_gui.gui.dock import RoomDock
from mnist_gui.gui.layout import DEFAULT_SIZE, Layout, suits
from mnist_gui.gui.mine.desk import DrawRoom, MineDesk
from mnist_gui.gui.pinning import Pinning
from mnist_gui.gui.status import StatusBar
from mnist_gui.gui.theme import Theme
from mnist_gui.gui.training.panel import TrainingPanel
from mnist_gui.gui.why.panel import WhyPanel
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.session import Session
from mnist_gui.session.settings import pack_state, unpack_state

_LAYOUT_VERSION: Final = 1
"""Of a saved arrangement: 0 has no room Why."""


class MainWindow(QMainWindow):
    """Four rooms as docks and a status bar; no central widget. `Menus` adds the commands.

    Attributes:
        rooms: the docks and their arrangement.
        browser: the room with all digits.
        training: the room in which a network learns.
        canvas: the room to draw in.
        photos: opens pictures in it.
        why: the room that shows why a digit is read as it is.
        pinning: pins digits, and shows what a network says of them while it learns.
        mine: keeps drawings as My digits, and has the model learn from them.

    Signals:
        painted: the window was seen for the first time.
        closed: the user, or the system, has closed it.
    """

    painted = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._seen = False
        self.setObjectName("main_window")
        self.setWindowTitle("MNIST GUI")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setStatusBar(StatusBar(session, self))
        self.browser = BrowserPanel(session, theme)
        self.training = TrainingPanel(session, theme)
        self.canvas = CanvasPanel(session, theme)
        self.photos = PhotoDesk(session, theme, self.canvas)
        self.why = WhyPanel(session, theme)
        browse = RoomDock("Browse", self.browser, theme, self)
        train = RoomDock("Train", self.training, theme, self)
        draw_room = DrawRoom(self.canvas)
        draw = RoomDock("Draw", draw_room, theme, self)
        why = RoomDock("Why", self.why, theme, self)
        self.rooms = Layout(self, browse, train, draw, why)
        self.browser.digit_opened.connect(self.show_in_draw)
        self.browser.digit_taken.connect(self.draw_on)
        why.visibilityChanged.connect(self.why.set_watched)
        self.why.digit_chosen.connect(self._show_in_browse)
        self.why.digit_opened.connect(self.show_in_draw)
        self.why.procedure_changed.connect(self.canvas.read_again)
        self.canvas.image_changed.connect(self._pass_on_subject)
        self._pass_on_subject()
        ask_why = named(QPushButton("Why?"), "ask_why", tip="Shows why the digit is read as it is.")
        ask_why.clicked.connect(why.go_to)
        self.canvas.add_action_button(ask_why)
        self.pinning = Pinning(session, theme, self.rooms, self.browser, self.training, self.canvas)
        pins = self.pinning.pins
        self.mine = MineDesk(session, theme, self.rooms, self.browser, self.canvas, draw_room, pins)
        self.training.note_changed.connect(train.set_note)
        train.set_note(self.training.note)
        self._restore()

    def draw_on(self, index: int) -> None:
        """Puts a digit of the data set on the canvas, to draw on."""
        self.canvas.draw_on_digit(index)
        self.rooms.draw.go_to()

    def replay(self, path: Path) -> None:
        """Draws the digits of a stroke file again on the canvas."""
        self.rooms.draw.show()
        self.rooms.draw.raise_()
        self.canvas.replay(path)

    def show_in_draw(self, index: int) -> None:
        """Shows a digit of the data set on the canvas, as the model sees it."""
        self.canvas.show_digit(index)
        self.rooms.draw.show()
        self.rooms.draw.raise_()

    def _show_in_browse(self, _index: int) -> None:
        """The digit is selected already, which all rooms follow."""
        self.rooms.browse.show()
        self.rooms.browse.raise_()

    def _pass_on_subject(self) -> None:
        canvas = self.canvas
        self.why.show_subject(canvas.image, canvas.drawing, canvas.label)

    def reset_layout(self) -> None:
        """Puts the rooms where they are at first."""
        self.rooms.arrange(suits(self.size()))

    def _restore(self) -> None:
        """Takes the place and arrangement of the last time, or the first ones."""
        values = self._session.settings.values
        geometry, layout = unpack_state(values.geometry), unpack_state(values.layout)
        if geometry is None or not self.restoreGeometry(geometry):
            screen = QGuiApplication.primaryScreen()
            self.resize(DEFAULT_SIZE.boundedTo(screen.availableSize()) if screen else DEFAULT_SIZE)
        self.reset_layout()
        if layout is not None:
            self._restore_layout(layout)

    def _restore_layout(self, layout: QByteArray) -> None:
        if not self.restoreState(layout, _LAYOUT_VERSION) and self.restoreState(layout, 0):
            self.rooms.place_why()

    # ---- overrides of Qt
    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and self._seen:
            old, new = event.oldSize(), event.size()
            # Docks cannot be moved while Qt lays them out.
            QTimer.singleShot(0, lambda: self.rooms.follow(old, new))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        values = self._session.settings.values
        values.geometry, values.layout = pack_state(self.saveGeometry()), pack_state(self.saveState(_LAYOUT_VERSION))
        super().closeEvent(event)
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        mime = event.mimeData() if event is not None else None
        if event is not None and mime is not None and (_dropped_path(mime) is not None or mime.hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Opens what was dropped: what it is, is seen from its content, for a model from its name."""
        mime = event.mimeData() if event is not None else None
        path = _dropped_path(mime)
        if event is None or mime is None or (path is None and not mime.hasImage()):
            return
        event.acceptProposedAction()
        if path is None or looks_like_picture(path):
            if self.photos.take(mime):
                self.rooms.draw.go_to()
        elif path.suffix == SUFFIX:
            self._session.open_model(path)
        elif is_stroke_file(path):
            self.replay(path)
        else:
            self._session.open_dataset(path)


def _dropped_path(mime: QMimeData | None) -> Path | None:
    """The one local file or folder that is being dragged."""
    urls = mime.urls() if mime is not None else []
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
