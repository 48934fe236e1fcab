"""Explains how the present model reads one digit: the owner of the threads that find out and of what they keep."""

from collections.abc import Collection
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from mnist_gui.engine.explanation import WIDEST, Cover, Look, ValueMap, features_width
from mnist_gui.engine.neighbours import Found
from mnist_gui.session.explaining_thread import ExplainingThread, MakeInsight, Step, Wish, make_insight
from mnist_gui.session.feature_survey import FeatureSurvey, MakeFeatures, make_features
from mnist_gui.session.session import Session
from mnist_gui.session.states import RunState

__all__ = ["Explainer", "FeaturesState", "Step"]


class FeaturesState(StrEnum):
    """Whether the training digits are known as the last hidden layer sees them, or why not."""

    NOTHING = "there is no model or no data set"
    NO_LAYER = "the network has no hidden layer"
    TOO_WIDE = "the last hidden layer is too wide"
    RUN = "a run goes on"
    WAITING = "nobody has looked at a digit yet"
    COMPUTING = "being computed"
    READY = "ready"


class Explainer(QObject):
    """Follows the session's model, data set and run; is told the digit and what of it is wanted.

    Nothing is computed while nothing is wanted. While a run goes on the features of the training digits are not kept:
    they would be those of a model that is no longer there.

    Signals:
        looked: (Look): the way of the digit through the network.
        mapped: (step, ValueMap): `Step.SALIENCY` or `Step.OCCLUSION`.
        resembled: (step, Found): the training digits nearest by `Step.PIXELS` or by `Step.FEATURES`.
        features_changed: `features_state` or `features_progress` is another.
        failed: (sentence, details).
    """

    looked = pyqtSignal(object)
    mapped = pyqtSignal(str, object)
    resembled = pyqtSignal(str, object)
    features_changed = pyqtSignal()
    failed = pyqtSignal(str, str)

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        *,
        make_insight: MakeInsight = make_insight,
        make_features: MakeFeatures = make_features,
    ) -> None:
        """Starts no thread yet.

        Args:
            session: whose model is explained; it ends the threads when it is closed.
            parent: owner.
            make_insight: builds what looks into a network; called on a thread of its own.
            make_features: builds what computes features; called on another one.
        """
        super().__init__(parent)
        self._session = session
        self._image: NDArray[np.uint8] | None = None
        self._steps: frozenset[Step] = frozenset()
        self._digit: int | None = None
        self._cover = Cover.PAPER
        self._features_wanted = False
        self._thread = ExplainingThread(make_insight, self)
        self._thread.found.connect(self._take)
        self._thread.failed.connect(self.failed)
        self._survey = FeatureSurvey(make_features, self)
        self._survey.changed.connect(self._follow_survey)
        self._survey.failed.connect(self.failed)
        session.model_changed.connect(self._follow_session)
        session.run_changed.connect(self._follow_session)
        session.dataset_changed.connect(self._take_dataset)
        session.at_close(self.close)

    # ---- what is wanted
    def set_image(self, image: NDArray[np.uint8] | None) -> None:
        """Another digit: uint8, shape (28, 28), not to be changed any more; None for none."""
        self._image = image
        self._tell()

    def want(self, steps: Collection[Step]) -> None:
        """What is wanted of the digit from now on; nothing while nobody sees it."""
        self._steps = frozenset(steps)
        self._tell()

    def choose(self, digit: int | None, cover: Cover) -> None:
        """For which class the maps are, None for the answer; and with what the digit is covered."""
        self._digit, self._cover = digit, cover
        self._tell()

    # ---- features of the training digits
    @property
    def features_state(self) -> FeaturesState:
        """Whether the training digits can be compared by the last hidden layer, or why not."""
        model = self._session.model
        if model is None or self._session.dataset is None:
            return FeaturesState.NOTHING
        width = features_width(model.architecture)
        if not width:
            return FeaturesState.NO_LAYER
        if width > WIDEST:
            return FeaturesState.TOO_WIDE
        if self._session.run_state is not RunState.IDLE:
            return FeaturesState.RUN
        if self._survey.model is model and self._survey.neighbours is not None:
            return FeaturesState.READY
        return FeaturesState.COMPUTING if self._features_wanted else FeaturesState.WAITING

    @property
    def features_progress(self) -> float:
        """0 to 1, while they are computed."""
        return self._survey.progress

    def close(self) -> None:
        """Ends the threads."""
        self._thread.close()
        self._survey.close()

    def _follow_session(self) -> None:
        state = self.features_state
        if state in (FeaturesState.WAITING, FeaturesState.COMPUTING, FeaturesState.READY):
            if self._features_wanted and self._session.model is not None and self._session.dataset is not None:
                self._survey.start(self._session.model, self._session.dataset)
        else:
            self._survey.forget()
        self.features_changed.emit()
        self._tell()

    def _take_dataset(self) -> None:
        self._survey.forget()
        self._follow_session()

    def _follow_survey(self) -> None:
        self.features_changed.emit()
        if self._survey.neighbours is not None:
            self._tell()

    def _tell(self) -> None:
        session = self._session
        ready = self.features_state is FeaturesState.READY
        self._thread.wish(
            Wish(
                image=self._image,
                model=session.model,
                dataset=session.dataset,
                features=self._survey.neighbours if ready else None,
                steps=self._steps,
                digit=self._digit,
                cover=self._cover,
                beside_training=session.run_state not in (RunState.IDLE, RunState.PAUSED),
            )
        )

    @pyqtSlot(str, object, object)
    def _take(self, step: str, result: Look | ValueMap | Found, wish: Wish) -> None:
        session = self._session
        if self._image is None or session.model is None:
            return
        if isinstance(result, Look):
            self.looked.emit(result)
            if Step.FEATURES in self._steps and not self._features_wanted:
                # Only now, as what can be had at once comes first; and from now on after every run.
                self._features_wanted = True
                self._follow_session()
        elif isinstance(result, ValueMap):
            self.mapped.emit(step, result)
        elif wish.dataset is session.dataset:
            self.resembled.emit(step, result)
