"""`mnist-gui calibrate`: measures how far a saved model's answers can be believed, and saves that with it."""

import argparse
import json

from mnist_gui.cli import DONE, CommandError
from mnist_gui.cli.reading import dataset_from
from mnist_gui.engine import checkpoint


def calibrate(options: argparse.Namespace) -> int:
    """Reads the validation digits and writes the model anew.

    Returns:
        The exit code.

    Raises:
        CommandError: there are too few validation digits.
        CheckpointError: the model cannot be used.
        DatasetError: the data set cannot be used.
        OSError: the file cannot be written.
    """
    model = checkpoint.load(options.checkpoint.expanduser())
    dataset = dataset_from(options.data)

    from mnist_gui.engine.calibrating import calibrated

    model = calibrated(model, dataset)
    found = model.calibration
    if found is None:
        raise CommandError(f"{dataset.name} has too few validation digits to calibrate a model on.")
    checkpoint.save(model, options.output.expanduser())
    if options.json:
        print(json.dumps(found.to_dict()))
    else:
        print(f"{model.name} on {dataset.name}, {found.count:,} validation digits")
        print(f"temperature {found.temperature:.3f}")
        print(f"calibration error {found.error_before:.2f} % before, {found.error_after:.2f} % after")
        print(f"unsure of {found.refused:.2f} % of these digits")
    return DONE
