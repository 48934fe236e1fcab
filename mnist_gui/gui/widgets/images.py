"""From arrays to Qt's images: the one place where the window turns grey pixels into a `QImage`."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage


def grey_image(array: NDArray[np.uint8]) -> QImage:
    """The picture of an array of ink: white ink on black paper, as the model sees it.

    The pixels are copied, so the array need not outlive the image. A copy of one digit costs a microsecond; who
    paints thousands of digits a frame composes them into one array first.

    Args:
        array: uint8, shape (height, width); 0 is paper and becomes black, 255 is ink and becomes white.

    Raises:
        ValueError: the array has another dtype or shape.
    """
    if array.dtype != np.uint8 or array.ndim != 2:
        raise ValueError(f"a grey image is made of a uint8 array with two axes, got {array.dtype} {array.shape}")
    height, width = array.shape
    return QImage(array.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
