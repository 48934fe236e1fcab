"""What a training run is asked to do.

The fields describe themselves: their metadata make the form in the window, the limits and tips of its controls,
and the options of the command line. A new field needs an entry here and nowhere else.
"""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from mnist_gui.engine.architecture import Architecture, ArchitectureError, parse


class Updates(StrEnum):
    """The rules that turn gradients into new weights."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAGRAD = "adagrad"
    ADADELTA = "adadelta"
    ADAM = "adam"
    ADAMW = "adamw"


class Schedule(StrEnum):
    """How the learning rate goes through a run."""

    CONSTANT = "constant"
    STEP = "step"
    EXPONENTIAL = "exponential"
    COSINE = "cosine"
    ONE_CYCLE = "one-cycle"


class Group(StrEnum):
    """The settings that belong together, as headings of a form."""

    NETWORK = "Network"
    LEARNING = "Learning"
    SCHEDULE = "Learning rate over the run"
    REGULARISATION = "Regularisation"
    AUGMENTATION = "Augmentation"
    RUN = "Run"


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
    group: Group,
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
        group: the settings it belongs to.
        low: smallest value allowed.
        high: largest value allowed.
        live: whether it may be changed while a run goes on (it is a shared scalar in the graph).
        step: "linear", or "log" for a control that multiplies.
        unit: written behind the number.
        names: for an enum, what the window calls each value.
    """
    metadata = {
        "title": title, "tip": tip, "group": group, "low": low, "high": high, "live": live, "step": step, "unit": unit,
        "names": names or {},
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of a run. Immutable: the values of live settings that a run ends with are in its history.

    Raises:
        ConfigError: a value is outside its limits.
    """

    network: str = _setting(
        "lenet",
        "Network",
        "The model that learns: a name, or a list of layers such as conv 5x5x20, relu, pool 2, dense 10. Softmax"
        " regression is the simplest, LeNet reads well, the flagship reads best.",
        Group.NETWORK,
    )
    updates: Updates = _setting(
        Updates.NESTEROV,
        "Updates",
        "The rule that turns gradients into new weights. Momentum and Adam usually learn faster than plain SGD.",
        Group.LEARNING,
        names={
            "sgd": "SGD",
            "momentum": "Momentum",
            "nesterov": "Nesterov momentum",
            "rmsprop": "RMSprop",
            "adagrad": "Adagrad",
            "adadelta": "Adadelta",
            "adam": "Adam",
            "adamw": "AdamW",
        },
    )
    learning_rate: float = _setting(
        0.02,
        "Learning rate",
        "How far each step moves the weights. Too small learns slowly, too large diverges; it can be changed"
        " while the run goes on.",
        Group.LEARNING,
        low=1e-6,
        high=10.0,
        live=True,
        step="log",
    )
    momentum: float = _setting(
        0.9,
        "Momentum",
        "How much of the last step is kept in the next one (momentum, Nesterov; beta 1 of Adam and AdamW).",
        Group.LEARNING,
        low=0.0,
        high=0.999,
        live=True,
    )
    square_decay: float = _setting(
        0.999,
        "Memory of squares",
        "How slowly the average of squared gradients forgets (beta 2 of Adam and AdamW, rho of RMSprop and Adadelta).",
        Group.LEARNING,
        low=0.0,
        high=0.9999,
    )
    batch_size: int = _setting(
        128,
        "Batch size",
        "Digits in a minibatch, the group from which one step learns.",
        Group.LEARNING,
        low=1,
        high=10_000,
        unit="digits",
    )
    schedule: Schedule = _setting(
        Schedule.CONSTANT,
        "Schedule",
        "How the learning rate goes through the run. Falling rates end with a lower error; one-cycle rises first.",
        Group.SCHEDULE,
        names={
            "constant": "Constant",
            "step": "Step",
            "exponential": "Exponential",
            "cosine": "Cosine",
            "one-cycle": "One-cycle",
        },
    )
    warm_up: float = _setting(
        0.3,
        "Warm-up",
        "Share of the run in which the rate of one-cycle rises to its peak, the learning rate.",
        Group.SCHEDULE,
        low=0.0,
        high=0.9,
    )
    drop: float = _setting(
        0.5,
        "Drop",
        "The learning rate is multiplied by this (step: at once; exponential: little by little).",
        Group.SCHEDULE,
        low=0.01,
        high=1.0,
    )
    drop_every: int = _setting(
        5,
        "Drop every",
        "Epochs in which the learning rate is multiplied by the drop once.",
        Group.SCHEDULE,
        low=1,
        high=10_000,
        unit="epochs",
    )
    weight_decay: float = _setting(
        0.0,
        "L2 penalty",
        "Strength of the penalty on large weights (weight decay). A little of it helps against overfitting.",
        Group.REGULARISATION,
        low=0.0,
        high=1.0,
        live=True,
        step="log",
    )
    label_smoothing: float = _setting(
        0.0,
        "Label smoothing",
        "Share of each label that is spread over all ten classes. It keeps a network from being too sure.",
        Group.REGULARISATION,
        low=0.0,
        high=0.5,
    )
    average: float = _setting(
        0.0,
        "Weight averaging",
        "Reads digits with a moving average of the weights (EMA) that forgets this slowly, for example 0.999;"
        " 0 reads with the latest weights.",
        Group.REGULARISATION,
        low=0.0,
        high=0.9999,
    )
    augment: bool = _setting(
        False,
        "Augment",
        "Shows each training digit shifted, turned, scaled, slanted and bent a little, anew each time.",
        Group.AUGMENTATION,
    )
    shift: float = _setting(
        2.0,
        "Shift",
        "Digits move by up to this, in each direction.",
        Group.AUGMENTATION,
        low=0.0,
        high=14.0,
        live=True,
        unit="pixels",
    )
    rotation: float = _setting(
        10.0,
        "Rotation",
        "Digits turn by up to this, both ways.",
        Group.AUGMENTATION,
        low=0.0,
        high=180.0,
        live=True,
        unit="degrees",
    )
    scale: float = _setting(
        10.0,
        "Scale",
        "Digits grow and shrink by up to this, in width and height.",
        Group.AUGMENTATION,
        low=0.0,
        high=90.0,
        live=True,
        unit="percent",
    )
    shear: float = _setting(
        5.0,
        "Shear",
        "Digits slant by up to this, both ways.",
        Group.AUGMENTATION,
        low=0.0,
        high=60.0,
        live=True,
        unit="degrees",
    )
    elastic: float = _setting(
        0.0,
        "Elastic",
        "Digits are bent as rubber would be: how far a pixel moves (root mean square).",
        Group.AUGMENTATION,
        low=0.0,
        high=5.0,
        live=True,
        unit="pixels",
    )
    fade: float = _setting(
        0.0,
        "Fade",
        "How much weaker augmentation is when the schedule's rate is near 0: a run ends on digits nearly as they are.",
        Group.AUGMENTATION,
        low=0.0,
        high=100.0,
        unit="percent",
    )
    variants: float = _setting(
        0.0,
        "Other hands",
        "Adds ones with a flag and nines with a hook, made from this share of the ones and nines.",
        Group.AUGMENTATION,
        low=0.0,
        high=100.0,
        unit="percent",
    )
    epochs: int = _setting(
        10, "Epochs", "How many times the run goes through all training digits at most.", Group.RUN, low=1, high=10_000
    )
    patience: int = _setting(
        5,
        "Patience",
        "Early stopping: the run ends after this many epochs without a better validation error. 0 never stops early.",
        Group.RUN,
        low=0,
        high=10_000,
        unit="epochs",
    )
    validate_every: int = _setting(
        0,
        "Validate every",
        "Steps between two looks at the validation digits. 0 means once an epoch.",
        Group.RUN,
        low=0,
        high=1_000_000,
        unit="steps",
    )
    seed: int = _setting(
        1,
        "Seed",
        "Start of the random numbers for first weights, shuffling, dropout and augmentation. The same seed repeats the"
        " same run.",
        Group.RUN,
        low=0,
        high=2**31 - 1,
    )
    device: Device = _setting(
        Device.AUTO,
        "Device",
        "Where the run computes. Auto takes an NVIDIA GPU when one works, else the CPU.",
        Group.RUN,
        names={"auto": "Auto", "cpu": "CPU", "cuda": "NVIDIA GPU (CUDA)"},
    )

    def __post_init__(self) -> None:
        for item in fields(self):
            value, low, high = getattr(self, item.name), item.metadata["low"], item.metadata["high"]
            if low is not None and not low <= value <= high:
                raise ConfigError(f"{item.metadata['title']} must be {low:g} to {high:g}, got {value:g}")
        try:
            parse(self.network)
        except ArchitectureError as error:
            raise ConfigError(f"The network does not fit. {error}") from error

    @property
    def architecture(self) -> Architecture:
        """The network, read."""
        return parse(self.network)

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


STRENGTHS: Final = tuple(
    item.name
    for item in fields(TrainingConfig)
    if item.metadata["group"] is Group.AUGMENTATION and item.metadata["live"]
)
"""Names of the settings that say how strongly digits are augmented."""
