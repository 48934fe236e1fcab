"""The command line: training, judging and reading without a window. The same engine, the same events, no Qt."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_gui.cli.options import make_parser
from mnist_gui.data.dataset import DatasetError
from mnist_gui.engine.checkpoint import CheckpointError
from mnist_gui.engine.config import ConfigError

__all__ = [
    "DONE", "FAILED", "INTERRUPTED", "WRONG_USE", "CommandError", "ReadPicture", "complain", "main", "make_parser",
]  # fmt: skip

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

    Raises:
        SystemExit: the arguments make no command (code 2), or ask for help or the version (code 0).
    """
    options = make_parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files may hold what a terminal cannot show
    try:
        code = _run(options, read_picture)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read standard output is gone. Python would flush it once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except ConfigError as error:
        complain(options, error)
        return WRONG_USE
    except (CommandError, DatasetError, CheckpointError, OSError) as error:
        complain(options, error)
        return FAILED
    return code


def complain(options: argparse.Namespace, problem: object) -> None:
    """Says on standard error what went wrong in which command."""
    print(f"mnist-gui {options.command}: {problem}", file=sys.stderr)


def _run(options: argparse.Namespace, read_picture: ReadPicture) -> int:
    """Each command imports what it needs: reading a picture does not wait for a trainer."""
    match options.command:
        case "train":
            from mnist_gui.cli.train import train

            return train(options)
        case "evaluate":
            from mnist_gui.cli.evaluate import evaluate

            return evaluate(options)
        case "calibrate":
            from mnist_gui.cli.calibrate import calibrate

            return calibrate(options)
        case _:
            from mnist_gui.cli.classify import classify

            return classify(options, read_picture)
