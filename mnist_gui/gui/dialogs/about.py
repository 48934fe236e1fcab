"""Versions, licences and credits."""

import platform
from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import QT_VERSION_STR, Qt
from PyQt6.QtGui import QFont, QGuiApplication
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from mnist_gui import __version__
from mnist_gui.gui.theme import SPACE, Theme

_PACKAGES = ("PyQt6", "pyqtgraph", "pytensor", "numba", "jax", "numpy", "scipy", "safetensors")


def versions() -> dict[str, str]:
    """Versions of everything that counts in a report of a fault, by name."""
    found = {"mnist-gui": __version__, "Python": platform.python_version(), "Qt": QT_VERSION_STR}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["System"] = platform.platform()
    return found


class AboutDialog(QDialog):
    """What this is, what it is made of, and whose work it rests on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About MNIST GUI")
        title = QLabel("MNIST GUI")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        credit = QLabel(
            "See handwritten digits, watch a classifier learn them, and have your own hand read.<br><br>"
            "Free software under the GNU General Public License, version 3 or later, without any warranty.<br><br>"
            "The digits are MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, "
            '<a href="https://creativecommons.org/licenses/by-sa/3.0/">CC BY-SA 3.0</a>. '
            "PyTensor carries on the work of Theano."
        )
        credit.setWordWrap(True)
        credit.setOpenExternalLinks(True)
        credit.setMinimumWidth(52 * credit.fontMetrics().averageCharWidth())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(title)
        layout.addWidget(credit)
        layout.addLayout(self._table(theme))
        layout.addWidget(self._buttons())

    @staticmethod
    def copy() -> None:
        """Puts the versions on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "a running application has a clipboard"
        clipboard.setText("\n".join(f"{name}: {text}" for name, text in versions().items()))

    def _table(self, theme: Theme) -> QGridLayout:
        table = QGridLayout()
        table.setHorizontalSpacing(2 * SPACE)
        table.setVerticalSpacing(SPACE // 2)
        table.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(versions().items()):
            label, value = QLabel(name), QLabel(text)
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.colours.muted)
            label.setPalette(palette)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            table.addWidget(label, row, 0)
            table.addWidget(value, row, 1)
        return table

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy versions", QDialogButtonBox.ButtonRole.ActionRole)
        assert copy is not None, "Qt makes the button that it is asked for"
        copy.setObjectName("copy_versions")
        copy.setToolTip("Puts the versions on the clipboard, for a report of a fault.")
        copy.clicked.connect(self.copy)
        buttons.rejected.connect(self.reject)
        return buttons
