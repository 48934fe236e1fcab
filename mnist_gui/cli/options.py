"""The options of all commands; those of `train` come from the fields of `TrainingConfig`."""

import argparse
from dataclasses import Field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from mnist_gui import __version__
from mnist_gui.data.dataset import Split
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.presets import PRESETS, SUGGESTED_LEARNING_RATE

SPLITS: Final = {"train": Split.TRAINING, "validation": Split.VALIDATION, "test": Split.TEST}
"""What the command line calls the splits."""

_CODES: Final = """\
exit codes: 0 done, 1 the work failed (a message says why), 2 wrong use or no
window possible, 130 interrupted by Ctrl+C"""

_INTERRUPT: Final = """\
Ctrl+C ends the run, saves the best weights so far and ends with exit code 130;
pressed again it does not wait for the step that is being made."""


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; `command` of what it returns is the command's name."""
    parser = argparse.ArgumentParser(
        prog="mnist-gui",
        description="See handwritten digits, watch a classifier learn them, and have your own hand\nread.\n\n"
        "Without a command the window opens; `mnist-gui --data PATH` opens it with a\ndata set of yours.",
        epilog=f"`mnist-gui COMMAND --help` explains a command.\n\n{_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mnist-gui {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    train = _command(commands, "train", "train a network and save it", f"{_INTERRUPT}\n\n{_CODES}")
    train.add_argument(
        "--preset",
        choices=list(PRESETS),
        help="settings that go together, chosen on the validation digits; options given as well overrule them",
    )
    for item in fields(TrainingConfig):
        _add_setting(train, item)
    train.add_argument(
        "--threads", type=_threads, default=0, metavar="N", help="CPU threads (default: one for each processor)"
    )
    _add_data(train)
    train.add_argument(
        "--output", type=Path, metavar="DIR", help="folder to save the model in (default: where the window saves runs)"
    )
    _add_json(train, "one JSON object a line for each event")

    evaluate = _command(commands, "evaluate", "judge a saved model on a split of a data set", _CODES)
    evaluate.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the saved model")
    _add_data(evaluate)
    evaluate.add_argument("--split", choices=list(SPLITS), default="test", help="which digits (default: test)")
    _add_json(evaluate, "one JSON object")

    calibrate = _command(
        commands, "calibrate", "measure on validation digits how far a saved model can be believed", _CODES
    )
    calibrate.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the saved model")
    calibrate.add_argument("output", type=Path, metavar="OUTPUT", help="file to save it in with its calibration")
    _add_data(calibrate)
    _add_json(calibrate, "one JSON object")

    classify = _command(commands, "classify", "read the digits in pictures and files of pen strokes", _CODES)
    classify.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a picture of one digit (PNG, JPEG, BMP, GIF or WebP; dark on light or light on dark), or a .jsonl or"
        ' .jsonl.gz file of pen strokes, one digit a line: {"strokes": [[[x, y], ...], ...], "label": 7}, x right, y'
        " down, any scale, label optional",
    )
    classify.add_argument("--checkpoint", type=Path, metavar="FILE", help="the model (default: the bundled one)")
    _add_json(classify, "one JSON object a line for each digit (a last one sums up where labels are given)")

    # The window's commands are routed before this parser is asked; they stand here for `--help`.
    screenshot = _command(commands, "screenshot", "save pictures of the real window", _CODES)
    screenshot.add_argument("folder", type=Path, metavar="DIR", help="folder to save them in")
    return parser


def _command(commands: Any, name: str, text: str, epilog: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _add_setting(parser: argparse.ArgumentParser, item: Field[Any]) -> None:
    """One field of `TrainingConfig` as an option; None means that it was not given."""
    kind = type(item.default)
    option = f"--{item.name.replace('_', '-')}"
    choices = [str(value) for value in kind] if issubclass(kind, StrEnum) else None
    default = str(item.default)
    if item.name == "learning_rate":
        default = ", ".join(f"{rate:g} for {updates}" for updates, rate in SUGGESTED_LEARNING_RATE.items())
    one_of = f" One of {', '.join(choices)}." if choices else ""  # all in the usage line would not fit 80 columns
    text = f"{item.metadata['tip']}{one_of} (default: {default})".replace("%", "%%")
    if kind is bool:
        parser.add_argument(option, action=argparse.BooleanOptionalAction, default=None, help=text)
        return
    metavar = {float: "X", int: "N", str: "TEXT"}.get(kind, "NAME")
    parser.add_argument(option, type=str if choices else kind, choices=choices, metavar=metavar, help=text)


def _threads(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"expected at least one thread, found {count}")
    return count


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="PATH", help="data set: folder or file (default: bundled MNIST)")


def _add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"on standard output {what}, and nothing else there")
