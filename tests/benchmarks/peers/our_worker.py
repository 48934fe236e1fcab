"""This program: the functions of a run, compiled by Numba, called as the training loop calls them."""

from contextlib import ExitStack

import numpy as np
from protocol import SteppingWorker, serve

from mnist_gui.engine import backend
from mnist_gui.engine.config import Device, TrainingConfig, Updates
from mnist_gui.engine.functions import TrainingFunctions


class OurWorker(SteppingWorker):
    def prepare(self, network_name, batch, threads, digits):
        config = TrainingConfig(
            network=network_name, updates=Updates.NESTEROV, learning_rate=0.02, momentum=0.9,
            batch_size=batch, device=Device.CPU,
        )  # fmt: skip
        chosen = backend.choose(Device.CPU, threads)
        with np.load(digits) as file:
            images, labels = file["images"], file["labels"]
        images.setflags(write=False)
        labels.setflags(write=False)
        self._stack = ExitStack()
        self._stack.enter_context(backend.thread_limits(chosen))
        self._functions = TrainingFunctions(chosen, config, images, labels)
        self._order = np.random.default_rng(0).permutation(len(labels)).astype(np.int32)
        self.deal(len(labels), batch)
        return {"name": f"mnist_gui, {chosen.compiler}, {chosen.threads} threads"}

    def step(self, part):
        self._functions.step(self._order[part])


if __name__ == "__main__":
    serve(OurWorker())
