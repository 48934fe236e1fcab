"""Recipes that were chosen on the validation digits, each with what to expect of it."""

from dataclasses import dataclass
from typing import Any, Final

from mnist_gui.engine.config import Schedule, TrainingConfig, Updates


@dataclass(frozen=True)
class Preset:
    """Settings that go together.

    Attributes:
        name: on the command line.
        title: in the window.
        config: the settings.
        expected_error: percent of test digits misread, mean and standard deviation over seeds; empty if not measured.
        expected_time: of a run on two cores, newer and older ones, compiling left out; empty if not measured.
        note: what it is for, one sentence.
    """

    name: str
    title: str
    config: TrainingConfig
    expected_error: str
    expected_time: str
    note: str


_AUGMENTED: Final[dict[str, Any]] = {
    "updates": Updates.ADAM,
    "learning_rate": 0.003,
    "schedule": Schedule.ONE_CYCLE,
    "patience": 0,
    "average": 0.999,
    "augment": True,
    "shift": 1.0,
    "rotation": 8.0,
    "scale": 8.0,
    "shear": 8.0,
    "elastic": 0.8,
}
"""What the perceptron and LeNet have in common."""

_PRESETS: Final = (
    Preset(
        "softmax",
        "Softmax regression",
        TrainingConfig(
            network="softmax",
            updates=Updates.NESTEROV,
            learning_rate=0.1,
            schedule=Schedule.COSINE,
            epochs=40,
            patience=0,
        ),
        "7.40 ± 0.04 %",
        "3 to 14 seconds",
        "The simplest classifier: one weight for each pixel and digit.",
    ),
    Preset(
        "mlp",
        "Multilayer perceptron",
        TrainingConfig(network="mlp", epochs=20, **_AUGMENTED),
        "0.88 ± 0.02 %",
        "15 to 40 seconds",
        "One hidden layer of 500 units, which sees pixels but not their places.",
    ),
    Preset(
        "lenet",
        "LeNet",
        TrainingConfig(network="lenet", epochs=12, **_AUGMENTED),
        "0.43 ± 0.04 %",
        "40 seconds to 2.5 minutes",
        "The classic convolutional network, two convolutions with pooling.",
    ),
    Preset(
        "one-epoch",
        "One epoch",
        TrainingConfig(
            network="small",
            updates=Updates.ADAM,
            learning_rate=0.01,
            momentum=0.7,
            square_decay=0.9,
            batch_size=64,
            schedule=Schedule.ONE_CYCLE,
            epochs=1,
            patience=0,
            average=0.98,
        ),
        "0.95 ± 0.09 %",
        "4 to 10 seconds",
        "99 % after a single look at each digit.",
    ),
    Preset(
        "flagship",
        "Flagship",
        TrainingConfig(
            network="flagship",
            updates=Updates.ADAMW,
            learning_rate=0.002,
            weight_decay=0.02,
            batch_size=64,
            schedule=Schedule.ONE_CYCLE,
            epochs=16,
            patience=0,
            average=0.999,
            augment=True,
            shift=2.0,
            rotation=12.0,
            scale=12.0,
            shear=10.0,
            elastic=1.0,
            fade=70.0,
            variants=30.0,
        ),
        "0.36 ± 0.01 %",
        "10 to 17 minutes",
        "The most accurate network of this application; the bundled model was made by it.",
    ),
)

PRESETS: Final = {preset.name: preset for preset in _PRESETS}
"""All presets by name."""

SUGGESTED_LEARNING_RATE: Final = {
    Updates.SGD: 0.1,
    Updates.MOMENTUM: 0.02,
    Updates.NESTEROV: 0.02,
    Updates.RMSPROP: 0.001,
    Updates.ADAGRAD: 0.02,
    Updates.ADADELTA: 1.0,
    Updates.ADAM: 0.001,
    Updates.ADAMW: 0.001,
}
"""A learning rate that each rule trains softmax regression, the perceptron and LeNet well with, chosen on the
validation digits."""

SUGGESTED_SQUARE_DECAY: Final = {Updates.RMSPROP: 0.9, Updates.ADADELTA: 0.95}
"""How long each rule usually remembers squares, where that is not the usual 0.999."""
