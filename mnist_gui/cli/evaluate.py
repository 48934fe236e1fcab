"""`mnist-gui evaluate`: percent misread and loss of a saved model on a split."""

import argparse
import json

from mnist_gui.cli import DONE, CommandError
from mnist_gui.cli.train import dataset_from
from mnist_gui.data.dataset import Split
from mnist_gui.engine import checkpoint


def evaluate(options: argparse.Namespace) -> int:
    """Reads every digit of a split and prints what came out."""
    model = checkpoint.load(options.checkpoint)
    dataset = dataset_from(options.data)
    split = Split(options.split)
    labels = dataset.labels_of(split)
    if not len(labels):
        raise CommandError(f"{dataset.name} has no {split} digits")

    from mnist_gui.engine.classifier import Classifier, error_and_loss

    error, loss = error_and_loss(Classifier(model).probabilities(dataset.images_of(split)), labels)
    if options.json:
        print(json.dumps({"error": error, "loss": loss, "count": len(labels), "split": str(split)}))
    else:
        print(f"{model.name} on {dataset.name}, {split} split of {len(labels):,} digits")
        print(f"error {error:.2f} %, loss {loss:.4f}")
    return DONE
