"""Trains the detector of digit-likeness that travels with the application; run by hand, takes a quarter of an hour.

    python tests/benchmarks/likeness/train.py PICTURES.npz OUTPUT.safetensors

It learns ten classes from digits, those of MNIST as they are and redrawn with a pen, and an eleventh from all else
that `pictures.py` gathered. It is a small network of this application's own, trained by its own engine: batch
normalisation and the moving average of the weights are folded into what is written.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

# It makes PyTensor's settings, so it comes before PyTensor.
from mnist_gui.engine.backend import choose, thread_limits

# isort: split
import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.sharedvalue import shared
from safetensors.numpy import save_file
from scipy.ndimage import grey_dilation, grey_erosion

from mnist_gui.data import library
from mnist_gui.data.dataset import CLASSES, SIDE, Split
from mnist_gui.engine.architecture import parse
from mnist_gui.engine.augment import augmented
from mnist_gui.engine.config import Device, Updates
from mnist_gui.engine.networks import BuiltNetwork, Training, build
from mnist_gui.engine.nn.updates import Rule, averaging, make_updates
from mnist_gui.engine.ops.batch_norm import EPSILON
from mnist_gui.engine.ops.cross_entropy import cross_entropy
from mnist_gui.engine.variants import with_variants

NETWORK: Final = (
    "conv 3x3x24 same, bn, relu, pool 2, conv 3x3x48 same, bn, relu, pool 2, conv 3x3x96 same, bn, relu, pool 2,"
    " dropout 0.4, dense 11"
)
SHARES: Final = {
    "MNIST": 0.26,
    "redrawn": 0.20,
    "digits": 0.04,
    "letters": 0.09,
    "scripts": 0.12,
    "symbols": 0.08,
    "scribbles": 0.02,
    "spoilt": 0.09,
    "written": 0.06,
    "doodles": 0.04,
}
"""What a minibatch is made of."""

MIRRORED: Final = ("letters", "scripts", "written", "doodles")
"""What is no digit in a mirror either."""

STRENGTHS: Final = {"shift": 1.0, "rotation": 15.0, "scale": 15.0, "shear": 12.0, "elastic": 0.6}
VARIANTS = 30.0
"""Percent of the ones and of the nines that are shown with a flag or a hook, too; see `variants`."""

BATCH, RATE, WARM_UP, MEMORY, DECAY, SMOOTHING = 192, 3e-3, 200, 0.995, 0.02, 0.02

Images = NDArray[np.uint8]


def of_any_pen(images: Images, generator: np.random.Generator) -> Images:
    """Each picture with its strokes up to a pixel wider or narrower."""
    cross = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
    share = generator.uniform(-0.4, 0.6, (len(images), 1, 1)).astype(np.float32)
    found = np.empty_like(images)
    for start in range(0, len(images), 5_000):
        part, s = images[start : start + 5_000], share[start : start + 5_000]
        wide, narrow = grey_dilation(part, footprint=cross), grey_erosion(part, footprint=cross)
        found[start : start + 5_000] = part + np.maximum(s, 0) * (wide - part) - np.maximum(-s, 0) * (part - narrow)
    return found


class Learner:
    """The network, the function that makes a step, and the moving average of the weights."""

    def __init__(self, seed: int) -> None:
        architecture = parse(NETWORK, CLASSES + 1)
        self._network, self.average = build(architecture), build(architecture)
        self._network.initialise(np.random.default_rng(seed))
        self.average.set_weights(self._network.get_weights())
        images = pt.tensor("images", dtype="uint8", shape=(None, SIDE, SIDE))
        labels, rate = pt.tensor("labels", dtype="uint8", shape=(None,)), pt.fscalar("rate")
        counter = shared(np.uint32(0), name="counter")
        training = Training(shared(np.uint32(seed), name="seed"), counter)
        strengths = {name: pt.constant(np.float32(value)) for name, value in STRENGTHS.items()}
        digits = augmented(images, strengths, training.seed, training.step)
        total, _ = cross_entropy(self._network.logits(digits, training), labels, np.float32(SMOOTHING))
        loss = total / np.float32(BATCH)
        decays = {name: np.float32(DECAY) for name in self._network.trained if name.endswith(".W")}
        rule = Rule(rate, np.float32(0.9), np.float32(0.999), decays)
        updates = make_updates(Updates.ADAMW, loss, self._network.trained, rule) + training.updates
        updates += averaging(
            self._network.parameters, self.average.parameters, updates, np.float32(MEMORY), counter.astype("float32")
        )
        self.backend = choose(Device.CPU)
        self.step: Any = self.backend.function(
            [images, labels, rate], loss, [*updates, (counter, counter + np.uint32(1))]
        )


def folded(network: BuiltNetwork) -> dict[str, NDArray[np.float16]]:
    """The weights of the convolutions and the dense layer, batch normalisation multiplied into the former."""
    w: Mapping[str, NDArray[np.float32]] = network.get_weights()
    found = {"dense1.W": w["dense1.W"], "dense1.b": w["dense1.b"]}
    for number in (1, 2, 3):
        factor = w[f"bn{number}.gamma"] / np.sqrt(w[f"bn{number}.variance"] + EPSILON)
        found[f"conv{number}.W"] = w[f"conv{number}.W"] * factor
        found[f"conv{number}.b"] = w[f"bn{number}.beta"] - w[f"bn{number}.mean"] * factor
    return {name: value.astype(np.float16) for name, value in found.items()}


def main() -> None:
    """Learns, and writes the weights as float16."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = np.random.default_rng([options.seed, 1])
    mnist = with_variants(library.bundled_mnist(), VARIANTS, options.seed)
    with np.load(options.pictures) as file:
        gathered = dict(file)
    classes = {
        "MNIST": mnist.labels_of(Split.TRAINING),
        "redrawn": gathered["redrawn_labels"],
        "digits": gathered["labels"],
    }
    gathered["MNIST"] = mnist.images_of(Split.TRAINING)
    parts: list[tuple[float, Images, NDArray[np.uint8]]] = []
    for name, share in SHARES.items():
        images = gathered[name]
        if name in MIRRORED:
            images = np.concatenate([images, images, images[:, :, ::-1]])
        labels = classes.get(name, np.full(len(images), CLASSES, np.uint8))
        parts.append((share, of_any_pen(images, generator), labels))
    learner = Learner(options.seed)
    with thread_limits(learner.backend):
        for step in range(options.steps):
            counts = generator.multinomial(BATCH, [share for share, _, _ in parts])
            chosen = [generator.integers(len(y), size=n) for n, (_, _, y) in zip(counts, parts, strict=True)]
            x = np.concatenate([x[i] for i, (_, x, _) in zip(chosen, parts, strict=True)])
            y = np.concatenate([y[i] for i, (_, _, y) in zip(chosen, parts, strict=True)])
            rate = RATE * min(1.0, step / WARM_UP) * (1 + np.cos(np.pi * step / options.steps)) / 2
            loss = learner.step(x, y, np.float32(rate))
            if step % 200 == 0:
                print(f"step {step:,}: loss {float(loss):.3f}", flush=True)
    save_file(folded(learner.average), options.output)


if __name__ == "__main__":
    main()
