"""The networks that every run of the tests compiles, and settings of a short run of them."""

from typing import Any, Final

from mnist_gui.engine.config import Device, TrainingConfig, Updates

UPDATES: Final = {"softmax": Updates.SGD, "dense 30, tanh, dense 10": Updates.ADAM, "lenet": Updates.NESTEROV}
"""The rule that moves the weights of each network."""


def config_of(network: str, **settings: Any) -> TrainingConfig:
    """Settings of a short run."""
    settings = {"learning_rate": 0.01, "batch_size": 20, "epochs": 2, "patience": 0} | settings
    return TrainingConfig(network=network, updates=UPDATES[network], device=Device.CPU, **settings)
