"""Stand-ins for the session and the explainer of the room that shows why."""

from types import SimpleNamespace

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.engine.architecture import parse
from mnist_gui.engine.explanation import LayerValues, Look, ValueMap, hidden_stages
from mnist_gui.engine.model import Model
from mnist_gui.engine.neighbours import Found, Nearest
from mnist_gui.session.explainer import FeaturesState
from mnist_gui.session.settings import Values

IMAGE = np.zeros((28, 28), np.uint8)
IMAGE[4:24, 10:18] = 200


class AnsweringSession(QObject):
    """The signals that the room follows, and what it reads."""

    answered = pyqtSignal(str, object)
    model_changed = pyqtSignal()
    dataset_changed = pyqtSignal()
    notice = pyqtSignal(str)
    problem = pyqtSignal(str, str)
    all_answered = pyqtSignal(str, object, object)

    def __init__(self, dataset=None):
        super().__init__()
        self.settings = SimpleNamespace(values=Values())
        self.asked = []
        self.model = model_of("dense 3, relu, dense 10")
        self.dataset = dataset
        self.selected = []
        self.notices = []
        self.notice.connect(self.notices.append)

    def ask_all(self, asker, images):
        self.asked.append((asker, images))

    def select(self, index):
        self.selected.append(index)


class FakeExplainer(QObject):
    """Remembers what it was asked; the test says what was found."""

    looked = pyqtSignal(object)
    mapped = pyqtSignal(str, object)
    resembled = pyqtSignal(str, object)
    features_changed = pyqtSignal()
    failed = pyqtSignal(str, str)

    def __init__(self):
        super().__init__()
        self.images, self.wanted, self.choices = [], [], []
        self.features_state = FeaturesState.READY
        self.features_progress = 0.0

    def set_image(self, image):
        self.images.append(image)

    def want(self, steps):
        self.wanted.append(frozenset(steps))

    def choose(self, digit, cover):
        self.choices.append((digit, cover))


def model_of(line):
    return Model(line, {name: np.zeros(shape, np.float32) for name, shape in parse(line).weights.items()})


def look_of(line="conv 5x5x3, relu, pool 2, dense 6, dense 10", answer=7, second=9, scale=1.0):
    """A look whose layers hold 0, 1, 2, ... times `scale`."""
    model = model_of(line)
    probabilities = np.full(10, 0.001, np.float32)
    probabilities[[answer, second]] = 0.9, 0.1
    layers = []
    for layer, place in hidden_stages(model.architecture):
        shape = layer.output_shape
        title = ", ".join(
            one.text for one in model.architecture.layers[model.architecture.layers.index(layer) : place + 1]
        )
        values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) * np.float32(scale)
        layers.append(LayerValues(layer, title, values))
    templates = None if layers else np.ones((10, 28, 28), np.float32) * np.arange(-4, 6, dtype="f4")[:, None, None]
    return Look(model, IMAGE, probabilities, tuple(layers), None, templates)


def found_of(labels):
    """A search among digits with these labels: the first of each class are its nearest."""

    def nearest(indices):
        return Nearest(indices[:8], np.arange(len(indices[:8]), dtype=float) + 1.25)

    members = [np.flatnonzero(labels == digit) for digit in range(10)]
    return Found(nearest(np.arange(len(labels))), tuple(map(nearest, members)))


def map_of(digit=7, side=28):
    values = np.zeros((side, side), np.float32)
    values[0, 1], values[3, 4] = 0.5, -0.25
    return ValueMap(IMAGE, digit, values, 0.9)
