import time
from itertools import pairwise

import numpy as np
import pytest
from dataset_files import digits

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.data.queries import Order, class_counts, select


@pytest.fixture
def dataset():
    return Dataset("made", *digits(200, 4), (150, 30, 20))


@pytest.fixture
def predictions():
    return np.random.default_rng(5).dirichlet(np.ones(10), 200).astype(np.float32)


def test_that_without_filters_every_digit_is_there_in_its_place(dataset):
    np.testing.assert_array_equal(select(dataset), np.arange(200))


def test_that_filters_are_combined(dataset):
    found = select(dataset, splits={Split.TRAINING, Split.TEST}, labels={3, 7})
    expected = [i for i in range(200) if dataset.labels[i] in (3, 7) and dataset.split_of(i) is not Split.VALIDATION]
    assert found.tolist() == expected
    assert found.dtype == np.int64


def test_that_nothing_chosen_shows_nothing(dataset, predictions):
    for found in (
        select(dataset, splits=()),
        select(dataset, labels=()),
        select(dataset, splits=(), misread_by=predictions, predictions=predictions, order=Order.MOST_WRONG),
    ):
        assert found.tolist() == []
        assert class_counts(dataset, found).tolist() == [0] * 10


def test_that_misread_digits_are_those_whose_most_probable_class_is_not_the_label(dataset, predictions):
    found = select(dataset, splits=[Split.VALIDATION], misread_by=predictions)
    expected = [i for i in range(150, 180) if predictions[i].argmax() != dataset.labels[i]]
    assert found.tolist() == expected


def test_that_the_order_by_label_keeps_the_order_of_the_data_set_within_a_label(dataset):
    expected = sorted(range(200), key=lambda i: (dataset.labels[i], i))
    assert select(dataset, order=Order.LABEL).tolist() == expected


def test_that_the_least_certain_digits_come_first(dataset, predictions):
    expected = sorted(range(200), key=lambda i: (predictions[i].max(), i))
    assert select(dataset, order=Order.LEAST_CERTAIN, predictions=predictions).tolist() == expected


def test_that_the_surest_mistakes_come_first_and_the_surest_right_answers_last(dataset, predictions):
    def lead(i):
        label = dataset.labels[i]
        return predictions[i, label] - np.delete(predictions[i], label).max()

    found = select(dataset, labels=range(5), order=Order.MOST_WRONG, predictions=predictions)
    leads = [lead(i) for i in found]
    assert sorted(found.tolist()) == [i for i in range(200) if dataset.labels[i] < 5]
    assert all(a <= b + 1e-6 for a, b in pairwise(leads))
    assert leads[0] < 0 < leads[-1]


@pytest.mark.parametrize("order", [Order.LEAST_CERTAIN, Order.MOST_WRONG])
def test_that_ties_keep_the_order_of_the_data_set(dataset, order):
    same = np.full((200, 10), 0.1, np.float32)
    assert select(dataset, order=order, predictions=same).tolist() == list(range(200))


@pytest.mark.parametrize("order", [Order.LEAST_CERTAIN, Order.MOST_WRONG])
def test_that_digits_not_read_yet_come_last_and_are_not_misread(dataset, predictions, order):
    predictions[::2] = np.nan
    found = select(dataset, order=order, predictions=predictions)
    assert found[100:].tolist() == list(range(0, 200, 2))
    assert all(i % 2 for i in select(dataset, misread_by=predictions))


def test_that_an_order_without_its_predictions_or_with_those_of_others_is_an_error(dataset, predictions):
    assert [order.needs_predictions for order in Order] == [False, False, True, True]
    with pytest.raises(ValueError, match="the order 'least certain first' needs predictions"):
        select(dataset, order=Order.LEAST_CERTAIN)
    with pytest.raises(ValueError, match=r"predictions must have shape \(200, 10\), got \(199, 10\)"):
        select(dataset, misread_by=predictions[1:])


def test_that_class_counts_add_up(dataset):
    counts = class_counts(dataset, select(dataset, splits=[Split.TRAINING]))
    assert counts.tolist() == np.bincount(dataset.labels[:150], minlength=10).tolist()


def test_that_all_of_mnist_is_filtered_and_sorted_within_a_frame(mnist):
    predictions = np.random.default_rng(0).dirichlet(np.ones(10), len(mnist)).astype(np.float32)
    for order in Order:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            select(mnist, labels=range(9), misread_by=predictions, order=order, predictions=predictions)
            times.append(time.perf_counter() - start)
        assert min(times) < 0.05, order  # 6 to 9 ms on a quiet machine
