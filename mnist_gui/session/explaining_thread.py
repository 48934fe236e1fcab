"""A thread that looks into the present network, one step at a time, each with what is newest."""

import operator
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from mnist_gui.data.dataset import Dataset, Split
from mnist_gui.engine.collecting import collection_off, load_library
from mnist_gui.engine.explanation import Cover, Look, ValueMap
from mnist_gui.engine.model import Model
from mnist_gui.engine.neighbours import Found, Neighbours

COUNT: Final = 8
"""Neighbours that are looked for, of each class and of all."""

REST: Final = 2.0
"""After a step the thread rests for so many times its processor time: the canvas and the window compute, too."""

LEAST_REST: Final = 0.04
"""Seconds between two steps at least: so often a window can show what was found without being late for the pen."""

REST_BESIDE_TRAINING: Final = 12.0
"""The same while a network learns: on two processors this leaves it 96 %."""

LEAST_BESIDE_TRAINING: Final = 1.0
"""Seconds between two sets of weights of a network that learns."""


class InsightInto(Protocol):
    """What is used of `mnist_gui.engine.explaining.Insight`."""

    def set_model(self, model: Model) -> None:
        """Takes the weights of another model of the same network."""

    def look(self, image: NDArray[np.uint8]) -> Look:
        """What the layers make of a digit."""

    def saliency(self, image: NDArray[np.uint8], digit: int, probability: float) -> ValueMap:
        """What more ink would do to a class."""

    def occlusion(
        self, image: NDArray[np.uint8], digit: int, cover: Cover, stopped: Callable[[], bool]
    ) -> ValueMap | None:
        """What covering places does to a class; None when it was stopped."""


MakeInsight = Callable[[Model], InsightInto]


def make_insight(model: Model) -> InsightInto:
    """Loads PyTensor if need be and builds a graph; takes seconds, so only for background threads."""
    load_library("mnist_gui.engine.explaining")
    from mnist_gui.engine.explaining import Insight

    return Insight(model)


class Step(StrEnum):
    """What is found of a digit."""

    LOOK = "look"
    SALIENCY = "saliency"
    PIXELS = "pixels"
    FEATURES = "features"
    OCCLUSION = "occlusion"


@dataclass(frozen=True, eq=False)
class Wish:
    """What is wanted now; a newer one replaces it.

    Attributes:
        image: uint8, shape (28, 28); None for nothing.
        model: who looks; None for nobody.
        dataset: whose training digits are compared by their pixels.
        features: the training digits as the last hidden layer of `model` sees them; None while they are not known.
        steps: what is wanted of the digit.
        digit: for which class the maps are; None for the most probable one.
        cover: with what the digit is covered.
        beside_training: whether a network learns meanwhile.
    """

    image: NDArray[np.uint8] | None = None
    model: Model | None = None
    dataset: Dataset | None = None
    features: Neighbours | None = None
    steps: frozenset[Step] = frozenset()
    digit: int | None = None
    cover: Cover = Cover.PAPER
    beside_training: bool = False


@dataclass
class _State:
    """What the thread knows; its own.

    Attributes:
        insight: into the network of `model`.
        model: whose weights are in use.
        taken: when they were taken.
        pixels: the training digits of `dataset`.
        look: the newest.
        done: what the newest result of each step was made of.
        refused: a model that cannot be looked into; else it would be tried for ever.
    """

    insight: InsightInto | None = None
    model: Model | None = None
    taken: float = 0.0
    pixels: Neighbours | None = None
    dataset: Dataset | None = None
    look: Look | None = None
    done: dict[Step, tuple[Any, ...]] = field(default_factory=dict)
    refused: Model | None = None

    def forget_others(self, wish: Wish) -> None:
        """Drops what is large and no longer wanted."""
        if wish.dataset is not self.dataset:
            self.pixels, self.dataset = None, None
            self.done.pop(Step.PIXELS, None)
        if wish.features is None:
            self.done.pop(Step.FEATURES, None)


class ExplainingThread(QObject):
    """Does the first step whose result is not of the newest wish, rests, and begins anew.

    So at most one thing is computed at a time, and what was wished meanwhile and is no longer wanted is never
    computed. A look and its saliency follow a moving pen; the rest needs longer and comes when the pen rests.

    Signals:
        found: (step, result, wish): a `Look`, a `ValueMap` or a `Found`.
        failed: (sentence, details).
    """

    found = pyqtSignal(str, object, object)
    failed = pyqtSignal(str, str)

    def __init__(self, make: MakeInsight = make_insight, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._condition = threading.Condition()
        self._closing = False
        self._wish = Wish()
        self._thread: threading.Thread | None = None

    def wish(self, wish: Wish) -> None:
        """Wants this from now on."""
        with self._condition:
            self._wish = wish
            self._condition.notify()
        if self._thread is None and wish.image is not None and wish.steps and wish.model is not None:
            self._thread = threading.Thread(target=self._run, name="explainer", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        state = _State()
        while True:
            with self._condition:
                wish = self._wish
                if self._closing:
                    return
                state.forget_others(wish)
                step = _next(wish, state)
                if step is None:
                    self._condition.wait(_until_weights(wish, state))
                    continue
            try:
                if step is Step.LOOK:
                    self._take_weights(wish, state)
                start = time.thread_time()
                result = self._do(step, wish, state)
            except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window is told
                self.failed.emit(f"The model could not be looked into: {error}", traceback.format_exc())
                state.refused = wish.model
                continue
            if result is not None:
                self.found.emit(step, result, wish)
            spent = time.thread_time() - start
            with self._condition:
                if not self._closing:
                    rest = REST_BESIDE_TRAINING if self._wish.beside_training else REST
                    self._condition.wait_for(lambda: self._closing, max(spent * rest, LEAST_REST))

    def _do(self, step: Step, wish: Wish, state: _State) -> Look | ValueMap | Found | None:
        """Makes one step; None when it was given up."""
        key = _key(step, wish, state)
        image = wish.image
        assert image is not None, "steps are made for digits only"
        result: Look | ValueMap | Found | None
        match step:
            case Step.LOOK:
                assert state.insight is not None, "it has just been made"
                result = state.look = state.insight.look(image)
            case Step.PIXELS:
                result = self._pixels(wish, state).search(image.ravel().astype(np.float32) / np.float32(255), COUNT)
            case Step.FEATURES:
                assert wish.features is not None, "the step is made with features only"
                assert state.look is not None, "the digit was looked at before"
                assert state.look.features is not None, "there are neighbours of features"
                result = wish.features.search(state.look.features, COUNT)
            case _:
                result = self._map(step, wish, state)
        if result is not None:
            state.done[step] = key
        return result

    def _take_weights(self, wish: Wish, state: _State) -> None:
        model = wish.model
        if model is state.model or model is None or not _weights_due(wish, state):
            return
        if state.insight is None or state.model is None or state.model.network != model.network:
            with collection_off():
                state.insight = self._make(model)
        else:
            state.insight.set_model(model)
        state.model, state.taken = model, time.monotonic()

    def _pixels(self, wish: Wish, state: _State) -> Neighbours:
        dataset = wish.dataset
        assert dataset is not None, "the step is made with a data set only"
        if state.pixels is None or state.dataset is not dataset:
            images = dataset.images_of(Split.TRAINING)
            state.pixels = Neighbours(images.reshape(len(images), -1), dataset.labels_of(Split.TRAINING), 1 / 255)
            state.dataset = dataset
        return state.pixels

    def _map(self, step: Step, wish: Wish, state: _State) -> ValueMap | None:
        look, insight = state.look, state.insight
        assert look is not None, "the digit was looked at before"
        assert insight is not None, "by somebody"
        digit = look.digit if wish.digit is None else wish.digit
        if step is Step.SALIENCY:
            return insight.saliency(look.image, digit, float(look.probabilities[digit]))
        return insight.occlusion(look.image, digit, wish.cover, lambda: self._overtaken(wish))

    def _overtaken(self, wish: Wish) -> bool:
        """Whether something is to be done before what is being done."""
        newest = self._wish
        same = (
            newest.image is wish.image
            and newest.digit == wish.digit
            and newest.cover is wish.cover
            and Step.OCCLUSION in newest.steps
            # Newer weights of a network that learns can wait: they come faster than maps.
            and (newest.model is wish.model or newest.beside_training)
        )
        return self._closing or not same


def _next(wish: Wish, state: _State) -> Step | None:
    """The first step that is wanted and not done."""
    refused = state.refused is not None and wish.model is not None and state.refused.network == wish.model.network
    if wish.image is None or wish.model is None or not wish.steps or refused:
        return None
    # The map of a digit that was looked at comes before a newer digit, or it would never come while a pen moves.
    order = (Step.SALIENCY, Step.LOOK, Step.PIXELS, Step.FEATURES, Step.OCCLUSION)
    for step in order:
        wanted = step in wish.steps or step is Step.LOOK
        if wanted and _possible(step, wish, state) and not _same(state.done.get(step), _key(step, wish, state)):
            return step
    return None


def _same(old: tuple[Any, ...] | None, new: tuple[Any, ...]) -> bool:
    """By identity: arrays, models and data sets never change, and classes and covers are there once only."""
    return old is not None and all(map(operator.is_, old, new))


def _possible(step: Step, wish: Wish, state: _State) -> bool:
    """Whether there is what the step needs."""
    if step is Step.SALIENCY:
        return state.look is not None
    if step is Step.PIXELS:
        return wish.dataset is not None
    if step is Step.FEATURES:
        return wish.features is not None and state.model is wish.model
    return True


def _key(step: Step, wish: Wish, state: _State) -> tuple[Any, ...]:
    """What a step's result is made of."""
    match step:
        case Step.LOOK:
            return wish.image, wish.model if _weights_due(wish, state) else state.model
        case Step.SALIENCY:
            return state.look, wish.digit
        case Step.PIXELS:
            return wish.image, wish.dataset
        case Step.FEATURES:
            return wish.image, state.model, wish.features
        case Step.OCCLUSION:
            return wish.image, state.model, wish.digit, wish.cover


def _weights_due(wish: Wish, state: _State) -> bool:
    """Whether newer weights may be taken: those of a network that learns only every now and then."""
    first = state.model is None or wish.model is None or state.model.network != wish.model.network
    return first or not wish.beside_training or time.monotonic() - state.taken >= LEAST_BESIDE_TRAINING


def _until_weights(wish: Wish, state: _State) -> float | None:
    """Seconds until newer weights may be taken; None when there are none that wait."""
    if wish.image is None or not wish.steps or wish.model is None or wish.model is state.model:
        return None
    return max(LEAST_BESIDE_TRAINING - (time.monotonic() - state.taken), 0.01)
