"""From functions that are there at once to functions that are quick, in the middle of a run.

A run begins on the interpreter while a child process compiles. When that is done, the run goes on with the compiled
functions: the shared variables of the graph serve both, so weights, and what the rule remembers, stay where they are.
"""

from contextlib import ExitStack

from mnist_gui.engine.backend import Backend, thread_limits
from mnist_gui.engine.compiling import CompileChild
from mnist_gui.engine.control import Control, Stopped
from mnist_gui.engine.functions import TrainingFunctions


class Changeover:
    """Asked before each step whether it is time; without a child there is nothing to wait for."""

    def __init__(
        self,
        functions: TrainingFunctions,
        backend: Backend,
        child: CompileChild,
        control: Control,
        limits: ExitStack,
        at: int | None,
    ) -> None:
        """Begins to wait.

        Args:
            functions: of the run, those of the interpreter in use.
            backend: whose functions to change to.
            child: what compiles them.
            control: is asked whether to give up.
            limits: holds the `thread_limits` of the functions in use.
            at: the first step to be made by them; None makes the change when they are there.
        """
        self._functions, self._backend, self._child = functions, backend, child
        self._control, self._limits, self._at = control, limits, at
        self._prepared = False

    @property
    def backend(self) -> Backend:
        """Whose functions it changes to."""
        return self._backend

    @property
    def is_replay(self) -> bool:
        """Whether the step of the change was given."""
        return self._at is not None

    def is_due(self, step: int) -> bool:
        """Whether the compiled functions make this step; they are in use then. It is not asked again after that.

        Raises:
            CompileError: they cannot be compiled.
            Stopped: the run was asked to stop.
        """
        if self._at is not None:
            if step < self._at:
                return False
            if not self._child.wait(lambda: self._control.stopped):
                raise Stopped
        elif step == 1:
            return False
        elif not self._prepared:
            # Once there is a first point to look at, and while the child compiles anyway.
            self._functions.prepare(self._backend)
            self._prepared = True
        if not self._child.done():
            return False
        self._limits.close()
        self._limits.enter_context(thread_limits(self._backend))
        self._functions.change_to(self._backend)
        return True
