"""Tiles composed into one picture."""

import numpy as np
import pytest
from PyQt6.QtGui import QFont

from mnist_gui.gui.browser.geometry import GridGeometry
from mnist_gui.gui.browser.model import UNREAD
from mnist_gui.gui.browser.sheet import SheetPainter, enlarge
from mnist_gui.gui.theme import DARK, LIGHT


def _sheet(dataset, geometry, read_as=None, colours=LIGHT):
    m = geometry.count
    read = np.full(m, UNREAD, np.int8) if read_as is None else read_as
    return SheetPainter(geometry, colours, QFont(), 1.0).compose(dataset.images[:m], dataset.labels[:m], read)


def _tile(sheet, geometry, position):
    """The pixels of the digit at `position`; the sheet begins at the first cell."""
    row, column = divmod(position, geometry.columns)
    top, left = row * geometry.cell_height + geometry.caption, column * geometry.cell_width
    return sheet.pixels[top : top + geometry.side, left : left + geometry.side]


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_that_the_digits_are_in_the_sheet_pixel_for_pixel(qapp, mnist, factor):
    geometry = GridGeometry(count=23, width=600, side=28 * factor, caption=14, gap=4)
    sheet = _sheet(mnist, geometry)
    for position in range(23):
        grey = _tile(sheet, geometry, position) & 0xFF
        assert np.array_equal(grey[::factor, ::factor], mnist.images[position])
        assert np.array_equal(grey, mnist.images[position].repeat(factor, 0).repeat(factor, 1))


@pytest.mark.parametrize("side", [35, 42, 49, 100])
def test_that_other_sizes_keep_the_ink_and_its_centre(mnist, side):
    for image, large in zip(mnist.images[:20], enlarge(mnist.images[:20], side) & 0xFF, strict=True):
        assert large.mean() == pytest.approx(image.mean(), abs=0.5)
        rows, small = (np.arange(side) + 0.5) * 28 / side, np.arange(28) + 0.5
        centre = (large.sum(1) * rows).sum() / large.sum()
        assert centre == pytest.approx((image.sum(1) * small).sum() / image.sum(), abs=0.05)


def test_that_enlarged_pixels_are_opaque(mnist):
    for side in (28, 42, 56):
        assert (enlarge(mnist.images[:3], side) >> 24 == 0xFF).all()


def test_that_places_after_the_last_digit_stay_empty(qapp, mnist):
    geometry = GridGeometry(count=5, width=100, side=28, caption=14, gap=4)
    assert geometry.columns == 3
    sheet = _sheet(mnist, geometry)
    assert sheet.pixels.shape == (2 * geometry.cell_height, 3 * geometry.cell_width)
    empty = sheet.pixels[geometry.cell_height :, 2 * geometry.cell_width :]
    assert (empty == LIGHT.base.rgb()).all()


def test_that_a_misread_digit_has_a_mark_and_another_caption(qapp, mnist):
    geometry = GridGeometry(count=2, width=100, side=28, caption=14, gap=4)
    labels = mnist.labels[:2].astype(np.int8)
    right, wrong = (
        _sheet(mnist, geometry, labels),
        _sheet(mnist, geometry, np.array([labels[0], (labels[1] + 1) % 10])),
    )
    first = slice(0, geometry.cell_width)
    assert np.array_equal(right.pixels[:, first], wrong.pixels[:, first])
    column = slice(geometry.cell_width, geometry.cell_width + geometry.side)
    assert not np.array_equal(right.pixels[:14, column], wrong.pixels[:14, column])
    tile = _tile(wrong, geometry, 1)
    assert tile[0, -1] == DARK.warning.rgb()
    assert np.array_equal(tile[7:], _tile(right, geometry, 1)[7:])


def test_that_unread_and_rightly_read_digits_look_the_same(qapp, mnist):
    geometry = GridGeometry(count=9, width=600, side=28, caption=14, gap=4)
    read = mnist.labels[:9].astype(np.int8)
    assert np.array_equal(_sheet(mnist, geometry).pixels, _sheet(mnist, geometry, read).pixels)


def test_that_captions_are_the_same_for_the_same_label_only(qapp, mnist):
    geometry = GridGeometry(count=40, width=3000, side=28, caption=14, gap=4)
    sheet = _sheet(mnist, geometry)
    seen = {}
    for position, label in enumerate(mnist.labels[:40].tolist()):
        left = position * geometry.cell_width
        caption = sheet.pixels[:14, left : left + 28].tobytes()
        assert seen.setdefault(label, caption) == caption
    assert len(set(seen.values())) == 10


def test_that_the_picture_shows_the_array(qapp, mnist):
    geometry = GridGeometry(count=5, width=100, side=28, caption=14, gap=4)
    sheet = _sheet(mnist, geometry, colours=DARK)
    for x, y in ((0, 0), (10, 30), (40, 60), (95, 70)):
        assert sheet.image.pixel(x, y) == sheet.pixels[y, x]


def test_that_without_captions_the_tiles_are_digits_only(qapp, mnist):
    geometry = GridGeometry(count=3, width=100, side=28, caption=0, gap=4)
    assert np.array_equal(_tile(_sheet(mnist, geometry), geometry, 0) & 0xFF, mnist.images[0])


def test_that_a_caption_too_wide_for_its_tile_is_set_smaller_and_not_cut(qapp, mnist):
    font = QFont()
    font.setPointSizeF(font.pointSizeF() * 2)
    geometry = GridGeometry(count=2, width=100, side=28, caption=24, gap=4)
    read = ((mnist.labels[:2] + 1) % 10).astype(np.int8)
    sheet = SheetPainter(geometry, LIGHT, font, 1.0).compose(mnist.images[:2], mnist.labels[:2], read)
    text = sheet.pixels[:20, :28] != LIGHT.base.rgb()
    assert text.any()
    assert not text[:, 0].any()
    assert not text[:, -1].any()
