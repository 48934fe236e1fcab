"""A trained model goes on learning from a few digits of one hand, mixed with those that it knows.

All layers learn, on the interpreter: nothing is compiled, so it begins at once, and a minute is more than it needs.
(To learn with the last layers alone takes half the time and leaves up to a third more errors of a new hand.) Batch
normalisation keeps its running statistics: a minibatch that is a third one hand would move them towards it. What goes
wrong otherwise is forgetting: so most of each minibatch is from the data set that the model knows, and the weights
that are kept are those with the smallest loss on both kinds of digits that were not learnt from.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

# It makes PyTensor's settings, so it comes before PyTensor.
from mnist_gui.engine.backend import INTERPRETER

# isort: split
import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray

from mnist_gui.data.dataset import CLASSES, SIDE, Dataset, Split
from mnist_gui.engine.calibrating import AFTER_A_RUN, calibrated
from mnist_gui.engine.classifier import Classifier, error_and_loss
from mnist_gui.engine.collecting import collection_off
from mnist_gui.engine.config import Updates
from mnist_gui.engine.control import Stopped
from mnist_gui.engine.model import Model
from mnist_gui.engine.networks import build
from mnist_gui.engine.nn.updates import Rule, make_updates
from mnist_gui.engine.ops.cross_entropy import cross_entropy
from mnist_gui.engine.tuning import FEW, Compared, Plan, Pool, Tuned, Weights

_AT_ONCE: Final = 50
"""Digits read in one call: so soon a request to stop is heard."""

_OWN_NAME: Final = " + my digits"

Progress = Callable[[str, float], None]
"""Is told what is being done, and which share of all of it is over."""


def fine_tune(
    model: Model,
    learnt: Pool,
    left_out: Pool,
    known: Dataset,
    others: NDArray[np.uint8],
    *,
    progress: Progress = lambda _what, _share: None,
    stopped: Callable[[], bool] = lambda: False,
    plan: Plan | None = None,
) -> Tuned:
    """Tunes a model and reads everything with it and with the one that it was.

    Args:
        model: to begin with; it is not changed.
        learnt: My digits to learn from, at least one.
        left_out: My digits to judge by; may be none.
        known: the data set that the model knows: its training split is mixed in, its validation split judges.
        others: uint8, shape (k, 28, 28): images to be read before and after as well.
        progress: is told what is being done.
        stopped: asked between two steps and between two handfuls of digits.
        plan: how much is done.

    Raises:
        Stopped: `stopped` answered yes.
        ValueError: there is nothing to learn from, or nothing to judge by.
    """
    plan = plan or Plan()
    if not len(learnt) or not known.sizes[0] or not known.sizes[1]:
        raise ValueError("fine-tuning needs own digits, and training and validation digits that the model knows")
    began = time.monotonic()

    def check() -> None:
        if stopped():
            raise Stopped

    progress("preparing", 0.0)
    with collection_off():
        learner = _Learner(model, plan)
        check()
        readers = Classifier(model), Classifier(model)
    check()
    judges = _Judges(readers[0], left_out if len(left_out) >= FEW else learnt, known, plan, check)
    best, best_step, made = _learn(learner, judges, learnt, known, plan, began, progress, check)
    calibration = model.calibration
    if best_step:
        progress("measuring how sure the answers are", 0.6)
        calibration = calibrated(Model(model.network, best, {}), known, most=AFTER_A_RUN, check=check).calibration
    readers[1].set_model(Model(model.network, best, {}).with_calibration(calibration))

    validation = Pool(known.images_of(Split.VALIDATION), known.labels_of(Split.VALIDATION))
    # In an order of its own, so that what is read until time is up is a fair part of all.
    order = np.random.default_rng(0).permutation(len(validation))
    share = [0.0, 0.0]

    def read_all(which: int) -> list[NDArray[np.float32]]:
        reader = readers[which]
        found = [_read(reader, images, check) for images in (left_out.images, learnt.images, others)]
        answers = [np.empty((0, CLASSES), np.float32)]
        for start in range(0, len(order), _AT_ONCE):
            check()
            if start and time.monotonic() - began > plan.seconds:
                break
            answers.append(reader.probabilities(validation.images[order[start : start + _AT_ONCE]]))
            share[which] = start / len(order)
            if which:
                progress("reading validation digits before and after", 0.6 + 0.4 * min(share))
        return [*found, np.concatenate(answers)]

    with ThreadPoolExecutor(2, "fine-tuning") as pool:
        before, after = pool.map(read_all, (0, 1))
    count = min(len(before[3]), len(after[3]))
    compared = Compared(validation.labels[order[:count]], before[3][:count], after[3][:count], len(validation))
    metadata = _metadata(model, compared, known, len(learnt), best_step)
    return Tuned(
        model,
        Model(model.network, best, metadata).with_calibration(calibration),
        Compared(left_out.labels, before[0], after[0], len(left_out)),
        Compared(learnt.labels, before[1], after[1], len(learnt)),
        compared,
        before[2],
        after[2],
        best_step,
        made,
        time.monotonic() - began,
        len(left_out) >= FEW,
    )


class _Learner:
    """The function that makes a step."""

    def __init__(self, model: Model, plan: Plan) -> None:
        self.network = build(model.architecture)
        self.network.set_weights(model.weights)
        images = pt.tensor("images", dtype="uint8", shape=(None, SIDE, SIDE))
        labels, rate = pt.tensor("labels", dtype="uint8", shape=(None,)), pt.fscalar("rate")
        total, _ = cross_entropy(self.network.logits(images), labels)
        loss = total / np.float32(plan.batch)
        rule = Rule(rate, np.float32(0.9), np.float32(0.99), {})
        updates = make_updates(Updates.ADAM, loss, self.network.trained, rule)
        self._function = INTERPRETER.function([images, labels, rate], loss, updates)

    def step(self, images: NDArray[np.uint8], labels: NDArray[np.uint8], rate: float) -> float:
        """Learns from a minibatch; returns its loss before the step, nats per digit."""
        return float(self._function(images, labels, np.asarray(rate, np.float32)))


class _Judges:
    """The digits that choose the weights."""

    def __init__(self, reader: Classifier, own: Pool, known: Dataset, plan: Plan, check: Callable[[], None]) -> None:
        self._reader, self._own, self._check = reader, own, check
        places = np.random.default_rng(1).permutation(known.sizes[1])[: plan.looked_at]
        self._known = Pool(known.images_of(Split.VALIDATION)[places], known.labels_of(Split.VALIDATION)[places])
        self._start = reader.model

    def score(self, weights: Weights) -> float:
        """Mean loss on own digits plus mean loss on known ones: the smaller the better."""
        self._reader.set_model(Model(self._start.network, weights, {}))
        losses = [
            error_and_loss(_read(self._reader, pool.images, self._check), pool.labels)[1]
            for pool in (self._own, self._known)
        ]
        self._reader.set_model(self._start)
        return sum(losses)


def _learn(
    learner: _Learner,
    judges: _Judges,
    learnt: Pool,
    known: Dataset,
    plan: Plan,
    began: float,
    progress: Progress,
    check: Callable[[], None],
) -> tuple[Weights, int, int]:
    """The best weights, the steps made until then, and all steps made."""
    random = np.random.default_rng(plan.seed)
    images, labels = known.images_of(Split.TRAINING), known.labels_of(Split.TRAINING)
    best: Weights = learner.network.get_weights()
    lowest, best_step, step = judges.score(best), 0, 0
    for step in range(1, plan.steps + 1):
        check()
        own = random.choice(len(learnt), plan.mine, replace=plan.mine > len(learnt))
        mixed = random.integers(len(labels), size=plan.batch - plan.mine)
        loss = learner.step(
            np.concatenate([learnt.images[own], images[mixed]]),
            np.concatenate([learnt.labels[own], labels[mixed]]),
            plan.rate_of(step),
        )
        if not np.isfinite(loss):
            break
        progress(f"learning, step {step} of at most {plan.steps}", 0.05 + 0.55 * step / plan.steps)
        late = time.monotonic() - began > plan.learning_seconds
        if step % plan.look_every and step != plan.steps and not late:
            continue
        weights = learner.network.get_weights()
        score = judges.score(weights)
        if score < lowest:
            best, lowest, best_step = weights, score, step
        if late or step - best_step >= plan.patience * plan.look_every:
            break
    return best, best_step, step


def _read(reader: Classifier, images: NDArray[np.uint8], check: Callable[[], None]) -> NDArray[np.float32]:
    """Probabilities, float32 of shape (n, 10)."""
    answers = [np.empty((0, CLASSES), np.float32)]
    for start in range(0, len(images), _AT_ONCE):
        check()
        answers.append(reader.probabilities(images[start : start + _AT_ONCE]))
    return np.concatenate(answers)


def _metadata(model: Model, validation: Compared, known: Dataset, own: int, steps: int) -> dict[str, Any]:
    """What is known of the tuned model; nothing that was measured of the other one."""
    config = model.metadata.get("config")
    metadata: dict[str, Any] = {
        "name": model.name.removesuffix(_OWN_NAME) + _OWN_NAME,
        "dataset": known.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "tuned": {"from": model.name, "my_digits": own, "steps": steps},
    }
    if config is not None:
        metadata["config"] = config
    if len(validation) == validation.total:
        metadata["validation_error"] = 100 * validation.misread_after / len(validation)
    return metadata
