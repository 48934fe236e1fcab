"""Which settings a run would look at at all, given the others; and what each group of them says in a few words."""

from typing import Final

from mnist_gui.engine.config import STRENGTHS, Group, Schedule, TrainingConfig, Updates
from mnist_gui.gui.training.fields import FIELDS
from mnist_gui.gui.training.texts import setting_text

_MOMENTUM: Final = frozenset({Updates.MOMENTUM, Updates.NESTEROV, Updates.ADAM, Updates.ADAMW})
_SQUARES: Final = frozenset({Updates.RMSPROP, Updates.ADADELTA, Updates.ADAM, Updates.ADAMW})
_DROPS: Final = frozenset({Schedule.STEP, Schedule.EXPONENTIAL})


def why_irrelevant(name: str, updates: Updates, schedule: Schedule, *, augment: bool) -> str:
    """Why a run would not look at a setting, in one sentence; empty if it would.

    Args:
        name: field of `TrainingConfig`.
        updates: the rule chosen.
        schedule: the schedule chosen.
        augment: whether digits are augmented.
    """
    match name:
        case "momentum" if updates not in _MOMENTUM:
            return f"{_title('updates', updates)} has no momentum."
        case "square_decay" if updates not in _SQUARES:
            return f"{_title('updates', updates)} keeps no average of squared gradients."
        case "warm_up" if schedule is not Schedule.ONE_CYCLE:
            return "Only the one-cycle schedule begins with a warm-up."
        case "drop" | "drop_every" if schedule not in _DROPS:
            return "Only the step and the exponential schedule drop the learning rate every few epochs."
        case _ if name in (*STRENGTHS, "fade") and not augment:
            return "Digits are not augmented."
        case "fade" if schedule is Schedule.CONSTANT:
            return "Augmentation fades with the learning rate, which is constant."
    return ""


def summary(group: Group, config: TrainingConfig) -> str:
    """What the settings of a group come to, in a few words for its heading."""
    match group:
        case Group.NETWORK:
            return config.architecture.title
        case Group.LEARNING:
            return f"{_title('updates', config.updates)}, batches of {config.batch_size:,}"
        case Group.SCHEDULE:
            return _title("schedule", config.schedule)
        case Group.REGULARISATION:
            used = [
                f"{word} {setting_text(value)}"
                for word, value in (("smoothing", config.label_smoothing), ("averaging", config.average))
                if value
            ]
            return ", ".join(used) or "None"
        case Group.AUGMENTATION:
            return "On" if config.augment else "Off"
        case Group.RUN:
            epochs = f"{config.epochs:,} epoch{'s' if config.epochs != 1 else ''}"
            return f"{epochs}, seed {config.seed:,}, {_title('device', config.device)}"


def _title(field: str, value: str) -> str:
    return str(FIELDS[field].metadata["names"][str(value)])
