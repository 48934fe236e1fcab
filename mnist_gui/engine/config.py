"""What a training run is asked to do.

The fields describe themselves: their metadata make the form in the window, the limits and tips of its controls,
and the options of the command line. A new field needs an entry here and nowhere else.
"""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from mnist_gui.data.dataset import CLASSES, SIDE


class Network(StrEnum):
    """The networks there are."""

    SOFTMAX = "softmax"
    MLP = "mlp"
    LENET = "lenet"


class Updates(StrEnum):
    """The rules that turn gradients into new weights."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"


class Device(StrEnum):
    """Where the run computes; `auto` takes an NVIDIA GPU when one works, else the CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class ConfigError(ValueError):
    """A setting is outside its limits; the message is one sentence for the user."""


def _setting(
    default: Any,
    title: str,
    tip: str,
    *,
    low: float | None = None,
    high: float | None = None,
    live: bool = False,
    step: str = "linear",
    unit: str = "",
    names: dict[str, str] | None = None,
) -> Any:
    """A field with what a form needs to know.

    Args:
        default: its value when nothing is chosen.
        title: its label.
        tip: at most two sentences: the field's term and plain words.
        low: smallest value allowed.
        high: largest value allowed.
        live: whether it may be changed while a run goes on (it is a shared scalar in the graph).
        step: "linear", or "log" for a control that multiplies.
        unit: written behind the number.
        names: for an enum, what the window calls each value.
    """
    metadata = {
        "title": title, "tip": tip, "low": low, "high": high, "live": live, "step": step, "unit": unit,
        "names": names or {},
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of a run. Immutable: the values of live settings that a run ends with are in its history.

    Raises:
        ConfigError: a value is outside its limits.
    """

    network: Network = _setting(
        Network.LENET,
        "Network",
        "The model that learns. Softmax regression is the simplest, LeNet reads best.",
        names={
            "softmax": "Softmax regression",
            "mlp": "Multilayer perceptron",
            "lenet": "LeNet (convolutional)",
        },
    )
    hidden: int = _setting(
        500,
        "Hidden units",
        "Size of the hidden layer of the perceptron and of LeNet. More units can learn more and take longer.",
        low=1,
        high=4096,
    )
    updates: Updates = _setting(
        Updates.NESTEROV,
        "Updates",
        "The rule that turns gradients into new weights. Momentum and Adam usually learn faster than plain SGD.",
        names={
            "sgd": "SGD",
            "momentum": "Momentum",
            "nesterov": "Nesterov momentum",
            "rmsprop": "RMSprop",
            "adam": "Adam",
        },
    )
    learning_rate: float = _setting(
        0.02,
        "Learning rate",
        "How far each step moves the weights. Too small learns slowly, too large diverges; it can be changed"
        " while the run goes on.",
        low=1e-6,
        high=10.0,
        live=True,
        step="log",
    )
    momentum: float = _setting(
        0.9,
        "Momentum",
        "How much of the last step is kept in the next one (momentum, Nesterov; the decay of RMSprop's average).",
        low=0.0,
        high=0.999,
        live=True,
    )
    weight_decay: float = _setting(
        0.0,
        "L2 penalty",
        "Strength of the penalty on large weights (weight decay). A little of it helps against overfitting.",
        low=0.0,
        high=1.0,
        live=True,
        step="log",
    )
    batch_size: int = _setting(
        128,
        "Batch size",
        "Digits in a minibatch, the group from which one step learns.",
        low=1,
        high=10_000,
        unit="digits",
    )
    epochs: int = _setting(
        10, "Epochs", "How many times the run goes through all training digits at most.", low=1, high=10_000
    )
    patience: int = _setting(
        5,
        "Patience",
        "Early stopping: the run ends after this many epochs without a better validation error. 0 never stops early.",
        low=0,
        high=10_000,
        unit="epochs",
    )
    validate_every: int = _setting(
        0,
        "Validate every",
        "Steps between two looks at the validation digits. 0 means once an epoch.",
        low=0,
        high=1_000_000,
        unit="steps",
    )
    seed: int = _setting(
        1,
        "Seed",
        "Start of the random numbers for first weights and shuffling. The same seed repeats the same run.",
        low=0,
        high=2**31 - 1,
    )
    device: Device = _setting(
        Device.AUTO,
        "Device",
        "Where the run computes. Auto takes an NVIDIA GPU when one works, else the CPU.",
        names={"auto": "Auto", "cpu": "CPU", "cuda": "NVIDIA GPU (CUDA)"},
    )

    def __post_init__(self) -> None:
        for item in fields(self):
            value, low, high = getattr(self, item.name), item.metadata["low"], item.metadata["high"]
            if low is not None and not low <= value <= high:
                raise ConfigError(f"{item.metadata['title']} must be {low:g} to {high:g}, got {value:g}")

    @property
    def network_title(self) -> str:
        """What the window calls the network, for example "LeNet"."""
        names = next(item.metadata["names"] for item in fields(self) if item.name == "network")
        return str(names[self.network]).split(" (")[0]

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON can hold them."""
        return {key: str(value) if isinstance(value, StrEnum) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TrainingConfig":
        """The inverse of `to_dict`. Unknown keys are ignored, so older files stay readable.

        Raises:
            ConfigError: a value has the wrong type or is outside its limits.
        """
        known: dict[str, Any] = {}
        for item in fields(cls):
            if item.name not in values:
                continue
            value = values[item.name]
            kind = type(item.default)
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            try:
                if issubclass(kind, StrEnum):
                    value = kind(value)
            except ValueError as error:
                raise ConfigError(
                    f"{item.metadata['title']} must be one of {', '.join(item.metadata['names'])}, got {value!r}"
                ) from error
            if type(value) is not kind:
                raise ConfigError(f"{item.metadata['title']} must be {kind.__name__}, got {value!r}")
            known[item.name] = value
        return cls(**known)


LIVE_SETTINGS: Final = tuple(item.name for item in fields(TrainingConfig) if item.metadata["live"])
"""Names of the settings that may be changed while a run goes on."""


SUGGESTED_LEARNING_RATE: Final = {
    Updates.SGD: 0.1,
    Updates.MOMENTUM: 0.02,
    Updates.NESTEROV: 0.02,
    Updates.RMSPROP: 0.001,
    Updates.ADAM: 0.001,
}
"""A learning rate that each rule trains all three networks well with, chosen on the validation digits."""


def parameter_shapes(network: Network, hidden: int = 500) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight of a network, in the order in which a checkpoint lists them.

    Convolutions are HWIO (height, width, in, out), dense layers (in, out). LeNet follows the Theano tutorial
    (deeplearning.net, `lenet`): 20 and 50 maps of 5x5, each max-pooled 2x2, then `hidden` units.
    """
    pixels = SIDE * SIDE
    match network:
        case Network.SOFTMAX:
            return {"dense1.W": (pixels, CLASSES), "dense1.b": (CLASSES,)}
        case Network.MLP:
            return {
                "dense1.W": (pixels, hidden), "dense1.b": (hidden,),
                "dense2.W": (hidden, CLASSES), "dense2.b": (CLASSES,),
            }  # fmt: skip
        case Network.LENET:
            return {
                "conv1.W": (5, 5, 1, 20), "conv1.b": (20,),
                "conv2.W": (5, 5, 20, 50), "conv2.b": (50,),
                "dense1.W": (4 * 4 * 50, hidden), "dense1.b": (hidden,),
                "dense2.W": (hidden, CLASSES), "dense2.b": (CLASSES,),
            }  # fmt: skip


def parameter_count(network: Network, hidden: int = 500) -> int:
    """Number of weights that training moves."""
    total = 0
    for shape in parameter_shapes(network, hidden).values():
        count = 1
        for side in shape:
            count *= side
        total += count
    return total
