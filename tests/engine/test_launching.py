"""Several steps in one call, and many digits read in one."""

from dataclasses import replace

import numpy as np
import pytest
from short_runs import config_of, events_of, losses_of, only

from mnist_gui.data.dataset import Split
from mnist_gui.engine import backend
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import Device, Schedule, TrainingConfig
from mnist_gui.engine.events import HyperparameterChanged, Validated
from mnist_gui.engine.functions import TrainingFunctions
from mnist_gui.engine.launching import LaunchSize, launch_sizes


@pytest.mark.timeout(600)
def test_that_steps_made_in_launches_are_those_made_one_by_one(monkeypatch, tiny_dataset):
    """The rule's state, the counter of steps, averaged weights and fading strengths go on inside a launch as well."""
    monkeypatch.setattr("mnist_gui.engine.launching.FEW", 4)
    monkeypatch.setattr(LaunchSize, "took", grow_at_once)
    launches = []
    learn = TrainingFunctions.learn

    def look(self, batches, factors):
        launches.append(len(batches))
        return learn(self, batches, factors)

    monkeypatch.setattr(TrainingFunctions, "learn", look)
    config = config_of(
        "dense 30, tanh, dense 10", epochs=4, validate_every=7, average=0.9, schedule=Schedule.COSINE,
        augment=True, fade=80.0,
    )  # fmt: skip

    def change(event, control):
        if isinstance(event, Validated) and event.step == 14:
            control.set_live("learning_rate", 0.002)

    found = events_of(config, tiny_dataset, change, compiler=Compiler.JAX)
    assert launches[:7] == [1, 4, 1, 1, 1, 1, 1]  # up to the validation, then up to the end of the epoch
    assert launches.count(4) >= 5
    expected = events_of(config, tiny_dataset, change, compiler=Compiler.INTERPRETER)
    np.testing.assert_allclose(losses_of(found), losses_of(expected), rtol=1e-3)
    assert only(HyperparameterChanged, found) == only(HyperparameterChanged, expected)
    looks = [[(event.step, event.error) for event in only(Validated, events)] for events in (found, expected)]
    assert looks[0] == looks[1]


def grow_at_once(self, size, seconds, left):
    self._largest = 1
    return True


@pytest.mark.parametrize(
    ("digits", "validate_every", "expected"),
    [
        (50_000, 0, (1, 16, 130)),  # 390 steps, in three
        (50_000, 100, (1, 16, 100)),
        (50_000, 400, (1, 16, 130)),
        (128 * 24, 0, (1, 16, 24)),
        (128 * 16, 0, (1, 16)),
        (128 * 15, 0, (1,)),
    ],
)
def test_that_launches_divide_what_lies_between_two_looks(digits, validate_every, expected):
    config = TrainingConfig(network="lenet", batch_size=128, validate_every=validate_every)
    assert launch_sizes(Compiler.JAX, config, digits) == expected
    assert launch_sizes(Compiler.NUMBA, config, digits) == (1,)


def test_that_launches_grow_while_they_are_short_and_pay_and_shrink_where_memory_is_short():
    compiled = {16}
    launches = LaunchSize((1, 16, 128), compiled.__contains__)
    assert launches.choose(390) == 1
    assert not launches.took(1, 2.0, 10_000), "the first one compiles"
    assert launches.took(1, 0.001, 10_000)
    assert launches.choose(390) == 16
    assert launches.choose(15) == 1
    launches.took(16, 3.0, 10_000)
    launches.took(16, 0.016, 10_000)  # 128 would take 0.128 s
    assert launches.choose(390) == 16
    launches.took(16, 0.0016, 10_000)  # ten thousand steps take 1 s, less than compiling
    assert launches.choose(390) == 16
    launches.took(16, 0.0016, 100_000)
    assert launches.choose(390) == 16, "the other is not compiled yet"
    compiled.add(128)
    launches.took(16, 0.0016, 100_000)
    assert launches.choose(390) == 128
    assert launches.shrink()
    assert launches.choose(390) == 16
    assert launches.shrink()
    assert launches.choose(390) == 1
    assert not launches.shrink()


def test_that_the_digits_of_a_split_stay_on_the_device_until_others_are_read(tiny_dataset):
    chosen = backend.choose(Device.CPU, 1, Compiler.JAX)
    images, labels = tiny_dataset.images_of(Split.TRAINING), tiny_dataset.labels_of(Split.TRAINING)
    places, wrong = np.arange(20, dtype=np.int32), {}
    for one in (chosen, backend.INTERPRETER):
        functions, stored = TrainingFunctions(one, config_of("softmax"), images, labels), []
        for split in (Split.VALIDATION, Split.VALIDATION, Split.TEST, Split.VALIDATION):
            functions.set_pool(tiny_dataset.images_of(split), tiny_dataset.labels_of(split))
            stored.append(functions._graph.pool_images.container.storage[0])
            wrong.setdefault(split, set()).add(functions.judge(places).wrong)
        assert stored[0] is stored[1]
        assert len({id(pool) for pool in stored}) == 3
    assert [len(found) for found in wrong.values()] == [1, 1], "both read the digits they were given"


def test_that_a_gpu_reads_more_digits_in_a_call(tiny_dataset, monkeypatch):
    monkeypatch.setattr(TrainingFunctions, "judge", lambda _self, places: places)
    functions = TrainingFunctions(backend.INTERPRETER, config_of("softmax"), tiny_dataset.images, tiny_dataset.labels)
    for platform, lengths in (("cpu", [500] * 12), ("gpu", [2500, 2500, 1000])):
        functions.backend = replace(functions.backend, platform=platform)
        parts = list(functions.read(6000))
        assert [len(part) for part in parts] == lengths
        np.testing.assert_array_equal(np.concatenate(parts), np.arange(6000))
