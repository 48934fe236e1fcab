"""Files of photos: what is decoded, what is said of the rest, and the digits that are found."""

import os

import numpy as np
import pytest
from photo_pages import Look, make_page
from PIL import Image
from PyQt6.QtGui import QImage
from test_pictures import seven

from mnist_gui.data.dataset import Split
from mnist_gui.data.picture_files import looks_like_picture
from mnist_gui.gui.widgets.images import grey_image
from mnist_gui.pictures import PictureError, decode, find_photo, from_image, read_picture


def noisy(side=900):
    noise = np.random.default_rng(2).normal(0, 6, (side, side))
    return Image.fromarray(np.clip(seven(side, paper=210, ink=40) + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "progressive.jpg", "photo.gif", "photo.bmp", "photo.webp"])
def test_that_a_picture_whose_end_is_missing_is_refused(tmp_path, name, share):
    path = tmp_path / name
    noisy().save(path, **({"progressive": True} if name == "progressive.jpg" else {}))
    data = path.read_bytes()
    assert find_photo(name, decode(path)).page.count == 1
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(PictureError, match="found a damaged one"):
        decode(path)


@pytest.mark.parametrize("name", ["moving.gif", "moving.webp"])
def test_that_of_an_animation_the_first_picture_is_taken_and_that_is_said(tmp_path, name):
    first = Image.fromarray(seven())
    first.save(tmp_path / name, save_all=True, append_images=[first.rotate(90), first.rotate(180)], lossless=True)
    picture = decode(tmp_path / name)
    assert picture.note == f"{name} moves; this is the first of its 3 pictures."
    assert np.abs(picture.grey.astype(int) - seven()).max() <= 2
    first.save(tmp_path / "still.gif")
    assert decode(tmp_path / "still.gif").note == ""


def test_that_sixteen_bits_four_inks_and_transparency_are_understood(tmp_path):
    grey = seven()
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "sixteen.png")
    inks = Image.merge("CMYK", [Image.fromarray(255 - grey)] * 3 + [Image.fromarray(np.zeros_like(grey))])
    inks.save(tmp_path / "print.jpg", quality=95)
    clear = Image.fromarray(np.zeros_like(grey))
    clear.putalpha(Image.fromarray(255 - grey))
    clear.save(tmp_path / "clear.png")
    for name in ("sixteen.png", "print.jpg", "clear.png"):
        photo = find_photo(name, decode(tmp_path / name))
        box = photo.page.digits[0].box
        assert (box.top, box.left, box.bottom, box.right) == pytest.approx((40, 60, 160, 140), abs=3), name
        assert not photo.picture.image.hasAlphaChannel()
        corner = photo.picture.image.pixelColor(0, 0)
        assert corner.lightness() > 200, name  # dark ink is shown on light paper


def test_that_light_ink_on_nothing_is_shown_on_dark_paper(tmp_path):
    white = Image.fromarray(np.full((200, 200), 255, np.uint8))
    white.putalpha(Image.fromarray(255 - seven()))
    white.save(tmp_path / "chalk.png")
    assert decode(tmp_path / "chalk.png").image.pixelColor(0, 0).lightness() < 50


@pytest.mark.parametrize(
    "grey",
    [np.zeros((1, 1)), np.full((50, 70), 128), np.full((1, 900), 255), np.tile(np.linspace(60, 250, 600), (400, 1))],
    ids=["one pixel", "one colour", "a line", "a slope of light"],
)
def test_that_a_picture_without_ink_says_so(grey):
    with pytest.raises(PictureError, match="no ink found"):
        find_photo("paper.png", from_image(grey_image(grey.astype(np.uint8))))


def test_that_ink_without_a_digit_says_so():
    grey = np.full((400, 400), 255, np.uint8)
    grey[200:204, 100:300] = 0
    with pytest.raises(PictureError, match="no digit found"):
        find_photo("dash.png", from_image(grey_image(grey)))


def test_that_a_pipe_in_the_place_of_a_picture_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    with pytest.raises(PictureError, match="could not be read"):
        read_picture(path)


def test_that_a_picture_is_known_by_its_first_bytes_or_by_its_name(tmp_path):
    plain = tmp_path / "without suffix"
    grey_image(seven()).save(str(plain), "png")
    assert looks_like_picture(plain)
    for name, content, expected in (
        ("drawing.svg", b"<svg/>", True), ("train-images-idx3-ubyte", b"\0\0\x08\x03", False),
        ("model.safetensors", b"\x10\0\0\0", False), ("mnist.npz", b"PK\3\4", False),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        assert looks_like_picture(tmp_path / name) is expected, name
    assert not looks_like_picture(tmp_path)
    assert not looks_like_picture(tmp_path / "missing")


def test_that_a_pasted_picture_is_made_smaller_and_an_empty_one_refused(mnist):
    made = make_page(
        mnist.images_of(Split.TEST), mnist.labels_of(Split.TEST),
        Look(height=600, width=3000, noise=3), np.random.default_rng(1),
    )  # fmt: skip
    picture = from_image(grey_image(made.grey))
    assert max(picture.grey.shape) == 2048
    assert find_photo("the picture", picture).page.count == len(made.labels)
    with pytest.raises(PictureError, match="empty"):
        from_image(QImage())
