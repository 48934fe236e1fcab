"""What may be asked of a run while it goes on; safe to call from any thread."""

import threading
from collections.abc import Callable

from mnist_gui.engine.config import LIVE_SETTINGS


class Stopped(BaseException):
    """The run was asked to stop while it was not between two steps.

    No `Exception`, as PyTensor takes those for rewrites that do not fit and goes on.
    """


class Control:
    """Requests to a run, polled by its loop between two steps.

    Waiting is done on a condition: a paused run costs nothing and answers at once.
    """

    def __init__(self, *, paused: bool = False, steps: int = 0) -> None:
        """Makes the control of a run that starts at once.

        Args:
            paused: wait before the first step.
            steps: number of single steps to make although paused.
        """
        self._condition = threading.Condition()
        self._paused = paused
        self._steps = steps
        self._stopped = False
        self._live: dict[str, float] = {}

    def pause(self) -> None:
        """The run waits after the step it is making."""
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        """A paused run goes on."""
        with self._condition:
            self._paused = False
            self._steps = 0
            self._condition.notify_all()

    def step(self) -> None:
        """The run makes one more minibatch and is paused after it."""
        with self._condition:
            self._steps = self._steps + 1 if self._paused else 1
            self._paused = True
            self._condition.notify_all()

    def stop(self) -> None:
        """The run ends after the step it is making, paused or not. Cannot be taken back."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def set_live(self, name: str, value: float) -> None:
        """A live setting has another value from the next step on; the newest request wins.

        Raises:
            ValueError: the setting is not live.
        """
        if name not in LIVE_SETTINGS:
            raise ValueError(f"{name} cannot be changed while a run goes on; {', '.join(LIVE_SETTINGS)} can")
        with self._condition:
            self._live[name] = value

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    @property
    def single_steps(self) -> bool:
        """Whether the run is to wait after the next step."""
        return self._paused

    def check(self) -> None:
        """Called by the loop while it does something long.

        Raises:
            Stopped: `stop` was called.
        """
        if self._stopped:
            raise Stopped

    def take_live(self) -> dict[str, float]:
        """The live settings that were changed since the last call; for the loop."""
        with self._condition:
            changed, self._live = self._live, {}
            return changed

    def wait_for_turn(self, on_pause: Callable[[], None], on_resume: Callable[[], None]) -> bool:
        """Called by the loop before each step: returns at once, or when the run may go on.

        Args:
            on_pause: called once if the run has to wait.
            on_resume: called once when it goes on after waiting, unless it was stopped.

        Returns:
            Whether to make a step; False when the run was stopped.
        """
        waited = False
        while True:
            with self._condition:
                if self._stopped:
                    return False
                if not self._paused or self._steps:
                    self._steps = max(0, self._steps - 1)
                    break
                if waited:
                    self._condition.wait()
                    continue
            waited = True
            on_pause()
        if waited:
            on_resume()
        return True
