"""How often the window follows a run: less often where all processors compute and wait for the one that draws."""

from typing import Final

from mnist_gui.engine.processors import cpu_count

FEW_PROCESSORS: Final = 2


def pace(usual: int, slow: int) -> int:
    """The time between two looks at a run.

    Args:
        usual: milliseconds.
        slow: the same where there are few processors.
    """
    return slow if cpu_count() <= FEW_PROCESSORS else usual
