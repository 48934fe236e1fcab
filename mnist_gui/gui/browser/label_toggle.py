"""A button for one label: the digit, how many there are, and its colour."""

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mnist_gui.gui.theme import SPACE, Theme, mix

_WIDEST = "70,000"


class LabelToggle(QAbstractButton):
    """Checkable; the checked one is filled and bold. The count has its place reserved."""

    def __init__(self, theme: Theme, label: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label = label
        self._count = 0
        self._hovered = False
        self.setCheckable(True)
        self.setObjectName(f"label_{label}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            f"Show digits with the label {label}; press several to see several. With none pressed all are shown."
        )
        self.set_count(0)
        theme.changed.connect(self._restyle)

    @property
    def label(self) -> int:
        """0 to 9."""
        return self._label

    def set_count(self, count: int) -> None:
        """Tell how many digits have this label."""
        self._count = count
        self.setAccessibleName(f"Label {self._label}, {count:,} digits")
        self.update()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        return font

    def sizeHint(self) -> QSize:
        small = QFontMetrics(self._small())
        return QSize(
            small.horizontalAdvance(_WIDEST) + SPACE, self.fontMetrics().height() + small.height() + SPACE // 2 + 2
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(QFontMetrics(self._small()).horizontalAdvance("7,000"), self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        colours, on = self._theme.colours, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        fill = colours.accent if on else colours.base
        if self._hovered or self.isDown():
            fill = mix(fill, colours.text, 0.08)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(fill)
        painter.setPen(QPen(colours.accent if on else colours.line, 1))
        painter.drawRoundedRect(box, 3, 3)
        bar = QRectF(box.left() + 4, box.bottom() - 4, box.width() - 8, 2)
        painter.fillRect(bar, colours.on_accent if on else colours.classes[self._label])
        font, small = QFont(self.font()), self._small()
        font.setBold(on)
        height = self.fontMetrics().height()
        painter.setFont(font)
        painter.setPen(colours.on_accent if on else colours.text)
        painter.drawText(QRectF(0, 1, self.width(), height), Qt.AlignmentFlag.AlignCenter, str(self._label))
        painter.setFont(small)
        painter.setPen(colours.on_accent if on else colours.muted)
        under = QRectF(0, height, self.width(), QFontMetrics(small).height())
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, f"{self._count:,}")
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.on_accent if on else colours.accent, 1.5))
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 2, 2)
