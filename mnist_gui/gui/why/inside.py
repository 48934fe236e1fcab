"""Inside the network: what each layer makes of the digit."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mnist_gui.engine.explanation import LayerValues, Look
from mnist_gui.gui.theme import SPACE, Theme
from mnist_gui.gui.why.copying import add_copy_menu
from mnist_gui.gui.why.values_view import ValuesView
from mnist_gui.gui.widgets.elided_label import ElidedLabel
from mnist_gui.gui.widgets.naming import named
from mnist_gui.session.explainer import Explainer, Step
from mnist_gui.session.session import Session

PURPOSE: Final = "What each layer of the network makes of your digit appears here: feature maps and activations."

_MAP: Final = 30
_TEMPLATE: Final = 84
_CELL: Final = 10


class _LayerPart(QWidget):
    """A line of words and the pictures of one layer."""

    def __init__(self, number: int, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._title = named(ElidedLabel(), f"why_layer_title_{number}")
        self.view = named(ValuesView(theme), f"why_layer_{number}")
        self._tiles: NDArray[np.float32] = np.zeros((0, 1, 1), np.float32)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self._title)
        layout.addWidget(self.view)
        add_copy_menu(self.view, "this layer", self.numbers, session.notice)
        theme.follow(self._restyle)

    def show_values(self, title: str, tiles: NDArray[np.float32], tile: int, *, signs: bool) -> None:
        """Shows a layer.

        Args:
            title: how it is written.
            tiles: float32, shape (count, height, width).
            tile: about the side of a tile, in device-independent pixels.
            signs: whether negative numbers may come.
        """
        self._tiles = tiles
        self.view.show_values(tiles, tile, signs=signs)
        scale = f"-{self.view.largest:.2g} to {self.view.largest:.2g}" if signs else f"0 to {self.view.largest:.2g}"
        self._title.setText(f"{title}, {scale}")
        self.view.setAccessibleName(self._title.text())

    def numbers(self) -> str:
        """A line for each tile."""
        return "".join("\t".join(f"{value:.5g}" for value in tile.ravel().tolist()) + "\n" for tile in self._tiles)

    @pyqtSlot()
    def _restyle(self) -> None:
        palette = self._title.palette()
        palette.setColor(self._title.foregroundRole(), self._theme.colours.muted)
        self._title.setPalette(palette)


class Inside(QWidget):
    """One part for each hidden layer; for a network without any, the templates that it weighs the pixels with.

    Signals:
        summarised: a few words for the heading.
    """

    summarised = pyqtSignal(str)

    steps: Final = frozenset({Step.LOOK})

    def __init__(self, session: Session, explainer: Explainer, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._parts: list[_LayerPart] = []
        self._note = named(QLabel(PURPOSE), "why_inside_note")
        self._note.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE + SPACE // 2)
        self._column.addWidget(self._note)
        explainer.looked.connect(self._take)
        theme.follow(self._restyle)

    def clear(self) -> None:
        """There is no digit any more."""
        self._make_parts(0)
        self._note.setText(PURPOSE)
        self._note.show()

    def _take(self, look: Look) -> None:
        if look.templates is not None:
            self._show_templates(look, look.templates)
            return
        self._note.hide()
        self._make_parts(len(look.layers))
        for part, layer in zip(self._parts, look.layers, strict=True):
            tiles = layer.values.transpose(2, 0, 1) if layer.is_map else layer.values[:, None, None]
            count = (
                f"{len(tiles)} maps of {tiles.shape[1]}x{tiles.shape[2]}" if layer.is_map else f"{len(tiles)} units"
            )
            size = _MAP if layer.is_map else _CELL
            part.show_values(f"{layer.title}: {count}", tiles, size, signs=not _rectified(layer))
        self.summarised.emit(f"{len(look.layers)} hidden layers" if len(look.layers) > 1 else "1 hidden layer")

    def _show_templates(self, look: Look, templates: NDArray[np.float32]) -> None:
        products = templates * (look.image.astype(np.float32) / np.float32(255))
        self._note.setText(
            "This network has no hidden layer. Each class has a template, one weight a pixel. The digit times the"
            " template, summed over all pixels, makes the class's logit but for a constant: "
            + ", ".join(f"{digit}: {total:.1f}" for digit, total in enumerate(products.sum(axis=(1, 2)).tolist()))
            + "."
        )
        self._note.show()
        self._make_parts(2)
        self._parts[0].show_values("Templates of the classes 0 to 9", templates, _TEMPLATE, signs=True)
        self._parts[1].show_values("Each template times the digit", products, _TEMPLATE, signs=True)
        self.summarised.emit("no hidden layer")

    def _make_parts(self, count: int) -> None:
        while len(self._parts) > count:
            part = self._parts.pop()
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()
        while len(self._parts) < count:
            part = _LayerPart(len(self._parts), self._theme, self._session)
            self._parts.append(part)
            self._column.addWidget(part)

    def _restyle(self) -> None:
        palette = self._note.palette()
        palette.setColor(self._note.foregroundRole(), self._theme.colours.muted)
        self._note.setPalette(palette)


def _rectified(layer: LayerValues) -> bool:
    """Whether its values are never negative."""
    return layer.title.endswith("relu")
