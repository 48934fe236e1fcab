import numpy as np
import pytest
from dataset_files import digits

from mnist_gui.data.dataset import DatasetError
from mnist_gui.data.formats import open_dataset

TRAIN, VALIDATION, TEST = digits(30, 1), digits(4, 2), digits(7, 3)


@pytest.fixture
def save(tmp_path):
    def write(*, compressed=True, **arrays):
        path = tmp_path / "made.npz"
        (np.savez_compressed if compressed else np.savez)(path, **arrays)
        return path

    return write


def keras(train=TRAIN, test=TEST, **more):
    return {"x_train": train[0], "y_train": train[1], "x_test": test[0], "y_test": test[1], **more}


@pytest.mark.parametrize("compressed", [True, False])
def test_that_the_layout_of_keras_is_read(save, compressed):
    dataset = open_dataset(save(compressed=compressed, **keras()))
    assert (dataset.name, dataset.sizes, dataset.notes) == ("made", (25, 5, 7), ())
    np.testing.assert_array_equal(dataset.images, np.concatenate([TRAIN[0], TEST[0]]))
    np.testing.assert_array_equal(dataset.labels, np.concatenate([TRAIN[1], TEST[1]]))


def test_that_a_validation_split_of_its_own_is_kept(save):
    dataset = open_dataset(save(**keras(x_val=VALIDATION[0], y_val=VALIDATION[1], more=np.zeros(3))))
    assert dataset.sizes == (30, 4, 7)
    np.testing.assert_array_equal(dataset.images[30:34], VALIDATION[0])


def test_that_without_test_arrays_there_is_no_test_split(save):
    dataset = open_dataset(save(x_train=TRAIN[0], y_train=TRAIN[1]))
    assert dataset.sizes == (25, 5, 0)
    assert dataset.notes == ("made has no test digits, so there is no test error.",)


@pytest.mark.parametrize(
    "change",
    [
        lambda images: images.reshape(-1, 784),
        lambda images: images[..., None],
        lambda images: images[:, None],
        np.asfortranarray,
        lambda images: images.astype(">u2"),
        lambda images: images.astype(np.int64),
        lambda images: images.astype(np.float64),
        lambda images: images / np.float32(255),
        lambda images: images / np.float32(256),
        lambda images: images / 255.0,
    ],
    ids=["784", "NHWC", "NCHW", "Fortran", "big-endian", "int64", "float64", "k/255", "k/256", "k/255 in float64"],
)
def test_that_images_of_other_shapes_types_and_scales_are_the_same_images(save, change):
    dataset = open_dataset(save(**keras((change(TRAIN[0]), TRAIN[1]), (change(TEST[0]), TEST[1]))))
    np.testing.assert_array_equal(dataset.images, np.concatenate([TRAIN[0], TEST[0]]))
    assert dataset.notes == ()


def test_that_images_of_0_and_1_are_paper_and_ink(save):
    images = (TRAIN[0] > 128).astype(np.uint8)
    dataset = open_dataset(save(x_train=images, y_train=TRAIN[1].astype(">i8")))
    np.testing.assert_array_equal(dataset.images, images * np.uint8(255))


def test_that_rounded_grey_levels_are_noted(save):
    images = np.random.default_rng(0).random((12, 784), np.float32)
    dataset = open_dataset(save(x_train=images, y_train=TRAIN[1][:12]))
    assert dataset.notes[0].startswith("made.npz: x_train: the pixels are no whole grey levels")
    assert np.abs(dataset.images.reshape(12, 784) / 255 - images).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x_train": TRAIN[0]}, r"expected the arrays x_train and y_train .*, found x_train; y_train is missing\."),
        ({"images": TRAIN[0]}, r"found images; x_train is missing\."),
        ({"x_train": TRAIN[0], "y_train": TRAIN[1], "x_test": TEST[0]}, r"y_test is missing\."),
        (keras(x_val=VALIDATION[0]), r"y_val is missing\."),
        (keras((TRAIN[0], TRAIN[1][:-1])), r"y_train: expected 30 labels as .*x_train has images, found 29\."),
        (keras((TRAIN[0], TRAIN[1] | 8)), r"y_train: expected labels 0 to 9, found label \d+ at digit \d+\."),
        (keras((TRAIN[0], TRAIN[1].astype(int) - 10)), r"expected labels 0 to 9, found label -\d+ at digit 0\."),
        (
            keras((TRAIN[0], np.eye(10)[TRAIN[1]])),
            r"one whole number for each image, found float64 of shape \(30, 10\)",
        ),
        (
            keras((TRAIN[0][:, :14], TRAIN[1])),
            r"x_train: expected images of 28 x 28 pixels, found .* \(30, 14, 28\)\.",
        ),
        (keras((np.zeros(()), TRAIN[1])), r"x_train: expected images of 28 x 28 pixels"),
        (keras((TRAIN[0] - 128.0, TRAIN[1])), r"expected pixels from 0 to 1 or from 0 to 255, found -128 to 255\."),
        (keras((TRAIN[0] * np.nan, TRAIN[1])), r"found nan to nan\."),
        (keras((TRAIN[0] * np.int64(300), TRAIN[1])), r"found 0 to 76500\."),
        (keras((TRAIN[0][:0], TRAIN[1][:0]), (TEST[0][:0], TEST[1][:0])), r"expected digits, found none\."),
        (keras((TRAIN[0] > 3, TRAIN[1])), r"x_train: expected numbers, found the type \|b1\."),
        (keras((TRAIN[0].astype("c8"), TRAIN[1])), r"x_train: expected numbers, found the type <c8\."),
    ],
)
def test_that_what_is_no_data_set_is_one_sentence(save, arrays, sentence):
    with pytest.raises(DatasetError, match=rf"^made\.npz: .*{sentence}"):
        open_dataset(save(**arrays))


@pytest.mark.parametrize("cut", [1, 30, 3000])
def test_that_a_truncated_archive_is_said_to_be_one(save, cut):
    path = save(**keras())
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DatasetError, match=r"^made\.npz: expected an \.npz archive, found one without its end"):
        open_dataset(path)


def test_that_trailing_bytes_are_refused(save):
    path = save(**keras())
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DatasetError, match="it is truncated or has trailing bytes"):
        open_dataset(path)


def test_that_a_flipped_bit_is_damage(save):
    path = save(**keras(), compressed=False)
    data = bytearray(path.read_bytes())
    data[10_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"^made\.npz: expected an intact \.npz archive, found damage"):
        open_dataset(path)
