"""The status bar: which data set, which device, which model, and what was saved last."""

from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from mnist_gui.gui.theme import SPACE
from mnist_gui.session.session import Session

_LONGEST = 52
"""Width of a field at most, in average characters; longer texts end in three dots and are whole in the tip."""


class StatusField(QLabel):
    """One text of the status bar. Its width only grows, so that its neighbours stand still."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tip = tip
        self._reserved = 0
        self.setObjectName(f"status_{name}")
        self.setAccessibleName(name.capitalize())
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.hide()

    def show_text(self, text: str, tip: str = "") -> None:
        """Shows a text; an empty one hides the field.

        Args:
            text: a few words.
            tip: the whole story; by default the text.
        """
        if text == self.text():
            return
        self.setText(text)
        self.setVisible(bool(text))
        self.setToolTip(f"{tip or text}\n{self._tip}")
        self._reserve()

    def _reserve(self) -> None:
        text, metrics = self.text(), self.fontMetrics()
        wanted = min(metrics.horizontalAdvance(text), _LONGEST * metrics.averageCharWidth()) + 2 * SPACE + 4
        if wanted > self._reserved or self._reserved > 2 * wanted:
            self._reserved = wanted
            self.setFixedWidth(wanted)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._reserved = 0
            self._reserve()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        area = self.rect().adjusted(SPACE, 0, -SPACE, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class StatusBar(QStatusBar):
    """Follows the session. Tips and notices appear at the left, what is in use at the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("status_bar")
        self.setSizeGripEnabled(False)
        self._dataset = StatusField("data set", "The digits that are shown, learnt and tested.")
        self._device = StatusField("device", "Where the training computes.")
        self._model = StatusField("model", "What reads the digits.")
        self._saved = StatusField("saved", "The model that was saved last.")
        for field in (self._dataset, self._device, self._model, self._saved):
            self.addPermanentWidget(field)
        session.dataset_changed.connect(self._show_dataset)
        session.loading_changed.connect(self._show_dataset)
        session.model_changed.connect(self._show_model)
        session.run_changed.connect(self._show_device)
        session.saved.connect(self._show_saved)
        session.notice.connect(self.show_notice)
        self._show_dataset()
        self._show_device()
        self._show_model()

    def show_notice(self, text: str) -> None:
        """A sentence for ten seconds."""
        self.showMessage(text, 10_000)

    def _show_dataset(self) -> None:
        session = self._session
        if session.loading:
            self._dataset.show_text(f"Reading {session.loading}…")
        elif session.dataset is not None:
            sizes = "  ".join(
                f"{size:,} {name}"
                for size, name in zip(session.dataset.sizes, ("training", "validation", "test"), strict=True)
            )
            source = f"\n{session.dataset.source}" if session.dataset.source else ""
            self._dataset.show_text(session.dataset.name, f"{session.dataset.name}: {sizes}{source}")

    def _show_device(self) -> None:
        session = self._session
        if session.device:
            self._device.show_text(session.device, f"{session.device}: {session.device_reason}")
        else:
            chosen = {"auto": "Device: automatic", "cpu": "Device: CPU", "cuda": "Device: NVIDIA GPU"}
            self._device.show_text(
                chosen[session.settings.values.device], "The device is chosen when the first run starts."
            )

    def _show_model(self) -> None:
        source = self._session.model_source
        self._model.show_text(f"Model: {source}" if source else "No model yet")

    def _show_saved(self, path: Path) -> None:
        self._saved.show_text(f"saved {datetime.now().astimezone():%H:%M}", f"Saved as {path}")
