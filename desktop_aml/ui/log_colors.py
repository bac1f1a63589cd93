"""Terminal colours on our surfaces: every colour keeps its hue and becomes light or dark enough to be read.

Pure arithmetic on (red, green, blue) from 0 to 255; contrast as in WCAG 2.2, success criterion 1.4.3.
"""

from __future__ import annotations

from typing import Final

from desktop_aml.ui.ansi import Color

Rgb = tuple[int, int, int]

MIN_CONTRAST: Final = 4.5

_ON_LIGHT: Final[tuple[Rgb, ...]] = (
    (0x1B, 0x1F, 0x24),
    (0xC5, 0x22, 0x1F),
    (0x1A, 0x7F, 0x37),
    (0x8A, 0x5A, 0x00),
    (0x0B, 0x5F, 0xD0),
    (0x8E, 0x3A, 0xB8),
    (0x0E, 0x73, 0x84),
    (0x59, 0x63, 0x6E),
    (0x59, 0x63, 0x6E),
    (0xA4, 0x0E, 0x26),
    (0x11, 0x63, 0x29),
    (0x6B, 0x46, 0x00),
    (0x08, 0x48, 0xA6),
    (0x6F, 0x42, 0xC1),
    (0x0A, 0x57, 0x64),
    (0x1B, 0x1F, 0x24),
)
_ON_DARK: Final[tuple[Rgb, ...]] = (
    (0x9D, 0xA7, 0xB3),
    (0xFF, 0x7B, 0x72),
    (0x4A, 0xC2, 0x6B),
    (0xE3, 0xB3, 0x41),
    (0x5B, 0xA2, 0xFF),
    (0xD2, 0x9B, 0xF5),
    (0x56, 0xC7, 0xD8),
    (0xD0, 0xD7, 0xDE),
    (0x9D, 0xA7, 0xB3),
    (0xFF, 0xA1, 0x98),
    (0x7E, 0xE0, 0x96),
    (0xF2, 0xCC, 0x60),
    (0x8C, 0xC0, 0xFF),
    (0xE2, 0xC5, 0xFF),
    (0x8A, 0xE3, 0xF0),
    (0xFF, 0xFF, 0xFF),
)
# A background keeps the colour that programs expect of it; its text is what adapts.
_AS_BACKGROUND: Final[tuple[Rgb, ...]] = (
    (0x00, 0x00, 0x00),
    (0xB3, 0x1D, 0x1D),
    (0x1A, 0x7F, 0x37),
    (0xB0, 0x80, 0x00),
    (0x0B, 0x5F, 0xD0),
    (0x8E, 0x3A, 0xB8),
    (0x0E, 0x73, 0x84),
    (0xD0, 0xD7, 0xDE),
    (0x59, 0x63, 0x6E),
    (0xE5, 0x48, 0x4D),
    (0x2E, 0xA0, 0x43),
    (0xE3, 0xB3, 0x41),
    (0x3D, 0x8B, 0xFD),
    (0xB0, 0x6B, 0xE0),
    (0x2A, 0xA1, 0xB3),
    (0xFF, 0xFF, 0xFF),
)
_CUBE: Final = (0, 95, 135, 175, 215, 255)


def xterm_rgb(index: int) -> Rgb:
    """Return the colour `index` (16 to 255) of the xterm palette: a 6 x 6 x 6 cube, then 24 greys."""
    if index >= 232:
        level = 8 + 10 * (index - 232)
        return level, level, level
    red, rest = divmod(index - 16, 36)
    green, blue = divmod(rest, 6)
    return _CUBE[red], _CUBE[green], _CUBE[blue]


def background_rgb(color: Color) -> Rgb:
    """Return the colour of a background."""
    if isinstance(color, tuple):
        return color
    return _AS_BACKGROUND[color] if color < 16 else xterm_rgb(color)


def foreground_rgb(color: Color, background: Rgb) -> Rgb:
    """Return `color` as text on `background`, at least `MIN_CONTRAST` against it."""
    if isinstance(color, tuple):
        wanted = color
    elif color < 16:
        wanted = (_ON_DARK if luminance(background) < 0.18 else _ON_LIGHT)[color]
    else:
        wanted = xterm_rgb(color)
    return readable(wanted, background)


def readable(color: Rgb, background: Rgb, minimum: float = MIN_CONTRAST) -> Rgb:
    """Return `color`, mixed with white or black just as much as its contrast to `background` needs."""
    if contrast(color, background) >= minimum:
        return color
    white, black = (255, 255, 255), (0, 0, 0)
    target = white if contrast(white, background) >= contrast(black, background) else black
    low, high = 0.0, 1.0
    for _ in range(7):
        middle = (low + high) / 2
        if contrast(mix(color, target, middle), background) >= minimum:
            high = middle
        else:
            low = middle
    return mix(color, target, high)


def mix(color: Rgb, other: Rgb, share: float) -> Rgb:
    """Return `color` with `share` (0 to 1) of `other` in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return red, green, blue


def luminance(color: Rgb) -> float:
    """Return the relative luminance, from 0 (black) to 1 (white)."""
    parts = [value / 255 for value in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
