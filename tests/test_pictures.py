import subprocess
import sys

import numpy as np
import pytest
from PyQt6.QtGui import QColor, QImage, QImageWriter

from mnist_gui.data.dataset import DatasetError, Split
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.ink import digit_image
from mnist_gui.data.sampling import ink_box
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.pictures import PictureError, ink_of, read_picture


def seven(size=200, paper=255, ink=0):
    """A bold 7 whose box is rows 40 to 160, columns 60 to 140 of 200, with soft edges."""
    grey = np.full((size, size), paper, np.uint8)
    k = size / 200
    rows, columns = np.mgrid[:size, :size] + 0.5
    bar = (rows > 40 * k) & (rows < 56 * k) & (columns > 60 * k) & (columns < 140 * k)
    slant = np.abs((columns - 132 * k) + (rows - 40 * k) * 0.5) < 8 * k
    grey[bar | (slant & (rows > 40 * k) & (rows < 160 * k))] = ink
    return grey


def saved(folder, grey, name):
    path = folder / name
    assert grey_image(grey).save(str(path))
    return path


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "webp"])
@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (200, 60), (40, 190)])
def test_that_ink_is_found_on_light_and_on_dark_paper_in_every_format(tmp_path, kind, paper, ink):
    picture = read_picture(saved(tmp_path, seven(paper=paper, ink=ink), f"seven.{kind}"))
    assert picture.shape == (200, 200)
    box = ink_box(picture)
    assert (box.top, box.bottom) == pytest.approx((40, 160), abs=2)
    assert (box.left, box.right) == pytest.approx((60, 140), abs=3)
    assert np.abs(picture.astype(int) - abs(paper - ink) * (seven() == 0)).mean() < 3


def test_that_a_gif_is_read_by_its_first_picture(tmp_path):
    from PIL import Image

    frames = [Image.fromarray(seven()), Image.fromarray(255 - seven())]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert ink_box(read_picture(tmp_path / "moving.gif")) == ink_box(255 - seven())


@pytest.mark.parametrize("kind", ["png", "bmp"])
def test_that_a_digit_of_mnist_comes_through_unchanged(tmp_path, mnist, kind):
    images = mnist.images_of(Split.TEST)
    # The last ones touch the border.
    for index, image in enumerate([*images[:20], *images[[26, 262, 410, 425, 730]]]):
        assert (read_picture(saved(tmp_path, image, f"{index}.{kind}")) == image).all()
        inverted = read_picture(saved(tmp_path, 255 - image, f"inverted-{index}.{kind}"))
        assert (inverted == image).all()


def test_that_the_texture_of_paper_does_not_widen_the_box(tmp_path):
    rng = np.random.default_rng(4)
    grey = seven(paper=205, ink=50).astype(float) + rng.normal(0, 5, (200, 200))
    grey[170:180, 20:40] -= 30  # a stain
    box = ink_box(read_picture(saved(tmp_path, np.clip(grey, 0, 255).astype(np.uint8), "photo.png")))
    assert (box.top, box.bottom) == (40, 160)
    assert (box.left, box.right) == pytest.approx((60, 140), abs=1)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_that_a_picture_of_bare_paper_is_blank(tmp_path, level):
    grey = np.full((90, 120), level, np.uint8)
    assert not read_picture(saved(tmp_path, grey, "paper.png")).any()
    noise = np.random.default_rng(1).normal(0, 3, grey.shape)
    assert not ink_of(np.clip(grey + noise, 0, 255).astype(np.uint8)).any()


@pytest.mark.parametrize("colour", ["black", "white", "#20a020"])
def test_that_a_drawing_on_nothing_is_read_whatever_its_colour(tmp_path, colour):
    image = QImage(200, 200, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    for y, x in np.argwhere(seven() == 0):
        image.setPixelColor(int(x), int(y), QColor(colour))
    image.save(str(tmp_path / "clear.png"))
    assert ink_box(read_picture(tmp_path / "clear.png")) == ink_box(255 - seven())


def test_that_a_large_photo_is_made_smaller(tmp_path):
    picture = read_picture(saved(tmp_path, seven(3000), "large.jpg"))
    assert max(picture.shape) == 2048
    assert digit_image(Drawing(picture=picture)) is not None


def test_that_a_photo_that_says_which_way_is_up_is_turned(tmp_path):
    from PIL import Image

    turned = Image.fromarray(np.rot90(seven()))  # anticlockwise; the file says so
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    box = ink_box(read_picture(tmp_path / "turned.jpg"))
    assert (box.top, box.bottom) == pytest.approx((40, 160), abs=2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.png", b"hello", "expected a PNG, JPEG, BMP, GIF or WebP picture, found something else"),
        ("page.jpg", b"<!DOCTYPE html><html>", "found a web page"),
        ("nothing.png", b"", "found an empty file"),
        ("drawing.png", b"%PDF-1.7 ...", "found something else"),
        ("sound.webp", b"RIFF\x24\0\0\0WAVEfmt ", "found something else"),
        ("vector.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "found something else"),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "expected a whole PNG picture, found a damaged one"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "expected a whole JPEG picture, found a damaged one"),
    ],
)
@pytest.mark.qt_log_ignore("JPEG datastream contains no image", extend=True)
def test_that_a_file_that_is_no_picture_is_named_in_one_sentence(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PictureError, match=message) as caught:
        read_picture(path)
    assert str(caught.value).startswith(f"{name}: ")
    assert isinstance(caught.value, DatasetError)


def test_that_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(PictureError, match="found nothing of that name"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(PictureError, match="could not be read"):
        read_picture(tmp_path)


def test_that_a_huge_picture_is_refused_before_it_is_decoded(tmp_path):
    image = QImage(20_000, 20_000, QImage.Format.Format_Mono)
    image.fill(0)
    writer = QImageWriter(str(tmp_path / "huge.png"))
    assert writer.write(image), writer.errorString()
    with pytest.raises(PictureError, match="at most 8,192 x 8,192 pixels, found 20,000 x 20,000"):
        read_picture(tmp_path / "huge.png")


def test_that_pictures_are_read_without_an_application_object(tmp_path):
    for kind in ("png", "jpg", "webp", "bmp"):
        saved(tmp_path, seven(), f"seven.{kind}")
    code = (
        "import sys; from pathlib import Path; from mnist_gui.pictures import read_picture\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()): assert read_picture(path).max() > 200, path"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
