"""Where pictures come in: opened, pasted or dropped, read in the background, and put where they belong."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QMimeData, QObject, QTimer, pyqtSlot
from PyQt6.QtGui import QGuiApplication, QImage

from mnist_gui.data.dataset import DatasetError
from mnist_gui.engine.collecting import load_library
from mnist_gui.engine.model import Model
from mnist_gui.engine.prediction import Prediction
from mnist_gui.gui.canvas.busy_note import BusyNote
from mnist_gui.gui.canvas.panel import CanvasPanel, Guest
from mnist_gui.gui.canvas.photo_boxes import PhotoDigit, photo_digits
from mnist_gui.gui.canvas.photo_view import PhotoView
from mnist_gui.gui.theme import Theme
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker
from mnist_gui.session.tasks import Tasks

if TYPE_CHECKING:
    from mnist_gui.pictures import Photo, Picture

_PATIENCE_MS: Final = 300
"""A shorter wait needs no words."""

_TASK: Final = "picture"


@dataclass(frozen=True, eq=False)
class _Opened:
    """What the background thread made of a picture."""

    photo: "Photo"
    digits: tuple[PhotoDigit, ...]


class PhotoDesk(QObject):
    """Opens pictures. One digit becomes the drawing, several are shown in the canvas's place and read at once.

    Nothing is changed before a picture was decoded and a digit found in it, both on a thread of their own.
    """

    def __init__(self, session: Session, theme: Theme, panel: CanvasPanel) -> None:
        super().__init__(panel)
        self._session = session
        self._panel = panel
        self._tasks = Tasks(self)
        self._name = ""
        self._note = ""
        self._view = PhotoView(theme, panel)
        self._view.hide()
        self._busy = BusyNote(panel)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._busy.show_text(f"Looking for digits in {self._name}…"))
        self._busy.cancelled.connect(self.cancel)
        self._tasks.busy_changed.connect(self._follow_task)
        boxes, page = self._view.boxes, self._view.page
        boxes.changed.connect(self._ask)
        boxes.read.connect(self._show_chosen)
        boxes.chosen_changed.connect(self._show_chosen)
        page.taken.connect(self._take)
        page.closed.connect(panel.leave_guest)
        page.refused.connect(session.notice)
        self._view.copy_wanted.connect(self._copy)
        panel.guest_left.connect(self._stop_asking)
        session.all_answered.connect(self._take_answers)
        session.at_close(self._tasks.close)

    def open_file(self, path: Path) -> None:
        """Opens a picture file in the background."""
        self._open(path.name, partial(_read_file, path))

    def open_image(self, image: QImage, name: str) -> None:
        """Opens a picture that is decoded already.

        Args:
            image: any.
            name: what the sentences call it.
        """
        self._open(name, partial(_read_image, image.copy(), name))

    def take(self, mime: QMimeData | None) -> bool:
        """Opens what was pasted or dropped; False, and nothing happens, where it is no picture."""
        urls = mime.urls() if mime is not None else []
        if len(urls) == 1 and urls[0].isLocalFile():
            self.open_file(Path(urls[0].toLocalFile()))
            return True
        image = mime.imageData() if mime is not None and mime.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self.open_image(image, "the picture")
            return True
        return False

    def paste(self) -> None:
        """Opens the picture, or the picture file, on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        mime = clipboard.mimeData() if clipboard is not None else None
        if not self.take(mime):
            self._session.notice.emit(f"The clipboard holds {_kind_of(mime)}; copy a picture or a picture file first.")

    def show_again(self) -> None:
        """Shows the photo that was open last, with its corrections."""
        if self._view.boxes.digits:
            self._show_view()
        else:
            self._session.notice.emit("No photo with several digits was opened yet.")

    def cancel(self) -> None:
        """Stops waiting for the picture that is being read."""
        self._tasks.forget(_TASK)

    # ---- from the file to its place
    def _open(self, name: str, read: Callable[[], _Opened]) -> None:
        self._name = name
        self._tasks.ask(_TASK, read, self._show, self._fail)

    @pyqtSlot()
    def _follow_task(self) -> None:
        if self._tasks.busy(_TASK):
            self._patience.start()
        else:
            self._patience.stop()
            self._busy.hide()

    def _show(self, opened: _Opened) -> None:
        photo, page = opened.photo, opened.photo.page
        self._note = photo.picture.note
        alone = opened.digits[0] if page.count == 1 else None
        if alone is not None and not alone.digit.touching and alone.drawing.picture is not None:
            self._panel.place_picture(alone.drawing.picture)
            self._session.notice.emit(
                " ".join(filter(None, [f"One digit of {photo.name} is on the canvas.", self._note]))
            )
            return
        if page.count > len(page.digits):
            self._note = f"The first {len(page.digits):,} of {page.count:,} digits are read. {self._note}".strip()
        if self._note:
            self._session.notice.emit(self._note)
        self._view.page.show_image(photo.picture.image)
        self._view.boxes.take(photo.ink, opened.digits)
        self._show_view()

    def _show_view(self) -> None:
        self._show_guest()
        self._ask()
        self._view.page.setFocus()

    def _fail(self, error: Exception, details: str) -> None:
        self._session.problem.emit(str(error), "" if isinstance(error, DatasetError) else details)

    # ---- the photo that is open
    @property
    def _shown(self) -> bool:
        return not self._view.isHidden()

    def _ask(self) -> None:
        if self._shown:
            self._session.ask_all(Asker.PHOTO, self._view.boxes.images)

    def _stop_asking(self) -> None:
        self._session.ask_all(Asker.PHOTO, None)

    @pyqtSlot(str, object, object)
    def _take_answers(self, asker: str, answers: tuple[Prediction, ...] | None, _model: Model | None) -> None:
        if asker == Asker.PHOTO and self._shown:
            self._view.boxes.set_answers(answers)

    def _show_chosen(self) -> None:
        if self._shown:
            self._show_guest()

    def _show_guest(self) -> None:
        boxes = self._view.boxes
        digit = boxes.digits[boxes.chosen] if boxes.chosen is not None else None
        unsure = sum(
            (p is not None and p.unsure) or d.digit.touching
            for d, p in zip(boxes.digits, boxes.predictions, strict=True)
        )
        count = f"{len(boxes.digits):,} digits" if len(boxes.digits) != 1 else "One digit"
        words = [f"{self._name}: {count}, {unsure:,} unsure." if unsure else f"{self._name}: {count}."]
        if digit is not None and digit.digit.touching:
            words.append("This one is so wide that it may be two; / splits it.")
        self._panel.show_guest(
            Guest(
                self._view,
                self._view.width_at,
                None if digit is None else digit.image,
                None if digit is None else digit.drawing,
                f"{self._name}" if boxes.chosen is None else f"Digit {boxes.chosen + 1} of {len(boxes.digits)}",
                " ".join([*words, self._note]).strip(),
            )
        )

    def _take(self, number: int) -> None:
        picture = self._view.boxes.digits[number].drawing.picture
        if picture is not None:
            self._panel.place_picture(picture)
            self._session.notice.emit("The digit is on the canvas; Undo brings back what was there.")

    def _copy(self, text: str, name: str) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)
            self._session.notice.emit(f"Copied {name}.")


def _read_file(path: Path) -> _Opened:
    """On a thread of its own, as everything that loads SciPy and decodes."""
    load_library("mnist_gui.pictures")
    from mnist_gui.pictures import decode

    return _find(path.name, decode(path))


def _read_image(image: QImage, name: str) -> _Opened:
    load_library("mnist_gui.pictures")
    from mnist_gui.pictures import from_image

    return _find(name, from_image(image))


def _find(name: str, picture: "Picture") -> _Opened:
    from mnist_gui.pictures import find_photo

    photo = find_photo(name, picture)
    return _Opened(photo, photo_digits(photo.page.digits))


def _kind_of(mime: QMimeData | None) -> str:
    """What the clipboard holds, in words."""
    formats = mime.formats() if mime is not None else []
    if not formats:
        return "nothing"
    if "image/svg+xml" in formats:
        return "a drawing of lines (SVG)"
    if mime is not None and mime.hasUrls():
        return "several files" if len(mime.urls()) > 1 else "an address"
    return "text" if mime is not None and mime.hasText() else "no picture"
