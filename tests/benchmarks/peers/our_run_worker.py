"""This program: whole runs without a window, as the command line makes them."""

import time

from protocol import serve

from mnist_gui.data.dataset import Dataset
from mnist_gui.data.library import bundled_mnist
from mnist_gui.engine.backend import Compiler
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import Ready, RunFailed, RunFinished, StepsDone, TrainingEvent, Validated
from mnist_gui.engine.trainer import train


def part_of_mnist(sizes):
    """The first digits of each split: training, validation, test."""
    from numpy import concatenate

    mnist, start, parts = bundled_mnist(), 0, []
    for count, whole in zip(sizes, mnist.sizes, strict=True):
        parts.append(slice(start, start + count))
        start += whole
    images = concatenate([mnist.images[part] for part in parts])
    labels = concatenate([mnist.labels[part] for part in parts])
    return Dataset("part of MNIST", images, labels, tuple(sizes))


class RunWorker:
    def prepare(self, threads, sizes):
        self._threads, self._dataset = threads, part_of_mnist(sizes)
        return {"name": f"mnist_gui, {threads} threads"}

    def complete(self, config, compiler=None):
        """One run of a `TrainingConfig`, given as a dict.

        Returns:
            seconds: of the whole run, from its first event to its last.
            test_error: percent of the test digits misread; None without test digits.
            epochs: seconds of the training of each epoch but the first, validation and all before it left out.
            device: where it computed.
        """
        wanted = TrainingConfig.from_dict(config)
        steps = self._dataset.sizes[0] // wanted.batch_size
        ends: list[TrainingEvent] = []
        epochs: list[float] = []
        begun: float | None = None
        device = ""

        def listen(event):
            nonlocal begun, device
            now = time.perf_counter()
            if isinstance(event, Ready):
                device = f"{event.compiler} on {event.device}"
            elif isinstance(event, Validated):
                begun = now
            elif isinstance(event, StepsDone) and begun is not None:
                if (event.first + len(event.losses) - 1) % steps == 0:
                    epochs.append(now - begun)
            elif isinstance(event, RunFinished | RunFailed):
                ends.append(event)

        before = time.perf_counter()
        train(
            wanted, self._dataset, listen, Control(), threads=self._threads,
            compiler=Compiler(compiler) if compiler else None,
        )  # fmt: skip
        seconds = time.perf_counter() - before
        end = ends[0]
        if isinstance(end, RunFailed):
            raise RuntimeError(f"{end.message}\n{end.details}")
        return {"seconds": seconds, "test_error": end.test_error, "epochs": epochs, "device": device}


if __name__ == "__main__":
    serve(RunWorker())
