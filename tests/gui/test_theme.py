import numpy as np
import pytest
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication

from mnist_gui.gui.theme import DARK, LIGHT, Colours, Theme, ThemeMode, outlined_palette, palette_of

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])

# Machado, Oliveira, Fernandes (2009), severity 1.0, for linear RGB.
SIMULATIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: QColor) -> np.ndarray:
    """Linear RGB, 0 to 1, shape (3,)."""
    values = np.array(colour.getRgbF()[:3])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: QColor, second: QColor) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) + 0.05 for colour in (first, second))
    return high / low


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Oklab (Ottosson 2020) of linear RGB, shape (..., 3)."""
    to_lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.cbrt(np.clip(rgb, 0, 1) @ to_lms.T) @ to_lab.T


def test_that_contrast_is_that_of_wcag():
    assert contrast(QColor("white"), QColor("black")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)


@THEMES
@pytest.mark.parametrize("name", ["text", "muted", "warning", "accent"])
def test_that_text_can_be_read_on_both_backgrounds(colours: Colours, name: str):
    for background in (colours.window, colours.base):
        assert contrast(getattr(colours, name), background) >= 4.5


@THEMES
def test_that_text_on_the_accent_colour_can_be_read(colours: Colours):
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@THEMES
def test_that_every_class_colour_stands_out_from_both_backgrounds(colours: Colours):
    assert len(colours.classes) == 10
    for colour in colours.classes:
        assert min(contrast(colour, colours.window), contrast(colour, colours.base)) >= 3.0, colour.name()


@THEMES
@pytest.mark.parametrize("sight", list(SIMULATIONS))
def test_that_no_two_class_colours_look_alike_to_anyone(colours: Colours, sight: str):
    seen = oklab(np.array([linear(colour) for colour in colours.classes]) @ np.transpose(SIMULATIONS[sight]))
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1)[np.triu_indices(10, 1)]
    assert distances.min() >= (0.16 if sight == "normal" else 0.08)


@THEMES
def test_that_buttons_and_tips_can_be_read(colours: Colours):
    palette = palette_of(colours)
    role = QPalette.ColorRole
    for text, background in ((role.ButtonText, role.Button), (role.ToolTipText, role.ToolTipBase)):
        assert contrast(palette.color(text), palette.color(background)) >= 4.5


@THEMES
def test_that_the_outline_of_an_empty_field_can_be_seen(colours: Colours):
    # Fusion draws outlines in the window's colour, darkened by 1.4.
    outline = outlined_palette(colours, palette_of(colours)).color(QPalette.ColorRole.Window).darker(140)
    assert min(contrast(outline, colours.window), contrast(outline, colours.base)) >= 3.0


def test_that_choosing_dark_changes_the_palette_and_says_so(qtbot, qapp: QApplication, theme: Theme):
    with qtbot.waitSignal(theme.changed, timeout=1000):
        theme.set_mode(ThemeMode.DARK)
    assert theme.dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window


def test_that_projector_mode_enlarges_the_font_and_gives_it_back(qapp: QApplication, theme: Theme):
    before = qapp.font().pointSizeF()
    theme.set_scale(1.5)
    assert qapp.font().pointSizeF() == pytest.approx(1.5 * before)
    theme.set_scale(1.0)
    assert qapp.font().pointSizeF() == pytest.approx(before)


def test_that_a_scale_out_of_range_is_refused(theme: Theme):
    with pytest.raises(ValueError, match=r"0\.5 to 3"):
        theme.set_scale(0)


def test_that_a_widget_that_follows_the_theme_is_styled_at_once_and_after_changes(theme: Theme):
    seen = []
    theme.follow(lambda: seen.append(theme.dark))
    theme.set_mode(ThemeMode.DARK)
    assert seen == [False, True]
