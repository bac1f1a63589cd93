"""Colours as numbers: how well one is read on another, and mixing one until it is.

Pure arithmetic on (red, green, blue) from 0 to 255; contrast as in WCAG 2.2, success criterion 1.4.3.
"""

from __future__ import annotations

from typing import Final

Rgb = tuple[int, int, int]

MIN_CONTRAST: Final = 4.5


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
