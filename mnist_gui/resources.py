"""Where the files that travel with the application lie: the one place that knows.

In a checkout (and an editable install) they are the top-level folder ``resources``; in an installed
wheel the same folder is packed as ``mnist_gui/_resources``.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """The path of a bundled file or folder, for example ``resource_path("mnist")``.

    Raises:
        FileNotFoundError: the installation is damaged and does not hold it.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"the installation lacks its bundled file {'/'.join(parts)}; install it again")
