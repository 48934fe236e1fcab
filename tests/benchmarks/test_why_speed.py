"""How long it takes to find the digits nearest to one, and to look into a network.

Repeat with `pytest -m benchmark tests/benchmarks/test_why_speed.py`. Times are of the processor, so that other work on
the machine counts little.
"""

import time

import numpy as np
import pytest
from timing import alarm, in_words, percentile, size

from mnist_gui.data.dataset import Split
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.explaining import Features, Insight
from mnist_gui.engine.explanation import WIDEST, Cover, features_width
from mnist_gui.engine.model import Model
from mnist_gui.engine.neighbours import FeatureStore, Neighbours
from mnist_gui.session.model_store import bundled_model

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(500)]


def measured(function, images):
    """Milliseconds of processor time for each image."""
    times = []
    for image in images:
        start = time.process_time()
        function(image)
        times.append(1000 * (time.process_time() - start))
    return times


def lenet():
    rng = np.random.default_rng(0)
    shapes = parse("lenet").weights
    return Model("lenet", {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()})


def test_that_the_nearest_of_50_000_digits_are_found_in_50_ms(mnist, capsys):
    images = mnist.images_of(Split.TRAINING).reshape(50_000, -1)
    neighbours = Neighbours(images, mnist.labels_of(Split.TRAINING), 1 / 255)
    asked = mnist.images[60_000 : 60_000 + size(full=100, smoke=10)].reshape(-1, 784) / np.float32(255)
    times = measured(lambda image: neighbours.search(image, 8), asked)
    with capsys.disabled():
        print("\n" + in_words("nearest by pixels", times, "50 ms"))
    assert percentile(times, 50) < alarm(50)


@pytest.mark.parametrize("width", [500, 864, WIDEST])
def test_that_the_nearest_by_a_hidden_layer_are_found_in_50_ms(width, mnist, capsys):
    rng = np.random.default_rng(width)
    centres = rng.normal(size=(10, width)).astype(np.float32)
    labels = mnist.labels_of(Split.TRAINING)

    def features(of):
        noise = rng.normal(scale=0.5, size=(len(of), width)).astype(np.float32)
        return np.maximum(centres[of] + noise, 0)

    store = FeatureStore(len(labels), width)
    for start in range(0, len(labels), 500):
        store.add(features(labels[start : start + 500]))
    neighbours = store.finish(labels)
    times = measured(lambda query: neighbours.search(query, 8), features(labels[: size(full=100, smoke=10)]))
    with capsys.disabled():
        print("\n" + in_words(f"nearest by {width} hidden values", times, "50 ms"))
    assert percentile(times, 50) < alarm(50)


@pytest.mark.parametrize("name", ["lenet", "bundled"])
def test_that_a_network_is_looked_into_while_a_pen_moves(name, mnist, capsys):
    model = lenet() if name == "lenet" else bundled_model()
    if model is None:
        pytest.skip("there is no bundled model")
    insight, images = Insight(model), mnist.images[60_000 : 60_000 + size(full=50, smoke=5)]
    found = {
        "look": measured(insight.look, images),
        "saliency": measured(lambda image: insight.saliency(image, 3, 0.5), images),
        "occlusion, paper": measured(lambda image: insight.occlusion(image, 3, Cover.PAPER), images),
        "occlusion, grey": measured(lambda image: insight.occlusion(image, 3, Cover.GREY), images),
    }
    features = Features(model)
    chunk = measured(lambda start: features.of(mnist.images[start : start + 125]), range(0, size(1000, 250), 125))
    with capsys.disabled():
        print()
        for what, times in found.items():
            print(in_words(f"{name}, {what}", times))
        seconds = percentile(chunk, 50) * 50_000 / 125 / 1000
        width = features_width(model.architecture)
        print(f"{name}, {width} hidden values of 50,000 digits: {seconds:.0f} s, {50_000 * width * 2 / 1e6:.0f} MB")
    assert percentile(found["look"], 50) + percentile(found["saliency"], 50) < alarm(100)
