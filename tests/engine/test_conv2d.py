"""Convolution: NumPy against the definition, gradients against differences, Numba and JAX against NumPy."""

import numpy as np
import pytest

from mnist_gui.engine import backend
from mnist_gui.engine.ops.conv2d import Conv2DImagesGradient, Conv2DKernelsGradient, conv2d, im2col

import numba  # isort: skip
import pytensor  # isort: skip
import pytensor.tensor as pt  # isort: skip
from pytensor.gradient import verify_grad  # isort: skip

SHAPES = {
    "valid": ((None, 7, 6, 2), (3, 2, 2, 5), 0),
    "padded": ((None, 5, 6, 12), (3, 2, 12, 27), 1),
}
IMAGES, KERNELS, _ = SHAPES["valid"]
RESULT = (None, 5, 5, 5)
COMPILERS = [backend.Compiler.NUMBA, backend.Compiler.JAX]


def compiled(compiler, shapes="valid", dtype="float32"):
    """One function for all three sums: images, kernels, gradients -> result, images' and kernels' gradient."""
    images_shape, kernels_shape, padding = SHAPES[shapes]
    images = pt.tensor4("images", dtype=dtype, shape=images_shape)
    kernels = pt.tensor4("kernels", dtype=dtype, shape=kernels_shape)
    result = conv2d(images, kernels, padding)
    cotangent = result.type("cotangent")
    gradients = pytensor.grad(None, [images, kernels], known_grads={result: cotangent})
    return backend.Backend(compiler, "CPU", "", 1).function([images, kernels, cotangent], [result, *gradients])


@pytest.fixture(scope="module")
def functions():
    return {compiler: compiled(compiler) for compiler in [backend.Compiler.INTERPRETER, *COMPILERS]}


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def arguments(n):
    return numbers(n, *IMAGES[1:]), numbers(*KERNELS), numbers(n, *RESULT[1:])


def by_definition(images, kernels, padding=0):
    images = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    n, h, w, _ = images.shape
    kh, kw, _, o = kernels.shape
    result = np.zeros((n, h - kh + 1, w - kw + 1, o))
    for u in range(kh):
        for v in range(kw):
            window = images[:, u : u + result.shape[1], v : v + result.shape[2]]
            result += np.einsum("nijc,co->nijo", window, kernels[u, v])
    return result


def test_that_patches_are_laid_out_in_reading_order():
    image = np.arange(3 * 3 * 2).reshape(1, 3, 3, 2)
    patches = im2col(image, 2, 2)
    assert patches.shape == (4, 8)
    np.testing.assert_array_equal(patches[1], image[0, 0:2, 1:3].ravel())
    np.testing.assert_array_equal(patches[2], image[0, 1:3, 0:2].ravel())


@pytest.mark.parametrize(
    ("images", "kernels", "padding"),
    [
        ((1, 5, 5, 1), (5, 5, 1, 1), 0),
        ((9, 6, 8, 3), (3, 2, 3, 4), 0),
        ((9, 6, 8, 3), (3, 2, 3, 4), 1),
        ((2, 4, 4, 2), (1, 1, 2, 3), 0),
        ((0, 5, 5, 2), (3, 3, 2, 2), 0),
        ((2, 2, 3, 2), (5, 5, 2, 3), 2),
    ],
)
def test_that_the_result_follows_the_definition(images, kernels, padding):
    x, k = numbers(*images, dtype=np.float64), numbers(*kernels, dtype=np.float64)
    result = backend.INTERPRETER.function([], conv2d(pytensor.shared(x), pytensor.shared(k), padding))()
    np.testing.assert_allclose(result, by_definition(x, k, padding), atol=1e-12)


def test_that_images_need_not_be_contiguous():
    x = numbers(7, 6, 2, 3).transpose(3, 0, 1, 2)
    k = numbers(*KERNELS)
    symbolic = pt.tensor4("x", dtype="float32")
    result = backend.INTERPRETER.function([symbolic], conv2d(symbolic, k))(x)
    np.testing.assert_allclose(result, by_definition(x, k), atol=1e-5)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("images", "kernels"), [((2, 5, 4, 2), (3, 2, 2, 3)), ((5, 3, 3, 1), (2, 3, 1, 2))])
def test_that_both_gradients_agree_with_differences_in_float64(images, kernels, padding):
    verify_grad(
        lambda x, k: conv2d(x, k, padding),
        [numbers(*images, dtype=np.float64), numbers(*kernels, dtype=np.float64)],
        rng=np.random.default_rng(1),
        mode=backend._mode(backend.Compiler.INTERPRETER),
    )


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("n", [1, 5, 40])
def test_that_compiled_code_agrees_with_numpy(functions, compiler, n):
    reference = functions[backend.Compiler.INTERPRETER](*arguments(n))
    for ours, expected in zip(functions[compiler](*arguments(n)), reference, strict=True):
        assert ours.dtype == np.float32
        assert ours.shape == expected.shape
        np.testing.assert_allclose(ours, expected, atol=2e-4)


@pytest.mark.slow  # compiles for ten seconds; the networks compile the same in `test_compilers.py`
@pytest.mark.parametrize("compiler", COMPILERS)
def test_that_compiled_code_agrees_with_numpy_on_padded_images(compiler):
    images_shape, kernels_shape, padding = SHAPES["padded"]
    images, kernels = numbers(6, *images_shape[1:]), numbers(*kernels_shape)
    cotangent = numbers(*by_definition(images, kernels, padding).shape)
    expected = compiled(backend.Compiler.INTERPRETER, "padded")(images, kernels, cotangent)
    for ours, theirs in zip(compiled(compiler, "padded")(images, kernels, cotangent), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


@pytest.mark.slow
def test_that_numba_computes_in_float64_too(functions):
    exact = [values.astype(np.float64) for values in arguments(3)]
    expected = functions[backend.Compiler.INTERPRETER](*arguments(3))
    for ours, theirs in zip(compiled(backend.Compiler.NUMBA, dtype="float64")(*exact), expected, strict=True):
        assert ours.dtype == np.float64
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_that_the_number_of_threads_does_not_change_one_bit(functions):
    results = []
    before = numba.get_num_threads()
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        results.append(functions[backend.Compiler.NUMBA](*arguments(50)))
    numba.set_num_threads(before)
    for one, many in zip(*results, strict=True):
        np.testing.assert_array_equal(one, many)


def test_that_the_shape_is_known_before_anything_is_computed():
    images, kernels = pt.tensor4(dtype="float32", shape=IMAGES), pt.tensor4(dtype="float32", shape=KERNELS)
    result = conv2d(images, kernels)
    assert result.type.shape == RESULT
    function = backend.INTERPRETER.function([images, kernels], result.shape)
    assert list(function(*arguments(4)[:2])) == [4, 5, 5, 5]
    assert "Conv2D" not in {type(node.op).__name__ for node in function.maker.fgraph.toposort()}


def test_that_gradients_keep_what_is_known_of_the_shapes():
    images, kernels = pt.tensor4(dtype="float32"), pt.tensor4(dtype="float32", shape=(3, 3, 1, 4))
    gradients = pytensor.grad(conv2d(images, kernels).sum(), [images, kernels])
    assert gradients[1].type.shape == (3, 3, 1, 4)


@pytest.mark.parametrize("padding", [0, 1])
def test_that_the_shapes_of_gradients_are_known_before_anything_is_computed(padding):
    x, k = numbers(3, 7, 8, 2), numbers(3, 4, 2, 5)
    y = numbers(*by_definition(x, k, padding).shape)
    images, kernels, cotangent = (pt.tensor4(dtype="float32") for _ in range(3))
    for gradient, expected, others in (
        (Conv2DImagesGradient(padding)(kernels, cotangent), x, [(kernels, k), (cotangent, y)]),
        (Conv2DKernelsGradient(padding)(images, cotangent), k, [(images, x), (cotangent, y)]),
    ):
        variables, values = zip(*others, strict=True)
        function = backend.INTERPRETER.function(list(variables), gradient.shape)
        assert tuple(function(*values)) == expected.shape
        assert not any("Conv2D" in type(node.op).__name__ for node in function.maker.fgraph.toposort())


@pytest.mark.parametrize(
    ("images", "kernels", "sentence"),
    [
        (pt.tensor3(dtype="float32"), pt.tensor4(dtype="float32"), "images must have four axes, got 3"),
        (pt.tensor4(dtype="uint8"), pt.tensor4(dtype="float32"), "images must be float32 or float64, got uint8"),
        (pt.tensor4(dtype="float32"), pt.tensor4(dtype="float64"), "images are float32, but kernels float64"),
    ],
)
def test_that_arguments_of_the_wrong_kind_are_refused_in_words(images, kernels, sentence):
    with pytest.raises(TypeError, match=sentence):
        conv2d(images, kernels)


def test_that_shapes_that_do_not_fit_are_refused_in_words():
    images = pt.tensor4(dtype="float32", shape=(None, 4, 9, 3))
    with pytest.raises(ValueError, match="images have 3 channels, but the kernels are for 2"):
        conv2d(images, pt.tensor4(dtype="float32", shape=(3, 3, 2, 1)))
    with pytest.raises(ValueError, match="a kernel 5 pixels high does not fit images 4 pixels high"):
        conv2d(images, pt.tensor4(dtype="float32", shape=(5, 5, 3, 1)))
    with pytest.raises(ValueError, match="padding of 3 needs larger kernels than 3 by 3 pixels"):
        conv2d(images, pt.tensor4(dtype="float32", shape=(3, 3, 3, 1)), 3)
    with pytest.raises(ValueError, match="padding must be 0 or more, got -1"):
        conv2d(images, pt.tensor4(dtype="float32", shape=(3, 3, 3, 1)), -1)
    unknown = pt.tensor4(dtype="float32")
    with pytest.raises(ValueError, match=r"kernels of shape \(5, 5, 3, 1\) do not fit images of shape \(1, 4, 9, 3\)"):
        backend.INTERPRETER.function([unknown], conv2d(unknown, numbers(5, 5, 3, 1)))(numbers(1, 4, 9, 3))


def test_that_numba_says_which_shape_it_must_know():
    images, kernels = pt.tensor4("images", dtype="float32"), pt.tensor4("kernels", dtype="float32")
    function = backend.Backend(backend.Compiler.NUMBA, "CPU", "", 1).function
    with pytest.raises(NotImplementedError, match="declare the shape"):
        function([images, kernels], conv2d(images, kernels))
