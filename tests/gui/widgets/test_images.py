import numpy as np
import pytest

from mnist_gui.gui.widgets.images import grey_image


def test_that_a_picture_shows_each_value_where_the_array_has_it():
    array = np.arange(30, dtype=np.uint8).reshape(5, 6) * 8  # 6 wide: Qt pads its lines to 4 bytes
    image = grey_image(array)
    assert (image.width(), image.height()) == (6, 5)
    assert [[image.pixelColor(x, y).red() for x in range(6)] for y in range(5)] == array.tolist()


def test_that_a_picture_outlives_and_ignores_changes_of_its_array():
    array = np.full((28, 28), 200, np.uint8)
    image = grey_image(array)
    array[:] = 0
    del array
    assert image.pixelColor(14, 14).red() == 200


def test_that_a_view_with_strides_is_shown_as_it_reads():
    array = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert grey_image(array.T[::2]).pixelColor(3, 1).red() == array[3, 2]


@pytest.mark.parametrize("array", [np.zeros((28, 28)), np.zeros((2, 28, 28), np.uint8)])
def test_that_another_kind_of_array_is_refused(array):
    with pytest.raises(ValueError, match="uint8 array with two axes"):
        grey_image(array)
