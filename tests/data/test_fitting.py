import numpy as np
import pytest

from mnist_gui.data.dataset import Split
from mnist_gui.data.drawing import LEAST_SIDE, Drawing, picture_drawing
from mnist_gui.data.fitting import fitted
from mnist_gui.data.ink import digit_image


def test_that_a_digit_of_mnist_is_put_on_the_canvas_as_its_pixels_ten_times(mnist):
    for image in mnist.images_of(Split.TEST)[:50]:
        assert (fitted(image) == picture_drawing(image).picture).all()


@pytest.mark.parametrize("times", [2.3, 7, 11.7])
def test_that_a_large_digit_is_read_as_it_would_be_without_the_canvas(mnist, times):
    from scipy import ndimage

    for image in mnist.images_of(Split.TEST)[:30]:
        large = np.clip(ndimage.zoom(image.astype(np.float64), times, order=1), 0, 255).astype(np.uint8)
        direct = digit_image(Drawing(picture=large)).astype(int)
        through = digit_image(Drawing(picture=fitted(large), least_side=LEAST_SIDE)).astype(int)
        # An edge too faint to be kept moves the box by half a pixel of the canvas, a twentieth of one of the 28x28.
        assert np.abs(direct - through).max() <= 255 / 20 + 1


def test_that_the_box_is_in_the_middle_and_200_long():
    ink = np.zeros((500, 900), np.uint8)
    ink[100:400, 20:120] = 255
    rows, columns = np.nonzero(fitted(ink))
    assert (rows.min(), rows.max()) == (40, 239)
    assert (columns.min() + columns.max()) // 2 in (139, 140)
    assert columns.max() - columns.min() + 1 == 67


def test_that_a_picture_without_ink_is_refused():
    with pytest.raises(ValueError, match="without ink"):
        fitted(np.zeros((80, 80), np.uint8))
