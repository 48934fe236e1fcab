"""Layers, losses and first values against NumPy and SciPy."""

import subprocess
import sys

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.nn.init import glorot_uniform, he_uniform
from mnist_gui.engine.nn.layers import activated, flat, scaled, taken, unflat

import pytensor  # isort: skip


def value_of(expression):
    return backend.INTERPRETER.function([], expression)()


def rows(values):
    """A shared matrix whose shape is declared, as that of a network's logits is."""
    values = np.asarray(values, np.float32)
    return pytensor.shared(values, shape=(None, values.shape[1]))


def labels_of(*values):
    return pytensor.shared(np.array(values, np.uint8))


def test_that_pixels_reach_the_network_as_float32_from_0_to_1():
    pixels = np.arange(256, dtype=np.uint8)
    result = value_of(scaled(pytensor.shared(pixels)))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, pixels / 255, rtol=1e-6)


def test_that_images_become_rows_in_reading_order():
    images = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    np.testing.assert_array_equal(value_of(flat(pytensor.shared(images, shape=(None, 3, 4)))), images.reshape(2, 12))


def test_that_rows_become_images_again():
    images = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    result = unflat(flat(pytensor.shared(images, shape=(None, 3, 4))), (3, 4))
    assert result.type.shape == (None, 3, 4)
    np.testing.assert_array_equal(value_of(result), images)


def test_that_images_are_taken_by_their_numbers():
    images = np.arange(5 * 3 * 4, dtype=np.uint8).reshape(5, 3, 4)
    numbers = np.int32([4, 0, 4])
    result = taken(pytensor.shared(images, shape=(None, 3, 4)), pytensor.shared(numbers))
    assert result.type.dtype == "uint8"
    assert result.type.shape == (None, 3, 4)
    np.testing.assert_array_equal(value_of(result), images[numbers])


def test_that_relu_keeps_what_is_positive_and_tanh_bends():
    x = pytensor.shared(np.float32([-2, 0, 3]))
    np.testing.assert_array_equal(value_of(activated(x, "relu")), [0, 0, 3])
    np.testing.assert_allclose(value_of(activated(x, "tanh")), np.tanh([-2, 0, 3]), rtol=1e-6)
    for function in ("relu", "tanh"):
        assert value_of(activated(x, function)).dtype == np.float32


def test_that_images_of_unknown_size_cannot_become_rows():
    with pytest.raises(TypeError, match="the sides of the images must be known"):
        flat(pytensor.shared(np.zeros((2, 3, 4), np.float32)))


def test_that_the_interpreter_answers_without_loading_a_compiler():
    """Loading Numba takes a second, and an Op of PyTensor that is a graph of its own is compiled by it even there."""
    script = (
        "import sys, numpy as np\n"
        "from mnist_gui.engine.backend import INTERPRETER\n"
        "from mnist_gui.engine.architecture import parse\n"
        "from mnist_gui.engine.networks import build\n"
        "import pytensor.tensor as pt\n"
        "images = pt.tensor('images', dtype='uint8', shape=(None, 28, 28))\n"
        "network = build(parse('conv 5x5x4, tanh, pool 2, dropout 0.5, dense 9, relu, dense 10'))\n"
        "answer = INTERPRETER.function([images], network.logits(images))\n"
        "assert answer(np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)\n"
        "assert 'numba' not in sys.modules and 'jax' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize(
    ("make", "shape", "limit"),
    [
        (glorot_uniform, (500, 10), np.sqrt(6 / 510)),
        (glorot_uniform, (5, 5, 20, 50), np.sqrt(6 / (25 * 70))),
        (he_uniform, (784, 500), np.sqrt(6 / 784)),
        (he_uniform, (5, 5, 20, 50), np.sqrt(6 / 500)),
    ],
)
def test_that_first_values_fill_their_interval(make, shape, limit):
    values = make(np.random.default_rng(5), shape)
    assert values.dtype == np.float32
    assert values.shape == shape
    assert 0.99 * limit < np.abs(values).max() <= limit * (1 + 1e-6)
    assert values.std() == pytest.approx(limit / np.sqrt(3), rel=0.03)
    assert abs(values.mean()) < 0.05 * limit


def test_that_relu_layers_started_by_he_keep_the_size_of_the_signal():
    generator = np.random.default_rng(6)
    x = generator.normal(size=(200, 300))
    for _ in range(8):
        x = np.maximum(x @ he_uniform(generator, (300, 300)), 0)
    assert 0.5 < np.mean(x**2) < 2
