"""A pen that is moved by keys."""

from typing import Final

from PyQt6.QtCore import Qt

from mnist_gui.data.drawing import CANVAS_SIDE

STEP: Final = 4.0
"""Units that one press of an arrow key moves the pen; a digit is about 200 high."""

LONG_STEP: Final = 20.0
"""The same with Shift."""

_WAYS: Final = {
    int(Qt.Key.Key_Left): (-1, 0),
    int(Qt.Key.Key_Right): (1, 0),
    int(Qt.Key.Key_Up): (0, -1),
    int(Qt.Key.Key_Down): (0, 1),
}


class KeyPen:
    """Where it is, and which arrow keys are held: two at once move it aslant.

    Attributes:
        x: in units of the canvas.
        y: in units of the canvas.
        down: whether it draws.
        shown: whether it is in use.
    """

    def __init__(self) -> None:
        self.x = self.y = CANVAS_SIDE / 2
        self.down = False
        self.shown = False
        self._held: set[int] = set()

    @property
    def place(self) -> tuple[float, float]:
        """Where it is: x and y."""
        return self.x, self.y

    @property
    def words(self) -> str:
        """Where it is, for a screen reader."""
        across, down = round(100 * self.x / CANVAS_SIDE), round(100 * self.y / CANVAS_SIDE)
        return f"pen {'down' if self.down else 'up'}, {across} % across, {down} % down"

    def press(self, key: int, *, far: bool, again: bool) -> bool:
        """An arrow key was pressed, or repeats.

        Args:
            key: of `Qt.Key`.
            far: whether the long step is asked for.
            again: whether the keyboard repeats a key that is held.

        Returns:
            Whether it was an arrow key; the pen has moved then.
        """
        if key not in _WAYS:
            return False
        if not again:
            self._held.add(key)
        step = LONG_STEP if far else STEP
        ways = [_WAYS[held] for held in self._held | {key}]
        self.x = min(max(self.x + step * sum(x for x, _ in ways), 0.0), CANVAS_SIDE)
        self.y = min(max(self.y + step * sum(y for _, y in ways), 0.0), CANVAS_SIDE)
        self.shown = True
        return True

    def release(self, key: int) -> None:
        """A key was let go."""
        self._held.discard(key)

    def rest(self) -> None:
        """The keyboard is somewhere else: no key is held, the pen is up and out of sight."""
        self._held.clear()
        self.down = self.shown = False
