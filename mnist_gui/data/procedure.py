"""Which stages are used on the way from a drawing to its 28x28."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final


@dataclass(frozen=True)
class Procedure:
    """The stages that can be left out.

    Attributes:
        specks: ink that is under 1 % of all and far from the rest is dropped; off by default, since one in eighty
            digits of MNIST has such specks, and none of the pen strokes that the default was chosen on.
        width: strokes thinner or thicker than a pen that writes like MNIST are drawn with such a pen.
        box: the ink's box fills the 20x20; without it the whole canvas becomes the 28x28, as in a screenshot.
        contrast: the darkest ink becomes 255.
        centring: the centre of mass becomes the middle of the 28x28; without it the 20x20 lies in the middle.
    """

    specks: bool = False
    width: bool = True
    box: bool = True
    contrast: bool = True
    centring: bool = True

    def to_dict(self) -> dict[str, bool]:
        """The stages by name, as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Procedure":
        """The inverse of `to_dict`; what is missing, unknown or no truth value is as in `DEFAULT`."""
        return cls(**{name: values[name] for name in STAGES if isinstance(values.get(name), bool)})


STAGES: Final = tuple(item.name for item in fields(Procedure))
"""Names of the stages that can be left out, in their order."""

DEFAULT: Final = Procedure()
"""What the canvas uses until somebody switches a stage off."""
