"""What leaves the room: to the clipboard, as a picture and as text at once, or into a file."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QMimeData, QObject
from PyQt6.QtGui import QGuiApplication

from mnist_gui.data.files import write_atomically
from mnist_gui.data.strokes import stroke_line
from mnist_gui.gui.canvas.drawing_files import encoded, svg
from mnist_gui.gui.canvas.painting import drawing_image
from mnist_gui.gui.canvas.reading_sheet import (
    Subject,
    bars_picture,
    pixels_text,
    probabilities_text,
    reading_html,
    reading_picture,
    reading_text,
)
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.session.session import Session
from mnist_gui.session.tasks import Tasks


class Exports(QObject):
    """Copies and saves what is in Draw; says what it has done, and why it could not."""

    def __init__(self, session: Session, subject: Callable[[], Subject | None], parent: QObject | None = None) -> None:
        """Copies and saves nothing yet.

        Args:
            session: hears the notices, keeps the folder.
            subject: what is in Draw when it is called; None where that is nothing.
            parent: owner.
        """
        super().__init__(parent)
        self._session = session
        self._subject = subject
        self._tasks = Tasks(self)
        self._count = 0
        session.at_close(self._tasks.close)

    @property
    def possible(self) -> bool:
        """Whether there is anything to copy or save; says so where there is not."""
        if self._subject() is None:
            self._session.notice.emit("Nothing to save: draw a digit first.")
            return False
        return True

    def copy_drawing(self) -> None:
        """Puts the drawing on the clipboard: 280x280 pixels, its strokes as text, and SVG."""
        subject = self._subject()
        data = QMimeData()
        if subject is not None:
            data.setImageData(drawing_image(subject.drawing))
            data.setText(stroke_line(subject.drawing, subject.label))
            data.setData("image/svg+xml", svg(subject))
        self._copy(None if subject is None else data, "the drawing")

    def copy_image(self) -> None:
        """Puts what the model sees on the clipboard: 28x28 pixels, and their values as text."""
        subject = self._subject()
        image = None if subject is None else subject.image
        data = QMimeData()
        if image is not None:
            data.setImageData(grey_image(image))
            data.setText(pixels_text(image))
        self._copy(None if image is None else data, "what the model sees")

    def copy_probabilities(self) -> None:
        """Puts the ten probabilities on the clipboard: as text, and as a picture of the bars."""
        subject = self._subject()
        data = QMimeData()
        if subject is not None and subject.prediction is not None:
            data.setText(probabilities_text(subject.prediction))
            data.setImageData(bars_picture(subject))
        self._copy(data if data.hasText() else None, "the probabilities")

    def copy_reading(self) -> None:
        """Puts the drawing with its reading on the clipboard: as one picture, as text and as a table (HTML)."""
        subject = self._subject()
        data = QMimeData()
        if subject is not None:
            data.setImageData(reading_picture(subject))
            data.setText(reading_text(subject))
            data.setHtml(reading_html(subject))
        self._copy(None if subject is None else data, "the drawing with its reading")

    def save(self, path: Path, kind: str) -> None:
        """Writes what is in Draw to a file, in the background.

        Args:
            path: its suffix is completed where it has none.
            kind: of `drawing_files.KINDS`.
        """
        subject = self._subject()
        content = None
        if subject is not None:
            path, content = encoded(subject, kind, path)
        if content is None:
            self._session.notice.emit("Nothing to save: the model sees no digit.")
            return
        self._session.settings.values.drawing_folder = str(path.absolute().parent)
        self._count += 1
        self._tasks.ask(
            f"save {self._count}", partial(write_atomically, path, content),
            lambda _nothing: self._session.notice.emit(f"Saved as {path}"), partial(self._say_failure, path),
        )  # fmt: skip

    def _say_failure(self, path: Path, error: Exception, details: str) -> None:
        if isinstance(error, OSError):
            reason = os.strerror(error.errno) if error.errno else str(error)
            self._session.problem.emit(f"The drawing was not saved as {path.name}: {reason}.", "")
        else:
            self._session.problem.emit(f"The drawing was not saved as {path.name}.", details)

    def _copy(self, data: QMimeData | None, name: str) -> None:
        if data is None:
            self._session.notice.emit(f"Nothing to copy: draw a digit first, then copy {name}.")
            return
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "a window has an application"
        clipboard.setMimeData(data)
        self._session.notice.emit(f"Copied {name}.")
