"""Colours and measures of the window, light and dark."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QApplication, QStyleFactory, QToolTip

SPACE: Final = 8
"""The rhythm of the layout in device-independent pixels: margins and gaps are multiples or halves of it."""

PROJECTOR_SCALE: Final = 1.5
"""Text and lines grow by this factor in projector mode, so that the last row of a classroom can read them."""


class ThemeMode(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Colours:
    """One theme.

    Attributes:
        window: background of the window.
        base: background of lists, plots and the fields one types in.
        text: normal text.
        muted: secondary text; still 4.5:1 on `window`.
        line: separators and grid lines of plots.
        accent: what acts or is selected.
        on_accent: text on `accent`.
        warning: what needs attention (never the only sign).
        classes: ten colours, one for each digit, the same order everywhere.
    """

    window: QColor
    base: QColor
    text: QColor
    muted: QColor
    line: QColor
    accent: QColor
    on_accent: QColor
    warning: QColor
    classes: tuple[QColor, ...]


def _colours(classes: str, **names: str) -> Colours:
    return Colours(classes=tuple(map(QColor, classes.split())), **{key: QColor(name) for key, name in names.items()})


# The class colours were found by maximising the smallest distance in Oklab between any two of them, seen normally
# and through the simulations of protanopia, deuteranopia and tritanopia of Machado, Oliveira and Fernandes,
# "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), with at least 3:1 to the
# backgrounds. A digit keeps its hue family in both themes.
LIGHT: Final = _colours(
    window="#f2f3f5",
    base="#ffffff",
    text="#1b1e23",
    muted="#59606b",
    line="#c8cdd5",
    accent="#1d5fc2",
    on_accent="#ffffff",
    warning="#8f5300",
    classes="#1415a0 #68060a #01611a #ac1f58 #236c8e #bb6c04 #793fd0 #44945f #5c086f #9f7ba1",
)
DARK: Final = _colours(
    window="#26282c",
    base="#1c1e21",
    text="#e5e7ea",
    muted="#a6acb5",
    line="#45494f",
    accent="#76adff",
    on_accent="#0a1a30",
    warning="#f2b45c",
    classes="#1b73d1 #e77803 #22bb72 #fe8bc4 #2cc7ff #eac54c #9f89fe #717849 #ead8fd #b94896",
)


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """A colour between two: `share` 0 is the first, 1 the second."""
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


def palette_of(colours: Colours) -> QPalette:
    """The same colours in the roles that Qt's own widgets ask for."""
    palette = QPalette()
    role = QPalette.ColorRole
    button = mix(colours.window, colours.text, 0.06)
    roles = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.base,
        role.AlternateBase: mix(colours.base, colours.text, 0.04),
        role.Text: colours.text,
        role.Button: button,
        role.ButtonText: colours.text,
        role.BrightText: colours.on_accent,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.PlaceholderText: colours.muted,
        role.ToolTipBase: colours.base,
        role.ToolTipText: colours.text,
        role.Light: mix(button, QColor("white"), 0.15),
        role.Midlight: mix(button, QColor("white"), 0.08),
        role.Mid: colours.line,
        role.Dark: mix(colours.line, QColor("black"), 0.25),
        role.Shadow: mix(colours.window, QColor("black"), 0.6),
    }
    for one, colour in roles.items():
        palette.setColor(one, colour)
    faded = mix(colours.text, colours.window, 0.55)
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, faded)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colours.line)
    palette.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, faded)
    return palette


def outlined_palette(colours: Colours, palette: QPalette) -> QPalette:
    """`palette` for widgets that must be seen although they are empty: fields, boxes to tick, grooves.

    WORKAROUND https://github.com/beatreichenbach/qt-themes/issues/6: Fusion draws outlines in the
    window's colour darkened by 1.4 and asks no other role, which on a dark window cannot be seen. These widgets do not
    paint the window's colour itself, so they are given one that, darkened, has a contrast of 3:1 to the background.
    """
    outlined = QPalette(palette)
    outlined.setColor(QPalette.ColorRole.Window, mix(colours.window, colours.text, 0.5).lighter(140))
    return outlined


class Theme(QObject):
    """The colours in force. Handed to constructors; widgets follow `changed`.

    The palettes are the application's own, because QStyleHints.setColorScheme changes nothing on many desktops
    and on the offscreen platform.

    Signals:
        changed: `colours` or `scale` are others.
    """

    changed = pyqtSignal()

    def __init__(self, mode: ThemeMode = ThemeMode.SYSTEM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = mode
        self._scale = 1.0
        self._application: QApplication | None = None
        self._font = QFont()
        self._dark = False
        self._apply()

    @property
    def colours(self) -> Colours:
        """The colours in force."""
        return DARK if self._dark else LIGHT

    @property
    def dark(self) -> bool:
        """Whether the dark theme is in force."""
        return self._dark

    @property
    def mode(self) -> ThemeMode:
        """What the user chose."""
        return self._mode

    @property
    def scale(self) -> float:
        """Factor of text and of line widths: 1.0, larger in projector mode."""
        return self._scale

    def install(self, application: QApplication) -> None:
        """Gives the application its style, palette and font, now and whenever they change."""
        self._application = application
        self._font = application.font()
        application.setStyle(QStyleFactory.create("Fusion"))
        hints = application.styleHints()
        assert hints is not None
        hints.colorSchemeChanged.connect(self._follow_system)
        self._apply()

    def set_mode(self, mode: ThemeMode) -> None:
        """Another choice of the user."""
        self._mode = mode
        self._change()

    def set_scale(self, scale: float) -> None:
        """Another size of text and lines.

        Raises:
            ValueError: the scale is not 0.5 to 3.
        """
        if not 0.5 <= scale <= 3.0:
            raise ValueError(f"scale must be 0.5 to 3, got {scale:g}")
        self._scale = scale
        self._change()

    def follow(self, restyle: Callable[[], None]) -> None:
        """Calls `restyle` now and after every change; for methods of widgets that set colours or fonts."""
        self.changed.connect(restyle)
        restyle()

    def _follow_system(self) -> None:
        if self._mode is ThemeMode.SYSTEM:
            self._change()

    def _change(self) -> None:
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        self._dark = self._mode is ThemeMode.DARK or (self._mode is ThemeMode.SYSTEM and _system_is_dark())
        if self._application is None:
            return
        font = QFont(self._font)
        font.setPointSizeF(self._font.pointSizeF() * self._scale)
        palette = palette_of(self.colours)
        self._application.setPalette(palette)
        outlined = outlined_palette(self.colours, palette)
        for name in (
            "QLineEdit", "QPlainTextEdit", "QCheckBox", "QRadioButton", "QAbstractSpinBox", "QComboBox", "QSlider",
            "QMenu",
        ):  # fmt: skip
            self._application.setPalette(outlined, name)
        self._application.setFont(font)
        QToolTip.setPalette(palette)
        QToolTip.setFont(font)
        # Qt posts these to the windows. Widgets that follow `changed` derive their own fonts and colours from the
        # inherited ones, so those must have arrived by then.
        for kind in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.ApplicationFontChange):
            QCoreApplication.sendPostedEvents(None, kind.value)


def _system_is_dark() -> bool:
    hints = QApplication.styleHints()
    return hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark
