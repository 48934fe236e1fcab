"""What a model refuses: digits of the data set, pen digits, and things that are no digits; run by hand.

    python tests/benchmarks/refusal.py MODEL --strokes FILE.jsonl.gz ... --omniglot FOLDER ... --quick-draw FOLDER

Refused is an answer that is unsure: no class has the majority, or the picture is stranger than the model's limit. A
confident wrong answer is one to a digit that is not unsure and wrong, or any to a non-digit that is not unsure.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from likeness.non_digits import Drawn, omniglot, quick_draw
from numpy.typing import NDArray

from mnist_gui.data import library
from mnist_gui.data.dataset import Split
from mnist_gui.data.ink import digit_image
from mnist_gui.data.strokes import read_strokes
from mnist_gui.engine import checkpoint
from mnist_gui.engine.calibration import expected_calibration_error, softened
from mnist_gui.engine.classifier import Classifier
from mnist_gui.engine.prediction import Doubt, judged

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "letters.npz"
"""Letters of hands that the detector was not shown; tests use it, too."""


class Judge:
    """Reads pictures with one model and prints a line for each group of them."""

    def __init__(self, path: Path) -> None:
        self._model = checkpoint.load(path)
        self._classifier = Classifier(self._model)

    def digits(self, name: str, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> None:
        """Real digits: few are to be refused."""
        logits = self._classifier.logits(images)
        calibration = self._model.calibration
        answers = softened(logits, 1.0 if calibration is None else calibration.temperature)
        before, after = (expected_calibration_error(p, labels) for p in (softened(logits, 1.0), answers))
        found = judged(self._model, images, answers)
        wrong = np.array([p.digit for p in found]) != labels
        unsure = np.array([p.unsure for p in found])
        print(
            f"{name:32} {len(images):6,}  misread {100 * wrong.mean():5.2f} %  refused {100 * unsure.mean():5.2f} %"
            f"  confident and wrong {100 * (wrong & ~unsure).mean():5.2f} %  calibration error {before:.2f} % before,"
            f" {after:.2f} % after"
        )

    def others(self, name: str, images: NDArray[np.uint8]) -> None:
        """What is no digit: nearly all is to be refused."""
        found = judged(self._model, images, self._classifier.probabilities(images))
        doubts = [p.doubt for p in found]
        refused = 100 * np.mean([doubt is not None for doubt in doubts])
        split = 100 * np.mean([doubt == Doubt.SPLIT for doubt in doubts])
        sure = 100 * np.mean([p.doubt is None and p.confidence > 0.9 for p in found])
        print(
            f"{name:32} {len(images):6,}  refused {refused:5.1f} %  (no majority {split:4.1f} %)"
            f"  surer than 90 % {sure:4.1f} %"
        )


def grouped(drawn: Iterable[Drawn]) -> dict[str, NDArray[np.uint8]]:
    """Pictures by the name of their group, in the order of names."""
    groups = defaultdict(list)
    for name, image in drawn:
        groups[name].append(image)
    return {name: np.stack(groups[name]) for name in sorted(groups)}


def main() -> None:
    """Prints all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--strokes", type=Path, nargs="*", default=[], help="labelled pen strokes of digits")
    parser.add_argument("--omniglot", type=Path, nargs="*", default=[], help="folders strokes_background_small1, 2")
    parser.add_argument("--quick-draw", type=Path, nargs="*", default=[], help="folders of .ndjson files")
    options = parser.parse_args()
    judge = Judge(options.model)
    mnist = library.bundled_mnist()
    for split in (Split.VALIDATION, Split.TEST):
        judge.digits(f"MNIST {split}", mnist.images_of(split), mnist.labels_of(split))
    for path in options.strokes:
        read = [(digit_image(digit.drawing), digit.label) for digit in read_strokes(path)]
        images, labels = zip(*((image, label) for image, label in read if image is not None), strict=True)
        judge.digits(path.name, np.stack(images), np.array(labels))
    with np.load(SAMPLE) as sample:
        judge.others("letters of six hands", sample["images"])
    drawn: list[Drawn] = []
    for folder in options.omniglot:
        drawn += omniglot(folder)
    for folder in options.quick_draw:
        drawn += quick_draw(folder)
    groups = grouped(drawn)
    for name, images in groups.items():
        judge.others(name, images)
    final = [images for name, images in groups.items() if ":" not in name]
    if final:
        judge.others("ALL that only judge", np.concatenate(final))


if __name__ == "__main__":
    main()
