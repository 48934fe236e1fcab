"""Digits that are kept in sight: what every model says of them, and how that came about while it learnt."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.data.difficult import difficult_digits
from mnist_gui.data.drawing import Drawing
from mnist_gui.data.files import write_atomically
from mnist_gui.engine.history import RunHistory
from mnist_gui.engine.model import Model
from mnist_gui.engine.prediction import Prediction
from mnist_gui.session.pins_file import Pin, dump_pins, read_pins
from mnist_gui.session.probability_curve import ProbabilityCurve
from mnist_gui.session.session import Session
from mnist_gui.session.states import Asker, RunState
from mnist_gui.session.tasks import Tasks

__all__ = ["Pin", "Pins"]

_REMOVALS: Final = 50
"""So many removals can be taken back."""

_log = logging.getLogger(__name__)


class Pins(QObject):
    """Any number of digits, read by every model that the session has. Lives on the GUI thread.

    While a run goes on, each of its weights that come to the window give every pin a reading: its curve has ten
    probabilities a step. A new run begins new curves. Another model, and the weights that a run keeps at its end,
    change only the answer of now.

    Signals:
        changed: `pins` are others, or are called or labelled otherwise.
        recorded: there are newer answers, and curves may be longer.
        run_begun: all curves are new.
    """

    changed = pyqtSignal()
    recorded = pyqtSignal()
    run_begun = pyqtSignal()

    def __init__(self, session: Session, path: Path | None = None) -> None:
        """Reads the pins of the last time.

        Args:
            session: the owner; it reads the digits, and its end is the end of this.
            path: the file of the pins; by default beside the runs of the session.
        """
        super().__init__(session)
        self._session = session
        self._path = path or session.runs.parent / "pins.json"
        self._pins: list[Pin] = []
        self._next = 1
        self._curves: dict[int, ProbabilityCurve] = {}
        self._answers: dict[int, Prediction] = {}
        self._removed: list[tuple[int, Pin, ProbabilityCurve]] = []
        self._asked: tuple[int, ...] = ()
        self._history: RunHistory | None = session.history
        self._steps: WeakKeyDictionary[Model, int] = WeakKeyDictionary()
        self._newest_step = -1
        self._tasks = Tasks(self)
        self._unsaved = False
        session.all_answered.connect(self._take)
        session.model_changed.connect(self._note_model)
        session.history_extended.connect(self._note_run)
        session.at_close(self._close)
        self._read()

    # ---- the pins
    @property
    def pins(self) -> tuple[Pin, ...]:
        """In the order in which they are shown."""
        return tuple(self._pins)

    def answer(self, number: int) -> Prediction | None:
        """What the present model says of a pin; None when there is no model, or it has not read it yet."""
        return self._answers.get(number)

    def curve(self, number: int) -> ProbabilityCurve:
        """What the newest run said of a pin, step by step; empty if it has not read it."""
        return self._curves[number]

    def find(self, image: NDArray[np.uint8]) -> Pin | None:
        """The pin with this image, uint8 of shape (28, 28), if there is one."""
        return next((pin for pin in self._pins if np.array_equal(pin.image, image)), None)

    def pin(self, image: NDArray[np.uint8], drawing: Drawing | None, label: int | None, title: str) -> Pin:
        """Keeps a digit in sight; one that is pinned already stays as it is.

        Args:
            image: what the model reads: uint8, shape (28, 28), 0 paper, 255 ink.
            drawing: what it was made of; None for a digit of a data set.
            label: the digit that was meant, 0 to 9; None where nobody said.
            title: what the window calls it.

        Raises:
            ValueError: the image or the label are none.
        """
        found = self.find(image)
        if found is not None:
            return found
        pin = Pin(self._next, image.copy(), drawing, label, title)
        self._insert(len(self._pins), pin, ProbabilityCurve())
        return pin

    def pin_difficult(self) -> None:
        """Pins three digits of the data set that are easily taken for others, with their labels."""
        dataset = self._session.dataset
        for index in difficult_digits(dataset) if dataset is not None else ():
            assert dataset is not None, "it has these digits"
            self.pin(dataset.images[index], None, int(dataset.labels[index]), f"Digit {index:,}")

    def unpin(self, number: int) -> None:
        """Takes a pin away; `restore` brings it back."""
        place = self._place(number)
        pin = self._pins.pop(place)
        self._removed.append((place, pin, self._curves.pop(number)))
        del self._removed[:-_REMOVALS]
        self._answers.pop(number, None)
        self._follow_change()

    @property
    def removed(self) -> Pin | None:
        """The pin that was taken away last, and could come back."""
        return self._removed[-1][1] if self._removed else None

    def restore(self) -> None:
        """Brings back the pin that was taken away last, in its place and with its curve, if there is one."""
        if self._removed:
            place, pin, curve = self._removed.pop()
            self._insert(min(place, len(self._pins)), pin, curve)

    def move(self, number: int, place: int) -> None:
        """Puts a pin in another place, counted from 0; beyond the ends is at the end."""
        pin = self._pins.pop(self._place(number))
        self._pins.insert(max(0, min(place, len(self._pins))), pin)
        self._follow_change()

    def set_label(self, number: int, label: int | None) -> None:
        """Says which digit was meant, 0 to 9; None for nobody knows.

        Raises:
            ValueError: it is no digit.
        """
        place = self._place(number)
        self._pins[place] = replace(self._pins[place], label=label)
        self._follow_change(again=False)

    def set_title(self, number: int, title: str) -> None:
        """Calls a pin otherwise; an empty title changes nothing."""
        place = self._place(number)
        if title.strip():
            self._pins[place] = replace(self._pins[place], title=title.strip())
            self._follow_change(again=False)

    def _place(self, number: int) -> int:
        """Where a pin is.

        Raises:
            KeyError: there is none of this number.
        """
        for place, pin in enumerate(self._pins):
            if pin.number == number:
                return place
        raise KeyError(number)

    def _insert(self, place: int, pin: Pin, curve: ProbabilityCurve) -> None:
        self._next = max(self._next, pin.number + 1)
        self._pins.insert(place, pin)
        self._curves[pin.number] = curve
        self._follow_change()

    def _follow_change(self, *, again: bool = True) -> None:
        """Tells, saves, and has the pins read if they are others.

        Args:
            again: whether they are.
        """
        self.changed.emit()
        self._save()
        if again:
            self._ask()

    # ---- reading them
    def _ask(self) -> None:
        self._asked = tuple(pin.number for pin in self._pins)
        images = np.stack([pin.image for pin in self._pins]) if self._pins else None
        self._session.ask_all(Asker.PINS, images)

    @pyqtSlot()
    def _note_model(self) -> None:
        """The weights of a run are told from other models by when they come: files know steps, too."""
        self._note_run()
        model, step = self._session.model, -1
        if model is not None and self._session.run_state is not RunState.IDLE:
            step = model.metadata.get("step", -1)
        if model is not None and type(step) is int and step >= 0:
            self._steps[model] = step

    @pyqtSlot()
    def _note_run(self) -> None:
        if self._session.history is not self._history:
            self._history = self._session.history
            self._steps.clear()
            self._newest_step = -1
            self._curves = {pin.number: ProbabilityCurve() for pin in self._pins}
            self._removed = [(place, pin, ProbabilityCurve()) for place, pin, _ in self._removed]
            self.run_begun.emit()

    @pyqtSlot(str, object, object)
    def _take(self, asker: str, predictions: tuple[Prediction, ...] | None, model: Model | None) -> None:
        if asker != Asker.PINS:
            return
        if predictions is None or model is None:
            self._answers.clear()
            self.recorded.emit()
            return
        step = self._steps.get(model)
        goes_on = self._session.run_state is not RunState.IDLE
        newest = model is self._session.model or (goes_on and step is not None and step > self._newest_step)
        for number, prediction in zip(self._asked, predictions, strict=True):
            if step is not None:
                self._curves[number].add(step, prediction.probabilities)
            if newest:
                self._answers[number] = prediction
        if step is not None:
            self._newest_step = max(self._newest_step, step)
        self.recorded.emit()

    # ---- the file
    def _read(self) -> None:
        try:
            pins, damaged = read_pins(self._path)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            _log.warning("pins %s cannot be read: %s", self._path, error)
            self._set_aside("The pinned digits could not be read", Path.replace)
            return
        if damaged:
            self._set_aside(f"{damaged} of {damaged + len(pins)} pinned digits could not be read", _copy)
        self._pins = pins
        self._curves = {pin.number: ProbabilityCurve() for pin in pins}
        self._next = len(pins) + 1
        if pins:
            self._ask()

    def _set_aside(self, what: str, keep: Callable[[Path, Path], object]) -> None:
        aside = self._path.with_name(f"{self._path.stem}.corrupt-{time.strftime('%Y%m%d-%H%M%S')}.json")
        try:
            keep(self._path, aside)
        except OSError as error:
            _log.warning("%s cannot be set aside: %s", self._path, error)
            self._path = aside  # so that what is there is not overwritten
            self._tell(f"{what}.")
        else:
            self._tell(f"{what}; the file was kept as {aside.name}.")

    def _tell(self, sentence: str) -> None:
        """Once somebody can hear it: the window is not there yet while the file is read."""
        self._session.settings.notices.append(sentence)

    def _save(self) -> None:
        """In the background, one file after the other."""
        if self._tasks.busy("pins"):
            self._unsaved = True
            return
        self._unsaved = False
        content, path = dump_pins(self.pins), self._path
        self._tasks.ask("pins", lambda: _write(path, content), self._saved, self._not_saved)

    def _saved(self, _result: None = None) -> None:
        if self._unsaved:
            self._save()

    def _not_saved(self, error: Exception, _details: str) -> None:
        self._session.notice.emit(f"The pinned digits were not saved: {error}")
        self._saved()

    def _close(self) -> None:
        unsaved = self._unsaved
        self._tasks.close()
        if unsaved:
            try:
                _write(self._path, dump_pins(self.pins))
            except OSError as error:
                _log.warning("pins were not saved: %s", error)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def _copy(path: Path, other: Path) -> None:
    other.write_bytes(path.read_bytes())
