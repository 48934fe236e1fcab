import numpy as np

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.data.difficult import difficult_digits


def test_that_those_of_mnist_are_validation_digits_of_three_classes(mnist):
    chosen = difficult_digits(mnist)
    assert chosen == [53_638, 50_340, 57_744]
    assert all(mnist.split_of(index) is Split.VALIDATION for index in chosen)
    assert mnist.labels[chosen].tolist() == [5, 3, 9]


def test_that_in_another_data_set_they_are_the_ones_that_look_like_another_class(tiny_dataset):
    images = tiny_dataset.images.copy()
    images[204], images[217] = images[3], images[8]  # a 4 that looks like a 3, a 7 that looks like an 8
    other = Dataset("other", images, tiny_dataset.labels, tiny_dataset.sizes)
    assert set(difficult_digits(other, 2)) == {204, 217}


def test_that_they_are_of_different_classes(tiny_dataset):
    chosen = difficult_digits(tiny_dataset, 10)
    assert sorted(tiny_dataset.labels[chosen].tolist()) == list(range(10))
    assert all(tiny_dataset.split_of(index) is Split.VALIDATION for index in chosen)


def test_that_a_data_set_with_few_digits_or_without_validation_digits_has_some_too():
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 3:9, 3] = 200
    few = Dataset("few", images, np.array([1, 1, 4], np.uint8), (3, 0, 0))
    assert sorted(few.labels[difficult_digits(few)].tolist()) == [1, 4]
    assert difficult_digits(Dataset("none", images[:0], np.empty(0, np.uint8), (0, 0, 0))) == []


def test_that_digits_beyond_those_of_mnist_are_not_taken_for_them(mnist):
    images = mnist.images.copy()
    images[53_638] = 0
    other = Dataset("other", images, mnist.labels, mnist.sizes)
    assert 53_638 not in difficult_digits(other)
