"""The command line: training, judging and reading without a window. The same engine, the same events, no Qt."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_gui import __version__
from mnist_gui.data.dataset import DatasetError, Split
from mnist_gui.engine.checkpoint import CheckpointError
from mnist_gui.engine.config import ConfigError, TrainingConfig

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

ReadPicture = Callable[[Path], NDArray[np.uint8]]


class CommandError(Exception):
    """The work failed; the message is one sentence for the user."""


def main(arguments: Sequence[str], read_picture: ReadPicture) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name.
        read_picture: turns a picture file into ink, uint8 (h, w), 0 paper to 255 ink; handed in, because it needs Qt
            and the rest of the command line does not.

    Returns:
        The exit code: 0 done, 1 the work failed, 2 wrong use, 130 interrupted by Ctrl+C.
    """
    options = make_parser().parse_args(arguments)
    # Each command imports what it needs: reading a picture does not wait for a trainer.
    try:
        match options.command:
            case "train":
                from mnist_gui.cli.train import train

                return train(options)
            case "evaluate":
                from mnist_gui.cli.evaluate import evaluate

                return evaluate(options)
            case _:
                from mnist_gui.cli.classify import classify

                return classify(options, read_picture)
    except ConfigError as error:
        print(f"mnist-gui {options.command}: {error}", file=sys.stderr)
        return WRONG_USE
    except (CommandError, DatasetError, CheckpointError, OSError) as error:
        print(f"mnist-gui {options.command}: {error}", file=sys.stderr)
        return FAILED


def make_parser() -> argparse.ArgumentParser:
    """The options of all commands; those of `train` come from the fields of `TrainingConfig`."""
    parser = argparse.ArgumentParser(
        prog="mnist-gui",
        description="See handwritten digits, watch a classifier learn them, and have your own hand read."
        " Without a command the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"mnist-gui {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a network and save it")
    for item in fields(TrainingConfig):
        kind = type(item.default)
        default = "fits the updates" if item.name == "learning_rate" else str(item.default)
        train.add_argument(
            f"--{item.name.replace('_', '-')}",
            type=str if issubclass(kind, StrEnum) else kind,
            choices=[str(value) for value in kind] if issubclass(kind, StrEnum) else None,
            metavar=None if issubclass(kind, StrEnum) else "X" if kind is float else "N",
            help=f"{item.metadata['tip']} (default: {default})".replace("%", "%%"),
        )
    train.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads (default: one a processor)")
    _add_data(train)
    train.add_argument("--output", type=Path, metavar="DIR", help="where to save the model (default: the user's runs)")
    _add_json(train)

    evaluate = commands.add_parser("evaluate", help="judge a saved model on a split of a data set")
    evaluate.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    _add_data(evaluate)
    evaluate.add_argument("--split", choices=[str(split) for split in Split], default=str(Split.TEST))
    _add_json(evaluate)

    classify = commands.add_parser("classify", help="read the digits in pictures and stroke files")
    classify.add_argument("files", type=Path, nargs="+", metavar="FILE", help="picture, or .jsonl file of pen strokes")
    classify.add_argument("--checkpoint", type=Path, metavar="FILE", help="the model (default: the bundled one)")
    _add_json(classify)

    # The window's commands are routed before this parser is asked; they stand here for `--help`.
    screenshot = commands.add_parser("screenshot", help="save pictures of the real window")
    screenshot.add_argument("folder", type=Path, metavar="DIR")
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="PATH", help="data set: folder or file (default: bundled MNIST)")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON on standard output, and nothing else there")
