"""`mnist-gui evaluate`: percent misread and loss of a saved model on a split."""

import argparse
import json

from mnist_gui.cli import DONE, CommandError
from mnist_gui.cli.options import SPLITS
from mnist_gui.cli.reading import dataset_from
from mnist_gui.engine import checkpoint
from mnist_gui.engine.calibration import expected_calibration_error
from mnist_gui.engine.prediction import judged


def evaluate(options: argparse.Namespace) -> int:
    """Reads every digit of a split and prints what came out.

    Returns:
        The exit code.

    Raises:
        CommandError: the split is empty.
        CheckpointError: the model cannot be used.
        DatasetError: the data set cannot be used.
    """
    model = checkpoint.load(options.checkpoint.expanduser())
    dataset = dataset_from(options.data)
    split = SPLITS[options.split]
    labels = dataset.labels_of(split)
    if not len(labels):
        raise CommandError(f"{dataset.name} has no {split} digits.")

    from mnist_gui.engine.classifier import Classifier, error_and_loss

    images = dataset.images_of(split)
    probabilities = Classifier(model).probabilities(images)
    error, loss = error_and_loss(probabilities, labels)
    if options.json:
        print(json.dumps({"error": error, "loss": loss, "count": len(labels), "split": options.split}))
    else:
        print(f"{model.name} on {dataset.name}, {len(labels):,} {split} digits")
        print(f"error {error:.2f} %, loss {loss:.4f}")
        if model.calibration is not None:
            unsure = 100 * sum(answer.unsure for answer in judged(model, images, probabilities)) / len(labels)
            gap = expected_calibration_error(probabilities, labels)
            print(f"unsure of {unsure:.2f} %, calibration error {gap:.2f} %")
    return DONE
