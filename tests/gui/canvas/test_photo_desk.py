"""Pictures that are opened, pasted and dropped, and the photo that takes the canvas's place."""

import threading
import time

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QImage
from PyQt6.QtWidgets import QLabel, QPushButton
from test_canvas_panel import ReadingSession, canvas_of, draw, verdict
from test_photo_boxes import page_of_bars, read_as

from mnist_gui.data.dataset import Split
from mnist_gui.data.ink import digit_image
from mnist_gui.data.sampling import Box
from mnist_gui.gui.canvas.busy_note import BusyNote
from mnist_gui.gui.canvas.panel import CanvasPanel
from mnist_gui.gui.canvas.photo_desk import PhotoDesk
from mnist_gui.gui.theme import ThemeMode
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.session.states import Asker

LEFT = Qt.MouseButton.LeftButton
SEVEN = ((25, 20), (70, 22), (45, 85))


class PhotoSession(ReadingSession):
    """Answers many images as 1, 2, 3, …; keeps what was asked and what is to be ended."""

    all_answered = pyqtSignal(str, object, object)
    problem = pyqtSignal(str, str)

    def __init__(self, dataset=None):
        super().__init__(dataset)
        self.ends, self.asked_all, self.problems = [], [], []
        self.problem.connect(lambda *said: self.problems.append(said))

    def at_close(self, end):
        self.ends.append(end)

    def ask_all(self, asker, images):
        assert asker == Asker.PHOTO
        self.asked_all.append(images)
        self.answer_all(None if images is None else read_as(*[(n + 1) % 10 for n in range(len(images))]))

    def answer_all(self, predictions):
        self.all_answered.emit(Asker.PHOTO, predictions, self.model if predictions else None)


@pytest.fixture
def session(tiny_dataset):
    session = PhotoSession(tiny_dataset)
    yield session
    for end in session.ends:
        end()
    sip.delete(session)


@pytest.fixture
def panel(session, theme, qtbot):
    panel = CanvasPanel(session, theme)
    panel.resize(760, 300)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    for end in session.ends:
        end()
    # At once: Python's garbage collector would do it later, perhaps while it runs on the thread of another picture.
    sip.delete(panel)


@pytest.fixture
def desk(session, theme, panel):
    return PhotoDesk(session, theme, panel)


def page_file(folder):
    path = folder / "page.png"
    assert grey_image(255 - page_of_bars()).save(str(path))
    return path


@pytest.fixture
def opened(desk, qtbot, tmp_path):
    """The desk with a photo of six digits."""
    desk.open_file(page_file(tmp_path))
    qtbot.waitUntil(desk._view.isVisible)
    return desk


def click_at(qtbot, desk, box, action=None):
    page = desk._view.page
    (action or qtbot.mouseClick)(page, LEFT, pos=page.rectangle(box).center().toPoint())


def test_that_one_digit_takes_the_drawings_place_until_undo(desk, panel, session, qtbot, tmp_path, mnist):
    image = mnist.images_of(Split.TEST)[3]
    assert grey_image(image).save(str(tmp_path / "digit.png"))
    draw(qtbot, panel, *SEVEN)
    before = panel.drawing
    desk.open_file(tmp_path / "digit.png")
    qtbot.waitUntil(lambda: panel.drawing.picture is not None)
    assert panel.drawing.strokes == ()
    qtbot.waitUntil(lambda: (panel.image == digit_image(panel.drawing)).all())
    assert "One digit of digit.png" in session.notices[-1]
    panel.undo_stack.undo()
    assert panel.drawing is before


def test_that_several_digits_are_shown_boxed_and_read_at_once(opened, panel, session):
    assert not canvas_of(panel).isVisible()
    assert len(session.asked_all[-1]) == 6
    assert opened._view.boxes.text == "123\n456"
    assert panel.findChild(QLabel, "photo_text").text() == "123  /  456"
    assert panel.findChild(QLabel, "canvas_digit_title").text() == "Digit 1 of 6"
    assert (panel.image == opened._view.boxes.images[0]).all()
    assert verdict(panel) == "Read as 7"  # the chosen digit is read by the bars, too


def test_that_the_readings_follow_a_model_that_learns(opened, session):
    session.answer_all(read_as(9, 9, 9, 9, 9, 9))
    assert opened._view.boxes.text == "999\n999"


def test_that_closing_the_photo_brings_back_the_drawing_untouched(desk, panel, session, qtbot, tmp_path):
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: panel.image is not None)
    before, image = panel.drawing, panel.image
    desk.open_file(page_file(tmp_path))
    qtbot.waitUntil(desk._view.isVisible)
    qtbot.keyClick(desk._view.page, Qt.Key.Key_Escape)
    assert canvas_of(panel).isVisible()
    assert panel.drawing is before
    assert (panel.image == image).all()
    assert session.asked_all[-1] is None
    desk.show_again()
    assert desk._view.isVisible()
    assert len(session.asked_all[-1]) == 6
    panel.findChild(QPushButton, "canvas_back").click()
    assert panel.drawing is before


def test_that_digits_are_chosen_by_click_and_key_and_taken_by_enter_and_double_click(opened, panel, session, qtbot):
    page, boxes = opened._view.page, opened._view.boxes
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert boxes.chosen == 1
    click_at(qtbot, opened, boxes.digits[4].box)
    assert boxes.chosen == 4
    assert panel.findChild(QLabel, "canvas_digit_title").text() == "Digit 5 of 6"
    expected = boxes.digits[4].image
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert canvas_of(panel).isVisible()
    qtbot.waitUntil(lambda: (panel.image == expected).all())
    opened.show_again()
    click_at(qtbot, opened, boxes.digits[2].box, qtbot.mouseDClick)
    assert (digit_image(panel.drawing) == boxes.digits[2].image).all()
    panel.undo_stack.undo()
    panel.undo_stack.undo()
    assert panel._document.empty


def test_that_a_box_can_be_dragged_resized_added_and_deleted_by_the_mouse(opened, session, qtbot):
    page, boxes = opened._view.page, opened._view.boxes

    def drag(start, end):
        qtbot.mousePress(page, LEFT, pos=start.toPoint())
        qtbot.mouseMove(page, ((start + end) / 2).toPoint())
        qtbot.mouseMove(page, end.toPoint())
        qtbot.mouseRelease(page, LEFT, pos=end.toPoint())

    def corner(x, y):
        return page.rectangle(Box(0, 0, y, x)).bottomRight()

    click_at(qtbot, opened, boxes.digits[0].box)
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    assert len(boxes.digits) == 5
    assert len(session.asked_all[-1]) == 5
    drag(corner(20, 20), corner(70, 140))
    assert len(boxes.digits) == 6
    assert boxes.chosen == 0
    drag(page.rectangle(boxes.digits[0].box).bottomRight(), corner(160, 150))
    assert boxes.digits[0].box.right == pytest.approx(160, abs=4)
    assert boxes.digits[0].box.bottom == pytest.approx(150, abs=4)
    before = boxes.digits[0].box
    drag(page.rectangle(before).center(), page.rectangle(before).center() + QPointF(6, 0))
    assert boxes.digits[0].box.left > before.left
    assert boxes.digits[0].box.width == before.width


def test_that_a_box_can_be_corrected_by_keys_alone(opened, qtbot):
    page, boxes = opened._view.page, opened._view.boxes
    before = boxes.digits
    qtbot.keyClick(page, Qt.Key.Key_J)
    assert len(boxes.digits) == 5
    qtbot.keyClick(page, Qt.Key.Key_Slash)
    assert len(boxes.digits) == 6
    qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(page, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    for _ in range(4):
        qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert boxes.digits == before
    qtbot.keyClick(page, Qt.Key.Key_End)
    assert boxes.chosen == 5
    qtbot.keyClick(page, Qt.Key.Key_Up)
    assert boxes.chosen == 2


def test_that_a_box_without_ink_is_refused_in_a_sentence(opened, session, qtbot):
    page = opened._view.page
    qtbot.mousePress(page, LEFT, pos=page.rectangle(Box(2, 200, 4, 204)).center().toPoint())
    qtbot.mouseMove(page, page.rectangle(Box(20, 250, 24, 260)).center().toPoint())
    qtbot.mouseRelease(page, LEFT, pos=page.rectangle(Box(20, 250, 24, 260)).center().toPoint())
    assert session.notices[-1] == "There is no ink in that box."
    assert len(opened._view.boxes.digits) == 6


def test_that_the_readings_are_copied_as_text_and_as_a_table(opened, session, qtbot):
    qtbot.keyClick(opened._view.page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "123\n456"
    opened._view.copy_table()
    assert QGuiApplication.clipboard().text().count("\n") == 7
    assert session.notices[-1] == "Copied the table of readings."


def test_that_a_pasted_picture_and_a_pasted_file_are_opened(desk, panel, qtbot, tmp_path):
    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(grey_image(255 - page_of_bars()))
    desk.paste()
    qtbot.waitUntil(desk._view.isVisible)
    panel.leave_guest()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(page_file(tmp_path)))])
    clipboard.setMimeData(mime)
    desk.paste()
    qtbot.waitUntil(desk._view.isVisible)


@pytest.mark.parametrize(
    ("kind", "data", "word"),
    [
        ("text/plain", b"47", "text"),
        ("image/svg+xml", b"<svg/>", "SVG"),
        ("text/uri-list", b"http://a.b/c", "address"),
    ],
)
def test_that_a_clipboard_without_a_picture_is_refused_in_a_sentence(desk, panel, session, kind, data, word):
    mime = QMimeData()
    mime.setData(kind, data)
    QGuiApplication.clipboard().setMimeData(mime)
    desk.paste()
    assert word in session.notices[-1]
    assert session.problems == []
    assert not desk._tasks.busy("picture")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"hello", "found something else"), (b"", "empty file"), (b"\xff\xd8\xff\xe0\0\x10JFIF", "a damaged one")],
)
@pytest.mark.qt_log_ignore("JPEG datastream contains no image", extend=True)
def test_that_a_bad_file_leaves_the_drawing_as_it_was(desk, panel, session, qtbot, tmp_path, content, words):
    draw(qtbot, panel, *SEVEN)
    before = panel.drawing
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    desk.open_file(path)
    qtbot.waitUntil(lambda: session.problems != [])
    sentence, details = session.problems[0]
    assert words in sentence
    assert details == ""
    assert panel.drawing is before
    assert canvas_of(panel).isVisible()


def test_that_a_photo_stays_open_when_the_next_picture_is_bad_or_holds_no_ink(opened, session, qtbot, tmp_path):
    white = tmp_path / "white.png"
    grey_image(np.full((90, 90), 255, np.uint8)).save(str(white))
    opened.open_file(white)
    qtbot.waitUntil(lambda: session.problems != [])
    assert "no ink found" in session.problems[0][0]
    assert opened._view.isVisible()
    assert len(opened._view.boxes.digits) == 6


def test_that_a_long_wait_is_said_and_can_be_ended(desk, panel, session, qtbot, monkeypatch, tmp_path):
    go_on = threading.Event()
    monkeypatch.setattr("mnist_gui.gui.canvas.photo_desk._read_file", lambda path: go_on.wait(10))
    note = panel.findChild(BusyNote)
    desk.open_file(tmp_path / "slow.jpg")
    began = time.monotonic()
    qtbot.waitUntil(note.isVisible)
    assert time.monotonic() - began >= 0.25
    assert "slow.jpg" in note.findChild(QLabel, "busy_text").text()
    note.findChild(QPushButton, "busy_cancel").click()
    assert not note.isVisible()
    go_on.set()
    qtbot.wait(50)
    assert canvas_of(panel).isVisible()
    assert session.problems == []


def test_that_a_page_of_300_digits_says_how_many_are_read(desk, panel, session, qtbot):
    grey = np.full((1000, 1000), 255, np.uint8)
    for row in range(15):
        for column in range(20):
            grey[20 + 60 * row : 60 + 60 * row, 20 + 48 * column : 28 + 48 * column] = 0
    desk.open_image(grey_image(grey), "the page")
    qtbot.waitUntil(desk._view.isVisible)
    assert "The first 200 of 300 digits are read." in session.notices
    assert len(session.asked_all[-1]) == 200


def test_that_what_the_model_reads_does_not_depend_on_the_size_of_the_view(opened, panel):
    before = opened._view.boxes.images
    panel.resize(1200, 700)
    assert (opened._view.boxes.images == before).all()


@pytest.mark.parametrize("size", [(480, 230), (760, 300), (500, 560), (1600, 900)])
def test_that_the_photo_overlaps_nothing_and_fits_at_any_size(opened, panel, size):
    panel.resize(*size)
    parts = [opened._view.geometry(), panel._sight.geometry(), panel._answer.geometry()]
    for i, part in enumerate(parts):
        assert panel.rect().contains(part)
        assert not any(part.intersects(other) for other in parts[i + 1 :])
    page = opened._view.page
    assert page.rect().toRectF().adjusted(-1, -1, 1, 1).contains(page.area())
    assert page.area().width() / page.area().height() == pytest.approx(400 / 300)


def test_that_boxes_have_the_colour_of_what_was_read_and_unsure_ones_a_broken_edge(opened, session, theme, qtbot):
    theme.set_mode(ThemeMode.LIGHT)
    page, boxes = opened._view.page, opened._view.boxes

    def edge():
        box = page.rectangle(boxes.digits[5].box).adjusted(-2, -2, 2, 2)
        shown = page.grab().toImage()
        return [shown.pixelColor(round(box.left()), y).name() for y in range(round(box.top()), round(box.bottom()))]

    sure = edge()
    session.answer_all(read_as(1, 2, 3, 4, 5, 6, share=0.3))
    unsure = edge()
    assert len(set(sure[4:-4])) == 1
    assert len(set(unsure[4:-4])) > 1


def test_that_a_digit_of_the_grid_and_a_new_data_set_do_what_they_should(opened, panel, session):
    session.dataset_changed.emit()
    assert opened._view.isVisible()
    panel.show_digit(7)
    assert not opened._view.isVisible()
    assert session.asked_all[-1] is None


def test_that_an_image_without_pixels_is_no_picture(desk, session):
    mime = QMimeData()
    mime.setImageData(QImage())
    assert not desk.take(mime)
    assert not desk.take(None)
