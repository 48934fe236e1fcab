"""What leaves the room, taken up again as other programs would."""

import errno

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication, QImage, QPainter
from PyQt6.QtSvg import QSvgRenderer
from test_canvas_panel import SEVEN, draw, verdict
from test_canvas_tools import grey

from mnist_gui.data.drawing import Drawing, Stroke
from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import read_strokes
from mnist_gui.gui.canvas.drawing_files import KINDS, save_dialog
from mnist_gui.gui.canvas.painting import drawing_image
from mnist_gui.gui.theme import DARK, LIGHT, ThemeMode

PNG, SEEN, SVG, STROKES = KINDS


@pytest.fixture
def panel_size():
    return 790, 300


@pytest.fixture
def drawn(panel, qtbot):
    """The room with a seven that was read."""
    draw(qtbot, panel, *SEVEN)
    qtbot.waitUntil(lambda: verdict(panel) == "Read as 7")
    return panel


def everything():
    """A picture, strokes of one width and of many, a dot, and one that erases."""
    rng = np.random.default_rng(6)
    widths = rng.uniform(8, 34, 7)
    picture = np.zeros((280, 280), np.uint8)
    picture[30:120, 40:90] = rng.integers(60, 256, (90, 50))
    strokes = (
        Stroke(rng.uniform(30, 250, (7, 2)), float(widths.max()), widths=widths),
        Stroke(rng.uniform(30, 250, (5, 2)), 22.0),
        Stroke(np.array([[200.0, 60.0]]), 30.0),
        Stroke(rng.uniform(60, 220, (4, 2)), 18.0, erase=True),
    )
    return Drawing(strokes, picture, 10.0)


def saved(panel, session, qtbot, path, kind):
    count = len(session.notices)
    panel.exports.save(path, kind)
    qtbot.waitUntil(lambda: len(session.notices) > count)
    assert session.notices[-1].startswith("Saved as")


def clipboard():
    return QGuiApplication.clipboard()


def test_that_a_drawing_is_copied_as_picture_as_strokes_and_as_svg(drawn):
    drawn.exports.copy_drawing()
    mime = clipboard().mimeData()
    assert clipboard().image().width() == 280
    assert mime.hasFormat("image/svg+xml")
    assert '"strokes"' in mime.text()


def test_that_the_28x28_is_copied_as_picture_and_as_numbers(drawn, session):
    drawn.exports.copy_image()
    rows = [list(map(int, line.split("\t"))) for line in clipboard().text().splitlines()]
    assert rows == session.asked[-1].tolist()
    assert (grey(clipboard().image()) == session.asked[-1]).all()


def test_that_the_probabilities_are_copied_as_numbers_and_as_bars(drawn):
    drawn.exports.copy_probabilities()
    assert "7\t0.900000" in clipboard().text()
    bars = clipboard().image()
    colour = LIGHT.classes[7].name()
    assert any(bars.pixelColor(x, y).name() == colour for x in range(0, bars.width(), 4) for y in range(bars.height()))


@pytest.mark.parametrize("mode", [ThemeMode.LIGHT, ThemeMode.DARK])
def test_that_the_drawing_and_its_reading_are_one_entry_of_the_clipboard(drawn, theme, session, mode):
    theme.set_mode(mode)
    drawn.exports.copy_reading()
    mime = clipboard().mimeData()
    lines = mime.text().splitlines()
    assert lines[:2] == ["Read as 7", "a stand-in"]
    assert lines[9] == "7\t0.900000"
    assert "<td>7</td>" in mime.html()
    assert "90.0 %" in mime.html()
    picture = clipboard().image()
    assert picture.pixelColor(2, 2) == LIGHT.base  # for paper, whatever the theme
    assert LIGHT.base != DARK.base
    seen = grey(picture)[300:, :]
    assert (seen == 0).any()
    assert (seen == 255).any()
    assert session.notices[-1] == "Copied the drawing with its reading."


def test_that_a_digit_of_the_grid_is_copied_with_its_reading_too(drawn, session, qtbot):
    drawn.show_digit(5)
    qtbot.waitUntil(lambda: "label 5" in verdict(drawn))
    drawn.exports.copy_reading()
    assert clipboard().text().splitlines()[0] == "Read as 7, label 5"
    drawn.exports.copy_drawing()
    assert (grey(clipboard().image())[5::10, 5::10] == session.dataset.images[5]).all()


def test_that_nothing_is_copied_or_saved_of_an_empty_canvas(panel, session, tmp_path):
    clipboard().setText("mine")
    panel.exports.copy_reading()
    panel.exports.save(tmp_path / "x.png", PNG)
    assert not panel.exports.possible
    assert clipboard().text() == "mine"
    assert all(notice.startswith("Nothing to") for notice in session.notices)
    assert list(tmp_path.iterdir()) == []


def test_that_a_drawing_without_a_model_is_copied_without_a_reading(drawn, session):
    session.model = None
    session.model_changed.emit()
    drawn.exports.copy_probabilities()
    assert session.notices[-1].startswith("Nothing to copy")
    drawn.exports.copy_reading()
    assert "7\t" not in clipboard().text()
    assert clipboard().image().width() > 600


@pytest.mark.parametrize(("kind", "side"), [(PNG, 280), (SEEN, 28)])
def test_that_a_picture_is_saved(drawn, session, qtbot, tmp_path, kind, side):
    saved(drawn, session, qtbot, tmp_path / "seven.png", kind)
    image = QImage(str(tmp_path / "seven.png"))
    assert (image.width(), image.height()) == (side, side)
    expected = grey(drawing_image(drawn.drawing)) if side == 280 else session.asked[-1]
    assert (grey(image) == expected).all()
    assert session.settings.values.drawing_folder == str(tmp_path)


def test_that_an_svg_shows_the_drawing(panel, session, qtbot, tmp_path):
    drawing = everything()
    panel.set_drawing(drawing, "test")
    saved(panel, session, qtbot, tmp_path / "all.svg", SVG)
    text = (tmp_path / "all.svg").read_text()
    assert 'stroke-width="22" stroke-linecap="round"' in text
    renderer = QSvgRenderer(str(tmp_path / "all.svg"))
    assert renderer.isValid()
    image = QImage(560, 560, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    ours, theirs = grey(drawing_image(drawing, 560)).astype(int), grey(image).astype(int)
    beside = np.ones((560, 560), bool)
    beside[56:246, 76:186] = False  # this viewer smooths the pixels of the picture
    assert (np.abs(ours - theirs) > 64)[beside].mean() < 0.001
    assert abs(ours[~beside].mean() - theirs[~beside].mean()) < 3


def test_that_saved_strokes_are_the_drawing_to_the_last_bit(panel, session, qtbot, tmp_path):
    drawing = everything()
    panel.set_drawing(drawing, "test")
    saved(panel, session, qtbot, tmp_path / "all", STROKES)
    (read,) = read_strokes(tmp_path / "all.jsonl")
    assert (digit_image(read.drawing) == digit_image(drawing)).all()
    assert (read.drawing.picture == drawing.picture).all()
    for one, other in zip(read.drawing.strokes, drawing.strokes, strict=True):
        assert (one.points == other.points).all()
        assert (one.radii == other.radii).all()
        assert one.erase == other.erase


@pytest.mark.parametrize(
    ("name", "kind", "written", "start"),
    [
        ("a", PNG, "a.png", b"\x89PNG"),
        ("a.svg", PNG, "a.svg", b"<svg"),
        ("a.jsonl", SEEN, "a.jsonl", b'{"strokes"'),
        ("a.b", SVG, "a.b.svg", b"<svg"),
        ("a.PNG", SEEN, "a.PNG", b"\x89PNG"),
    ],
)
def test_that_a_suffix_is_completed_or_taken_at_its_word(drawn, session, qtbot, tmp_path, name, kind, written, start):
    saved(drawn, session, qtbot, tmp_path / name, kind)
    assert [path.name for path in tmp_path.iterdir()] == [written]
    assert (tmp_path / written).read_bytes().startswith(start)


def test_that_an_error_of_the_disk_is_a_sentence_and_the_old_file_stays(drawn, session, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "seven.png"
    path.write_bytes(b"old")

    def full(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mnist_gui.data.files.os.fsync", full)
    drawn.exports.save(path, PNG)
    qtbot.waitUntil(lambda: session.problems != [])
    assert session.problems == ["The drawing was not saved as seven.png: No space left on device."]
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["seven.png"]


def test_that_a_folder_that_is_gone_is_a_sentence(drawn, session, qtbot, tmp_path):
    drawn.exports.save(tmp_path / "nowhere" / "seven.svg", SVG)
    qtbot.waitUntil(lambda: session.problems != [])
    assert "No such file or directory" in session.problems[0]
    assert not (tmp_path / "nowhere").exists()


def test_that_the_dialog_completes_the_suffix_of_the_chosen_kind(panel, qtbot, tmp_path):
    dialog = save_dialog(panel, tmp_path)
    qtbot.addWidget(dialog)
    assert dialog.nameFilters() == list(KINDS)
    dialog.filterSelected.emit(SVG)
    assert dialog.defaultSuffix() == "svg"
