"""The nearest vectors, against distances computed one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_gui.engine.neighbours import FeatureStore, Neighbours


def by_hand(vectors, query, members, count):
    """Indices by squared distances in Python's integers, ties by index."""
    squares = [(sum((int(a) - int(b)) ** 2 for a, b in zip(vectors[i], query, strict=True)), i) for i in members]
    return [index for _, index in sorted(squares)[:count]]


@given(
    seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60), width=st.integers(1, 9),
    dtype=st.sampled_from([np.uint8, np.int16]), spread=st.sampled_from([2, 100, 30_000]),
)  # fmt: skip
def test_that_a_search_finds_what_comparing_with_each_vector_finds(seed, count, width, dtype, spread):
    rng = np.random.default_rng(seed)
    low, high = (0, min(spread, 256)) if dtype is np.uint8 else (-spread, spread)
    vectors = rng.integers(low, high, (count, width)).astype(dtype)
    query = rng.integers(low, high, width)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    found = Neighbours(vectors, labels, 0.5).search((query * 0.5).astype(np.float32), 4)
    assert found.of_all.indices.tolist() == by_hand(vectors, query, range(count), 4)
    for digit, nearest in enumerate(found.of_class):
        assert nearest.indices.tolist() == by_hand(vectors, query, np.flatnonzero(labels == digit), 4)
        expected = np.linalg.norm(0.5 * (vectors[nearest.indices].astype(float) - query), axis=1)
        np.testing.assert_allclose(nearest.distances, expected, rtol=1e-12)


def test_that_distances_that_float32_cannot_tell_apart_are_told_apart():
    vectors = np.full((1000, 1024), 32_000, np.int16)
    vectors[np.arange(1000), np.arange(1000)] = 31_001 + np.arange(1000)
    nearest = Neighbours(vectors, np.zeros(1000, np.uint8), 1.0).search(np.full(1024, 32_000, np.float32), 8).of_all
    assert nearest.indices.tolist() == [999, 998, 997, 996, 995, 994, 993, 992]
    assert nearest.distances.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_that_real_digits_are_found_as_by_brute_force(mnist):
    training = mnist.images[:50_000].reshape(50_000, -1)
    neighbours = Neighbours(training, mnist.labels[:50_000], 1 / 255)
    for image in mnist.images[60_000:60_003].reshape(3, -1):
        found = neighbours.search(image / np.float32(255), 8)
        squares = np.empty(50_000, np.int64)
        for start in range(0, 50_000, 5000):
            part = training[start : start + 5000].astype(np.int32) - image
            squares[start : start + 5000] = np.square(part).sum(axis=1)
        order = np.lexsort((np.arange(50_000), squares))
        assert found.of_all.indices.tolist() == order[:8].tolist()
        for digit, nearest in enumerate(found.of_class):
            assert nearest.indices.tolist() == order[mnist.labels[order] == digit][:8].tolist()


def test_that_a_class_without_vectors_has_no_nearest_one():
    found = Neighbours(np.zeros((3, 2), np.uint8), np.array([1, 1, 2], np.uint8), 1.0).search(np.zeros(2, "f4"), 8)
    assert [len(nearest.indices) for nearest in found.of_class] == [0, 2, 1, 0, 0, 0, 0, 0, 0, 0]


def test_that_vectors_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="uint8 or int16"):
        Neighbours(np.zeros((3, 2), np.float32), np.zeros(3, np.uint8), 1.0)
    with pytest.raises(ValueError, match="labels"):
        Neighbours(np.zeros((3, 2), np.uint8), np.zeros(2, np.uint8), 1.0)


@pytest.mark.parametrize("growth", [1.0, 1000.0])
def test_that_stored_features_keep_their_distances(growth):
    rng = np.random.default_rng(3)
    features = np.maximum(rng.normal(size=(400, 50)), 0).astype(np.float32)
    features[100:] *= growth
    store = FeatureStore(400, 50)
    for start in range(0, 400, 100):
        store.add(features[start : start + 100])
    nearest = store.finish(np.zeros(400, np.uint8)).search(features[150], 8).of_all
    distances = np.linalg.norm(features.astype(float) - features[150], axis=1)
    np.testing.assert_allclose(nearest.distances, np.sort(distances)[:8], rtol=1e-3)
    assert nearest.indices[0] == 150


def test_that_negative_features_are_kept_and_a_layer_that_is_silent_is_no_error():
    store = FeatureStore(4, 2)
    store.add(np.zeros((2, 2), np.float32))
    store.add(np.array([[-1, 1], [1, -1]], np.float32))
    nearest = store.finish(np.zeros(4, np.uint8)).search(np.array([-1, 1], np.float32), 4).of_all
    assert nearest.indices.tolist() == [2, 0, 1, 3]
    np.testing.assert_allclose(nearest.distances, [0, 2**0.5, 2**0.5, 8**0.5], rtol=1e-3, atol=1e-4)
    with pytest.raises(ValueError, match="finite"):
        store.add(np.full((1, 2), np.nan, np.float32))
