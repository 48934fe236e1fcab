"""The one door: without a command the window, with one the command line."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program.

    Args:
        arguments: of the command line, without the program's name; by default those of the process.

    Returns:
        The exit code: 0 done, 1 the work failed, 2 wrong use or no window possible.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    first = arguments[0] if arguments else ""
    if first not in ("", "screenshot") and not first.startswith("--data"):
        from mnist_gui import cli

        return cli.main(arguments, _read_picture)
    if first == "screenshot":  # what is wrong with the command is said before what is wrong with the display
        from mnist_gui.cli import make_parser

        folder: Path = make_parser().parse_args(arguments).folder
    from mnist_gui.preflight import why_no_window

    problem = why_no_window()
    if problem:
        sys.stderr.write(f"mnist-gui: {problem}\n")
        return 2
    from mnist_gui import app

    if first == "screenshot":
        return app.run_screenshots(folder)
    return app.run_window(arguments)


def _read_picture(path: Path) -> NDArray[np.uint8]:
    """Reads a picture file; Qt is loaded only when there is one."""
    from mnist_gui.pictures import read_picture

    return read_picture(path)


if __name__ == "__main__":
    sys.exit(main())
